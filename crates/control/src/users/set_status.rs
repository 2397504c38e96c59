//! Switching an account off and on.

use super::change;
use crate::{Actor, Control, Error};
use model::id::UserId;
use model::user::{SwitchedUser, UserChange};

/// Sets an account Active or Inactive, and nothing else of it; see [`change`].
pub async fn set_status(
    control: &Control,
    actor: &Actor,
    id: &UserId,
    to: UserChange,
) -> Result<SwitchedUser, Error> {
    change(control, actor, id, to.into()).await
}
