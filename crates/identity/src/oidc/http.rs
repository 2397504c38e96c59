//! How a provider is reached: named here, done by the server.

use std::future::Future;
use std::pin::Pin;
use zeroize::Zeroizing;

/// Most bytes of an answer that are read.
pub const MAX_ANSWER: usize = 256 * 1024;

/// A request to a provider.
pub struct Outgoing {
    /// Where to.
    pub url: String,
    /// Whether the host may resolve to private or loopback addresses.
    pub allow_private_addresses: bool,
    /// The `Authorization` header.
    pub authorization: Option<Zeroizing<String>>,
    /// A form to POST; `None`: GET.
    pub form: Option<Zeroizing<String>>,
}

/// A provider's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// At most [`MAX_ANSWER`] bytes.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// No connection, no valid certificate, an address that isn't allowed, or the connection broke.
    #[error("can't be reached")]
    NoAnswer,
    /// It took too long.
    #[error("didn't answer in time")]
    TooSlow,
    /// More than [`MAX_ANSWER`] bytes.
    #[error("answered with more than 256 KiB")]
    TooLarge,
}

/// The answer to come.
pub type Sending = Pin<Box<dyn Future<Output = Result<Answer, Unreachable>> + Send>>;

/// Sends requests to providers. Follows no redirects, decides on the address that is connected to, and answers within
/// seconds whatever the provider does.
pub trait Http: Send + Sync + 'static {
    /// Sends one.
    fn send(&self, request: Outgoing) -> Sending;
}
