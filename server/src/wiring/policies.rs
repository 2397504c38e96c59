//! The gateway's key look-up over the store.

use gateway::{BoxFuture, PolicyOwner, PolicyRecord, PolicySecret, PolicySource, SourceUnavailable};
use model::KeyId;
use store::Store;
use tokio::runtime::Handle;

/// Loads policies on the control runtime: the data plane's threads never run SQL.
pub(crate) struct StorePolicies {
    pub(crate) store: Store,
    pub(crate) runtime: Handle,
}

impl PolicySource for StorePolicies {
    fn load(&self, id: KeyId) -> BoxFuture<'static, Result<Option<PolicyRecord>, SourceUnavailable>> {
        let store = self.store.clone();
        let task = self.runtime.spawn(async move { store.key_policy(&id).await });
        Box::pin(async move {
            let found = task.await.map_err(|_| SourceUnavailable)?.map_err(|error| {
                tracing::error!(%error, "a key's policy can't be loaded");
                SourceUnavailable
            })?;
            Ok(found.map(|policy| PolicyRecord {
                key: policy.key,
                secrets: policy
                    .secrets
                    .into_iter()
                    .map(|secret| PolicySecret {
                        hash: secret.hash,
                        generation: secret.generation,
                        expires_at: secret.expires_at,
                    })
                    .collect(),
                tenant_status: policy.tenant_status,
                owner: policy.owner.map(|owner| PolicyOwner { status: owner.status, member: owner.member }),
                epoch: policy.epoch,
            }))
        })
    }
}
