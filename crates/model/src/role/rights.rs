//! What somebody may do: everywhere, and in each tenant.

use super::assignment::Assignment;
use super::permission::Permission;
use super::set::PermissionSet;
use crate::id::{RoleName, TenantId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What somebody may do. Made from their roles anew for each request, and never stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    global: PermissionSet,
    /// Beside the global ones; none of them is empty.
    tenants: BTreeMap<TenantId, PermissionSet>,
}

/// Where a permission counts, for lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Everywhere.
    Everywhere,
    /// In these tenants; never empty.
    Tenants(BTreeSet<TenantId>),
    /// Nowhere.
    Nowhere,
}

impl Rights {
    /// Whoever may do everything.
    pub const fn everything() -> Self {
        Self { global: PermissionSet::ALL, tenants: BTreeMap::new() }
    }

    /// The rights of somebody with this global role and these roles in tenants. `custom` are the permissions of the
    /// custom roles among them; a role that is in neither table gives nothing.
    ///
    /// In a tenant only those permissions count whose objects belong to tenants.
    pub fn resolve(
        role: &RoleName,
        in_tenants: &[Assignment],
        custom: &BTreeMap<RoleName, PermissionSet>,
    ) -> Self {
        let permissions = |role: &RoleName| match role.built_in() {
            Some(built_in) => built_in.permissions(),
            None => custom.get(role).copied().unwrap_or_default(),
        };
        let mut tenants: BTreeMap<TenantId, PermissionSet> = BTreeMap::new();
        for assignment in in_tenants {
            let given = permissions(&assignment.role).and(PermissionSet::IN_TENANTS);
            if let Some(tenant) = assignment.tenant_id.clone().filter(|_| !given.is_empty()) {
                let held = tenants.entry(tenant).or_default();
                *held = held.or(given);
            }
        }
        Self { global: permissions(role), tenants }
    }

    /// Of these rights, what is among `permissions`; in one tenant, if it is given.
    #[must_use]
    pub fn narrowed(&self, permissions: PermissionSet, tenant: Option<&TenantId>) -> Self {
        let in_tenant = |tenant: &TenantId| {
            let held = self.within(tenant).and(permissions).and(PermissionSet::IN_TENANTS);
            (!held.is_empty()).then(|| (tenant.clone(), held))
        };
        match tenant {
            Some(tenant) => {
                Self { global: PermissionSet::NONE, tenants: in_tenant(tenant).into_iter().collect() }
            }
            None => Self {
                global: self.global.and(permissions),
                tenants: self.tenants.keys().filter_map(in_tenant).collect(),
            },
        }
    }

    /// What they may do everywhere.
    pub const fn global(&self) -> PermissionSet {
        self.global
    }

    /// What they may do in this tenant.
    pub fn within(&self, tenant: &TenantId) -> PermissionSet {
        self.global.or(self.tenants.get(tenant).copied().unwrap_or_default())
    }

    /// What they may do there: in a tenant, or everywhere.
    pub fn at(&self, scope: Option<&TenantId>) -> PermissionSet {
        scope.map_or(self.global, |tenant| self.within(tenant))
    }

    /// Whether they may do it everywhere.
    pub const fn may(&self, permission: Permission) -> bool {
        self.global.contains(permission)
    }

    /// Whether they may do it in this tenant.
    pub fn may_in(&self, permission: Permission, tenant: &TenantId) -> bool {
        self.within(tenant).contains(permission)
    }

    /// Whether they may do it anywhere at all.
    pub fn may_somewhere(&self, permission: Permission) -> bool {
        self.may(permission) || self.tenants.values().any(|held| held.contains(permission))
    }

    /// Where they may do it.
    pub fn reach(&self, permission: Permission) -> Reach {
        if self.may(permission) {
            return Reach::Everywhere;
        }
        let holding = self.tenants.iter().filter(|(_, held)| held.contains(permission));
        Reach::of(holding.map(|(tenant, _)| tenant.clone()))
    }

    /// Whether they may do nothing but what everybody may on the Console.
    pub fn is_none(&self) -> bool {
        self.global.is_empty() && self.tenants.is_empty()
    }
}

impl Reach {
    /// These tenants.
    pub fn of(tenants: impl IntoIterator<Item = TenantId>) -> Self {
        let tenants: BTreeSet<_> = tenants.into_iter().collect();
        if tenants.is_empty() { Self::Nowhere } else { Self::Tenants(tenants) }
    }

