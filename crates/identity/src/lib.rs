//! Protocols of identity: passwords, key secrets, one-time tokens, sealing of credentials. No SQL, no HTTP.

pub mod password;
pub mod seal;
pub mod secret;
