//! What a mapping does to an account, in the transaction of its sign-in or of its provisioning.

use crate::{Control, Error};
use model::change::Change;
use model::mapping::{Managed, Outcome};
use model::role::{BuiltInRole, NewAssignment, RoleName};
use model::user::{User, UserStatus};
use serde_json::{Value, json};
use store::{MappedGrants, Tx};

/// What was done.
#[derive(Debug)]
pub(crate) struct Applied {
    /// What came out of the claims.
    pub(crate) outcome: Outcome,
    /// For the audit row: what decided, and what changed.
    pub(crate) detail: Value,
    /// To be committed with it; if there are any, requests may have to be cut.
    pub(crate) changes: Vec<Change>,
}

impl Applied {
    /// Whether the mapping refuses this sign-in. Then nothing was changed.
    pub(crate) fn denied(&self) -> bool {
        matches!(self.outcome, Outcome::Denied { .. })
    }
}

/// Gives an account what the mapping makes of `claims`, and takes back what it gave before and doesn't any more; what was
/// given by hand beside it stays, but for the role: there the mapping wins. The last Active `super_admin` stays one.
///
/// `provider` is the identity provider's name; `None`: groups that came by SCIM.
pub(crate) async fn apply(
    control: &Control,
    tx: &mut Tx,
    provider: Option<&str>,
    user: &User,
    claims: &Value,
) -> Result<Applied, Error> {
    let mapping = tx.role_mapping().await?;
    let outcome = identity::mapping::resolve(&mapping, provider, claims);
    // There is no sign-in to refuse where groups come by SCIM: who gets nothing has the lowest role, and nothing beside it.
    let outcome = match outcome {
        Outcome::Denied { decided_by } if provider.is_none() => Outcome::Granted {
            decided_by,
            role: Some(RoleName::default()),
            tenants: Vec::new(),
            assignments: Vec::new(),
        },
        other => other,
    };
    let Outcome::Granted { decided_by, role, tenants, assignments } = &outcome else {
        let detail = json!({ "outcome": &outcome });
        return Ok(Applied { outcome, detail, changes: Vec::new() });
    };
    let had = tx.mapped_grants(&user.id).await?;
    let mut work = Work { control, tx, user, joined: Vec::new(), left: Vec::new(), changes: Vec::new() };
    let role = match role {
        Some(role) => work.role(role).await?,
        None => user.role.clone(),
    };
    let mut granted = MappedGrants::default();
    for tenant in tenants {
        if work.tx.tenant(tenant).await?.is_none() {
            continue;
        }
        if work.join(tenant).await? || had.tenants.contains(tenant) {
            granted.tenants.push(tenant.clone());
        }
    }
    for given in assignments {
        let known =
            work.tx.role(&given.role).await?.is_some() && work.tx.tenant(&given.tenant_id).await?.is_some();
        let added =
            known && work.tx.add_assignment(&user.id, &given.tenant_id, &given.role, control.now()).await?;
        if added || (known && had.assignments.contains(given)) {
            granted.assignments.push(given.clone());
        }
    }
    for tenant in had.tenants.iter().filter(|tenant| !granted.tenants.contains(tenant)) {
        work.leave(tenant).await?;
    }
    for NewAssignment { tenant_id, role } in
        had.assignments.iter().filter(|held| !granted.assignments.contains(held))
    {
        work.tx.remove_assignment(&user.id, tenant_id, role).await?;
    }
    let Work { joined, left, changes, .. } = work;
    let source = provider.unwrap_or(Managed::SCIM).to_owned();
    let managed = Managed { source, decided_by: decided_by.clone(), at: control.now() };
    tx.set_managed(&user.id, &managed, &granted).await?;
    let detail = json!({
        "decided_by": decided_by,
        "before": { "role": &user.role, "assignments": &had.assignments },
        "after": { "role": &role, "assignments": &granted.assignments },
        "joined": joined,
        "left": left,
    });
    Ok(Applied { outcome, detail, changes })
}

struct Work<'a> {
    control: &'a Control,
    tx: &'a mut Tx,
    user: &'a User,
    joined: Vec<String>,
    left: Vec<Value>,
    changes: Vec<Change>,
}

impl Work<'_> {
    /// Gives the role; the one that the account has afterwards.
    async fn role(&mut self, role: &RoleName) -> Result<RoleName, Error> {
        let had = &self.user.role;
        if had == role || self.tx.role(role).await?.is_none() {
            return Ok(had.clone());
        }
        let last = *had == BuiltInRole::SuperAdmin
            && self.user.status == UserStatus::Active
            && self.tx.count_active_super_admins().await? <= 1;
        if last {
            tracing::warn!(user = %self.user.id, "the role mapping would take the last super_admin away: kept");
            return Ok(had.clone());
        }
        self.tx.set_user_role(&self.user.id, role).await?;
        Ok(role.clone())
    }

    /// Makes them a member; whether they weren't.
    async fn join(&mut self, tenant: &model::TenantId) -> Result<bool, Error> {
        let joined = self.tx.add_member(&self.user.id, tenant, self.control.now()).await?;
        if joined {
            self.joined.push(tenant.to_string());
            self.changes.push(Change::User { id: self.user.id.clone(), inactive: false });
        }
        Ok(joined)
    }

    /// Takes them out of a tenant: their keys there are revoked for good, as when it is done by hand.
    async fn leave(&mut self, tenant: &model::TenantId) -> Result<(), Error> {
        let keys = self.tx.unrevoked_keys_of(&self.user.id, Some(tenant)).await?;
        for key in &keys {
            self.tx.revoke_key(key, self.control.now(), "role mapping", "the owner left the tenant").await?;
        }
        self.tx.remove_member(&self.user.id, tenant).await?;
        self.left.push(json!({ "tenant_id": tenant, "keys_revoked": &keys }));
        self.changes.extend(keys.into_iter().map(|id| Change::KeyRevoked { id }));
        self.changes.push(Change::User { id: self.user.id.clone(), inactive: false });
        Ok(())
    }
}
