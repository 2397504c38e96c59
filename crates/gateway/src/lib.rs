//! The data plane: authenticate, admit, route, stream, meter, settle.
//!
//! `/v1/*` is served on threads of its own, one current-thread runtime each, that never wait for SQL; every other
//! request is handed to the control runtime. What this crate needs of the outside is named as small traits
//! ([`PolicySource`], [`UsageSink`]) and values ([`Catalog`], [`Fallback`]); the server wires them.
//!
//! Order at start: [`Gateway::start`] (replays the spool into the sink), [`Gateway::seed_counters`],
//! [`Gateway::set_catalog`], then [`Gateway::confirm`]. Until the first confirmation every key is answered 503
//! `state_unavailable`, so nothing is admitted on counters that aren't there yet.
//!
//! No ledger row is made for a request that was refused (401, 403, 429 and so on): only for attempts that were
//! routed to a provider, the built-in echo provider included.

mod access;
mod admit;
mod answer;
mod believe;
mod bodies;
mod breaker;
mod call;
mod caller;
mod catalog;
mod client_address;
mod config;
mod credential;
mod crowd;
mod directory;
mod echo;
mod endpoint;
mod error;
mod fetch;
mod gateway;
mod handover;
mod identify;
mod inflight;
mod leak;
mod leftover;
mod limits;
mod listener;
mod media;
mod metrics;
mod models;
mod policy;
mod probe;
mod route;
mod service;
mod settle;
mod shape;
mod socket;
mod spool;
mod upstream;

pub use catalog::{Catalog, CatalogProblem, CatalogProvider, Credential};
pub use client_address::client_address;
pub use config::GatewayConfig;
pub use endpoint::calls;
pub use fetch::{FetchFailed, Fetcher};
pub use futures_util::future::BoxFuture;
pub use gateway::{CutReceipt, Deps, Gateway, StartError};
pub use handover::{ClientBody, Fallback, PeerAddr};
pub use limits::UsageSeed;
pub use metrics::MetricsSnapshot;
pub use policy::{PolicyOwner, PolicyRecord, PolicySecret, PolicySource, SourceUnavailable};
pub use probe::Probe;
pub use spool::{SinkUnavailable, UsageSink};
