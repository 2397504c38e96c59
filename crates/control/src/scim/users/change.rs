//! PUT and PATCH: what a client says of an account it provisions, and what follows for the account.

use super::list::{groups_of, of};
use super::{asked, check_unique, fields_of, found, parse_id, taken};
use crate::Control;
use crate::audit::{Target, difference};
use crate::scim::log::{Done, logged};
use crate::scim::{Caller, Error, Found, Precondition};
use crate::users::{TakenAway, WRITE, take_away, target};
use identity::scim::patch::patch as patched;
use identity::scim::schema::USERS;
use model::UserId;
use model::audit::AuditResult;
use model::change::Change;
use model::key::CutReceipt;
use model::scim::ProvisioningOperation;
use model::user::{User, UserStatus};
use serde_json::{Map, Value, json};
use store::ScimUser;

const UPDATE: &str = "user.update";
const OFFBOARD: &str = "user.offboard";
const SET_STATUS: &str = "user.set_status";
const REASON: &str = "deactivated by SCIM";

/// What a client sends.
#[derive(Clone, Copy)]
enum Said<'a> {
    Whole(&'a Value),
    Operations(&'a Value),
}

/// Replaces all that the client says of an account. What it doesn't say any more is gone; but for `active`, which stays
/// as it is: nobody leaves because something wasn't said.
///
/// `active: false` is the whole offboarding: when this returns, keys are revoked, sessions over and running requests cut.
/// `active: true` sets the account Active again; the keys stay revoked.
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

/// Changes some of what the client says of an account, as [`replace`] does all of it.
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
    let asked = Target { kind: "user", id: id.as_str(), name: "", tenant_id: None };
    control.authorise(&caller.actor, WRITE, UPDATE, &asked).await?;
    let mut tx = caller.begin(control).await?;
    let known = tx.scim_user(caller.id(), &id).await?.ok_or(crate::Error::NotFound)?;
    Precondition::check(precondition, &found(&known, &[]).version)?;
    let before = tx.user(&id).await?.ok_or(crate::Error::NotFound)?;
    if before.is_super_admin() {
        drop(tx);
        let outranked = crate::Error::Outranked;
        return Err(control.refuse(&caller.actor, WRITE, UPDATE, &target(&before), outranked).await.into());
    }
    let fields = fields_of(match said {
        Said::Whole(resource) => taken(resource)?,
        Said::Operations(operations) => patched(&USERS, &spoken(&known), operations)?,
    })?;
    check_unique(&mut tx, caller, &fields, Some(&id)).await?;
    let after = User {
        name: fields.name,
        email: fields.email,
        organization_unit: fields.organization_unit,
        status: match fields.active {
            Some(true) => UserStatus::Active,
            Some(false) => UserStatus::Inactive,
            None => before.status,
        },
        ..before.clone()
    };
    // Also of somebody who is Inactive already: they may have been switched off here with their keys kept.
    let gone = if fields.active == Some(false) {
        Some(take_away(control, &mut tx, &caller.actor, &before, REASON).await?)
    } else {
        None
    };
    let gone = gone.filter(TakenAway::is_something);
    let differing = differing(&known.attributes, &fields.attributes);
    if gone.is_none() && differing.is_empty() && after == before {
        drop(tx);
        return answer(control, &known, "nothing changed").await;
    }
    tx.update_user(&after).await.map_err(|error| match error {
        store::Error::Conflict { what: "email" } => {
            Error::taken(format!("there is an account with the e-mail address {} already", after.email))
        }
        other => other.into(),
    })?;
    let kept = ScimUser {
        external_id: fields.external_id,
        user_name: fields.user_name,
        attributes: fields.attributes,
        version: known.version + 1,
        updated_at: control.now(),
        status: after.status,
        ..known
    };
    tx.save_scim_user(&kept).await?;
    let mut detail = difference(&before, &after);
    detail["attributes"] = json!(differing);
    let action = match (&gone, after.status == before.status) {
        (Some(_), _) => OFFBOARD,
        (None, false) => SET_STATUS,
        (None, true) => UPDATE,
    };
    if let Some(gone) = &gone {
        detail["reason"] = json!(REASON);
        detail["taken_away"] = gone.detail();
    }
    let entry = control.entry(&caller.actor, action, &target(&before), AuditResult::Success, detail);
    let changes = match &gone {
        Some(gone) => gone.changes(&id),
        None => vec![Change::User { id: id.clone(), inactive: false }],
    };
    let words = if let Some(gone) = &gone {
        let receipt = control.commit_cut(tx, entry, changes, "user.cut").await?;
        offboarded(gone, &receipt)
    } else {
        control.commit(tx, entry, changes).await?;
        if action == SET_STATUS { "set the account Active".to_owned() } else { changed(&differing) }
    };
    answer(control, &kept, &words).await
}

/// What the client said, as PATCH finds it. That an account is Inactive isn't said: it would seem to be said anew by every
/// operation.
fn spoken(known: &ScimUser) -> Map<String, Value> {
    let mut spoken = known.attributes.clone();
    if known.status == UserStatus::Active {
        spoken.insert("active".to_owned(), Value::Bool(true));
    }
    spoken
}

/// The attributes that differ. Not what they were: that is nobody's business but the client's.
fn differing(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

fn changed(differing: &[String]) -> String {
    if differing.is_empty() {
        "changed the account".to_owned()
    } else {
        format!("changed {}", differing.join(", "))
    }
}

/// What offboarding took, in words.
pub(super) fn offboarded(gone: &TakenAway, receipt: &CutReceipt) -> String {
    format!(
        "offboarded: {} keys revoked, {} sessions ended, {} requests cut in {} ms",
        gone.keys(),
        gone.sessions(),
        receipt.requests_cut,
        receipt.milliseconds
    )
}

async fn answer(control: &Control, user: &ScimUser, words: &str) -> Result<Done<Found>, Error> {
    let id: UserId = user.user_id.clone();
    let groups = groups_of(control, &[id]).await?;
    let found = found(user, of(&groups, user));
    Ok(Done { id: found.id.clone(), name: user.user_name.clone(), said: words.to_owned(), answer: found })
}
