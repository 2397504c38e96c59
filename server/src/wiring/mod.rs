//! What the crates name as traits, made of each other: the gateway's look-ups over the store, the control plane's
//! broadcast over the gateway.

mod access_rules;
mod catalog;
mod feed;
mod ledger;
mod node;
mod other_process;
mod policies;
mod probe;
mod providers;

pub(crate) use access_rules::load_access_rules;
pub(crate) use catalog::load_catalog;
pub(crate) use feed::follow;
pub(crate) use ledger::{StoreLedger, seed_counters};
pub(crate) use node::{LocalNode, NodeBroadcast};
pub(crate) use other_process::OtherProcess;
pub(crate) use policies::StorePolicies;
pub(crate) use providers::ProviderHttp;

use control::Broadcast;
use control::catalog::UpstreamProbe;
use std::sync::Arc;

/// What the control plane asks of the data planes: those of this process or of others.
pub(crate) struct Nodes {
    pub(crate) broadcast: Arc<dyn Broadcast>,
    pub(crate) probe: Arc<dyn UpstreamProbe>,
}
