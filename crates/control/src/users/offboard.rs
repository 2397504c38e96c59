//! Offboarding: everything that somebody can act with is taken away for good, at once.

use super::{WRITE, authorise, sessions_of, target};
use crate::roles::last_super_admin;
use crate::{Actor, Control, Error, reason};
use model::UserId;
use model::audit::AuditResult;
use model::change::Change;
use model::key::CutReceipt;
use model::management_key::{ManagementKeyFilter, ManagementKeyView};
use model::offboard::{OffboardInventory, Offboarded, Regrant};
use model::page::PageRequest;
use model::user::{User, UserStatus};
use serde_json::json;

const ACTION: &str = "user.offboard";

/// What offboarding somebody will do. Needs what offboarding them needs.
pub async fn inventory(control: &Control, actor: &Actor, id: &UserId) -> Result<OffboardInventory, Error> {
    let tx = control.store().begin().await?;
    let (tx, user) = authorise(control, tx, actor, WRITE, id, ACTION).await?;
    drop(tx);
    let (store, now) = (control.store(), control.now());
    Ok(OffboardInventory {
        keys: store.unrevoked_keys_of(id, now).await?,
        management_keys: management_keys_of(control, id).await?,
        sessions: sessions_of(control, actor, id).await?,
        open_links: store.count_open_links(id, now).await?,
        shown_keys: store.keys_shown_to(id, now).await?,
        regrants: Regrant::of(&user),
        user,
    })
}

async fn management_keys_of(control: &Control, id: &UserId) -> Result<Vec<ManagementKeyView>, Error> {
    let filter = ManagementKeyFilter { creator_id: Some(id.clone()), ..ManagementKeyFilter::default() };
    let mut page = PageRequest { cursor: None, limit: PageRequest::MAX_LIMIT };
    let mut all = Vec::new();
    loop {
        let found = control.store().list_management_keys(&filter, &page).await?;
        all.extend(found.items.into_iter().map(|key| ManagementKeyView::new(key, control.now())));
        match found.next_cursor {
            Some(cursor) => page.cursor = Some(cursor),
            None => return Ok(all),
        }
    }
}

/// Offboards somebody. Needs `users:write`; for a `super_admin`, to be one too. The last Active `super_admin` stays.
///
/// In one transaction, in this order: their keys and management keys are revoked for good, their sessions end, links that
/// would let them in go, and the account becomes Inactive. When this returns, no new request passes with one of the keys
/// and every request in flight has been cut. Doing it again changes nothing, but takes what has come up since.
pub async fn offboard(
    control: &Control,
    actor: &Actor,
    id: &UserId,
    reason: Option<&str>,
) -> Result<Offboarded, Error> {
    let tx = control.store().begin().await?;
    let (mut tx, before) = authorise(control, tx, actor, WRITE, id, ACTION).await?;
    let reason = reason::if_given(reason)?;
    let leaves = before.status == UserStatus::Active;
    if leaves && before.is_super_admin() && tx.count_active_super_admins().await? <= 1 {
        return Err(last_super_admin());
    }
    let (now, by, why) = (control.now(), actor.label(), reason.unwrap_or("the owner was offboarded"));
    let keys = tx.unrevoked_keys_of(id, None).await?;
    for key in &keys {
        tx.revoke_key(key, now, by, why).await?;
    }
    let management_keys = tx.unrevoked_management_keys_of(id).await?;
    for key in &management_keys {
        tx.revoke_management_key(key, now, by, why).await?;
    }
    tx.outdate_credentials(id).await?;
    let sessions_ended = tx.delete_sessions_of(id, None).await?;
    let links_ended = tx.delete_links_of(id).await?;
    tx.set_user_status(id, UserStatus::Inactive).await?;
    let acts = leaves || !keys.is_empty() || !management_keys.is_empty() || sessions_ended + links_ended > 0;
    let receipt = if acts {
        let detail = json!({
            "reason": reason,
            "before": { "status": before.status },
            "after": { "status": UserStatus::Inactive },
            "keys_revoked": keys,
            "management_keys_revoked": management_keys,
            "sessions_ended": sessions_ended,
            "links_ended": links_ended,
        });
        let entry = control.entry(actor, ACTION, &target(&before), AuditResult::Success, detail);
        let mut changes: Vec<_> = keys.iter().map(|id| Change::KeyRevoked { id: *id }).collect();
        changes.push(Change::User { id: id.clone(), inactive: true });
        control.commit_cut(tx, entry, changes, "user.cut").await?
    } else {
        drop(tx);
        CutReceipt::default()
    };
    Ok(Offboarded {
        regrants: Regrant::of(&before),
        user: User { status: UserStatus::Inactive, ..before },
        keys_revoked: keys,
        management_keys_revoked: management_keys,
        sessions_ended,
        links_ended,
        shown_keys: control.store().keys_shown_to(id, now).await?,
        receipt,
    })
}
