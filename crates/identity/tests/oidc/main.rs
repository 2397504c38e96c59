//! Signing in with a provider, and out, from the outside: a good provider, and one that lies in every way.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod known;
mod lies;
mod logout;
mod provider;
#[path = "../signing/mod.rs"]
mod signing;
