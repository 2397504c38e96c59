//! Taking many keys back with one reason: each by itself, so that one that can't be doesn't keep the others.

use super::{REVOKE, revoke};
use crate::audit::Target;
use crate::{Actor, Control, Error, reason};
use model::KeyId;
use model::key::{BULK_REVOKE, RevokedKey};
use model::role::Reach;

/// Revokes up to [`BULK_REVOKE`] keys, one after the other: what became of each. Needs `keys:revoke` somewhere; of each
/// key it needs what [`revoke`] does.
pub async fn revoke_many(
    control: &Control,
    actor: &Actor,
    ids: &[KeyId],
    reason: &str,
) -> Result<Vec<(KeyId, Result<RevokedKey, Error>)>, Error> {
    if actor.reach(REVOKE) == Reach::Nowhere {
        let target = Target { kind: "key", id: "", name: "", tenant_id: None };
        return Err(control.refuse(actor, REVOKE, "key.revoke", &target, Error::Forbidden(REVOKE)).await);
    }
    let reason = reason::given(reason, "must be 1 to 500 characters: why are these keys taken back?")?;
    if ids.len() > BULK_REVOKE {
        return Err(Error::field("ids", format!("must be at most {BULK_REVOKE}")));
    }
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        results.push((*id, revoke(control, actor, id, reason).await));
    }
    Ok(results)
}
