//! Switching signing in with a password off and on, for the whole installation.

use super::WRITE;
use crate::audit::Target;
use crate::{Actor, Control, Error};
use model::audit::AuditResult;
use serde_json::json;
use store::Tx;

const ACTION: &str = "password_sign_in.set";

/// Switches signing in with a password. Needs `sso:write`. Off takes a session that was begun with an enabled identity
/// provider: whoever switches it off has just shown that they get in without. One-time links for an account go on working.
pub async fn set_password_sign_in(control: &Control, actor: &Actor, on: bool) -> Result<(), Error> {
    let target =
        Target { kind: "setting", id: "password_sign_in", name: "password sign-in", tenant_id: None };
    control.authorise(actor, WRITE, ACTION, &target).await?;
    let mut tx = control.store().begin().await?;
    let before = tx.takes_passwords().await?;
    if before == on {
        return Ok(());
    }
    if !on && !came_through_a_provider(&mut tx, actor).await? {
        return Err(Error::Conflict {
            code: "sign_in_with_provider_first",
            detail: "Sign in with an identity provider that is switched on, then switch passwords off: that shows that it doesn't lock you out.".into(),
        });
    }
    tx.set_takes_passwords(on).await?;
    let detail = json!({ "before": { "on": before }, "after": { "on": on } });
    let entry = control.entry(actor, ACTION, &target, AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(())
}

async fn came_through_a_provider(tx: &mut Tx, actor: &Actor) -> Result<bool, Error> {
    let Some(session) = actor.provider() else { return Ok(false) };
    let provider = tx.identity_provider_with(&session.provider_id).await?;
    Ok(provider.is_some_and(|stored| stored.provider.enabled))
}
