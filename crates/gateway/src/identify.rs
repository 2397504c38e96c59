//! The end user behind a request, as its key's identity rules want it.

use crate::error::{ApiError, Code};
use crate::policy::KeyPolicy;
use crate::service::Worker;
use http::{HeaderMap, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use identity::end_user::{EndUser, KeySource, MAX_JWKS_BYTES, Refusal, Step};
use std::sync::Arc;
use std::time::Duration;

/// How long an issuer may take to give its keys.
const FETCH_WITHIN: Duration = Duration::from_secs(10);

/// The identity: an e-mail address, or a token's subject; `None`: the key doesn't ask for one and none was given.
pub(crate) async fn identify(
    worker: &Arc<Worker>,
    policy: &KeyPolicy,
    headers: &HeaderMap,
) -> Result<Option<String>, ApiError> {
    let Some(rules) = &policy.shape.identity else { return Ok(None) };
    // Rules that can't be read must not become no rules.
    let rules = rules.as_ref().map_err(|()| Code::StateUnavailable)?;
    let clock = &worker.shared.clock;
    let presented = rules.read(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())))?;
    let user = match rules.resolve(&presented, clock.now())? {
        Step::Done(user) => user,
        Step::Fetch(source) => {
            // On a task of its own: a client that goes away must not end what others wait for.
            let _ = worker.shared.tasks.spawn(refresh(Arc::clone(worker), source)).await;
            rules.resolve(&presented, clock.now())?.settled()?
        }
    };
    if let Some(source) = rules.refresh_due(clock.now()) {
        worker.shared.tasks.spawn(refresh(Arc::clone(worker), source));
    }
    Ok(user.as_deref().and_then(label))
}

/// What usage and limits know a person by. A subject is only unique with its issuer.
fn label(user: &EndUser) -> Option<String> {
    let by_subject = || match (&user.issuer, &user.subject) {
        (Some(issuer), Some(subject)) => Some(format!("{issuer}#{subject}")),
        _ => user.subject.clone(),
    };
    user.email.clone().or_else(by_subject)
}

async fn refresh(worker: Arc<Worker>, source: Arc<KeySource>) {
    let fetched = source.refresh(&*worker.shared.clock, fetch(&worker, &source)).await;
    if let Err(error) = fetched {
        tracing::warn!(url = source.url(), %error, "an issuer's keys couldn't be fetched");
    }
}

/// The key set as the issuer sends it: no redirects, bounded in time and size.
async fn fetch(worker: &Worker, source: &KeySource) -> Option<Vec<u8>> {
    let mut request = Request::new(Full::default());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = source.url().parse::<Uri>().ok()?;
    request.headers_mut().insert(header::ACCEPT, header::HeaderValue::from_static("application/json"));
    let answer = async {
        let answer = worker.upstreams.send(source.allow_private_addresses(), request).await.ok()?;
        if answer.status() != StatusCode::OK {
            return None;
        }
        Some(Limited::new(answer.into_body(), MAX_JWKS_BYTES).collect().await.ok()?.to_bytes().into())
    };
    tokio::time::timeout(FETCH_WITHIN, answer).await.ok()?
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Required => Code::IdentityRequired.into(),
            Refusal::DomainNotAllowed => Code::IdentityDomainNotAllowed.into(),
            Refusal::Conflicting => Code::ConflictingIdentity.into(),
            Refusal::InvalidToken(error) => {
                tracing::debug!(%error, "an identity token was refused");
                Code::InvalidIdentityToken.into()
            }
        }
    }
}
