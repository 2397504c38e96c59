//! The identity of end users, from the outside: good tokens, hostile tokens, and how the rules compose.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod compose;
mod good;
mod hostile;
mod sources;
mod support;
