//! Testing a provider's address and credential, for the button on its page: a request that costs nothing.

use crate::catalog::{Link, Upstream};
use crate::config::GatewayConfig;
use crate::error::{ApiError, Code};
use crate::upstream::Upstreams;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::Full;
use rustls::ClientConfig;
use std::time::{Duration, Instant};

/// How long a provider may take to answer.
const WITHIN: Duration = Duration::from_secs(15);

/// What a provider answered to a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Whether it can be used.
    pub ok: bool,
    /// Its HTTP status; `None`: it gave none.
    pub status: Option<u16>,
    /// How long that took.
    pub took: Duration,
    /// What it means, for people. Never the provider's own words: they could hold the credential.
    pub message: String,
}

/// Asks a provider for its list of models, over connections of its own: the pools belong to the data threads.
pub(crate) async fn probe(upstream: &Upstream, config: &GatewayConfig, tls: &ClientConfig) -> Probe {
    let begun = Instant::now();
    let answer = |ok, status: Option<StatusCode>, message: &str| Probe {
        ok,
        status: status.map(|status| status.as_u16()),
        took: begun.elapsed(),
        message: message.to_owned(),
    };
    let link = match &upstream.link {
        Link::Echo(_) => return answer(true, None, "The echo provider is built in and always there."),
        Link::Http(link) => link,
    };
    let Some(uri) = link.probe_uri() else { return answer(false, None, "The address can't be used.") };
    let mut request = Request::new(Full::<Bytes>::default());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = uri;
    if let Some((name, value)) = &link.authorization {
        request.headers_mut().insert(name, value.clone());
    }
    if link.speaks_anthropic() {
        request.headers_mut().insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
    }
    let upstreams = Upstreams::new(config, tls);
    let sent = tokio::time::timeout(WITHIN, upstreams.send(link.allow_private_addresses, request)).await;
    match sent {
        Ok(Ok(response)) => {
            let status = response.status();
            let (ok, message) = match status.as_u16() {
                200..300 => (true, "It answers and takes the credential."),
                401 | 403 => (false, "It answers but refuses the credential."),
                // Servers that are merely compatible often have no list of models.
                404 | 405 => (true, "It answers. It has no list of models, so the credential wasn't tested."),
                300..=399 => {
                    (false, "It redirects. Redirects aren't followed: give the address that it points to.")
                }
                429 => (true, "It answers, and limits requests at the moment."),
                _ => (false, "It answers with an error."),
            };
            answer(ok, Some(status), message)
        }
        Ok(Err(failure)) if ApiError::from(failure).code == Code::UpstreamTimeout => {
            answer(false, None, "It didn't answer in time.")
        }
        Ok(Err(_)) => answer(
            false,
            None,
            "It can't be reached: no connection, no valid certificate, or a private address that isn't allowed.",
        ),
        Err(_) => answer(false, None, "It didn't answer in time."),
    }
}
