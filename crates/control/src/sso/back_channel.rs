//! A provider's word that somebody has signed out there: their sessions end here, at once.

use super::{registration, target, target_named};
use crate::{Client, Control, Error};

use model::IdentityProviderName;
use model::audit::AuditResult;
use serde_json::json;

const ACTION: &str = "session.provider_logout";

/// Why a logout token wasn't followed.
#[derive(Debug)]
pub enum LogoutRefused {
    /// It isn't to be believed, or was followed before.
    Token,
    /// It is our own fault.
    Error(Error),
}

impl<T: Into<Error>> From<T> for LogoutRefused {
    fn from(error: T) -> Self {
        Self::Error(error.into())
    }
}

/// Ends the sessions that a logout token is about: the one that it names, or all that this person began with the
/// provider. A refusal is written down.
pub async fn back_channel_logout(
    control: &Control,
    name: &IdentityProviderName,
    token: &str,
    client: &Client,
) -> Result<(), LogoutRefused> {
    let Some(stored) = control.store().identity_provider(name).await? else {
        return refuse(control, name, client, "there is no such provider").await;
    };
    let registration = registration(control, &stored)?;
    let party = &control.0.relying_party;
    let believed = match party.known(&registration).await {
        Ok(known) => party.logout_token(&known, token, &registration.client_id).await,
        Err(error) => Err(error),
    };
    let token = match believed {
        Ok(token) => token,
        Err(error) => return refuse(control, name, client, &error.to_string()).await,
    };
    let provider = &stored.provider;
    let mut tx = control.store().begin().await?;
    // BCL 1.0 §2.6: one that came before is no new word.
    if !tx.take_logout_token(&token.id_hash, token.expires_at).await? {
        drop(tx);
        return refuse(control, name, client, "the logout token was taken before").await;
    }
    let user = match &token.subject {
        Some(subject) => tx.identity(&provider.issuer, subject).await?.map(|identity| identity.user_id),
        None => None,
    };
    let sessions_ended = match (&token.session, &user, &token.subject) {
        // The session of somebody who was never here.
        (_, None, Some(_)) | (None, None, None) => 0,
        (Some(sid), user, _) => tx.delete_provider_session(&provider.id, sid, user.as_ref()).await?,
        (None, Some(user), _) => tx.delete_sessions_of_provider(&provider.id, Some(user)).await?,
    };
    let detail =
        json!({ "user": user, "one_session": token.session.is_some(), "sessions_ended": sessions_ended });
    let (id, label) = (provider.id.as_str(), format!("identity provider {name}"));
    let success = AuditResult::Success;
    let entry = control.entry_by(id, &label, client, ACTION, &target(provider), success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(())
}

async fn refuse(
    control: &Control,
    name: &IdentityProviderName,
    client: &Client,
    why: &str,
) -> Result<(), LogoutRefused> {
    let detail = json!({ "why": why });
    let target = target_named(name);
    let failure = AuditResult::Failure;
    let entry = control.entry_by("anonymous", "anonymous", client, ACTION, &target, failure, detail);
    control.record_refusal(entry).await?;
    Err(LogoutRefused::Token)
}
