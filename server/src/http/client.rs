//! Where a request came from: the peer, or what a trusted proxy says.

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use control::Client;
use gateway::{PeerAddr, client_address};
use model::ip_range::IpRange;
use std::sync::Arc;

/// Puts the [`Client`] into the request.
pub(super) async fn identify(
    State(trusted): State<Arc<[IpRange]>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<PeerAddr>().map(|peer| peer.0.ip());
    let ip = peer.map(|peer| client_address(peer, &trusted, request.headers()));
    let user_agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .map(|text| text.chars().take(200).collect());
    request.extensions_mut().insert(Client { ip, user_agent, session: None });
    next.run(request).await
}
