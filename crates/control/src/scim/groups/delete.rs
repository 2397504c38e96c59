//! Removing a group.

use super::members::mapped;
use super::{asked, found, parse_id, target};
use crate::Control;
use crate::audit::Target;
use crate::scim::log::{Done, logged};
use crate::scim::{Caller, Error, Precondition};
use crate::users::WRITE;
use model::audit::AuditResult;
use model::scim::ProvisioningOperation;
use serde_json::json;

const ACTION: &str = "scim_group.delete";

/// Removes a group. Its members stay, without what it gave them.
pub async fn delete(
    control: &Control,
    caller: &Caller,
    id: &str,
    precondition: Option<&Precondition>,
) -> Result<(), Error> {
    let asked = asked(ProvisioningOperation::Delete, id, None);
    logged(control, caller, asked, remove(control, caller, id, precondition)).await
}

async fn remove(
    control: &Control,
    caller: &Caller,
    id: &str,
    precondition: Option<&Precondition>,
) -> Result<Done<()>, Error> {
    let id = parse_id(id)?;
    let asked = Target { kind: "scim_group", id: id.as_str(), name: "", tenant_id: None };
    control.authorise(&caller.actor, WRITE, ACTION, &asked).await?;
    let mut tx = caller.begin(control).await?;
    let group = tx.scim_group(caller.id(), &id).await?.ok_or(crate::Error::NotFound)?;
    Precondition::check(precondition, &found(&group, None).version)?;
    let members = tx.scim_group_members(&id).await?;
    tx.delete_scim_group(&id).await?;
    let (given, changes) = mapped(control, &mut tx, &members).await?;
    let detail = json!({
        "before": { "display_name": group.display_name, "external_id": group.external_id, "members": members.len() },
        "mapped": given,
    });
    let entry = control.entry(&caller.actor, ACTION, &target(&group), AuditResult::Success, detail);
    control.commit(tx, entry, changes).await?;
    let said = format!("removed the group with {} members", members.len());
    Ok(Done { answer: (), id: id.to_string(), name: group.display_name, said })
}
