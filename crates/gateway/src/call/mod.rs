//! A call to a model: from the key to the first byte of the answer.

mod body;
mod fields;
mod multipart;
mod passing;
mod prepare;
mod prompts;
mod relay;
mod request;
mod send;
mod stream;
mod stream_options;
mod whole;

pub(crate) use stream::AnswerStream;
pub(crate) use whole::WholeAnswer;

use crate::access::Bounds;
use crate::admit::{Limits, authenticate};
use crate::answer::Body;
use crate::caller::{Caller, add_metadata, authorise};
use crate::catalog::{Route, Target};
use crate::endpoint::{BodyKind, Endpoint};
use crate::error::{ApiError, Code};
use crate::inflight::{Flight, FlightGuard};
use crate::limits::Demand;
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
use std::future::Future;
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
    let headers = &parts.headers;
    let directory = &worker.shared.directory;
    let mut generation = directory.generation();
    let mut guard = authenticate(worker, headers, connection).await?;
    let begin = async {
        let flight = &guard.flight;
        let caller = authorise(worker, flight, headers, connection, endpoint.action()).await?;
        Ok((caller, read_body(worker, &flight.policy, body).await?))
    };
    let (mut caller, body) = unless_ended(&guard.flight, begin).await?;
    // While the body came, the key may have changed in ways that don't end its requests: what counts is what it may
    // do now. Nothing is waited for between this and the choice of a target.
    while directory.generation() != generation && !directory.is_current(&guard.flight.policy) {
        generation = directory.generation();
        guard = Box::pin(authenticate(worker, headers, connection)).await?;
        let again = authorise(worker, &guard.flight, headers, connection, endpoint.action());
        caller = Box::pin(unless_ended(&guard.flight, again)).await?;
    }
    let flight = Arc::clone(&guard.flight);
    let work = async {
        let call = Call::read(endpoint, headers, &body.bytes, &mut caller).await?;
        answer(
            Request { worker, endpoint, headers, call, body: &body.bytes, caller, id: request_id, received },
            guard,
        )
        .await
    };
    unless_ended(&flight, work).await
}

/// What `work` gives, unless the request is ended from outside before.
async fn unless_ended<T>(
    flight: &Flight,
    work: impl Future<Output = Result<T, ApiError>>,
) -> Result<T, ApiError> {
    tokio::select! {
        biased;
        end = flight.until_end() => Err(end.code().into()),
        given = work => given,
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

    /// A field by which some upstreams choose a model or a provider themselves.
    fn routing(&self) -> Option<&'static str> {
        match self {
            Self::Json(call) => call.routing,
            Self::Form(form) => form.routing,
        }
    }

    /// What it asks of the limits. Four bytes of a prompt count as a token, and a prompt is never longer than what the
    /// model can read: images and files inside are more bytes than tokens.
    fn demand(&self, body: &Bytes, route: &Route, default_output: u64) -> Demand {
        let (bytes, prompts, answers, named_output) = match self {
            Self::Json(call) => (body.len() as u64, call.prompts, call.answers, call.most_output),
            Self::Form(form) => (form.text_bytes(), 1, 1, Some(0)),
        };
        let longest = route.context_length.map_or(u64::MAX, |length| length.saturating_mul(prompts));
        let input = bytes.div_ceil(4).min(longest);
        Demand { input, named_output, default_output: default_output.saturating_mul(answers) }
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
    let bounds = Bounds { policy: &policy, rules: &rules };
    let targets = candidates(route, &bounds, request.endpoint)?;
    if let Some(field) = request.call.routing().filter(|_| bounds.bind()) {
        let message = format!(
            "{field} is not supported by API keys that may not use every model and provider: name one model in model."
        );
        return Err(ApiError::invalid(field, message));
    }
    // Before anything is reserved: what no target understands doesn't count.
    let (at, first) = ready(&request, &targets)?;
    let targets = &targets[at..];
    let demand = request.call.demand(request.body, route, shared.config.default_output_tokens);
    let identity = request.caller.identity.as_deref();
    let mut reservation = Limits::about(shared, &policy, &rules, identity).reserve(demand)?;
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
        if let Err(wait) = target.breaker.admit(now, &flight.policy.key) {
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
