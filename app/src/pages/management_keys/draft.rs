//! What is typed and ticked in the form of a new management key.

use crate::form::Reading;
use crate::pages::keys::form::Entered;
use crate::pages::keys::form::expiry::{Expiry, expiry};
use leptos::prelude::*;
use model::management_key::NewManagementKey;
use model::role::{PermissionSet, Rights};
use model::{Problem, TenantId, Timestamp};

/// The fields, but for the expiry: that is read from its controls.
#[derive(Clone, Copy, Default)]
pub struct Draft {
    /// What uses it.
    pub name: RwSignal<String>,
    /// The only tenant that it acts in; empty: everywhere.
    pub tenant: RwSignal<String>,
    /// What it may do.
    pub scopes: RwSignal<PermissionSet>,
}

impl Draft {
    /// Empties it, for the tenant that is looked at.
    pub fn begin(self, tenant: String) {
        self.name.set(String::new());
        self.tenant.set(tenant);
        self.scopes.set(PermissionSet::NONE);
    }

    /// Chooses where the key acts. What it can't have there is unticked.
    pub fn choose_tenant(self, tenant: String, rights: &Rights) {
        let can_have = grantable(rights, &tenant);
        self.tenant.set(tenant);
        self.scopes.update(|set| *set = set.and(can_have));
    }

    /// The key that is asked for.
    pub fn to_new(self, entered: &Entered, now: Timestamp) -> Result<(NewManagementKey, Expiry), Problem> {
        let mut form = Reading::default();
        let expiry = expiry(entered, &mut form);
        let expires_at = match expiry {
            Expiry::At(end) => Some(end),
            // Days are the server's to count.
            Expiry::Keep | Expiry::Never | Expiry::InDays(_) => None,
        };
        let new = NewManagementKey {
            name: self.name.get_untracked().trim().to_owned(),
            permissions: self.scopes.get_untracked(),
            tenant_id: form.optional("tenant_id", &self.tenant.get_untracked()),
            expires_at,
        };
        form.also(new.check(now));
        form.done(Some((new, expiry)))
    }
}

/// What somebody with these rights can put into a key for there: what they hold, and what counts there.
pub fn grantable(rights: &Rights, tenant: &str) -> PermissionSet {
    match tenant.parse::<TenantId>() {
        Ok(tenant) => rights.within(&tenant).and(PermissionSet::IN_TENANTS),
        Err(_) => rights.global(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::role::{Action, Resource};

    #[test]
    fn a_tenant_takes_what_does_not_count_there() {
        let owner = Owner::new();
        owner.set();
        let draft = Draft::default();
        draft.begin(String::new());
        let users = PermissionSet::NONE.with(Resource::Users, Action::Read);
        draft.scopes.set(users.with_all(Resource::Models));
        let rights = Rights::everything();
        draft.choose_tenant("team-alpha".into(), &rights);
        assert_eq!(draft.scopes.get_untracked(), users);
        assert_eq!(grantable(&rights, ""), PermissionSet::ALL);
        assert_eq!(grantable(&rights, "team-alpha"), PermissionSet::IN_TENANTS);
        assert_eq!(grantable(&Rights::default(), "team-alpha"), PermissionSet::NONE);
    }

    #[test]
    fn all_that_is_wrong_is_told_before_anything_is_sent() {
        let owner = Owner::new();
        owner.set();
        let now = Timestamp::parse_rfc3339("2026-03-01T10:00:00Z").unwrap();
        let draft = Draft::default();
        draft.begin(String::new());
        let problem =
            draft.to_new(&Entered::from([("expires", "on"), ("expires_on", "2026-02-01")]), now).unwrap_err();
        for field in ["name", "permissions", "expires_at"] {
            assert!(problem.field(field).is_some(), "{field}: {problem}");
        }
        draft.name.set(" ci ".into());
        draft.scopes.set(PermissionSet::ALL);
        let (new, expiry) = draft.to_new(&Entered::from([("expires", "90")]), now).unwrap();
        assert_eq!((&*new.name, new.tenant_id, new.expires_at), ("ci", None, None));
        assert_eq!(expiry.days(), Some(90));
        let (new, expiry) =
            draft.to_new(&Entered::from([("expires", "on"), ("expires_on", "2026-04-01")]), now).unwrap();
        assert_eq!((new.expires_at.is_some(), expiry.days()), (true, None));
    }
}
