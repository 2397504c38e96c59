//! This node: applies the change feed to its gateway, in order, before the call that made a change returns.

use super::Nodes;
use super::access_rules::load_access_rules;
use super::catalog::load_catalog;
use super::probe::NodeProbe;
use control::{Broadcast, Control};
use gateway::Gateway;
use model::KeyId;
use model::change::{Change, Epoch};
use model::key::CutReceipt;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use store::Store;
use tokio::sync::Mutex;

/// How many epochs' receipts are remembered for callers that found their change already applied.
const REMEMBERED: usize = 1_024;
/// Entries of the feed read at a time.
const BATCH: u16 = 500;

/// The node that this process is.
pub(crate) struct LocalNode {
    id: String,
    store: Store,
    running: OnceLock<Running>,
    applied: Mutex<Applied>,
}

struct Running {
    gateway: Arc<Gateway>,
    control: Control,
}

#[derive(Default)]
struct Applied {
    epoch: Epoch,
    cuts: VecDeque<(Epoch, u32)>,
}

impl LocalNode {
    /// A node that isn't serving yet.
    pub(crate) fn new(id: String, store: Store) -> Arc<Self> {
        Arc::new(Self { id, store, running: OnceLock::new(), applied: Mutex::default() })
    }

    /// Its id in the `nodes` table.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The data plane, once it serves.
    pub(super) fn gateway(&self) -> Option<Arc<Gateway>> {
        self.running.get().map(|running| running.gateway.clone())
    }

    /// From now on changes are applied to `gateway`; what is in the feed up to `epoch` is in the state it starts from.
    pub(crate) async fn serve(&self, gateway: Arc<Gateway>, control: Control, epoch: Epoch) {
        self.applied.lock().await.epoch = epoch;
        drop(self.running.set(Running { gateway, control }));
    }

    /// Applies everything in the feed that wasn't applied, in order, and confirms the feed's position.
    pub(crate) async fn catch_up(&self) -> Result<Epoch, store::Error> {
        let mut applied = self.applied.lock().await;
        let Some(running) = self.running.get() else { return Ok(applied.epoch) };
        loop {
            let entries = self.store.changes_after(applied.epoch, BATCH).await?;
            let complete = entries.len() < usize::from(BATCH);
            for entry in entries {
                let cut = running.apply(entry.epoch, entry.change).await?;
                applied.epoch = entry.epoch;
                if applied.cuts.len() == REMEMBERED {
                    applied.cuts.pop_front();
                }
                applied.cuts.push_back((entry.epoch, cut));
            }
            if complete {
                running.gateway.confirm(applied.epoch);
                return Ok(applied.epoch);
            }
        }
    }

    /// Makes committed changes true on this node when the feed can't be read: a revoked key must not live until it can.
    /// The feed's position stays, so all of this comes again, in order.
    async fn apply_now(&self, epoch: Epoch, changes: Vec<Change>) {
        let Some(running) = self.running.get() else { return };
        let mut applied = self.applied.lock().await;
        for change in changes {
            match running.apply(epoch, change).await {
                Ok(cut) => applied.cuts.push_back((epoch, cut)),
                Err(error) => tracing::error!(%error, "a change waits until the database answers"),
            }
        }
    }

    /// Requests cut by the `count` changes that end at `epoch`.
    async fn cut_by(&self, epoch: Epoch, count: usize) -> u32 {
        let first = epoch.0 - i64::try_from(count).unwrap_or(i64::MAX);
        let applied = self.applied.lock().await;
        applied.cuts.iter().filter(|(at, _)| at.0 > first && *at <= epoch).map(|(_, cut)| cut).sum()
    }
}

impl Running {
    /// An error: the change isn't true here. The feed's position stays before it, so it comes again, and the data plane
    /// refuses once it has gone unconfirmed for too long: a new rule must not be passed over.
    async fn apply(&self, epoch: Epoch, change: Change) -> Result<u32, store::Error> {
        if change == Change::Catalog
            && let Err(error) = load_catalog(&self.gateway, &self.control).await
        {
            tracing::error!(%error, "the catalog can't be loaded; the old one stays");
        }
        if change == Change::AccessRules {
            load_access_rules(&self.gateway, &self.control).await?;
        }
        let cut = self.gateway.apply(epoch, &[change]).await.requests_cut;
        Ok(u32::try_from(cut).unwrap_or(u32::MAX))
    }
}

/// What [`Broadcast`] asks for, over a shared node.
pub(crate) struct NodeBroadcast(pub(crate) Arc<LocalNode>);

impl NodeBroadcast {
    /// What the control plane of this process asks of this node.
    pub(crate) fn over(node: Arc<LocalNode>) -> Nodes {
        Nodes { broadcast: Arc::new(Self(node.clone())), probe: Arc::new(NodeProbe(node)) }
    }
}

impl Broadcast for NodeBroadcast {
    fn publish(
        &self,
        epoch: Epoch,
        changes: Vec<Change>,
    ) -> Pin<Box<dyn Future<Output = CutReceipt> + Send>> {
        let node = self.0.clone();
        let count = changes.len();
        Box::pin(async move {
            let begin = Instant::now();
            let in_order = node.catch_up().await;
            let reached = in_order.as_ref().is_ok_and(|reached| *reached >= epoch);
            if let Err(error) = in_order {
                tracing::error!(%error, "the change feed can't be read; the change is applied from memory");
                node.apply_now(epoch, changes).await;
            }
            CutReceipt {
                requests_cut: node.cut_by(epoch, count).await,
                nodes_acknowledged: u32::from(reached),
                nodes: 1,
                milliseconds: u32::try_from(begin.elapsed().as_millis()).unwrap_or(u32::MAX),
            }
        })
    }

    fn live_requests(&self) -> u64 {
        self.0.running.get().map_or(0, |running| running.gateway.live_requests())
    }

    fn running_of(&self, key: &KeyId) -> u64 {
        self.0.running.get().map_or(0, |running| running.gateway.running(key))
    }
}
