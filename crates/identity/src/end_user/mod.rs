//! Who stands behind a request: the end user that a key's client names, by a trusted header or by a signed token.
//!
//! No I/O and no clock: the caller brings headers, time and fetched key sets.
//!
//! ```text
//! let presented = rules.read(headers)?;
//! let user = match rules.resolve(&presented, now)? {
//!     Step::Done(user) => user,
//!     Step::Fetch(source) => { /* source.refresh(clock, GET source.url()) */ rules.resolve(&presented, now)?.settled()? }
//! };
//! if let Some(source) = rules.refresh_due(now) { /* the same, without waiting */ }
//! ```

pub(crate) mod claims;
pub mod domain;
pub(crate) mod email;
mod header;
mod jwks;
pub(crate) mod jwt;
mod key;
mod rules;
pub(crate) mod source;
pub(crate) mod strict_json;

pub use header::Presented;
pub use jwks::{Error as JwksError, MAX_BYTES as MAX_JWKS_BYTES};
pub use jwt::Error as TokenError;
pub use rules::{CompiledIdentity, Step, prepare};
pub use source::{KeySource, KeySources};

/// The person (or program) behind one request. Has an e-mail address, a subject, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndUser {
    /// Lower-case, its domain in ASCII.
    pub email: Option<String>,
    /// The token's `sub`; means something only together with `issuer`.
    pub subject: Option<String>,
    /// The token's `iss`; `None`: from the header.
    pub issuer: Option<String>,
}

impl EndUser {
    fn email_domain(&self) -> Option<&str> {
        self.email.as_deref().and_then(|email| email.rsplit_once('@')).map(|(_, domain)| domain)
    }
}

/// Why a request is refused. The client learns the code, the log the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No identity, or a header that is no e-mail address: 403 `identity_required`.
    #[error("identity context is missing or unreadable")]
    Required,
    /// 403 `identity_domain_not_allowed`. Also a token without an address, where domains are restricted.
    #[error("the e-mail domain isn't allowed")]
    DomainNotAllowed,
    /// 401 `invalid_identity_token`.
    #[error("invalid identity token: {0}")]
    InvalidToken(TokenError),
    /// Two people, or a header twice or under a look-alike name: 400 `conflicting_identity`.
    #[error("the request names more than one identity")]
    Conflicting,
}
