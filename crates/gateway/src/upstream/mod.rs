//! Calling providers: each data thread keeps connections of its own, made by a connector that decides on the real
//! address.

mod address;
mod body;
mod client;
mod connector;
mod idle;
mod wire;

pub(crate) use body::UpstreamBody;
pub(crate) use client::{Failure, SWEEP, Upstreams, tls};
