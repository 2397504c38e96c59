//! Who calls the Admin API: the master key or a management key as bearer, or a dashboard session (with the origin check in front).

use super::ProblemResponse;
use crate::http::Http;
use app::edge::Edge;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use control::{Actor, Client, Control, management_keys};
use identity::secret::same_secret;
use model::Problem;

/// A caller that has proven who they are. What they may do is the operation's question.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) control: Control,
    pub(super) actor: Actor,
}

impl FromRequestParts<Http> for Caller {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, ProblemResponse> {
        // Asked already, by what stands before the handlers.
        if let Some(caller) = parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        let control = http.control.clone();
        let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
        // A second door is no door: with an Authorization header only that counts, and only one.
        let actor = match (values.next(), values.next()) {
            (None, _) => match parts.extensions.get::<Edge>().and_then(|edge| edge.presence.as_ref()) {
                Some(presence) => Some(presence.actor()?.clone()),
                None => None,
            },
            (Some(value), None) => match value.to_str().ok().and_then(bearer) {
                Some(presented) => Some(holder(http, presented, parts).await?),
                None => None,
            },
            (Some(_), Some(_)) => None,
        };
        match actor {
            Some(actor) => Ok(Self { control, actor }),
            None => Err(unauthenticated()),
        }
    }
}

/// Who presented this bearer.
async fn holder(http: &Http, presented: &str, parts: &Parts) -> Result<Actor, ProblemResponse> {
    let client = parts.extensions.get::<Client>().cloned().unwrap_or_default();
    let is_master_key = |presented: &str| {
        http.master_key.as_ref().is_some_and(|expected| same_secret(presented, expected.expose()))
    };
    let found = management_keys::actor_of_bearer(&http.control, presented, is_master_key, client).await;
    found.map_err(|error| match error {
        control::Error::Unauthenticated => unauthenticated(),
        other => other.into(),
    })
}

/// Nobody has proven who they are.
pub(crate) fn unauthenticated() -> ProblemResponse {
    ProblemResponse(Problem::new(401, "unauthenticated", "This needs the master key or a management key").detail(
        "Send the configured master_key or a management key (mk_) as `Authorization: Bearer …`, or sign in to the dashboard. \
         API keys (sk_, rk_) don't open the Admin API.",
    ))
}

/// The token of an `Authorization: Bearer …`.
pub(crate) fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
