//! To an OpenAI-compatible upstream and back: which headers go on, and what becomes of its errors.

use super::{Out, failed, lost};
use crate::answer::Body;
use crate::catalog::OpenAi;
use crate::error::{ApiError, Code};
use crate::inflight::FlightGuard;
use crate::settle::Attempt;
use crate::upstream::{Failure, UpstreamBody, WireBody};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use model::RequestId;
use std::time::Duration;

/// What of a client's headers an upstream sees. Everything else stays here: keys, cookies, forwarded addresses.
const FORWARDED: [HeaderName; 4] = [
    header::USER_AGENT,
    HeaderName::from_static("openai-beta"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];
/// What of an upstream's headers a client sees, beside the content type. Its rate limits are not the client's.
const RETURNED: [HeaderName; 2] = [header::RETRY_AFTER, HeaderName::from_static("x-should-retry")];
/// Largest error body that is passed on.
const LARGEST_ERROR: usize = 256 * 1024;

pub(super) async fn forward(
    mut out: Out<'_>,
    upstream: &OpenAi,
    headers: &HeaderMap,
    body: Bytes,
    attempt: Attempt,
    guard: FlightGuard,
    request_id: &RequestId,
) -> Result<Response<Body>, ApiError> {
    let streamed = out.stream.is_some();
    let request = outgoing(upstream, headers, body, streamed, request_id);
    let worker = out.worker;
    let answer = match worker.upstreams.send(upstream, request).await {
        Ok(answer) => answer,
        Err(failure) if failure.was_sent() => return Err(lost(attempt, ApiError::from(failure).code)),
        Err(failure) => return Err(failed(attempt, ApiError::from(failure).code)),
    };
    let (parts, body) = answer.into_parts();
    let status = parts.status;
    let config = &worker.shared.config;
    if parts.headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        tracing::warn!("an upstream compressed its answer without being asked to");
        return Err(lost(attempt, Code::UpstreamError));
    }
    if status.is_success() {
        let kind = parts.headers.get(header::CONTENT_TYPE);
        if streamed && kind.is_some_and(is_event_stream) {
            return Ok(out.events(attempt, guard, UpstreamBody::Wire(body)));
        }
        let kind = kind.cloned();
        return match collect(body, config.max_answer_bytes, config.idle_timeout).await {
            Ok(bytes) => Ok(out.plain(attempt, status, kind, bytes)),
            Err(failure) => Err(lost(attempt, ApiError::from(failure).code)),
        };
    }
    // 401 and 403 are about the provider's credential: the client must not take them for its own key's. A redirect
    // is not followed. Neither can the client do anything about.
    if !(status.is_client_error() || status.is_server_error()) || matches!(status.as_u16(), 401 | 403 | 407) {
        tracing::warn!(status = status.as_u16(), "an upstream refused the gateway's request");
        let error = failed(attempt, Code::UpstreamError);
        return Err(error.message(
            "The provider refused the gateway's own credential or address. Tell an administrator of the gateway.",
        ));
    }
    for name in RETURNED {
        if let Some(value) = parts.headers.get(&name) {
            out.headers.insert(name, value.clone());
        }
    }
    let json = parts.headers.get(header::CONTENT_TYPE).is_some_and(is_json);
    match collect(body, LARGEST_ERROR, config.idle_timeout).await {
        Ok(bytes) if json && !upstream.leaks(&bytes) => Ok(out.refused(attempt, status, bytes)),
        Ok(_) | Err(Failure::Failed) => {
            let message = format!("The provider of this model answered with status {}.", status.as_u16());
            Ok(out.refused(attempt, status, crate::error::foreign_json(&message)))
        }
        Err(failure) => Err(failed(attempt, ApiError::from(failure).code)),
    }
}

fn outgoing(
    upstream: &OpenAi,
    headers: &HeaderMap,
    body: Bytes,
    streamed: bool,
    request_id: &RequestId,
) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = upstream.chat_completions.clone();
    let outgoing = request.headers_mut();
    for name in FORWARDED {
        if let Some(value) = headers.get(&name) {
            outgoing.insert(name, value.clone());
        }
    }
    outgoing.insert(header::CONTENT_TYPE, super::JSON);
    let accept = if streamed { "text/event-stream" } else { "application/json" };
    outgoing.insert(header::ACCEPT, HeaderValue::from_static(accept));
    if let Some(authorization) = &upstream.authorization {
        outgoing.insert(header::AUTHORIZATION, authorization.clone());
    }
    if let Ok(value) = HeaderValue::from_str(request_id.as_str()) {
        outgoing.insert("x-request-id", value);
    }
    request
}

fn is_event_stream(kind: &HeaderValue) -> bool {
    starts_with(kind, b"text/event-stream")
}

fn is_json(kind: &HeaderValue) -> bool {
    starts_with(kind, b"application/json") || starts_with(kind, b"application/problem+json")
}

fn starts_with(value: &HeaderValue, start: &[u8]) -> bool {
    value.as_bytes().get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

async fn collect(mut body: WireBody, most: usize, idle: Duration) -> Result<Bytes, Failure> {
    let mut all = BytesMut::new();
    let mut first = Bytes::new();
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
                all.extend_from_slice(&first);
            }
            all.extend_from_slice(&data);
        }
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}
