//! What becomes of an upstream's answer: passed on, translated, or turned into an error that a client can use.

use super::passing::Relay;
use super::prepare::JSON;
use super::send::failed;
use super::stream::{AnswerStream, Source};
use super::whole::WholeAnswer;
use super::{Call, Next, Out, Request, Tried};
use crate::answer::Body;
use crate::believe::Seen;
use crate::catalog::{Link, Target};
use crate::endpoint::Endpoint;
use crate::error::{ApiError, Code, Dialect, foreign};
use crate::settle::{Attempt, Tokens};
use crate::upstream::{Failure, UpstreamBody};
use bytes::{Bytes, BytesMut};
use dialect::tokens::TokenCounts;
use dialect::translate::{BadAnswer, chat_to_messages, messages_to_chat};
use dialect::{errors, usage};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use http_body::Body as _;
use http_body_util::BodyExt;
use model::usage::Outcome;
use std::sync::Arc;
use std::time::Duration;

/// What of an upstream's headers a client sees beside the content type. Its rate limits are not the client's.
const RETURNED: [HeaderName; 2] = [header::RETRY_AFTER, HeaderName::from_static("x-should-retry")];
/// Largest error body that is read.
const LARGEST_ERROR: usize = 256 * 1024;
/// Bytes of a plain answer that needn't be its text.
const ENVELOPE: u64 = 1_024;

/// An upstream's answer, its body still to come.
pub(super) struct Answer {
    /// The upstream's endpoint, whose shapes the answer has.
    pub(super) endpoint: Endpoint,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: UpstreamBody,
}

impl Answer {
    fn is_events(&self) -> bool {
        let events = |kind: &HeaderValue| starts_with(kind, b"text/event-stream");
        self.body.is_events() || self.headers.get(header::CONTENT_TYPE).is_some_and(events)
    }
}

pub(super) async fn relay(
    request: &Request<'_>,
    out: &mut Out,
    target: &Target,
    answer: Answer,
    attempt: Box<Attempt>,
) -> Tried {
    if !answer.status.is_server_error() {
        target.breaker.succeeded();
    } else if let Some(guard) = &out.guard {
        let now = request.worker.shared.clock.now();
        target.breaker.answered_by_error(now, &guard.flight.policy.key);
    }
    if answer.headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        tracing::warn!("an upstream compressed its answer without being asked to");
        let lost = attempt.lost();
        return failed(attempt, Code::UpstreamError, lost, Next::Stop);
    }
    if !answer.status.is_success() {
        return refused(request, out, target, answer, attempt).await;
    }
    if answer.endpoint.is_raw() || request.call.stream() && answer.is_events() {
        return Tried::Answered(stream(request, out, target, answer, attempt));
    }
    plain(request, out, answer, attempt).await
}

fn stream(
    request: &Request<'_>,
    out: &mut Out,
    target: &Target,
    answer: Answer,
    mut attempt: Box<Attempt>,
) -> Response<Body> {
    attempt.answer_begins(answer.status.as_u16());
    let kind = answer.headers.get(header::CONTENT_TYPE).cloned();
    let (relay, kind) = if answer.endpoint.is_raw() {
        (Relay::Raw(0), kind.unwrap_or(HeaderValue::from_static("application/octet-stream")))
    } else {
        let relay = if answer.endpoint == request.endpoint {
            Relay::events(answer.endpoint.shape(), request.call.hides_usage())
        } else {
            translated(request, &attempt)
        };
        (relay, HeaderValue::from_static("text/event-stream"))
    };
    let source = Source {
        body: answer.body,
        upstream: Arc::clone(&target.upstream),
        idle: request.worker.shared.config.idle_timeout,
    };
    let stream = AnswerStream::new(source, relay, attempt, out.guard.take(), request.endpoint.dialect());
    let mut headers = std::mem::take(&mut out.headers);
    headers.insert(header::CONTENT_TYPE, kind);
    respond(answer.status, headers, Body::Stream(Box::new(stream)))
}

