//! Protocols of identity: passwords, key secrets, one-time tokens, sealing of credentials, end users. No SQL, no HTTP.

pub mod end_user;
pub mod password;
pub mod seal;
pub mod secret;
