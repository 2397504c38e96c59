//! A new secret under the same public record.

use super::{WRITE, authorise, still_works, target};
use crate::{Actor, Control, Error};
use identity::secret::hash_key_secret;
use model::audit::AuditResult;
use model::change::Change;
use model::id::KeyId;
use model::key::{CreatedKey, RotateKey, RotatedKey};
use model::key_token::{KeySecret, assemble};
use serde_json::json;

const ACTION: &str = "key.rotate";

/// Gives a key a new secret; the old one lasts for the chosen grace. Needs `keys:write` in its tenant, or to be its owner; anybody else
/// gets what an unknown id gets.
///
/// Without grace no new request passes with the old secret when this returns, and its requests in flight have been cut.
/// A key has at most two secrets: a third ends the first, whatever its grace was.
pub async fn rotate(
    control: &Control,
    actor: &Actor,
    id: &KeyId,
    rotate: RotateKey,
) -> Result<RotatedKey, Error> {
    let now = control.now();
    let seen = control.store().key(id, now).await?.ok_or(Error::NotFound)?;
    authorise(control, actor, WRITE, ACTION, &seen).await?;
    let secret = KeySecret::generate(|bytes| control.entropy().fill(bytes));
    let mut tx = control.store().begin().await?;
    let key = tx.key(id).await?.ok_or(Error::NotFound)?;
    still_works(&key, now)?;
    let hash = hash_key_secret(secret.expose());
    let rotation = tx.rotate_secret(id, &hash, now, rotate.grace.duration()).await?;
    if let Some(witness) = actor.answerable() {
        tx.note_shown(id, witness).await?;
    }
    let view = tx.key_view(id, now).await?.ok_or(Error::NotFound)?;
    let detail = json!({
        "grace": rotate.grace,
        "generation": rotation.generation,
        "previous_expires_at": rotation.previous_expires_at,
    });
    let entry = control.entry(actor, ACTION, &target(&view), AuditResult::Success, detail);
    let mut changes = vec![Change::KeyRotated { id: *id, keep_from: rotation.keep_from }];
    if rotation.keep_from < rotation.generation {
        // Requests of the old secret that are running end with its grace.
        let at = rotation.previous_expires_at;
        changes.push(Change::KeyEnds { id: *id, through: Some(rotation.keep_from), at });
    }
    let receipt = if rotation.ended > 0 {
        control.commit_cut(tx, entry, changes, "key.cut").await?
    } else {
        control.commit(tx, entry, changes).await?
    };
    let token = assemble(key.kind, key.environment, key.id, &secret);
    Ok(RotatedKey {
        created: CreatedKey { key: view, secret: token },
        previous_expires_at: rotation.previous_expires_at,
        receipt,
    })
}
