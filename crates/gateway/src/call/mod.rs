//! A call to a model: from the key to the first byte of the answer.

mod body;
mod multipart;
mod passing;
mod prepare;
mod relay;
mod request;
mod send;
mod stream;
mod whole;

pub(crate) use stream::AnswerStream;
pub(crate) use whole::WholeAnswer;

use crate::access::{Bounds, Rule};
use crate::admit::authenticate;
use crate::answer::Body;
use crate::caller::{Caller, add_metadata, authorise};
use crate::catalog::{Route, Target};
use crate::endpoint::{BodyKind, Endpoint};
use crate::error::{ApiError, Code};
use crate::inflight::FlightGuard;
use crate::limits::{self, Demand, Limited, Reservation, ScopeId};
use crate::policy::KeyPolicy;
use crate::route::candidates;
use crate::service::Worker;
use crate::settle::{Attempt, Hold, Plan};
use crate::socket::Connection;
use body::read_body;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Response, header};
use hyper::body::Incoming;
use model::RequestId;
use multipart::FormCall;
use prepare::Outgoing;
use request::JsonCall;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Most attempts of one request.
const MOST_ATTEMPTS: u16 = 3;
/// Before a model's only target is connected to again.
const RECONNECT_AFTER: Duration = Duration::from_millis(50);

/// Answers, or is cut: from the moment the key was found good, a change of the key wins over everything.
pub(crate) async fn serve(
    worker: &Arc<Worker>,
    endpoint: Endpoint,
    parts: &Parts,
    body: Incoming,
    connection: &Arc<Connection>,
    request_id: RequestId,
) -> Result<Response<Body>, ApiError> {
    let received = Instant::now();
    let guard = authenticate(worker, &parts.headers, connection).await?;
    let flight = Arc::clone(&guard.flight);
    let work = async {
        let headers = &parts.headers;
        let mut caller = authorise(worker, &flight, headers, connection, endpoint.action()).await?;
        let body = read_body(worker, body).await?;
        let call = Call::read(endpoint, headers, &body, &mut caller).await?;
        answer(
            Request { worker, endpoint, headers, call, body: &body, caller, id: request_id, received },
            guard,
        )
        .await
    };
    tokio::select! {
        biased;
        end = flight.until_end() => Err(end.code().into()),
        answer = work => answer,
    }
}

/// A request that may be answered, as far as its key goes.
struct Request<'a> {
    worker: &'a Arc<Worker>,
    endpoint: Endpoint,
    headers: &'a HeaderMap,
    call: Call<'a>,
    body: &'a Bytes,
    caller: Caller,
    id: RequestId,
    received: Instant,
}

/// A body, read as far as it matters.
enum Call<'a> {
    Json(JsonCall<'a>),
    Form(FormCall),
}

impl<'a> Call<'a> {
    async fn read(
        endpoint: Endpoint,
        headers: &HeaderMap,
        body: &'a Bytes,
        caller: &mut Caller,
    ) -> Result<Self, ApiError> {
        if endpoint.body() == BodyKind::Multipart {
            return Box::pin(FormCall::parse(headers, body.clone())).await.map(Self::Form);
        }
        let text = std::str::from_utf8(body).map_err(|_| Code::InvalidJson)?;
        let call = JsonCall::parse(endpoint, text)?;
        if let Some(metadata) = call.metadata {
            add_metadata(&mut caller.request_tags, metadata)?;
        }
        Ok(Self::Json(call))
    }

    fn model(&self) -> &str {
        match self {
            Self::Json(call) => &call.model,
            Self::Form(form) => &form.model,
        }
    }

    fn stream(&self) -> bool {
        match self {
            Self::Json(call) => call.stream,
            Self::Form(form) => form.stream,
        }
    }

    fn hides_usage(&self) -> bool {
        matches!(self, Self::Json(call) if call.hides_usage())
    }

    /// What it asks of the limits. Four bytes of a prompt count as a token, and a prompt is never longer than what the
    /// model can read: images and files inside are more bytes than tokens.
    fn demand(&self, body: &Bytes, route: &Route, default_output: u64) -> Demand {
        let (bytes, named_output) = match self {
            Self::Json(call) => (body.len() as u64, call.most_output),
            Self::Form(form) => (form.text_bytes(), Some(0)),
        };
        let input = bytes.div_ceil(4).min(route.context_length.unwrap_or(u64::MAX));
        Demand { input, named_output, default_output }
    }
}

/// How an attempt went.
enum Tried {
    Answered(Response<Body>),
    Failed {
        /// What the request holds, for the next attempt.
        hold: Option<Hold>,
        /// What the client gets when there is no next attempt.
        answer: Result<Response<Body>, ApiError>,
        next: Next,
    },
}

/// What a failure allows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Nothing: the client would get the same, or the work may be under way.
    Stop,
    /// Another target.
    Elsewhere,
    /// Another target, or the same one again: nothing was sent.
    Anywhere,
}

