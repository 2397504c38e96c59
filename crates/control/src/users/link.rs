//! One-time links for people who have an account: an invitation, a new password.

use super::{WRITE, authorise, authorise_takeover, target};
use crate::sign_in::LINK_LIFE;
use crate::{Actor, Control, Error};
use identity::secret::LinkToken;
use model::audit::AuditResult;
use model::user::{AccountLink, AccountLinkKind, User, UserSource, UserStatus};
use model::{Timestamp, UserId};
use serde_json::json;
use store::{Link, LinkPurpose};

const ACTION: &str = "link.create";

/// A link, for the answer that shows it.
#[derive(Debug)]
pub struct NewLink {
    /// What it is for.
    pub kind: AccountLinkKind,
    /// Its secret.
    pub token: LinkToken,
    /// Until when it works.
    pub expires_at: Timestamp,
}

impl NewLink {
    /// The link as it is handed over, under the configured base URL.
    pub fn under(&self, base_url: &str) -> AccountLink {
        let url = format!("{base_url}/set-password?token={}", self.token.expose());
        AccountLink { kind: self.kind, url, expires_at: self.expires_at }
    }
}

/// Makes a link by which somebody sets the first password of their account. Needs `users:write`, and what giving them all
/// of their roles would take. It works once, for 24 hours, and replaces the one before.
pub async fn invite(control: &Control, actor: &Actor, id: &UserId) -> Result<NewLink, Error> {
    link(control, actor, id, AccountLinkKind::Invite).await
}

/// Makes a link by which somebody sets a new password; what they have works until then. Otherwise as [`invite`].
pub async fn reset_link(control: &Control, actor: &Actor, id: &UserId) -> Result<NewLink, Error> {
    link(control, actor, id, AccountLinkKind::Reset).await
}

async fn link(
    control: &Control,
    actor: &Actor,
    id: &UserId,
    kind: AccountLinkKind,
) -> Result<NewLink, Error> {
    let has_password = control.store().password_hash(id).await?.is_some();
    let tx = control.store().begin().await?;
    let (tx, user) = authorise(control, tx, actor, WRITE, id, ACTION).await?;
    let mut tx = authorise_takeover(control, tx, actor, &user, ACTION).await?;
    fits(&user, has_password, kind)?;
    let token = LinkToken::generate(control.entropy());
    let expires_at = control.now().after(LINK_LIFE);
    let purpose = match kind {
        AccountLinkKind::Invite => LinkPurpose::Invite,
        AccountLinkKind::Reset => LinkPurpose::Reset,
    };
    let (user_id, created_by) = (Some(id.clone()), actor.answerable().cloned());
    tx.delete_links_of(id).await?;
    let management_key_id = actor.presented_key().map(|key| key.id.clone());
    let link = Link { purpose, user_id, created_by, management_key_id, expires_at };
    tx.insert_link(&token.hash(), &link).await?;
    let detail = json!({ "purpose": kind, "expires_at": expires_at });
    let entry = control.entry(actor, ACTION, &target(&user), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(NewLink { kind, token, expires_at })
}

fn fits(user: &User, has_password: bool, kind: AccountLinkKind) -> Result<(), Error> {
    let (code, detail) = if user.source != UserSource::Local {
        ("not_local", "This account signs in where it comes from; it has no password here.")
    } else if user.status == UserStatus::Inactive {
        ("user_inactive", "This account is Inactive. Set it Active first.")
    } else if kind == AccountLinkKind::Invite && has_password {
        ("has_password", "This account has a password already. Make a link for a new one.")
    } else {
        return Ok(());
    };
    Err(Error::Conflict { code, detail: detail.into() })
}
