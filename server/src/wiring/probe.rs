//! Connection tests where there is no data plane to make them.

use control::catalog::{ProbeFuture, UpstreamProbe};
use model::catalog::{ProbeResult, TargetHealth};
use model::{ModelName, ProviderName};

/// Knows nothing of any upstream.
pub(super) struct NoProbe;

impl UpstreamProbe for NoProbe {
    fn probe(&self, _provider: ProviderName) -> ProbeFuture {
        let message = "Connection tests are not available here.".to_owned();
        Box::pin(async { ProbeResult { ok: false, status: None, milliseconds: 0, message } })
    }

    fn target_health(&self, _model: &ModelName) -> Vec<TargetHealth> {
        Vec::new()
    }
}
