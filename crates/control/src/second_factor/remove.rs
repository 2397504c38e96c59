//! Taking one's own second factor off.

use super::{commit_own, confirm};
use crate::sign_in::Subject;
use crate::{Actor, Control, Error};
use identity::password::Password;

const ACTION: &str = "second_factor.removed";

/// Turns the second factor off, with password and a code. Ends all sessions; the edge begins a new one. Who must have one
/// is led to enrol again.
pub async fn remove(
    control: &Control,
    actor: &Actor,
    password: Password,
    code: &str,
) -> Result<Subject, Error> {
    let (mut tx, user) = confirm(control, actor, password, code, ACTION).await?;
    tx.delete_second_factor(&user.id).await?;
    commit_own(control, tx, actor, user, ACTION).await
}
