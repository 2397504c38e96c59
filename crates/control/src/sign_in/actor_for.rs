//! From what a session holds to an actor, once for each request.

use super::Subject;
use crate::{Actor, Client, Control, Error};
use model::user::UserStatus;

/// The actor behind a session, with the role and memberships of this moment. `None`: gone, Inactive, or the password
/// was changed since the sign-in began.
pub async fn actor_for(control: &Control, subject: &Subject, client: Client) -> Result<Option<Actor>, Error> {
    let store = control.store();
    if store.credential_version(&subject.user_id).await? != Some(subject.credential_version) {
        return Ok(None);
    }
    let user = store.user(&subject.user_id).await?;
    Ok(user.filter(|user| user.status == UserStatus::Active).map(|user| Actor::user_session(user, client)))
}
