//! Following the change feed: what other processes changed (the command line, one day other nodes) arrives here, and
//! the data plane hears regularly that its state is current.

use super::LocalNode;
use crate::http::Readiness;
use control::Control;
use std::sync::Arc;
use std::time::Duration;
use store::NodeLock;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Time between looks: the longest that a change made by another process stays unseen.
const EVERY: Duration = Duration::from_millis(250);
/// Looks between two heartbeats of this node, which also ask whether it still holds the database.
const HEARTBEAT: u32 = 4;
/// Looks between two sweeps of ended sessions, forgotten sign-in attempts and requests of more than a day ago.
const SWEEP: u32 = 4 * 60 * 10;

/// Follows until `stop`. Holds the node's lock on the database meanwhile: a node that has lost it confirms nothing more,
/// and its data plane refuses once the bound is over.
pub(crate) async fn follow(
    node: Arc<LocalNode>,
    mut lock: NodeLock,
    control: Control,
    readiness: Readiness,
    stop: CancellationToken,
) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looks = 0u32;
    let mut healthy = true;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        let result = look(&node, &mut lock, &control, looks).await;
        if let Err(error) = &result
            && healthy
        {
            tracing::error!(%error, "the database doesn't answer; requests are refused once the bound is over");
        }
        if result.is_ok() && !healthy {
            tracing::info!("the database answers again");
        }
        healthy = result.is_ok();
        readiness.set(healthy);
        looks = looks.wrapping_add(1);
    }
}

async fn look(
    node: &LocalNode,
    lock: &mut NodeLock,
    control: &Control,
    looks: u32,
) -> Result<(), store::Error> {
    let beat = looks.is_multiple_of(HEARTBEAT);
    if beat && lock.confirm().await.is_err() {
        // The database was away, and the lock with it. Whoever took it meanwhile keeps it.
        *lock = control.store().lock_node(node.id()).await?;
    }
    let reached = node.catch_up().await?;
    if beat {
        control.store().heartbeat(node.id(), reached, control.now()).await?;
        if let Err(error) = control.write_suppressed().await {
            tracing::error!(%error, "refused attempts that were only counted can't be written down");
        }
    }
    if looks.is_multiple_of(SWEEP) {
        control.store().sweep_sessions(control.now()).await?;
        let yesterday = control.now().before(Duration::from_hours(24));
        control.store().sweep_login_buckets(yesterday).await?;
        control.store().sweep_idempotency_keys(control.now()).await?;
        control.store().sweep_attempts(control.now()).await?;
    }
    Ok(())
}
