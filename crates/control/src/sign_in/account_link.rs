//! Using a one-time link for an account: setting the password that it was made for.

use super::{FirstStep, HalfSession, SignedIn, Subject};
use crate::audit::Target;
use crate::management_keys::actor_with;
use crate::users::{lacking_to_take_over, may_write, target};
use crate::{Actor, Client, Control, Error, new_password};
use identity::password::Password;
use identity::secret::hash_token;
use model::audit::AuditResult;
use model::user::{AccountLinkKind, AccountLinkView, User, UserStatus};
use serde_json::json;
use store::{Link, LinkPurpose, Standing};

const ACTION: &str = "link.use";

/// What the page behind a link shows; [`Error::LinkInvalid`] when it doesn't work (any more). Looking doesn't use it up.
pub async fn account_link(control: &Control, token: &str) -> Result<AccountLinkView, Error> {
    let link = control.store().link(&hash_token(token), control.now()).await?;
    let (kind, Standing { user, .. }) = account_of(control, link.as_ref()).await?;
    Ok(AccountLinkView { kind, name: user.name, email: user.email })
}

/// Uses a link up: sets the account's password, ends its sessions and signs it in; with a second factor, half way.
///
/// The link is worth what its maker could do now: one who lost their rights since, or whose link is for somebody who was
/// given more than they could have given, made a link for nothing.
pub async fn use_account_link(
    control: &Control,
    token: &str,
    password: Password,
    client: &Client,
) -> Result<FirstStep, Error> {
    let hash = hash_token(token);
    let link = control.store().link(&hash, control.now()).await?;
    let (kind, standing) = match account_of(control, link.as_ref()).await {
        Ok(found) => found,
        Err(error) => {
            let nobody = Target { kind: "link", id: "", name: "", tenant_id: None };
            record_failure(control, client, &nobody).await?;
            return Err(error);
        }
    };
    if let Some(error) = new_password::check(control, &password, &standing.user).await? {
        return Err(Error::Invalid(vec![error]));
    }
    let password = control.0.hasher.hash(password).await?;
    let maker = maker(control, link.as_ref()).await?;
    let (now, id) = (control.now(), standing.user.id.clone());
    let mut tx = control.store().begin().await?;
    let purpose = link.as_ref().map_or(LinkPurpose::Setup, |link| link.purpose);
    tx.consume_link(&hash, purpose, now).await?.ok_or(Error::LinkInvalid)?;
    let user = tx.user(&id).await?.filter(|user| user.status == UserStatus::Active);
    let user = user.ok_or(Error::LinkInvalid)?;
    if !may_write(&maker, &user) || lacking_to_take_over(&mut tx, &maker, &user).await?.is_some() {
        drop(tx);
        record_failure(control, client, &target(&user)).await?;
        return Err(Error::LinkInvalid);
    }
    let credential_version = tx.set_password(&id, &password).await?;
    let sessions_ended = tx.delete_sessions_of(&id, None).await?;
    // Whoever has the mail has no authenticator by that.
    let half_way = user.second_factor;
    if !half_way {
        tx.set_last_sign_in(&id, now).await?;
    }
    let detail = json!({ "purpose": kind, "sessions_ended": sessions_ended });
    let entry = control.entry_by(
        id.as_str(),
        &user.email,
        client,
        ACTION,
        &target(&user),
        AuditResult::Success,
        detail,
    );
    control.commit(tx, entry, Vec::new()).await?;
    let subject = Subject::new(id, credential_version);
    if half_way {
        return Ok(FirstStep::HalfWay(HalfSession::begin(control, subject, "link")));
    }
    let rights = standing.rights();
    let user = User { last_sign_in_at: Some(now), ..user };
    Ok(FirstStep::SignedIn(Box::new(SignedIn { user, rights, subject })))
}

/// Whom a link is for, if it is one for an account that can sign in.
async fn account_of(control: &Control, link: Option<&Link>) -> Result<(AccountLinkKind, Standing), Error> {
    let link = link.ok_or(Error::LinkInvalid)?;
    let kind = match link.purpose {
        LinkPurpose::Invite => AccountLinkKind::Invite,
        LinkPurpose::Reset => AccountLinkKind::Reset,
        LinkPurpose::Setup => return Err(Error::LinkInvalid),
    };
    let id = link.user_id.as_ref().ok_or(Error::LinkInvalid)?;
    let standing = control.store().standing(id).await?;
    let standing = standing.filter(|standing| standing.user.status == UserStatus::Active);
    Ok((kind, standing.ok_or(Error::LinkInvalid)?))
}

/// Who made a link, with their rights of this moment; nobody's, if they can't act any more.
async fn maker(control: &Control, link: Option<&Link>) -> Result<Actor, Error> {
    let Some(link) = link else { return Err(Error::LinkInvalid) };
    if let Some(id) = &link.management_key_id {
        let key = control.store().management_key(id).await?.ok_or(Error::LinkInvalid)?.key;
        return actor_with(control, key, &Client::default()).await?.ok_or(Error::LinkInvalid);
    }
    let Some(id) = &link.created_by else { return Ok(Actor::command_line()) };
    let standing = control.store().standing(id).await?.ok_or(Error::LinkInvalid)?;
    if standing.user.status == UserStatus::Inactive {
        return Err(Error::LinkInvalid);
    }
    let rights = standing.rights();
    Ok(Actor::user_session(standing.user, rights, standing.credential_version, Client::default()))
}

async fn record_failure(control: &Control, client: &Client, target: &Target<'_>) -> Result<(), Error> {
    let entry = control.entry_by(
        "anonymous",
        "anonymous",
        client,
        ACTION,
        target,
        AuditResult::Failure,
        json!({ "link": "invalid" }),
    );
    control.record_refusal(entry).await
}
