//! DELETE: the account is offboarded, and the client knows nothing of it any more. The account itself stays, for the
//! record of what it did.

use super::change::offboarded;
use super::{asked, found, parse_id};
use crate::Control;
use crate::audit::Target;
use crate::scim::log::{Done, logged};
use crate::scim::{Caller, Error, Precondition, apply_mapping};
use crate::users::{WRITE, take_away, target};
use model::audit::AuditResult;
use model::scim::ProvisioningOperation;
use serde_json::json;

const ACTION: &str = "user.offboard";

/// Deletes an account, as far as the client is concerned. It can provision it again; nobody else can, unless they may adopt
/// accounts.
pub async fn delete(
    control: &Control,
    caller: &Caller,
    id: &str,
    precondition: Option<&Precondition>,
) -> Result<(), Error> {
    let asked = asked(ProvisioningOperation::Delete, id, None);
    logged(control, caller, asked, forget(control, caller, id, precondition)).await
}

async fn forget(
    control: &Control,
    caller: &Caller,
    id: &str,
    precondition: Option<&Precondition>,
) -> Result<Done<()>, Error> {
    let id = parse_id(id)?;
    let asked = Target { kind: "user", id: id.as_str(), name: "", tenant_id: None };
    control.authorise(&caller.actor, WRITE, ACTION, &asked).await?;
    let mut tx = caller.begin(control).await?;
    let known = tx.scim_user(caller.id(), &id).await?.ok_or(crate::Error::NotFound)?;
    Precondition::check(precondition, &found(&known, &[]).version)?;
    let user = tx.user(&id).await?.ok_or(crate::Error::NotFound)?;
    if user.is_super_admin() {
        drop(tx);
        let outranked = crate::Error::Outranked;
        return Err(control.refuse(&caller.actor, WRITE, ACTION, &target(&user), outranked).await.into());
    }
    let gone = take_away(control, &mut tx, &caller.actor, &user, "deleted by SCIM").await?;
    let was_in_groups = tx.scim_groups_of(std::slice::from_ref(&id)).await?.contains_key(&id);
    tx.forget_scim_user(&id, control.now()).await?;
    let mut detail = gone.detail();
    detail["reason"] = json!("deleted by SCIM");
    let mut changes = gone.changes(&id);
    if was_in_groups && let Some((mapped, more)) = apply_mapping(control, &mut tx, &id, &[]).await? {
        detail["mapped"] = mapped;
        changes.extend(more);
    }
    let entry = control.entry(&caller.actor, ACTION, &target(&user), AuditResult::Success, detail);
    let receipt = control.commit_cut(tx, entry, changes, "user.cut").await?;
    Ok(Done { answer: (), id: id.to_string(), name: known.user_name, said: offboarded(&gone, &receipt) })
}
