//! Provisioning a group.

use super::members::{Difference, mapped};
use super::{asked, check_unique, found, target};
use crate::Control;
use crate::audit::Target;
use crate::scim::log::{Done, logged};
use crate::scim::{Caller, Error, Found};
use crate::users::WRITE;
use identity::scim::group::GroupFields;
use identity::scim::schema::GROUPS;
use model::ScimGroupId;
use model::audit::AuditResult;
use model::scim::ProvisioningOperation;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::ScimGroup;

const ACTION: &str = "scim_group.create";

/// Provisions a group of accounts that the client provisions.
pub async fn create(control: &Control, caller: &Caller, resource: &Value) -> Result<Found, Error> {
    let asked = asked(ProvisioningOperation::Create, "", Some(resource));
    logged(control, caller, asked, make(control, caller, resource)).await
}

async fn make(control: &Control, caller: &Caller, resource: &Value) -> Result<Done<Found>, Error> {
    let fields = GroupFields::read(&GROUPS.take(resource)?)?;
    let asked = Target { kind: "scim_group", id: "", name: &fields.display_name, tenant_id: None };
    control.authorise(&caller.actor, WRITE, ACTION, &asked).await?;
    let now = control.now();
    let group = ScimGroup {
        id: ScimGroupId::generate(|bytes| control.entropy().fill(bytes)),
        client_id: caller.id().clone(),
        display_name: fields.display_name,
        external_id: fields.external_id,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let mut tx = caller.begin(control).await?;
    check_unique(&mut tx, &group).await?;
    let members = Difference::between(&mut tx, caller, &BTreeSet::new(), &fields.members).await?;
    tx.save_scim_group(&group).await?;
    members.write(&mut tx, &group.id).await?;
    let (given, changes) = mapped(control, &mut tx, &members.added).await?;
    let detail = json!({
        "after": { "display_name": group.display_name, "external_id": group.external_id },
        "members": members.detail(),
        "mapped": given,
    });
    let entry = control.entry(&caller.actor, ACTION, &target(&group), AuditResult::Success, detail);
    control.commit(tx, entry, changes).await?;
    let words = format!("made the group with {} members", members.added.len());
    let listed = control.store().scim_group_members(&group.id).await?;
    let found = found(&group, Some(listed));
    Ok(Done { id: found.id.clone(), name: group.display_name, said: words, answer: found })
}