/// How a stream of the other dialect is told.
fn translated(request: &Request<'_>, attempt: &Attempt) -> Relay {
    let model = request.call.model();
    match request.endpoint.dialect() {
        Dialect::OpenAi => {
            let wants_usage = matches!(&request.call, Call::Json(call) if call.wants_usage());
            let (id, created) = (completion_id(request), created(request));
            Relay::chat(chat_to_messages::Events::new(model, &id, created, wants_usage))
        }
        Dialect::Anthropic => {
            Relay::messages(messages_to_chat::Events::new(model, message_id(request), attempt.input_estimate))
        }
    }
}

fn completion_id(request: &Request<'_>) -> String {
    format!("chatcmpl-{}", request.id.as_str().trim_start_matches("req_"))
}

fn message_id(request: &Request<'_>) -> String {
    format!("msg_{}", request.id.as_str().trim_start_matches("req_"))
}

fn created(request: &Request<'_>) -> i64 {
    request.worker.shared.clock.now().as_micros() / 1_000_000
}

/// A whole answer; settled before it leaves.
async fn plain(request: &Request<'_>, out: &mut Out, answer: Answer, mut attempt: Box<Attempt>) -> Tried {
    let config = &request.worker.shared.config;
    let Answer { endpoint, status, headers, body } = answer;
    let bytes = match collect(body, config.max_answer_bytes, config.idle_timeout).await {
        Ok(bytes) => bytes,
        Err(failure) => {
            let lost = attempt.lost();
            return failed(attempt, ApiError::from(failure).code, lost, Next::Stop);
        }
    };
    attempt.first_byte();
    if attempt.prices_media() && !attempt.media.exact {
        let heard = if let Call::Form(form) = &request.call { form.file() } else { None };
        attempt.media = attempt.media.answered(&bytes, heard.map_or(0, |(_, bytes)| bytes));
    }
    let tokens = tokens(endpoint, &bytes, &attempt);
    let bytes = if endpoint == request.endpoint {
        bytes
    } else {
        match translate(request, &bytes) {
            Ok(bytes) => bytes.into(),
            Err(error) => {
                tracing::warn!(%error, "an upstream's answer can't be translated");
                return failed(attempt, Code::UpstreamError, tokens, Next::Stop);
            }
        }
    };
    attempt.settle(Outcome::Completed, Some(status.as_u16()), tokens);
    let kind = headers.get(header::CONTENT_TYPE).cloned().unwrap_or(JSON);
    let mut headers = std::mem::take(&mut out.headers);
    headers.insert(header::CONTENT_TYPE, kind);
    let answer = WholeAnswer::new(bytes, attempt, out.guard.take());
    Tried::Answered(respond(status, headers, Body::Whole(answer)))
}

/// Token figures of a plain answer, estimated when it has none that can be true.
fn tokens(endpoint: Endpoint, json: &[u8], attempt: &Attempt) -> Tokens {
    // Providers count for nothing.
    if endpoint == Endpoint::CountTokens {
        return Tokens::reported(TokenCounts::default());
    }
    let reported = usage::plain(endpoint.shape(), json);
    // Next to a short answer many figures are good whatever of it is text, which then needn't be looked for.
    if let Some(count) = reported.filter(|count| count.output > 0)
        && attempt.believes(count, (json.len() as u64).saturating_sub(ENVELOPE))
    {
        return Tokens::reported(count);
    }
    let text = if endpoint.generates_text() { usage::text_bytes(json) } else { 0 };
    let seen = Seen { text, output: usage::estimated_tokens(text) };
    attempt.tokens(reported, reported.unwrap_or_default(), seen)
}

fn translate(request: &Request<'_>, json: &[u8]) -> Result<Vec<u8>, BadAnswer> {
    let model = request.call.model();
    match request.endpoint.dialect() {
        Dialect::OpenAi => chat_to_messages::answer(json, model, &completion_id(request), created(request)),
        Dialect::Anthropic => messages_to_chat::answer(json, model, &message_id(request)),
    }
}

