//! From what a session holds to an actor, once for each request.

use super::Subject;
use crate::{Actor, Client, Control, Error};
use model::user::UserStatus;

/// The actor behind a session, with the roles and memberships of this moment. `None`: gone, Inactive, or the password
/// was changed since the sign-in began.
pub async fn actor_for(control: &Control, subject: &Subject, client: Client) -> Result<Option<Actor>, Error> {
    let standing = control.store().standing(&subject.user_id).await?;
    let standing = standing.filter(|standing| {
        standing.credential_version == subject.credential_version
            && standing.user.status == UserStatus::Active
    });
    Ok(standing.map(|standing| {
        let rights = standing.rights();
        Actor::user_session(standing.user, rights, client)
    }))
}
