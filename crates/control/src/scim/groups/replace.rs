//! PUT and PATCH: a group's name, and who is in it.

use super::members::{Difference, mapped};
use super::{asked, check_unique, found, parse_id, target};
use crate::Control;
use crate::audit::Target;
use crate::scim::log::{Done, logged};
use crate::scim::{Caller, Error, Found, Precondition};
use crate::users::WRITE;
use identity::scim::group::GroupFields;
use identity::scim::patch::patch as patched;
use identity::scim::schema::GROUPS;
use model::UserId;
use model::audit::AuditResult;
use model::scim::ProvisioningOperation;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use store::ScimGroup;

const ACTION: &str = "scim_group.update";

/// What a client sends.
#[derive(Clone, Copy)]
enum Said<'a> {
    Whole(&'a Value),
    Operations(&'a Value),
}

/// Replaces a group: whoever isn't named is in it no more.
pub async fn replace(
    control: &Control,
    caller: &Caller,
    id: &str,
    resource: &Value,
    precondition: Option<&Precondition>,
) -> Result<Found, Error> {
    let asked = asked(ProvisioningOperation::Replace, id, Some(resource));
    logged(control, caller, asked, change(control, caller, id, Said::Whole(resource), precondition)).await
}

/// Changes a group's name or its members.
pub async fn patch(
    control: &Control,
    caller: &Caller,
    id: &str,
    operations: &Value,
    precondition: Option<&Precondition>,
) -> Result<Found, Error> {
    let asked = asked(ProvisioningOperation::Patch, id, None);
    logged(control, caller, asked, change(control, caller, id, Said::Operations(operations), precondition))
        .await
}

async fn change(
    control: &Control,
    caller: &Caller,
    id: &str,
    said: Said<'_>,
    precondition: Option<&Precondition>,
) -> Result<Done<Found>, Error> {
    let id = parse_id(id)?;
    let asked = Target { kind: "scim_group", id: id.as_str(), name: "", tenant_id: None };
    control.authorise(&caller.actor, WRITE, ACTION, &asked).await?;
    let mut tx = caller.begin(control).await?;
    let before = tx.scim_group(caller.id(), &id).await?.ok_or(crate::Error::NotFound)?;
    Precondition::check(precondition, &found(&before, None).version)?;
    let members: BTreeSet<UserId> = tx.scim_group_members(&id).await?.into_iter().collect();
    let attributes: Map<String, Value> = match said {
        Said::Whole(resource) => GROUPS.take(resource)?,
        Said::Operations(operations) => {
            let known = GroupFields {
                display_name: before.display_name.clone(),
                external_id: before.external_id.clone(),
                members: members.iter().map(ToString::to_string).collect(),
            };
            patched(&GROUPS, &known.attributes(), operations)?
        }
    };
    let fields = GroupFields::read(&attributes)?;
    let difference = Difference::between(&mut tx, caller, &members, &fields.members).await?;
    let after =
        ScimGroup { display_name: fields.display_name, external_id: fields.external_id, ..before.clone() };
    let words = if after == before && difference.is_empty() {
        drop(tx);
        "nothing changed".to_owned()
    } else {
        check_unique(&mut tx, &after).await?;
        let after = ScimGroup { version: before.version + 1, updated_at: control.now(), ..after.clone() };
        tx.save_scim_group(&after).await?;
        difference.write(&mut tx, &id).await?;
        // By another name, the group may give something else to all who are in it.
        let mut affected: BTreeSet<UserId> =
            difference.added.iter().chain(&difference.removed).cloned().collect();
        if after.display_name != before.display_name {
            affected.extend(members.iter().cloned());
        }
        let affected: Vec<UserId> = affected.into_iter().collect();
        let (given, changes) = mapped(control, &mut tx, &affected).await?;
        let detail = json!({
            "before": { "display_name": before.display_name, "external_id": before.external_id },
            "after": { "display_name": after.display_name, "external_id": after.external_id },
            "members": difference.detail(),
            "mapped": given,
        });
        let entry = control.entry(&caller.actor, ACTION, &target(&after), AuditResult::Success, detail);
        control.commit(tx, entry, changes).await?;
        format!("{} members added, {} removed", difference.added.len(), difference.removed.len())
    };
    let group = control.store().scim_group(caller.id(), &id).await?.ok_or(crate::Error::NotFound)?;
    let listed = control.store().scim_group_members(&id).await?;
    let found = found(&group, Some(listed));
    Ok(Done { id: found.id.clone(), name: group.display_name, said: words, answer: found })
}
