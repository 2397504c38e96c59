//! How a committed change reaches the data planes before the call that made it returns.

use model::KeyId;
use model::change::{Change, Epoch};
use model::key::CutReceipt;
use std::future::Future;
use std::pin::Pin;

/// Carries committed changes to the nodes. Implemented by the server over its gateway, and by the command line over
/// the nodes' acknowledged epochs.
pub trait Broadcast: Send + Sync + 'static {
    /// Makes `changes`, which end at `epoch`, true on all reachable nodes, and says what was cut.
    fn publish(&self, epoch: Epoch, changes: Vec<Change>)
    -> Pin<Box<dyn Future<Output = CutReceipt> + Send>>;

    /// Whether its receipts say how many requests were cut: a process beside the nodes isn't told.
    fn counts_cuts(&self) -> bool {
        true
    }

    /// Requests running on this node at this moment.
    fn live_requests(&self) -> u64;

    /// Requests of one key running on this node at this moment.
    fn running_of(&self, key: &KeyId) -> u64;
}