/// An upstream's error. 401 and 403 are about the provider's credential: the client must not take them for its own
/// key's. A redirect is not followed. Neither can the client do anything about.
async fn refused(
    request: &Request<'_>,
    out: &mut Out,
    target: &Target,
    answer: Answer,
    attempt: Box<Attempt>,
) -> Tried {
    let Answer { endpoint, status, headers, body } = answer;
    let next = if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        Next::Elsewhere
    } else {
        Next::Stop
    };
    if !(status.is_client_error() || status.is_server_error()) || matches!(status.as_u16(), 401 | 403 | 407) {
        tracing::warn!(status = status.as_u16(), provider = %target.upstream.name, "an upstream refused the gateway's request");
        let hold = attempt.fail(Code::UpstreamError.status().as_u16(), Tokens::NONE);
        let error = ApiError::from(Code::UpstreamError).message(
            "The provider refused the gateway's own credential or address. Tell an administrator of the gateway.",
        );
        return Tried::Failed { hold, answer: Err(error), next };
    }
    let is_json = headers.get(header::CONTENT_TYPE).is_none_or(is_json);
    let config = &request.worker.shared.config;
    let bytes = match collect(body, LARGEST_ERROR, config.idle_timeout).await {
        Ok(bytes) => Some(bytes).filter(|bytes| is_json && !target.upstream.leaks(bytes)),
        Err(Failure::TimedOut) => return failed(attempt, Code::UpstreamTimeout, Tokens::NONE, next),
        Err(_) => None,
    };
    let dialect = request.endpoint.dialect();
    let told = bytes.and_then(|bytes| match (endpoint.dialect(), dialect) {
        // Our own words.
        _ if endpoint.dialect() == dialect && matches!(target.upstream.link, Link::Echo(_)) => {
            Some(bytes.to_vec())
        }
        (Dialect::OpenAi, Dialect::OpenAi) => errors::openai(status.as_u16(), &bytes),
        (Dialect::Anthropic, Dialect::Anthropic) => errors::anthropic(status.as_u16(), &bytes),
        (Dialect::OpenAi, Dialect::Anthropic) => Some(errors::to_anthropic(status.as_u16(), &bytes)),
        (Dialect::Anthropic, Dialect::OpenAi) => Some(errors::to_openai(status.as_u16(), &bytes)),
    });
    let json = told.map_or_else(
        || {
            let message = format!("The provider of this model answered with status {}.", status.as_u16());
            foreign(status, &message, dialect)
        },
        Bytes::from,
    );
    let hold = attempt.fail(status.as_u16(), Tokens::NONE);
    let mut returned = out.headers.clone();
    for name in RETURNED {
        if let Some(value) = headers.get(&name) {
            returned.insert(name, value.clone());
        }
    }
    returned.insert(header::CONTENT_TYPE, JSON);
    Tried::Failed { hold, answer: Ok(respond(status, returned, Body::full(json))), next }
}

fn respond(status: StatusCode, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn is_json(kind: &HeaderValue) -> bool {
    starts_with(kind, b"application/json") || starts_with(kind, b"application/problem+json")
}

fn starts_with(value: &HeaderValue, start: &[u8]) -> bool {
    value.as_bytes().get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

async fn collect(mut body: UpstreamBody, most: usize, idle: Duration) -> Result<Bytes, Failure> {
    let mut all = BytesMut::new();
    let mut first = Bytes::new();
    // One piece of memory of the right size, when that is known.
    let length =
        body.size_hint().exact().and_then(|length| usize::try_from(length).ok()).unwrap_or(0).min(most);
    loop {
        let frame = tokio::time::timeout(idle, body.frame()).await.map_err(|_| Failure::TimedOut)?;
        let Some(frame) = frame else { break };
        let Ok(data) = frame.map_err(|_| Failure::Failed)?.into_data() else { continue };
        if first.len().max(all.len()) + data.len() > most {
            return Err(Failure::Failed);
        }
        if first.is_empty() {
            first = data;
        } else {
            if all.is_empty() {
                all.reserve(length);
                all.extend_from_slice(&first);
            }
            all.extend_from_slice(&data);
        }
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}
