//! Calls of the control side to addresses that operators write (identity providers), under the rules of every upstream
//! call: the address connected to decides, and no redirect is followed.

use crate::config::GatewayConfig;
use crate::upstream::{Failure, Upstreams, tls};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use rustls::ClientConfig;
use std::sync::OnceLock;
use std::time::Duration;

/// How long an answer may take, to its last byte.
const WITHIN: Duration = Duration::from_secs(10);

/// Makes such calls, over connections of its own: the pools belong to the data threads.
#[derive(Default)]
pub struct Fetcher {
    config: GatewayConfig,
    /// Made with the first call: most processes make none.
    tls: OnceLock<ClientConfig>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchFailed {
    /// No connection, no valid certificate, or an address that isn't allowed.
    NoAnswer,
    /// Not within ten seconds.
    TooSlow,
    /// More bytes than wanted.
    TooLarge,
}

impl Fetcher {
    /// Sends a request; `private`: the host may resolve to private and loopback addresses; `most`: bytes of the answer.
    pub async fn send(
        &self,
        private: bool,
        request: Request<Bytes>,
        most: usize,
    ) -> Result<(StatusCode, Bytes), FetchFailed> {
        let tls = if let Some(tls) = self.tls.get() {
            tls
        } else {
            let made = tls().map_err(|error| {
                tracing::error!(%error, "TLS can't be set up");
                FetchFailed::NoAnswer
            })?;
            self.tls.get_or_init(|| made)
        };
        let upstreams = Upstreams::new(&self.config, tls);
        let answer = async {
            let answer = upstreams.send(private, request.map(Full::new)).await.map_err(failed)?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), most).collect().await;
            let body = body.map_err(|error| {
                if error.is::<LengthLimitError>() { FetchFailed::TooLarge } else { FetchFailed::NoAnswer }
            })?;
            Ok((status, body.to_bytes()))
        };
        tokio::time::timeout(WITHIN, answer).await.unwrap_or(Err(FetchFailed::TooSlow))
    }
}

fn failed(failure: Failure) -> FetchFailed {
    match failure {
        Failure::UnreachedInTime | Failure::TimedOut => FetchFailed::TooSlow,
        Failure::Unreached | Failure::Failed => FetchFailed::NoAnswer,
    }
}
