//! Signing out at the provider too, for who came through one.

use super::registration;
use crate::{Actor, Control, Error};
use identity::oidc::end_session_url;
use std::time::Duration;

/// How long a provider may keep somebody from leaving, who has signed out here already.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where to send the browser of somebody who signs out here; `None`: no provider has to hear of it, or it can't be asked
/// where. Comes back to the sign-in page under `base_url`, the configured one.
pub async fn sign_out_url(control: &Control, actor: &Actor, base_url: &str) -> Result<Option<String>, Error> {
    let Some(session) = actor.provider() else { return Ok(None) };
    let Some(stored) = control.store().identity_provider_with(&session.provider_id).await? else {
        return Ok(None);
    };
    let registration = registration(control, &stored)?;
    let known = tokio::time::timeout(PATIENCE, control.0.relying_party.known(&registration)).await;
    let Ok(Ok(known)) = known else { return Ok(None) };
    let id_token = session.id_token(control);
    let id_token = id_token.as_ref().map(|token| token.as_str());
    let back_to = format!("{base_url}/login");
    Ok(end_session_url(&known.metadata, &registration.client_id, id_token, &back_to))
}
