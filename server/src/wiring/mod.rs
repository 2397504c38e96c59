//! What the crates name as traits, made of each other: the gateway's look-ups over the store, the control plane's
//! broadcast over the gateway.

mod catalog;
mod feed;
mod ledger;
mod node;
mod other_process;
mod policies;

pub(crate) use catalog::load_catalog;
pub(crate) use feed::follow;
pub(crate) use ledger::{StoreLedger, seed_counters};
pub(crate) use node::{LocalNode, NodeBroadcast};
pub(crate) use other_process::OtherProcess;
pub(crate) use policies::StorePolicies;
