//! One request on a data thread: `/v1` is served in place, everything else is handed over.

use crate::access::AccessRules;
use crate::answer::Body;
use crate::bodies::Bodies;
use crate::call;
use crate::catalog::Catalog;
use crate::config::GatewayConfig;
use crate::credential::check_url;
use crate::directory::Directory;
use crate::endpoint::{Route, dialect_of};
use crate::error::{ApiError, Code, Dialect};
use crate::handover::Fallback;
use crate::inflight::Inflight;
use crate::limits::Counters;
use crate::metrics::Metrics;
use crate::models;
use crate::socket::Connection;
use crate::spool::Writer;
use crate::upstream::Upstreams;
use arc_swap::ArcSwap;
use http::{HeaderName, HeaderValue, Method, Request, Response, header};
use hyper::body::Incoming;
use model::RequestId;
use model::time::{Clock, Entropy};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tokio_util::task::TaskTracker;

/// The request's id, to the client and to the upstream.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const ANTHROPIC_REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// What all data threads share.
pub(crate) struct Shared {
    pub(crate) config: GatewayConfig,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) catalog: ArcSwap<Catalog>,
    pub(crate) access: ArcSwap<AccessRules>,
    pub(crate) inflight: Inflight,
    pub(crate) bodies: Arc<Bodies>,
    pub(crate) metrics: Vec<Arc<Metrics>>,
    pub(crate) fallback: Fallback,
    /// Work on the control runtime, waited for when the gateway closes.
    pub(crate) tasks: TaskTracker,
    pub(crate) started: Instant,
    /// When the feed was confirmed last, in microseconds since `started`, plus one; zero: never.
    pub(crate) confirmed: AtomicU64,
    /// Where tests hold a request that was looked up and isn't registered yet.
    #[cfg(test)]
    pub(crate) looked_up: std::sync::OnceLock<tokio::sync::Barrier>,
}

impl Shared {
    /// Microseconds since the start.
    pub(crate) fn micros(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub(crate) fn confirm(&self) {
        self.confirmed.fetch_max(self.micros() + 1, Ordering::SeqCst);
    }

    /// Whether what is known of keys is recent enough to decide on.
    pub(crate) fn is_sure(&self) -> bool {
        let confirmed = self.confirmed.load(Ordering::SeqCst);
        let bound = u64::try_from(self.config.state_bound.as_micros()).unwrap_or(u64::MAX);
        confirmed > 0 && self.micros() <= confirmed.saturating_add(bound)
    }
}

/// One data thread.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) index: usize,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) spool: Writer,
    pub(crate) upstreams: Upstreams,
}

/// Whether a request is answered on the data threads. On the bytes as they came: what is not exactly below /v1 has no
/// business here, encoded or not.
fn is_call(request: &Request<Incoming>) -> bool {
    let path = request.uri().path();
    path == "/v1" || path.starts_with("/v1/")
}

/// Answers a request on a connection that is kept for the control side; the connection ends with it.
pub(crate) async fn handle_reserved(
    worker: Arc<Worker>,
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> Response<Body> {
    let mut response = if is_call(&request) {
        worker.metrics.refused(Code::Overloaded);
        let error =
            ApiError::from(Code::Overloaded).header(header::RETRY_AFTER, HeaderValue::from_static("1"));
        error.into_response(dialect_of_request(&request))
    } else {
        handle(worker, connection, request).await
    };
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Answers every request, whatever it is.
pub(crate) async fn handle(
    worker: Arc<Worker>,
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> Response<Body> {
    if !is_call(&request) {
        let shared = &worker.shared;
        return shared.fallback.call(request, connection, &shared.config, &shared.tasks).await;
    }
    connection.speaks(request.version());
    let request_id = RequestId::generate(|bytes| worker.shared.entropy.fill(bytes));
    let header = HeaderValue::from_str(request_id.as_str());
    let dialect = dialect_of_request(&request);
    let mut response = serve(&worker, &connection, request, request_id).await.unwrap_or_else(|error| {
        worker.metrics.refused(error.code);
        error.into_response(dialect)
    });
    let headers = response.headers_mut();
    if let Ok(header) = header {
        // Each SDK looks for its own provider's name.
        if dialect == Dialect::Anthropic {
            headers.insert(ANTHROPIC_REQUEST_ID, header.clone());
        }
        headers.insert(REQUEST_ID, header);
    }
    // Answers depend on the key, and whoever caches looks at other headers than ours.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    worker.metrics.answered(response.status());
    response
}

/// Whose errors the client expects: by path, and for what both have (the models) by a header that one of them sends.
fn dialect_of_request(request: &Request<Incoming>) -> Dialect {
    if request.uri().path().starts_with("/v1/models") && request.headers().contains_key("anthropic-version") {
        return Dialect::Anthropic;
    }
    dialect_of(request.uri().path())
}

async fn serve(
    worker: &Arc<Worker>,
    connection: &Arc<Connection>,
    request: Request<Incoming>,
    request_id: RequestId,
) -> Result<Response<Body>, ApiError> {
    check_url(request.uri())?;
    let dialect = dialect_of_request(&request);
    let (parts, body) = request.into_parts();
    let route = Route::of(parts.uri.path()).ok_or(Code::NotFound)?;
    only(&parts.method, &route.method())?;
    match route {
        Route::Call(endpoint) => call::serve(worker, endpoint, &parts, body, connection, request_id).await,
        Route::Models => models::list(worker, &parts.headers, connection, dialect).await,
        Route::Model(name) => models::read(worker, name, &parts.headers, connection, dialect).await,
    }
}

fn only(method: &Method, allowed: &Method) -> Result<(), ApiError> {
    if method == allowed {
        return Ok(());
    }
    let allow = HeaderValue::from_str(allowed.as_str()).unwrap_or(HeaderValue::from_static("GET"));
    Err(ApiError::from(Code::MethodNotAllowed).header(header::ALLOW, allow))
}
