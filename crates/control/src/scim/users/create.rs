//! Provisioning an account: a new one, one that this client had deleted, or, if it may adopt, one that is there.

use super::{asked, check_unique, fields_of, found, taken};
use crate::audit::difference;
use crate::scim::log::{Done, logged};
use crate::scim::{Caller, Error, Found};
use crate::users::{WRITE, insert, new_local_user, take_away, target};
use crate::{Control, audit::Target};
use identity::scim::user::UserFields;
use model::UserId;
use model::audit::AuditResult;
use model::change::Change;
use model::role::RoleName;
use model::scim::ProvisioningOperation;
use model::user::{NewUser, User, UserSource, UserStatus};
use serde_json::{Value, json};
use store::{ScimUser, Tx};

const PROVISION: &str = "user.provision";
const ADOPT: &str = "user.adopt";

/// Provisions an account. It is a member of `default` with the lowest role; Active unless the client says otherwise.
pub async fn create(control: &Control, caller: &Caller, resource: &Value) -> Result<Found, Error> {
    let asked = asked(ProvisioningOperation::Create, "", Some(resource));
    logged(control, caller, asked, provision(control, caller, resource)).await
}

async fn provision(control: &Control, caller: &Caller, resource: &Value) -> Result<Done<Found>, Error> {
    let fields = fields_of(taken(resource)?)?;
    let asked = Target { kind: "user", id: "", name: &fields.email, tenant_id: None };
    control.authorise(&caller.actor, WRITE, PROVISION, &asked).await?;
    let mut tx = caller.begin(control).await?;
    check_unique(&mut tx, caller, &fields, None).await?;
    match tx.user_id_by_email(&fields.email).await? {
        Some(id) => take_over(control, caller, tx, &id, fields).await,
        None => make(control, caller, tx, fields).await,
    }
}

async fn make(
    control: &Control,
    caller: &Caller,
    mut tx: Tx,
    fields: UserFields,
) -> Result<Done<Found>, Error> {
    let new = NewUser {
        name: fields.name.clone(),
        email: fields.email.clone(),
        role: RoleName::default(),
        organization_unit: fields.organization_unit.clone(),
    };
    let status = status_of(&fields);
    let user = User { status, source: UserSource::Scim, ..new_local_user(control, new) };
    insert(&mut tx, &user, None).await?;
    let said = said_of(control, caller, &user, fields);
    tx.save_scim_user(&said).await?;
    let detail = json!({ "after": &user, "external_id": said.external_id });
    let entry = control.entry(&caller.actor, PROVISION, &target(&user), AuditResult::Success, detail);
    let change = Change::User { id: user.id.clone(), inactive: status == UserStatus::Inactive };
    control.commit(tx, entry, vec![change]).await?;
    Ok(done(&said, "made the account"))
}

/// An account with this e-mail address is there.
async fn take_over(
    control: &Control,
    caller: &Caller,
    mut tx: Tx,
    id: &UserId,
    fields: UserFields,
) -> Result<Done<Found>, Error> {
    let before = tx.user(id).await?.ok_or(crate::Error::NotFound)?;
    let provisioner = tx.provisioner_of(id).await?;
    let deleted = provisioner.as_ref().is_some_and(|of| of.has_deleted && of.client_id == *caller.id());
    let free = provisioner.is_none_or(|of| of.has_deleted || !of.is_live);
    let may = deleted || (free && caller.client.adopt_existing);
    if !may {
        return Err(Error::taken(format!(
            "there is an account with the e-mail address {} already, and this SCIM client may not adopt it",
            fields.email
        )));
    }
    if before.is_super_admin() {
        drop(tx);
        let outranked = crate::Error::Outranked;
        return Err(control.refuse(&caller.actor, WRITE, ADOPT, &target(&before), outranked).await.into());
    }
    let after = User {
        name: fields.name.clone(),
        organization_unit: fields.organization_unit.clone().or_else(|| before.organization_unit.clone()),
        status: status_of(&fields),
        source: UserSource::Scim,
        ..before.clone()
    };
    let mut detail = difference(&before, &after);
    let gone = if after.status == UserStatus::Inactive {
        Some(take_away(control, &mut tx, &caller.actor, &before, "deactivated by SCIM").await?)
    } else {
        None
    };
    tx.update_user(&after).await?;
    tx.set_user_source(id, UserSource::Scim).await?;
    let said = said_of(control, caller, &after, fields);
    tx.save_scim_user(&said).await?;
    let (action, words) = if deleted {
        (PROVISION, "provisioned the account again")
    } else {
        (ADOPT, "adopted the account that was there")
    };
    if let Some(gone) = &gone {
        detail["taken_away"] = gone.detail();
    }
    let entry = control.entry(&caller.actor, action, &target(&before), AuditResult::Success, detail);
    if let Some(gone) = gone {
        control.commit_cut(tx, entry, gone.changes(id), "user.cut").await?;
    } else {
        let change = Change::User { id: id.clone(), inactive: false };
        control.commit(tx, entry, vec![change]).await?;
    }
    Ok(done(&said, words))
}

fn status_of(fields: &UserFields) -> UserStatus {
    if fields.active == Some(false) { UserStatus::Inactive } else { UserStatus::Active }
}

fn said_of(control: &Control, caller: &Caller, user: &User, fields: UserFields) -> ScimUser {
    ScimUser {
        user_id: user.id.clone(),
        client_id: caller.id().clone(),
        external_id: fields.external_id,
        user_name: fields.user_name,
        attributes: fields.attributes,
        version: 1,
        created_at: control.now(),
        updated_at: control.now(),
        status: user.status,
    }
}

fn done(said: &ScimUser, words: &str) -> Done<Found> {
    let found = found(said, &[]);
    Done { id: found.id.clone(), name: said.user_name.clone(), said: words.to_owned(), answer: found }
}
