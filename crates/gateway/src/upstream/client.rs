//! The upstream connections of one data thread, and what can come back from them.

use super::address::Reach;
use super::body::WireBody;
use super::connector::Connector;
use super::idle::{Host, Hosts};
use super::wire::{Outgoing, Socket, Wire};
use crate::answer::BoxError;
use crate::config::GatewayConfig;
use crate::error::{ApiError, Code};
use bytes::Bytes;
use http::{Request, Response, Uri, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use rustls::{ClientConfig, RootCertStore};
use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tower::{Service, ServiceExt};

/// How often connections that waited too long are looked for.
pub(crate) const SWEEP: Duration = Duration::from_secs(30);

/// Why an upstream gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No connection came about: nothing was sent.
    Unreached,
    /// The same, for want of time.
    UnreachedInTime,
    TimedOut,
    Failed,
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::UnreachedInTime | Failure::TimedOut => Code::UpstreamTimeout.into(),
            Failure::Unreached | Failure::Failed => Code::UpstreamError.into(),
        }
    }
}

/// A thread's connections. Those made with permission for private addresses are kept apart: one must never serve a
/// provider without it.
pub(crate) struct Upstreams {
    public: Pool,
    private: Pool,
    connect_timeout: Duration,
    answer_timeout: Duration,
}

struct Pool {
    connector: HttpsConnector<Connector>,
    http: Hosts,
    https: Hosts,
}

impl Upstreams {
    pub(crate) fn new(config: &GatewayConfig, tls: &ClientConfig) -> Self {
        let pool = |reach| Pool {
            connector: HttpsConnectorBuilder::new()
                .with_tls_config(tls.clone())
                .https_or_http()
                .enable_http1()
                .wrap_connector(Connector { reach }),
            http: Hosts::default(),
            https: Hosts::default(),
        };
        Self {
            public: pool(Reach::Public),
            private: pool(Reach::Private),
            connect_timeout: config.connect_timeout,
            answer_timeout: config.answer_timeout,
        }
    }

    /// Sends a request; gives the answer's head. Dropping the returned future or body drops the connection.
    /// Redirects aren't followed.
    pub(crate) async fn send(
        &self,
        private: bool,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<WireBody>, Failure> {
        let pool = if private { &self.private } else { &self.public };
        // Pinned here: it is large, and would be copied into the timeout.
        let exchange = std::pin::pin!(self.exchange(pool, request));
        timeout(self.answer_timeout, exchange).await.unwrap_or(Err(Failure::TimedOut))
    }

    async fn exchange(&self, pool: &Pool, mut request: Outgoing) -> Result<Response<WireBody>, Failure> {
        // The request's target is the path alone (RFC 9112 §3.2.1); the host goes into its header.
        let target = request.uri().path_and_query().cloned().map_or_else(Uri::default, Uri::from);
        let uri = std::mem::replace(request.uri_mut(), target);
        let hosts = if uri.scheme_str() == Some("https") { &pool.https } else { &pool.http };
        let host = hosts.of(&uri).ok_or(Failure::Unreached)?;
        request.headers_mut().insert(header::HOST, host.header.clone());

        while let Some(mut wire) = host.take() {
            match wire.send(request).await {
                Ok(answer) => return Ok(whole(answer, wire, host)),
                // Closed by the upstream before any of the request was sent: another connection can take it.
                // Once something was sent, the upstream may be at work on it, and it isn't sent again.
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(failed(&error.into_error())),
                },
            }
        }
        // Boxed: connecting is rare, and needs more room than everything else that a request does.
        let mut wire = Box::pin(self.open(pool, uri)).await?;
        match wire.send(request).await {
            Ok(answer) => Ok(whole(answer, wire, host)),
            Err(error) => Err(failed(&error.into_error())),
        }
    }

    async fn open(&self, pool: &Pool, uri: Uri) -> Result<Box<Wire>, Failure> {
        let socket = match timeout(self.connect_timeout, connect(pool, uri)).await {
            Ok(Ok(socket)) => socket,
            Ok(Err(error)) => {
                warn(&*error);
                return Err(if timed_out(&*error) { Failure::UnreachedInTime } else { Failure::Unreached });
            }
            Err(_) => return Err(Failure::UnreachedInTime),
        };
        Ok(Box::new(Wire::over(socket).await.map_err(|error| failed(&error))?))
    }

    /// Closes connections that have waited too long for a request. To be called each [`SWEEP`].
    pub(crate) fn sweep(&self) {
        for pool in [&self.public, &self.private] {
            pool.http.sweep();
            pool.https.sweep();
        }
    }
}

async fn connect(pool: &Pool, uri: Uri) -> Result<Socket, BoxError> {
    pool.connector.clone().ready().await?.call(uri).await
}

fn whole(answer: Response<Incoming>, wire: Box<Wire>, host: Arc<Host>) -> Response<WireBody> {
    answer.map(|incoming| WireBody::new(incoming, wire, host))
}

fn failed(error: &(dyn Error + 'static)) -> Failure {
    warn(error);
    if timed_out(error) { Failure::TimedOut } else { Failure::Failed }
}

/// Neither headers nor the URL are in these texts.
fn warn(error: &(dyn Error + 'static)) {
    tracing::warn!(error = %innermost(error), "an upstream couldn't be reached");
}

fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost
}

fn timed_out(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::TimedOut) {
            return true;
        }
        next = error.source();
    }
    false
}

/// TLS with the system's roots. Without any (a bare container) plain-http upstreams still work.
pub(crate) fn tls() -> Result<ClientConfig, rustls::Error> {
    let builder = || {
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
    };
    let builder = match builder()?.with_native_roots() {
        Ok(builder) => builder,
        Err(error) => {
            tracing::warn!(%error, "no root certificates found: https upstreams can't be verified and will fail");
            builder()?.with_root_certificates(RootCertStore::empty())
        }
    };
    Ok(builder.with_no_client_auth())
}
