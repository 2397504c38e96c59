//! Joining a tenant.

use super::{WRITE, target};
use crate::audit::Target;
use crate::users::is_seen;
use crate::{Actor, Control, Error};
use model::FieldError;
use model::audit::AuditResult;
use model::change::Change;
use model::membership::{Membership, MembershipFilter, NewMembership};
use model::page::PageRequest;
use model::role::Reach;
use serde_json::json;

/// Makes somebody a member of a tenant. Needs `memberships:write` there; who holds it for tenants only can bring in only
/// people of theirs. Adding a member changes nothing.
pub async fn add(control: &Control, actor: &Actor, new: NewMembership) -> Result<Membership, Error> {
    const ACTION: &str = "membership.create";
    let NewMembership { user_id, tenant_id } = new;
    if !actor.may_in(WRITE, &tenant_id) {
        // Whether there is such a tenant or such an account isn't told.
        let target =
            Target { kind: "membership", id: user_id.as_str(), name: "", tenant_id: Some(&tenant_id) };
        return Err(control.refuse(actor, WRITE, ACTION, &target, Error::Forbidden(WRITE)).await);
    }
    let mut tx = control.store().begin().await?;
    let user = tx.user(&user_id).await?.filter(|user| is_seen(actor, WRITE, user));
    let mut errors = Vec::new();
    if user.is_none() {
        errors.push(FieldError::new("user_id", "there is no account with this id"));
    }
    if tx.tenant(&tenant_id).await?.is_none() {
        errors.push(FieldError::new("tenant_id", format!("there is no tenant {tenant_id}")));
    }
    let Some(user) = user.filter(|_| errors.is_empty()) else { return Err(Error::Invalid(errors)) };
    if tx.add_member(&user_id, &tenant_id, control.now()).await? {
        let detail = json!({ "after": { "user_id": user_id, "tenant_id": tenant_id } });
        let entry = control.entry(actor, ACTION, &target(&user, &tenant_id), AuditResult::Success, detail);
        let change = Change::User { id: user_id.clone(), inactive: false };
        control.commit(tx, entry, vec![change]).await?;
    } else {
        drop(tx);
    }
    let filter = MembershipFilter { user_id: Some(user_id), tenant_id: Some(tenant_id) };
    let page = PageRequest { cursor: None, limit: 1 };
    let found = control.store().list_memberships(&filter, &page, &Reach::Everywhere).await?;
    found.items.into_iter().next().ok_or(Error::NotFound)
}
