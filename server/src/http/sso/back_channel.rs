//! `POST /login/sso/{name}/backchannel-logout`: a provider says that somebody has signed out there (`OpenID` Connect
//! Back-Channel Logout 1.0 §2.5 and §2.8).

use crate::http::Http;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use control::Client;
use control::sso::{LogoutRefused, back_channel_logout};
use serde_json::json;

pub(super) async fn log_out(
    State(http): State<Http>,
    Extension(client): Extension<Client>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    let mut tokens = form_urlencoded::parse(&body).filter(|(name, _)| name == "logout_token");
    let answer = match (name.parse(), tokens.next(), tokens.next()) {
        (Ok(name), Some((_, token)), None) => {
            back_channel_logout(&http.control, &name, &token, &client).await
        }
        _ => Err(LogoutRefused::Token),
    };
    let mut response = match answer {
        Ok(()) => StatusCode::OK.into_response(),
        Err(LogoutRefused::Token) => {
            let error =
                json!({ "error": "invalid_request", "error_description": "the logout token can't be taken" });
            (StatusCode::BAD_REQUEST, Json(error)).into_response()
        }
        Err(LogoutRefused::Error(error)) => {
            tracing::error!(?error, "a provider's logout couldn't be followed");
            let error =
                json!({ "error": "server_error", "error_description": "nothing was done; send it again" });
            (StatusCode::INTERNAL_SERVER_ERROR, Json(error)).into_response()
        }
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
