//! Sending an attempt: to a provider over HTTP, or to the built-in one.

use super::prepare::Outgoing;
use super::relay::{Answer, relay};
use super::{Call, Next, Out, Request, Tried};
use crate::catalog::{HttpLink, Link, Target};
use crate::echo::{Echo, Labels};
use crate::endpoint::Endpoint;
use crate::error::{ApiError, Code, foreign};
use crate::media::Media;
use crate::service::REQUEST_ID;
use crate::settle::{Attempt, Tokens};
use crate::upstream::{Failure, UpstreamBody};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::Full;
use model::api_action::ApiAction;
use model::catalog::ProviderOptions;

/// What of a client's headers every upstream sees. Everything else stays here: keys, cookies, forwarded addresses.
const FORWARDED: [HeaderName; 3] =
    [header::USER_AGENT, HeaderName::from_static("traceparent"), HeaderName::from_static("tracestate")];
const OPENAI_BETA: HeaderName = HeaderName::from_static("openai-beta");
const ANTHROPIC_BETA: HeaderName = HeaderName::from_static("anthropic-beta");
const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
/// The version whose shapes are spoken here.
const ANTHROPIC_DEFAULT: HeaderValue = HeaderValue::from_static("2023-06-01");

pub(super) async fn send(
    request: &Request<'_>,
    out: &mut Out,
    target: &Target,
    outgoing: Outgoing,
    mut attempt: Box<Attempt>,
) -> Tried {
    if attempt.prices_media() {
        attempt.media = media(request);
    }
    match &target.upstream.link {
        // Boxed: requests to real providers needn't have room for it.
        Link::Echo(options) => Box::pin(echo(request, out, target, options, &outgoing, attempt)).await,
        Link::Http(link) => http(request, out, target, link, outgoing, attempt).await,
    }
}

/// What a request may make or have heard, as far as it says.
fn media(request: &Request<'_>) -> Media {
    match (&request.call, request.endpoint.action()) {
        (Call::Json(_), ApiAction::Images) => Media::asked_images(request.body),
        (Call::Form(form), ApiAction::Images) => {
            Media::images(form.text("n").and_then(|number| number.parse().ok()))
        }
        (Call::Json(_), ApiAction::Audio) => Media::asked_speech(request.body),
        (Call::Form(form), ApiAction::Audio) => {
            form.file().map_or_else(Media::default, |(name, bytes)| Media::file(name, bytes))
        }
        _ => Media { exact: true, ..Media::default() },
    }
}

async fn http(
    request: &Request<'_>,
    out: &mut Out,
    target: &Target,
    link: &HttpLink,
    outgoing: Outgoing,
    attempt: Box<Attempt>,
) -> Tried {
    let worker = request.worker;
    let Some(uri) = target.uri(outgoing.endpoint) else {
        return failed(attempt, Code::UpstreamError, Tokens::NONE, Next::Elsewhere);
    };
    let endpoint = outgoing.endpoint;
    let mut sent = http::Request::new(Full::new(outgoing.body));
    *sent.method_mut() = Method::POST;
    *sent.uri_mut() = uri.clone();
    fill(sent.headers_mut(), request, link, endpoint);
    sent.headers_mut().insert(header::CONTENT_TYPE, outgoing.content_type);
    match worker.upstreams.send(link.allow_private_addresses, sent).await {
        Ok(answer) => {
            let (parts, body) = answer.into_parts();
            let answer = Answer {
                endpoint,
                status: parts.status,
                headers: parts.headers,
                body: UpstreamBody::Wire(body),
            };
            relay(request, out, target, answer, attempt).await
        }
        Err(failure) => {
            target.breaker.failed(worker.shared.clock.now());
            let code = ApiError::from(failure).code;
            match failure {
                Failure::Unreached | Failure::UnreachedInTime => {
                    failed(attempt, code, Tokens::NONE, Next::Anywhere)
                }
                // It may be at work on the request still: asking another would pay twice for a slow model.
                Failure::TimedOut => {
                    let lost = attempt.lost();
                    failed(attempt, code, lost, Next::Stop)
                }
                Failure::Failed => {
                    let lost = attempt.lost();
                    failed(attempt, code, lost, Next::Elsewhere)
                }
            }
        }
    }
}

fn fill(outgoing: &mut HeaderMap, request: &Request<'_>, link: &HttpLink, endpoint: Endpoint) {
    let mut forward = |name: &HeaderName| {
        if let Some(value) = request.headers.get(name) {
            outgoing.insert(name, value.clone());
        }
    };
    FORWARDED.iter().for_each(&mut forward);
    // A translation is written in the default version without betas, whatever its client is used to.
    let native = endpoint == request.endpoint;
    if native {
        let betas = if link.speaks_anthropic() { ANTHROPIC_BETA } else { OPENAI_BETA };
        forward(&betas);
    }
    if link.speaks_anthropic() {
        let version = request.headers.get(&ANTHROPIC_VERSION).filter(|_| native);
        outgoing.insert(ANTHROPIC_VERSION, version.cloned().unwrap_or(ANTHROPIC_DEFAULT));
    }
    let accept = match (endpoint.is_raw(), request.call.stream()) {
        (true, _) => "*/*",
        (false, true) => "text/event-stream",
        (false, false) => "application/json",
    };
    outgoing.insert(header::ACCEPT, HeaderValue::from_static(accept));
    if let Some((name, value)) = &link.authorization {
        outgoing.insert(name, value.clone());
    }
    if let Ok(value) = HeaderValue::from_str(request.id.as_str()) {
        outgoing.insert(REQUEST_ID, value);
    }
}

/// Settles an attempt without an answer.
pub(super) fn failed(attempt: Box<Attempt>, code: Code, tokens: Tokens, next: Next) -> Tried {
    let hold = attempt.fail(code.status().as_u16(), tokens);
    Tried::Failed { hold, answer: Err(code.into()), next }
}

async fn echo(
    request: &Request<'_>,
    out: &mut Out,
    target: &Target,
    options: &ProviderOptions,
    outgoing: &Outgoing,
    attempt: Box<Attempt>,
) -> Tried {
    let answer =
        |status, body| Answer { endpoint: outgoing.endpoint, status, headers: HeaderMap::new(), body };
    if let Some(status) =
        StatusCode::from_u16(options.fail_status).ok().filter(|_| options.fail_status >= 400)
    {
        let json = foreign(status, "The echo provider was told to fail.", outgoing.endpoint.dialect());
        return relay(request, out, target, answer(status, UpstreamBody::whole(json)), attempt).await;
    }
    let Call::Json(call) = &request.call else {
        return failed(attempt, Code::UnsupportedTranslation, Tokens::NONE, Next::Elsewhere);
    };
    let created = request.worker.shared.clock.now().as_micros() / 1_000_000;
    let labels = Labels { id: request.id.as_str(), model: &call.model, created };
    let echo = match Echo::new(outgoing.endpoint, &labels, &outgoing.body, options.clone()) {
        Ok(echo) => echo,
        Err(error) => {
            let json = error.json(outgoing.endpoint.dialect()).into();
            let refusal = answer(error.code.status(), UpstreamBody::whole(json));
            return relay(request, out, target, refusal, attempt).await;
        }
    };
    match echo.answer(request.call.stream()).await {
        Some(body) => relay(request, out, target, answer(StatusCode::OK, body), attempt).await,
        None => failed(attempt, Code::UpstreamError, Tokens::NONE, Next::Elsewhere),
    }
}
