//! Changing a key's fields.

use super::create::check_providers;
use super::{WRITE, authorise, own, still_works, target};
use crate::audit::difference;
use crate::{Actor, Control, Error};
use identity::end_user::prepare;
use model::audit::AuditResult;
use model::change::Change;
use model::id::KeyId;
use model::key::{KeyChange, KeyView};

/// Changes a key. Needs `keys:write` in its tenant; its owner may change what they could have set themselves (see `own`), and anybody
/// else gets what an unknown id gets. The new bounds count from the next request. A change that changes nothing writes
/// nothing.
pub async fn change(
    control: &Control,
    actor: &Actor,
    id: &KeyId,
    change: KeyChange,
) -> Result<KeyView, Error> {
    let now = control.now();
    let key = control.store().key(id, now).await?.ok_or(Error::NotFound)?;
    authorise(control, actor, WRITE, "key.update", &key).await?;
    let mut errors = Vec::new();
    if let Some(Some(names)) = &change.allowed_providers {
        check_providers(control, Some(names), &mut errors).await?;
    }
    // Read again: from here on nobody else writes, so no change of theirs is undone.
    let mut tx = control.store().begin().await?;
    let (Some(before), Some(key_before)) = (tx.key(id).await?, tx.key_view(id, now).await?) else {
        return Err(Error::NotFound);
    };
    still_works(&before, now)?;
    let mut after = before.clone();
    errors.extend(change.apply(&mut after, now));
    if after.scope.identity != before.scope.identity && errors.is_empty() {
        errors.extend(prepare(&mut after.scope.identity, "identity"));
    }
    if !actor.may_in(WRITE, &before.tenant_id) {
        let tenant = tx.tenant(&before.tenant_id).await?.ok_or(Error::NotFound)?;
        own::check_change(&mut errors, actor, &tenant, &before, &after);
    } else if !actor.may(WRITE) {
        own::check_identity(&mut errors, &before.scope.identity, &after.scope.identity);
        own::check_path(&mut errors, before.user_path.as_ref(), after.user_path.as_ref());
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    if after == before {
        return Ok(key_before);
    }
    tx.update_key(&after).await?;
    let key_after = tx.key_view(id, now).await?.ok_or(Error::NotFound)?;
    let detail = difference(&key_before, &key_after);
    let entry = control.entry(actor, "key.update", &target(&key_after), AuditResult::Success, detail);
    let mut changes = vec![Change::Key { id: *id }];
    if let Some(at) = after.expires_at.filter(|end| before.expires_at.is_none_or(|old| *end < old)) {
        changes.push(Change::KeyEnds { id: *id, through: None, at });
    }
    control.commit(tx, entry, changes).await?;
    Ok(key_after)
}
