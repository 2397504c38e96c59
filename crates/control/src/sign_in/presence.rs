//! From what a session holds to an actor, once for each request.

use super::Subject;
use crate::{Actor, Client, Control, Error};
use model::role::Rights;
use model::user::UserStatus;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub enum Presence {
    /// Who may do what their roles say.
    Acting(Actor),
    /// Who has to enrol a second factor before anything else. This actor has no rights.
    Enrolling(Actor),
}

impl Presence {
    /// The person, whether they may act or not: for what one does with one's own session and second factor.
    pub fn person(&self) -> &Actor {
        match self {
            Self::Acting(actor) | Self::Enrolling(actor) => actor,
        }
    }

    /// Who may act.
    pub fn actor(&self) -> Result<&Actor, Error> {
        match self {
            Self::Acting(actor) => Ok(actor),
            Self::Enrolling(_) => Err(Error::SecondFactorRequired),
        }
    }
}

/// Who is behind a session, with the roles and memberships of this moment. `None`: gone, Inactive, or the password
/// was changed since the sign-in began.
pub async fn presence_of(
    control: &Control,
    subject: &Subject,
    client: Client,
) -> Result<Option<Presence>, Error> {
    let standing = control.store().standing(&subject.user_id).await?;
    let standing = standing.filter(|standing| {
        standing.credential_version == subject.credential_version
            && standing.user.status == UserStatus::Active
    });
    Ok(standing.map(|standing| {
        let (rights, version) = (standing.rights(), standing.credential_version);
        let user = standing.user;
        let through = subject.provider.as_ref();
        if control.0.second_factor_rule.covers(&user, &rights) && !user.second_factor {
            let actor = Actor::user_session(user, Rights::default(), version, client);
            return Presence::Enrolling(actor.through(through));
        }
        Presence::Acting(Actor::user_session(user, rights, version, client).through(through))
    }))
}
