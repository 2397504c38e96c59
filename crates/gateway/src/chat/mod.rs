//! `POST /v1/chat/completions`: from the key to the first byte of the answer.

mod forward;
mod request;
mod stream;
mod usage_scan;

pub(crate) use stream::EventStream;

use crate::admit::authenticate;
use crate::answer::Body;
use crate::catalog::UpstreamKind;
use crate::echo::{Echo, Labels};
use crate::error::{ApiError, Code, foreign_json};
use crate::inflight::FlightGuard;
use crate::limits::{self, Demand, Limited};
use crate::route;
use crate::service::Worker;
use crate::settle::{Attempt, Plan, Tokens};
use crate::socket::Connection;
use crate::upstream::UpstreamBody;
use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use model::RequestId;
use model::api_action::ApiAction;
use model::usage::Outcome;
use request::ChatRequest;
use std::sync::Arc;
use std::time::Instant;
use usage_scan::plain_tokens;

/// Answers, or is cut: from the moment the key was found good, a change of the key wins over everything.
pub(crate) async fn completions(
    worker: &Arc<Worker>,
    parts: &Parts,
    body: Incoming,
    connection: &Arc<Connection>,
    request_id: RequestId,
) -> Result<Response<Body>, ApiError> {
    let received = Instant::now();
    let guard = authenticate(worker, &parts.headers, connection).await?;
    let flight = Arc::clone(&guard.flight);
    tokio::select! {
        biased;
        end = flight.until_end() => Err(end.code().into()),
        answer = answer(worker, &parts.headers, body, guard, request_id, received) => answer,
    }
}

async fn answer(
    worker: &Arc<Worker>,
    headers: &HeaderMap,
    body: Incoming,
    guard: FlightGuard,
    request_id: RequestId,
    received: Instant,
) -> Result<Response<Body>, ApiError> {
    let shared = &worker.shared;
    let body = read_body(worker, body).await?;
    let text = std::str::from_utf8(&body).map_err(|_| Code::InvalidJson)?;
    let chat = ChatRequest::parse(text)?;

    let catalog = shared.catalog.load_full();
    let route =
        catalog.route(&chat.model).ok_or_else(|| ApiError::from(Code::ModelNotFound).param("model"))?;
    let policy = &guard.flight.policy;
    let target = route::choose(route, policy)?;
    let demand = Demand {
        input: (chat.messages.len() as u64).div_ceil(4),
        named_output: chat.most_output,
        default_output: shared.config.default_output_tokens,
    };
    let limits = policy.key.scope.rate_limits;
    let limited = policy.counters.as_ref().map(|scope| Limited { scope, limits });
    let mut reservation = limits::reserve(limited.as_slice(), demand, shared.clock.now())?;
    let mut out = Out { worker, headers: std::mem::take(&mut reservation.headers), stream: None };
    let plan = Plan {
        request_id: request_id.clone(),
        endpoint: ApiAction::ChatCompletions,
        route,
        target,
        streamed: chat.stream,
        demand,
        received,
    };
    let attempt = Attempt::open(worker, &guard.flight, plan, reservation)?;
    if chat.stream {
        out.stream = Some(!chat.wants_usage());
    }
    match &target.upstream.kind {
        UpstreamKind::Echo(options) => {
            if let Some(status) =
                StatusCode::from_u16(options.fail_status).ok().filter(|_| options.fail_status >= 400)
            {
                return Ok(out.refused(attempt, status, foreign_json("The echo provider was told to fail.")));
            }
            let created = shared.clock.now().as_micros() / 1_000_000;
            let labels = Labels { id: request_id.as_str(), model: &chat.model, created };
            let echo = Echo::new(&labels, chat.messages, chat.max_tokens, options.clone());
            if chat.stream {
                return Ok(out.events(attempt, guard, UpstreamBody::Echo(Box::new(echo.stream()))));
            }
            match echo.answer().await {
                Some(bytes) => Ok(out.plain(attempt, StatusCode::OK, None, bytes)),
                None => Err(failed(attempt, Code::UpstreamError)),
            }
        }
        UpstreamKind::OpenAi(upstream) => {
            let renamed = target.renamed.then_some(&*target.upstream_model);
            let bytes = chat.outgoing(&body, renamed).map_err(|_| Code::InvalidJson)?;
            drop(body);
            forward::forward(out, upstream, headers, bytes, attempt, guard, &request_id).await
        }
    }
}

/// Settles an attempt that the upstream may have worked on, but whose answer didn't arrive.
fn lost(attempt: Attempt, code: Code) -> ApiError {
    let tokens = attempt.lost();
    attempt.settle(Outcome::UpstreamError, Some(code.status().as_u16()), tokens);
    code.into()
}

/// Settles an attempt whose upstream gave no answer, or one that is no use.
fn failed(attempt: Attempt, code: Code) -> ApiError {
    attempt.settle(Outcome::UpstreamError, Some(code.status().as_u16()), Tokens::estimated(0, 0));
    code.into()
}

/// How answers leave.
struct Out<'a> {
    worker: &'a Arc<Worker>,
    /// The key's limits as they stand.
    headers: HeaderMap,
    /// For a stream: whether its usage event is hidden.
    stream: Option<bool>,
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl Out<'_> {
    fn events(mut self, mut attempt: Attempt, guard: FlightGuard, upstream: UpstreamBody) -> Response<Body> {
        attempt.answer_begins(200);
        let idle = self.worker.shared.config.idle_timeout;
        let hide_usage = self.stream.unwrap_or(false);
        let stream = EventStream::new(upstream, attempt, guard, hide_usage, idle);
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        self.response(StatusCode::OK, Body::Events(Box::new(stream)))
    }

    /// A whole answer; settled before it leaves.
    fn plain(
        mut self,
        mut attempt: Attempt,
        status: StatusCode,
        kind: Option<HeaderValue>,
        bytes: Bytes,
    ) -> Response<Body> {
        attempt.first_byte();
        let tokens = plain_tokens(&bytes, attempt.input_estimate);
        attempt.settle(Outcome::Completed, Some(status.as_u16()), tokens);
        self.headers.insert(header::CONTENT_TYPE, kind.unwrap_or(JSON));
        self.response(status, Body::full(bytes))
    }

    /// An upstream's own error, passed on.
    fn refused(mut self, attempt: Attempt, status: StatusCode, bytes: Bytes) -> Response<Body> {
        attempt.settle(Outcome::UpstreamError, Some(status.as_u16()), Tokens::estimated(0, 0));
        self.headers.insert(header::CONTENT_TYPE, JSON);
        self.response(status, Body::full(bytes))
    }

    fn response(self, status: StatusCode, body: Body) -> Response<Body> {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// The request's body, whole. Most come in one piece, which is then not copied.
async fn read_body(worker: &Worker, mut body: Incoming) -> Result<Bytes, ApiError> {
    let config = &worker.shared.config;
    let most = config.max_body_bytes;
    let too_large = || {
        ApiError::from(Code::RequestTooLarge)
            .message(format!("The request body must be at most {most} bytes."))
    };
    if body.size_hint().lower() > most as u64 {
        return Err(too_large());
    }
    let read = async {
        let mut first = Bytes::new();
        let mut all = BytesMut::new();
        while let Some(frame) = body.frame().await {
            // The client went away, or broke the framing; hyper closes the connection.
            let Ok(data) = frame.map_err(|_| Code::InvalidJson)?.into_data() else { continue };
            if first.len().max(all.len()) + data.len() > most {
                return Err(too_large());
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
    };
    tokio::time::timeout(config.body_timeout, read).await.map_err(|_| Code::RequestTimeout)?
}
