//! Taking a key back: for good, and true at once.

use super::{REVOKE, authorise, target};
use crate::{Actor, Control, Error, reason};
use model::audit::AuditResult;
use model::change::Change;
use model::id::KeyId;
use model::key::{CutReceipt, KeyStatus, RevokedKey};
use serde_json::json;

/// Revokes a key. Needs `keys:revoke` in its tenant, or to be its owner; anybody else gets what an unknown id gets. A
/// `super_admin`'s key is theirs and other `super_admin`s' to revoke.
///
/// When this returns, no new request passes with the key and every request in flight has been cut. Revoking a revoked
/// key changes nothing and answers with the record as it is.
pub async fn revoke(control: &Control, actor: &Actor, id: &KeyId, reason: &str) -> Result<RevokedKey, Error> {
    let now = control.now();
    let key = control.store().key(id, now).await?.ok_or(Error::NotFound)?;
    authorise(control, actor, REVOKE, "key.revoke", &key).await?;
    let reason = reason::given(reason, "must be 1 to 500 characters: why is this key taken back?")?;
    let mut tx = control.store().begin().await?;
    if !tx.revoke_key(id, now, actor.label(), reason).await? {
        drop(tx);
        let key = control.store().key(id, now).await?.ok_or(Error::NotFound)?;
        return Ok(RevokedKey { key, receipt: CutReceipt::default() });
    }
    let detail = json!({
        "reason": reason,
        "before": { "status": key.status },
        "after": { "status": KeyStatus::Revoked },
    });
    let entry = control.entry(actor, "key.revoke", &target(&key), AuditResult::Success, detail);
    let changes = vec![Change::KeyRevoked { id: *id }];
    let receipt = control.commit_cut(tx, entry, changes, "key.cut").await?;
    let key = control.store().key(id, now).await?.ok_or(Error::NotFound)?;
    Ok(RevokedKey { key, receipt })
}
