//! The first account: from the configuration, or by a one-time link. There is no default password, and being first to
//! arrive makes nobody admin.

use super::{SignedIn, Subject};
use crate::audit::Target;
use crate::users::{insert, new_local_user};
use crate::{Actor, Client, Control, Error, new_password};
use identity::password::Password;
use identity::secret::{LinkToken, hash_token};
use model::audit::AuditResult;
use model::change::Change;
use model::role::{BuiltInRole, Rights};
use model::user::{NewUser, User};
use serde_json::json;
use std::time::Duration;
use store::{Link, LinkPurpose};

const SET_UP: &str = "user.set_up";

/// How long a link works.
pub(crate) const LINK_LIFE: Duration = Duration::from_hours(24);

/// The admin that the configuration names (`identity.admin_email`, `identity.admin_password`).
pub struct SeedAdmin {
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: Password,
}

/// What the start found.
pub enum FirstRun {
    /// There is an admin.
    Done,
    /// The configured admin was created.
    Seeded(User),
    /// No admin yet: print this token's link to the terminal, and nowhere else.
    Setup(LinkToken),
}

/// What the set-up page sends.
pub struct SetupForm {
    /// The link's token.
    pub token: String,
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: Password,
}

/// Makes sure that somebody can get in. Called at each start; replaces a set-up link that was not used.
pub async fn prepare(control: &Control, seed: Option<SeedAdmin>) -> Result<FirstRun, Error> {
    if has_admin(control).await? {
        return Ok(FirstRun::Done);
    }
    let actor = Actor::configuration();
    if let Some(seed) = seed {
        let new = NewUser {
            name: "Administrator".to_owned(),
            email: seed.email,
            role: BuiltInRole::SuperAdmin.into(),
            organization_unit: None,
        };
        let user = crate::users::create(control, &actor, new, Some(seed.password)).await?;
        return Ok(FirstRun::Seeded(user));
    }
    let token = LinkToken::generate(control.entropy());
    let mut tx = control.store().begin().await?;
    tx.delete_links(LinkPurpose::Setup).await?;
    let expires_at = control.now().after(LINK_LIFE);
    let link = Link {
        purpose: LinkPurpose::Setup,
        user_id: None,
        created_by: None,
        management_key_id: None,
        expires_at,
    };
    tx.insert_link(&token.hash(), &link).await?;
    let target = Target { kind: "link", id: "setup", name: "set-up link", tenant_id: None };
    let detail = json!({ "expires_at": expires_at });
    let entry = control.entry(&actor, "link.create", &target, AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(FirstRun::Setup(token))
}

/// Whether somebody can already administer: then there is nothing to set up, whatever links are about.
async fn has_admin(control: &Control) -> Result<bool, Error> {
    Ok(control.store().begin().await?.count_active_super_admins().await? > 0)
}

/// Whether the set-up page should show its form for this token.
pub async fn setup_link_valid(control: &Control, token: &str) -> Result<bool, Error> {
    let link = control.store().link(&hash_token(token), control.now()).await?;
    Ok(link.is_some_and(|link| link.purpose == LinkPurpose::Setup) && !has_admin(control).await?)
}

/// Uses up the set-up link and makes the first `super_admin`.
pub async fn complete_setup(control: &Control, form: SetupForm, client: &Client) -> Result<SignedIn, Error> {
    let new = NewUser {
        name: form.name,
        email: form.email,
        role: BuiltInRole::SuperAdmin.into(),
        organization_unit: None,
    };
    // Without a good link nothing is said about the fields, and no work is done for a stranger.
    if !setup_link_valid(control, &form.token).await? {
        let target = Target { kind: "link", id: "setup", name: "set-up link", tenant_id: None };
        let entry = control.entry_by(
            "anonymous",
            "anonymous",
            client,
            SET_UP,
            &target,
            AuditResult::Failure,
            json!({ "link": "invalid" }),
        );
        control.record_refusal(entry).await?;
        return Err(Error::LinkInvalid);
    }
    let mut errors = new.check();
    errors.extend(new_password::check(control, &form.password, &new).await?);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let hash = control.0.hasher.hash(form.password).await?;
    let now = control.now();
    let mut user = new_local_user(control, new);
    user.last_sign_in_at = Some(now);
    let mut tx = control.store().begin().await?;
    let link = tx.consume_link(&hash_token(&form.token), LinkPurpose::Setup, now).await?;
    if link.is_none() || tx.count_active_super_admins().await? > 0 {
        return Err(Error::LinkInvalid);
    }
    insert(&mut tx, &user, Some(&hash)).await?;
    let target = Target { kind: "user", id: user.id.as_str(), name: &user.email, tenant_id: None };
    let entry = control.entry_by(
        user.id.as_str(),
        &user.email,
        client,
        SET_UP,
        &target,
        AuditResult::Success,
        json!({ "after": &user }),
    );
    control.commit(tx, entry, vec![Change::User { id: user.id.clone(), inactive: false }]).await?;
    let subject = Subject::new(user.id.clone(), 0);
    Ok(SignedIn { user, rights: Rights::everything(), subject })
}
