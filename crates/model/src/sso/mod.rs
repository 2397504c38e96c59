//! Signing in with an identity provider (`OpenID` Connect): what is configured, and what people are shown of it.

mod address;
mod change;
mod check;
mod identity;
mod provider;
mod refusal;

pub use address::is_protected;
pub use change::{IdentityProviderChange, SecretChange};
pub use check::{CheckStep, ProviderCheck};
pub use identity::{Identity, ReceivedClaims, TestedSignIn};
pub use provider::{
    ClaimsFrom, IdentityProvider, Linking, NewIdentityProvider, Preset, SignInOption, SignInOptions,
};
pub use refusal::SignInRefusal;

/// The scope without which it is no `OpenID` Connect.
pub const OPENID: &str = "openid";
