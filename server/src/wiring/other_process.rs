//! The broadcast of a process that serves nothing itself (the command line): waits until the running nodes have
//! acknowledged the change.

use super::Nodes;
use super::probe::NoProbe;
use control::Broadcast;
use model::KeyId;
use model::change::{Change, Epoch};
use model::key::CutReceipt;
use model::time::Clock;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Store;

/// How long the nodes get to acknowledge.
const PATIENCE: Duration = Duration::from_secs(5);
/// A node that wasn't seen for this long isn't running.
const GONE_AFTER: Duration = Duration::from_secs(10);

/// Waits for the nodes in the `nodes` table.
pub(crate) struct OtherProcess(Store);

impl OtherProcess {
    pub(crate) fn over(store: &Store) -> Nodes {
        Nodes { broadcast: Arc::new(Self(store.clone())), probe: Arc::new(NoProbe) }
    }
}

impl Broadcast for OtherProcess {
    fn publish(
        &self,
        epoch: Epoch,
        _changes: Vec<Change>,
    ) -> Pin<Box<dyn Future<Output = CutReceipt> + Send>> {
        let store = self.0.clone();
        Box::pin(async move {
            let begin = Instant::now();
            loop {
                let now = crate::system::SystemClock.now();
                let nodes = store.nodes().await.unwrap_or_default();
                let running: Vec<_> =
                    nodes.iter().filter(|node| now.since(node.seen_at) < GONE_AFTER).collect();
                let acknowledged = running.iter().filter(|node| node.epoch >= epoch).count();
                if acknowledged == running.len() || begin.elapsed() > PATIENCE {
                    return CutReceipt {
                        requests_cut: 0,
                        nodes_acknowledged: u32::try_from(acknowledged).unwrap_or(u32::MAX),
                        nodes: u32::try_from(running.len()).unwrap_or(u32::MAX),
                        milliseconds: u32::try_from(begin.elapsed().as_millis()).unwrap_or(u32::MAX),
                    };
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
    }

    fn counts_cuts(&self) -> bool {
        false
    }

    fn live_requests(&self) -> u64 {
        0
    }

    fn running_of(&self, _: &KeyId) -> u64 {
        0
    }
}
