//! Offboarding: everything that somebody can act with is taken away for good, at once.

use super::{WRITE, authorise, sessions_of, target};
use crate::roles::last_super_admin;
use crate::{Actor, Control, Error, reason};
use model::audit::AuditResult;
use model::change::Change;
use model::key::CutReceipt;
use model::management_key::{ManagementKeyFilter, ManagementKeyView};
use model::offboard::{OffboardInventory, Offboarded, Regrant};
use model::page::PageRequest;
use model::user::{User, UserStatus};
use model::{KeyId, ManagementKeyId, ScimClientId, UserId};
use serde_json::{Value, json};
use store::Tx;

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
        scim_clients: store.live_scim_clients_of(id).await?,
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
/// In one transaction, in this order: their keys, management keys and SCIM clients are revoked for good, their sessions end, links that
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
    let why = reason.unwrap_or("the owner was offboarded");
    let taken = take_away(control, &mut tx, actor, &before, why).await?;
    let receipt = if taken.is_something() {
        let mut detail = taken.detail();
        detail["reason"] = json!(reason);
        let entry = control.entry(actor, ACTION, &target(&before), AuditResult::Success, detail);
        control.commit_cut(tx, entry, taken.changes(id), "user.cut").await?
    } else {
        drop(tx);
        CutReceipt::default()
    };
    Ok(Offboarded {
        regrants: Regrant::of(&before),
        user: User { status: UserStatus::Inactive, ..before },
        keys_revoked: taken.keys,
        management_keys_revoked: taken.management_keys,
        scim_clients_revoked: taken.scim_clients,
        sessions_ended: taken.sessions_ended,
        links_ended: taken.links_ended,
        shown_keys: control.store().keys_shown_to(id, control.now()).await?,
        receipt,
    })
}

/// What offboarding took away, in a transaction that isn't over yet.
pub(crate) struct TakenAway {
    /// What the account was before.
    status: UserStatus,
    keys: Vec<KeyId>,
    management_keys: Vec<ManagementKeyId>,
    scim_clients: Vec<ScimClientId>,
    sessions_ended: u64,
    links_ended: u64,
}

impl TakenAway {
    /// Whether anything was there to be taken.
    pub(crate) fn is_something(&self) -> bool {
        self.status == UserStatus::Active
            || !(self.keys.is_empty() && self.management_keys.is_empty() && self.scim_clients.is_empty())
            || self.sessions_ended + self.links_ended > 0
    }

    /// How many keys of the data path.
    pub(crate) fn keys(&self) -> usize {
        self.keys.len()
    }

    /// How many sessions.
    pub(crate) fn sessions(&self) -> u64 {
        self.sessions_ended
    }

    /// For the audit row.
    pub(crate) fn detail(&self) -> Value {
        json!({
            "before": { "status": self.status },
            "after": { "status": UserStatus::Inactive },
            "keys_revoked": self.keys,
            "management_keys_revoked": self.management_keys,
            "scim_clients_revoked": self.scim_clients,
            "sessions_ended": self.sessions_ended,
            "links_ended": self.links_ended,
        })
    }

    /// For the change feed.
    pub(crate) fn changes(&self, id: &UserId) -> Vec<Change> {
        let mut changes: Vec<_> = self.keys.iter().map(|id| Change::KeyRevoked { id: *id }).collect();
        changes.push(Change::User { id: id.clone(), inactive: true });
        changes
    }
}

/// Takes away all that somebody can act with, in the order that [`offboard`] says. Whoever calls it has asked whether
/// `actor` may.
pub(crate) async fn take_away(
    control: &Control,
    tx: &mut Tx,
    actor: &Actor,
    user: &User,
    why: &str,
) -> Result<TakenAway, Error> {
    let leaves = user.status == UserStatus::Active;
    if leaves && user.is_super_admin() && tx.count_active_super_admins().await? <= 1 {
        return Err(last_super_admin());
    }
    let (id, now, by) = (&user.id, control.now(), actor.label());
    let keys = tx.unrevoked_keys_of(id, None).await?;
    for key in &keys {
        tx.revoke_key(key, now, by, why).await?;
    }
    let management_keys = tx.unrevoked_management_keys_of(id).await?;
    for key in &management_keys {
        tx.revoke_management_key(key, now, by, why).await?;
    }
    let scim_clients = tx.live_scim_clients_of(id).await?;
    for client in &scim_clients {
        tx.revoke_scim_client(client, now, by, why).await?;
    }
    tx.outdate_credentials(id).await?;
    let sessions_ended = tx.delete_sessions_of(id, None).await?;
    let links_ended = tx.delete_links_of(id).await?;
    tx.set_user_status(id, UserStatus::Inactive).await?;
    Ok(TakenAway { status: user.status, keys, management_keys, scim_clients, sessions_ended, links_ended })
}