async fn answer(request: Request<'_>, guard: FlightGuard) -> Result<Response<Body>, ApiError> {
    let shared = &request.worker.shared;
    let policy = Arc::clone(&guard.flight.policy);
    let catalog = shared.catalog.load_full();
    let route = catalog
        .route(request.call.model())
        .ok_or_else(|| ApiError::from(Code::ModelNotFound).param("model"))?;
    let access = shared.access.load_full();
    let rules = access.about(&policy);
    let targets = candidates(route, &Bounds { policy: &policy, rules: &rules }, request.endpoint)?;
    // Before anything is reserved: what no target understands doesn't count.
    let (at, first) = ready(&request, &targets)?;
    let targets = &targets[at..];
    let demand = request.call.demand(request.body, route, shared.config.default_output_tokens);
    let mut reservation = reserve(&request, &policy, &rules, demand)?;
    let headers = std::mem::take(&mut reservation.headers);
    let out = Out { headers, guard: Some(guard) };
    attempts(&request, out, route, targets, first, demand, Hold::new(reservation)).await
}

/// The first target that understands the request, and what it is sent.
fn ready(request: &Request<'_>, targets: &[&Target]) -> Result<(usize, Outgoing), ApiError> {
    let mut refused = ApiError::from(Code::UnsupportedTranslation);
    for (at, target) in targets.iter().enumerate() {
        match Outgoing::prepare(request, target) {
            Ok(outgoing) => return Ok((at, outgoing)),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

/// Takes what the request needs of its key's, its rules' and its identity's limits.
fn reserve(
    request: &Request<'_>,
    policy: &KeyPolicy,
    rules: &[&Rule],
    demand: Demand,
) -> Result<Reservation, ApiError> {
    let shared = &request.worker.shared;
    let scope = &policy.key.scope;
    let identity = request.caller.identity.as_deref().and_then(|identity| {
        let id = ScopeId::Identity(policy.key.id, identity.into());
        shared.counters.of(id, &scope.identity.rate_limits)
    });
    let key = policy.limits.as_ref().map(|counters| Limited { scope: counters, limits: scope.rate_limits });
    let rules = rules
        .iter()
        .filter_map(|rule| Some(Limited { scope: rule.scope.as_ref()?, limits: rule.rule.rate_limits }));
    let identity =
        identity.as_ref().map(|counters| Limited { scope: counters, limits: scope.identity.rate_limits });
    let limited: Vec<_> = key.into_iter().chain(rules).chain(identity).collect();
    limits::reserve(&limited, demand, shared.clock.now())
}

/// Tries targets until one answers. An answer's first byte ends the trying: it can't be taken back.
async fn attempts(
    request: &Request<'_>,
    mut out: Out,
    route: &Route,
    targets: &[&Target],
    first: Outgoing,
    demand: Demand,
    hold: Hold,
) -> Result<Response<Body>, ApiError> {
    let worker = request.worker;
    let Some(flight) = out.guard.as_ref().map(|guard| Arc::clone(&guard.flight)) else {
        return Err(Code::StateUnavailable.into());
    };
    let (mut first, mut hold) = (Some(first), Some(hold));
    let mut last = Err(ApiError::from(Code::UpstreamError));
    let mut closed_off: Option<Duration> = None;
    let mut number = 0;
    let mut queue: Vec<&Target> = targets.iter().rev().copied().collect();
    while let Some(target) = queue.pop() {
        let Some(taken) = hold.take().filter(|_| number < MOST_ATTEMPTS) else { break };
        let now = worker.shared.clock.now();
        if let Err(wait) = target.breaker.admit(now) {
            closed_off = Some(closed_off.map_or(wait, |shortest| shortest.min(wait)));
            hold = Some(taken);
            continue;
        }
        let prepared = match first.take().filter(|_| number == 0 && std::ptr::eq(target, targets[0])) {
            Some(outgoing) => Ok(outgoing),
            None => Outgoing::prepare(request, target),
        };
        let Ok(outgoing) = prepared else {
            hold = Some(taken);
            continue;
        };
        number += 1;
        let plan = Plan {
            request_id: &request.id,
            number,
            caller: &request.caller,
            endpoint: request.endpoint,
            route,
            target,
            streamed: request.call.stream(),
            demand,
            received: request.received,
        };
        let attempt = Attempt::open(worker, &flight, plan, taken)?;
        match send::send(request, &mut out, target, outgoing, attempt).await {
            Tried::Answered(response) => return Ok(response),
            Tried::Failed { hold: left, answer, next } => {
                (hold, last) = (left, answer);
                match next {
                    Next::Stop => return last,
                    Next::Anywhere if number == 1 && targets.len() == 1 => {
                        tokio::time::sleep(RECONNECT_AFTER).await;
                        queue.push(target);
                    }
                    Next::Elsewhere | Next::Anywhere => {}
                }
            }
        }
    }
    match (number, closed_off) {
        // Nobody was asked: all that could answer are left alone for a while.
        (0, Some(wait)) => {
            let seconds = wait.as_secs() + 1;
            Err(ApiError::from(Code::UpstreamError)
                .message(
                    "The providers of this model failed again and again and are left alone for a moment.",
                )
                .header(header::RETRY_AFTER, seconds.into()))
        }
        _ => last,
    }
}

/// How answers leave.
struct Out {
    /// The limits as they stand.
    headers: HeaderMap,
    /// Taken by the answer.
    guard: Option<FlightGuard>,
}
