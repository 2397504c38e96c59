//! How identity providers are reached: with the gateway's guarded calls.

use gateway::{FetchFailed, Fetcher};
use http::{HeaderValue, Method, Request, header};
use identity::oidc::{Answer, Http, MAX_ANSWER, Outgoing, Sending, Unreachable};
use std::sync::Arc;

/// Calls identity providers.
#[derive(Default)]
pub(crate) struct ProviderHttp(Arc<Fetcher>);

impl Http for ProviderHttp {
    fn send(&self, request: Outgoing) -> Sending {
        let fetcher = Arc::clone(&self.0);
        Box::pin(async move {
            let private = request.allow_private_addresses;
            let request = wired(request).ok_or(Unreachable::NoAnswer)?;
            let answer = fetcher.send(private, request, MAX_ANSWER).await.map_err(|failed| match failed {
                FetchFailed::NoAnswer => Unreachable::NoAnswer,
                FetchFailed::TooSlow => Unreachable::TooSlow,
                FetchFailed::TooLarge => Unreachable::TooLarge,
            })?;
            Ok(Answer { status: answer.0.as_u16(), body: answer.1.into() })
        })
    }
}

/// The request as it goes over the wire; `None`: it can't.
fn wired(request: Outgoing) -> Option<Request<axum::body::Bytes>> {
    let body = request.form.as_ref().map(|form| form.as_bytes().to_vec()).unwrap_or_default();
    let mut wired = Request::new(body.into());
    *wired.uri_mut() = request.url.parse().ok()?;
    let headers = wired.headers_mut();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(authorization) = &request.authorization {
        let mut value = HeaderValue::from_str(authorization).ok()?;
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
    if request.form.is_some() {
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, form);
        *wired.method_mut() = Method::POST;
    }
    Some(wired)
}
