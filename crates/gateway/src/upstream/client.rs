//! The pooled clients of one data thread, and what can come back from them.

use super::address::Reach;
use super::connector::Connector;
use crate::answer::BoxError;
use crate::config::GatewayConfig;
use crate::echo::EchoBody;
use crate::error::{ApiError, Code};
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body as HttpBody, Frame};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

type Pool = Client<HttpsConnector<Connector>, Full<Bytes>>;

const IDLE_CONNECTION: Duration = Duration::from_secs(90);

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

/// A thread's clients. Two pools: a connection made with permission for private addresses must never serve a
/// provider without it.
pub(crate) struct Upstreams {
    public: Pool,
    private: Pool,
    answer_timeout: Duration,
}

impl Upstreams {
    pub(crate) fn new(config: &GatewayConfig, tls: &ClientConfig) -> Self {
        let pool = |reach| {
            let connector = HttpsConnectorBuilder::new()
                .with_tls_config(tls.clone())
                .https_or_http()
                .enable_all_versions()
                .wrap_connector(Connector { reach, timeout: config.connect_timeout });
            Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(IDLE_CONNECTION)
                .build(connector)
        };
        Self {
            public: pool(Reach::Public),
            private: pool(Reach::Private),
            answer_timeout: config.answer_timeout,
        }
    }

    /// Sends a request; gives the answer's head. Dropping the returned future or body drops the connection.
    /// Redirects aren't followed: the client has no such feature.
    pub(crate) async fn send(
        &self,
        private: bool,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Failure> {
        let pool = if private { &self.private } else { &self.public };
        match tokio::time::timeout(self.answer_timeout, pool.request(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => {
                // Neither headers nor the URL are in these texts.
                tracing::warn!(error = %innermost(&error), "an upstream couldn't be reached");
                Err(match (error.is_connect(), timed_out(&error)) {
                    (true, true) => Failure::UnreachedInTime,
                    (true, false) => Failure::Unreached,
                    (false, true) => Failure::TimedOut,
                    (false, false) => Failure::Failed,
                })
            }
            Err(_) => Err(Failure::TimedOut),
        }
    }
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

/// An upstream's body.
pub(crate) enum UpstreamBody {
    Wire(Incoming),
    Echo(Box<EchoBody>),
    Whole(Full<Bytes>),
}

impl UpstreamBody {
    /// A body that is there already.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self::Whole(Full::new(bytes))
    }

    /// Whether it is known to be events, whatever its headers say.
    pub(crate) const fn is_events(&self) -> bool {
        matches!(self, Self::Echo(_))
    }
}

impl HttpBody for UpstreamBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.get_mut() {
            Self::Wire(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Self::Whole(body) => Pin::new(body).poll_frame(cx).map_err(|never| match never {}),
            Self::Echo(body) => body.poll_next(cx).map(|next| next.map(|result| result.map(Frame::data))),
        }
    }
}
