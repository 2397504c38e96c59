//! Who calls the Admin API: the master key as bearer, or a dashboard session (with the origin check in front).

use super::ProblemResponse;
use crate::http::Http;
use app::edge::Edge;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use control::{Actor, Client, Control};
use identity::secret::same_secret;
use model::Problem;

/// A caller that has proven who they are. What they may do is the operation's question.
pub(super) struct Caller {
    pub(super) control: Control,
    pub(super) actor: Actor,
}

impl FromRequestParts<Http> for Caller {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, ProblemResponse> {
        let control = http.control.clone();
        let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
        // A second door is no door: with an Authorization header only that counts, and only one.
        let actor = match (values.next(), values.next()) {
            (None, _) => parts.extensions.get::<Edge>().and_then(|edge| edge.actor.clone()),
            (Some(value), None) => {
                let presented = value.to_str().ok().and_then(bearer);
                let client = parts.extensions.get::<Client>().cloned().unwrap_or_default();
                let known = http
                    .master_key
                    .as_ref()
                    .zip(presented)
                    .is_some_and(|(expected, presented)| same_secret(presented, expected.expose()));
                known.then(|| Actor::master_key(client))
            }
            (Some(_), Some(_)) => None,
        };
        match actor {
            Some(actor) => Ok(Self { control, actor }),
            None => Err(unauthenticated()),
        }
    }
}

/// Nobody has proven who they are.
pub(crate) fn unauthenticated() -> ProblemResponse {
    ProblemResponse(Problem::new(401, "unauthenticated", "This needs the master key").detail(
        "Send the configured master_key as `Authorization: Bearer …`, or sign in to the dashboard. \
         API keys (sk_, rk_) don't open the Admin API.",
    ))
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
