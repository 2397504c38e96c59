//! Somebody's sessions: looking at them and ending them.

use super::{READ, WRITE, authorise, target};
use crate::sign_in::SESSION_IDLE;
use crate::{Actor, Control, Error};
use model::audit::AuditResult;
use model::session::{EndedSessions, SessionOrigin, SessionView};
use model::{SessionId, UserId};
use serde_json::json;
use store::SessionRow;

/// What a session holds, as far as it is shown.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Held {
    origin: SessionOrigin,
}

const ACTION: &str = "user.end_sessions";

/// The sessions of an account that are under way, the last seen first. Needs `users:read` in one of its tenants; one's
/// own need nothing.
pub async fn sessions(control: &Control, actor: &Actor, id: &UserId) -> Result<Vec<SessionView>, Error> {
    if !actor.is(id) {
        let reach = actor.reach_or_refuse(READ)?;
        control.store().user(id).await?.filter(|user| user.is_within(&reach)).ok_or(Error::NotFound)?;
    }
    sessions_of(control, actor, id).await
}

pub(crate) async fn sessions_of(
    control: &Control,
    actor: &Actor,
    id: &UserId,
) -> Result<Vec<SessionView>, Error> {
    let now = control.now();
    let rows = control.store().sessions_of(id, now, now.before(SESSION_IDLE)).await?;
    let asking = actor.client().session.as_ref();
    Ok(rows.into_iter().map(|row| view(row, asking)).collect())
}

fn view(row: SessionRow, asking: Option<&SessionId>) -> SessionView {
    let held: Held = serde_json::from_str(&row.data).unwrap_or_default();
    let id = SessionId::of(&row.id_hash);
    SessionView {
        current: asking == Some(&id),
        id,
        origin: held.origin,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
    }
}

/// Ends one session, or all of an account. Needs `users:write`; of a `super_admin`, to be one too; one's own need nothing,
/// and the one that asks is no exception. A session that has ended, or is somebody else's, is not there; ending all ends
/// sign-ins that are half way, too.
pub async fn end_sessions(
    control: &Control,
    actor: &Actor,
    id: &UserId,
    only: Option<&SessionId>,
) -> Result<EndedSessions, Error> {
    let mut tx = control.store().begin().await?;
    let (mut tx, user) = if actor.is(id) {
        let user = tx.user(id).await?.ok_or(Error::NotFound)?;
        (tx, user)
    } else {
        authorise(control, tx, actor, WRITE, id, ACTION).await?
    };
    let sessions_ended = match only {
        None => {
            // Sign-ins that are half way, too, and what somebody is just confirming with their password.
            tx.outdate_credentials(id).await?;
            tx.delete_sessions_of(id, None).await?
        }
        Some(session) => {
            let now = control.now();
            let rows = control.store().sessions_of(id, now, now.before(SESSION_IDLE)).await?;
            let found = rows.into_iter().find(|row| SessionId::of(&row.id_hash) == *session);
            let hash = found.ok_or(Error::NotFound)?.id_hash;
            u64::from(tx.delete_session_of(id, &hash).await?)
        }
    };
    if sessions_ended > 0 || only.is_none() {
        let detail = json!({ "sessions_ended": sessions_ended, "session": only });
        let entry = control.entry(actor, ACTION, &target(&user), AuditResult::Success, detail);
        control.commit(tx, entry, Vec::new()).await?;
    }
    let asking = actor.client().session.as_ref().filter(|_| actor.is(id));
    let current = asking.is_some_and(|asking| only.is_none_or(|only| only == asking));
    Ok(EndedSessions { sessions_ended, current })
}
