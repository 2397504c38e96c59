//! Calling providers: one pooled client for each data thread, behind a connector that decides on the real address.

mod address;
mod client;
mod connector;

pub(crate) use client::{Failure, UpstreamBody, Upstreams, tls};
