//! Protocols of identity: passwords, key secrets, one-time tokens, second factors, sealing of credentials, end users,
//! signing in with `OpenID` Connect, role mapping, SCIM.
//! No SQL, no HTTP.

pub mod base32;
pub mod end_user;
pub mod mapping;
pub mod oidc;
pub mod password;
pub mod qr;
pub mod recovery;
pub mod scim;
pub mod seal;
pub mod secret;
pub mod totp;

mod guess;
