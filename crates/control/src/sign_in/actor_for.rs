//! From a session's user id to an actor, once for each request.

use crate::{Actor, Client, Control, Error};
use model::id::UserId;
use model::user::UserStatus;

/// The actor behind a session, with the role and memberships of this moment. `None`: gone or Inactive.
pub async fn actor_for(control: &Control, user_id: &UserId, client: Client) -> Result<Option<Actor>, Error> {
    let user = control.store().user(user_id).await?;
    Ok(user.filter(|user| user.status == UserStatus::Active).map(|user| Actor::user_session(user, client)))
}