    /// Whether objects of this tenant are in it.
    pub fn covers(&self, tenant: &TenantId) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Tenants(tenants) => tenants.contains(tenant),
            Self::Nowhere => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Action, BuiltInRole, Resource};
    use super::*;

    const READ_KEYS: Permission = Permission::new(Resource::Keys, Action::Read);
    const READ_MODELS: Permission = Permission::new(Resource::Models, Action::Read);
    const READ_USAGE: Permission = Permission::new(Resource::Usage, Action::Read);
    const WRITE_SETTINGS: Permission = Permission::new(Resource::Settings, Action::Write);

    fn slug(text: &str) -> TenantId {
        text.parse().unwrap()
    }

    fn given(tenant: &str, role: &str) -> Assignment {
        Assignment { tenant_id: Some(slug(tenant)), role: role.parse().unwrap() }
    }

    #[test]
    fn a_role_for_a_tenant_counts_there_and_only_for_what_belongs_to_tenants() {
        let held = [given("alpha", "super_admin"), given("beta", "billing_admin")];
        let rights = Rights::resolve(&BuiltInRole::User.into(), &held, &BTreeMap::new());
        assert!(!rights.may(READ_KEYS) && rights.may_somewhere(READ_KEYS));
        assert!(rights.may_in(READ_KEYS, &slug("alpha")) && rights.may_in(READ_USAGE, &slug("beta")));
        assert!(!rights.may_in(READ_KEYS, &slug("gamma")));
        assert!(!rights.may_in(READ_MODELS, &slug("alpha")) && !rights.may_somewhere(WRITE_SETTINGS));
        assert_eq!(rights.reach(READ_KEYS), Reach::of([slug("beta"), slug("alpha")]));
        assert_eq!(rights.reach(READ_MODELS), Reach::Nowhere);
    }

    #[test]
    fn the_global_role_counts_in_every_tenant_and_several_roles_add_up() {
        let custom = BTreeMap::from([("viewer".parse().unwrap(), PermissionSet::from_iter([READ_USAGE]))]);
        let held = [given("alpha", "viewer"), given("alpha", "user_admin"), given("beta", "gone")];
        let rights = Rights::resolve(&BuiltInRole::ModelAdmin.into(), &held, &custom);
        assert!(rights.may(READ_MODELS) && rights.may_in(READ_MODELS, &slug("anywhere")));
        assert!(rights.may_in(READ_KEYS, &slug("alpha")) && rights.may_in(READ_USAGE, &slug("alpha")));
        assert_eq!(rights.reach(READ_USAGE), Reach::Everywhere);
        assert_eq!(rights.reach(READ_KEYS), Reach::of([slug("alpha")]));
        let nobody = Rights::resolve(&"gone".parse().unwrap(), &[given("beta", "gone")], &custom);
        assert!(nobody.is_none());
    }

    #[test]
    fn narrowed_rights_are_never_more() {
        let held = [given("alpha", "user_admin")];
        let rights = Rights::resolve(&BuiltInRole::BillingAdmin.into(), &held, &BTreeMap::new());
        let asked = PermissionSet::from_iter([
            READ_KEYS,
            READ_MODELS,
            Permission::new(Resource::Users, Action::Write),
        ]);
        let everywhere = rights.narrowed(asked, None);
        assert_eq!(everywhere.global(), PermissionSet::from_iter([READ_KEYS]));
        assert!(everywhere.may_in(Permission::new(Resource::Users, Action::Write), &slug("alpha")));
        assert!(!everywhere.may_in(READ_USAGE, &slug("alpha")), "wasn't asked for");
        let alpha = rights.narrowed(asked, Some(&slug("alpha")));
        assert!(alpha.may_in(READ_KEYS, &slug("alpha")) && !alpha.may(READ_KEYS));
        assert!(!alpha.may_in(READ_KEYS, &slug("beta")));
        assert!(Rights::everything().narrowed(PermissionSet::ALL, None) == Rights::everything());
        let bound = Rights::everything().narrowed(PermissionSet::ALL, Some(&slug("beta")));
        assert!(!bound.may_somewhere(READ_MODELS) && bound.may_in(READ_KEYS, &slug("beta")));
        assert!(Rights::default().narrowed(PermissionSet::ALL, None).is_none());
    }

    #[test]
    fn rights_travel_to_the_page_and_back() {
        let held = [given("alpha", "billing_admin")];
        let rights = Rights::resolve(&BuiltInRole::UserAdmin.into(), &held, &BTreeMap::new());
        let text = serde_json::to_string(&rights).unwrap();
        assert_eq!(serde_json::from_str::<Rights>(&text).unwrap(), rights);
    }
}
