//! Following the change feed: what other processes changed (the command line, one day other nodes) arrives here, and
//! the data plane hears regularly that its state is current.

use super::LocalNode;
use crate::http::Readiness;
use control::Control;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Time between looks: the longest that a change made by another process stays unseen.
const EVERY: Duration = Duration::from_millis(250);
/// Looks between two writes of this node's heartbeat.
const HEARTBEAT: u32 = 4;
/// Looks between two sweeps of ended sessions.
const SWEEP: u32 = 4 * 60 * 10;

/// Follows until `stop`.
pub(crate) async fn follow(
    node: Arc<LocalNode>,
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
        let result = look(&node, &control, looks).await;
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

async fn look(node: &LocalNode, control: &Control, looks: u32) -> Result<(), store::Error> {
    let before = node.catch_up().await?;
    if looks.is_multiple_of(HEARTBEAT) {
        control.store().heartbeat(node.id(), before, control.now()).await?;
    }
    if looks.is_multiple_of(SWEEP) {
        control.store().sweep_sessions(control.now()).await?;
    }
    Ok(())
}
