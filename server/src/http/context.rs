//! Who is calling: resolved once for each request, from the session, and handed to pages, server functions and API.

use super::{BaseUrl, Readiness, Site, Turns, session_store};
use crate::config::Secret;
use app::edge::{Edge, SESSION_SUBJECT};
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use control::sign_in::{Presence, Subject, presence_of};
use control::{Client, Control};
use identity::secret::hash_token;
use model::ip_range::IpRange;
use std::sync::Arc;
use tower_sessions::Session;

/// What the control side's routes share.
#[derive(Clone)]
pub(crate) struct Http {
    pub(crate) control: Control,
    pub(crate) base_url: BaseUrl,
    pub(crate) site: Arc<Site>,
    pub(crate) master_key: Option<Secret>,
    pub(crate) trusted_proxies: Arc<[IpRange]>,
    pub(crate) pages_enabled: bool,
    pub(crate) readiness: Readiness,
    pub(crate) turns: Turns,
}

/// Loads who is behind the session and puts the [`Edge`] into the request.
pub(super) async fn resolve(State(http): State<Http>, mut request: Request, next: Next) -> Response {
    let mut client = request.extensions().get::<Client>().cloned().unwrap_or_default();
    let Some(session) = request.extensions().get::<Session>().cloned() else {
        return next.run(request).await;
    };
    client.session = session.id().as_ref().map(session_store::name);
    let presence = match load_presence(&http.control, &session, client.clone()).await {
        Ok(presence) => presence,
        Err(response) => return response,
    };
    let caller = match (&presence, request.headers().get(header::AUTHORIZATION)) {
        (Some(presence), _) => presence.person().id().to_owned(),
        // A bearer isn't looked at yet, nor kept.
        (None, Some(bearer)) => format!("{:x?}", hash_token(&String::from_utf8_lossy(bearer.as_bytes()))),
        (None, None) => String::new(),
    };
    // Who is nobody is bounded by their address, where connections are taken.
    let _turn = if caller.is_empty() {
        None
    } else {
        match http.turns.take(caller).await {
            Some(turn) => Some(turn),
            None => return crate::admin_api::too_many_requests().into_response(),
        }
    };
    request.extensions_mut().insert(Edge {
        control: http.control.clone(),
        presence,
        session,
        client,
        base_url: http.base_url.as_str().to_owned(),
        keeps_cookies: http.base_url.keeps_cookies(),
        correlation_id: crate::admin_api::correlation_id(),
    });
    next.run(request).await
}

async fn load_presence(
    control: &Control,
    session: &Session,
    client: Client,
) -> Result<Option<Presence>, Response> {
    let unavailable = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "the session can't be read");
        crate::admin_api::unavailable().into_response()
    };
    let subject = session.get::<Subject>(SESSION_SUBJECT).await.map_err(|error| unavailable(&error))?;
    match subject {
        Some(subject) => presence_of(control, &subject, client).await.map_err(|error| unavailable(&error)),
        None => Ok(None),
    }
}
