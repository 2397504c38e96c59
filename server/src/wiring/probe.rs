//! What the control plane asks of upstreams: of this process's data plane, or of none.

use super::node::LocalNode;
use control::catalog::{ProbeFuture, UpstreamProbe};
use model::catalog::{ProbeResult, TargetHealth};
use model::{ModelName, ProviderName};
use std::sync::Arc;

/// Asks the data plane of this process.
pub(super) struct NodeProbe(pub(super) Arc<LocalNode>);

impl UpstreamProbe for NodeProbe {
    fn probe(&self, provider: ProviderName) -> ProbeFuture {
        let gateway = self.0.gateway();
        Box::pin(async move {
            let Some(gateway) = gateway else { return not_available() };
            match gateway.probe(&provider).await {
                Some(probe) => ProbeResult {
                    ok: probe.ok,
                    status: probe.status,
                    milliseconds: u32::try_from(probe.took.as_millis()).unwrap_or(u32::MAX),
                    message: probe.message,
                },
                None => failed("Its address or its credential can't be used: see the log."),
            }
        })
    }

    fn target_health(&self, model: &ModelName) -> Vec<TargetHealth> {
        self.0.gateway().map_or_else(Vec::new, |gateway| gateway.target_health(model))
    }
}

/// Knows nothing of any upstream: where no data plane runs.
pub(super) struct NoProbe;

impl UpstreamProbe for NoProbe {
    fn probe(&self, _provider: ProviderName) -> ProbeFuture {
        Box::pin(async { not_available() })
    }

    fn target_health(&self, _model: &ModelName) -> Vec<TargetHealth> {
        Vec::new()
    }
}

fn not_available() -> ProbeResult {
    failed("Connection tests are made by the running gateway.")
}

fn failed(message: &str) -> ProbeResult {
    ProbeResult { ok: false, status: None, milliseconds: 0, message: message.to_owned() }
}
