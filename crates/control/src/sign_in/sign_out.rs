//! Writing down that somebody signed out; the edge ends the session itself.

use crate::audit::Target;
use crate::{Actor, Control, Error};
use model::audit::AuditResult;
use serde_json::json;

/// Records the sign-out of the signed-in user.
pub async fn sign_out(control: &Control, actor: &Actor) -> Result<(), Error> {
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    let target = Target { kind: "user", id: user.id.as_str(), name: &user.email, tenant_id: None };
    let entry = control.entry(actor, "session.end", &target, AuditResult::Success, json!({}));
    let tx = control.store().begin().await?;
    control.commit(tx, entry, Vec::new()).await?;
    Ok(())
}
