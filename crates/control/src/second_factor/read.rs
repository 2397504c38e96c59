//! How one's own second factor stands.

use crate::{Actor, Control, Error};
use model::second_factor::{Enrolled, SecondFactorView};

/// The second factor of who is signed in.
pub async fn read(control: &Control, actor: &Actor) -> Result<SecondFactorView, Error> {
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    let store = control.store();
    // Read anew: somebody who has to enrol has no rights in this session, but the account has.
    let standing = store.standing(&user.id).await?.ok_or(Error::Unauthenticated)?;
    let required = control.0.second_factor_rule.covers(&standing.user, &standing.rights());
    let enrolled = match store.second_factor(&user.id).await? {
        Some(factor) => Some(Enrolled {
            at: factor.enrolled_at,
            recovery_codes_left: store.recovery_codes_left(&user.id).await?,
        }),
        None => None,
    };
    Ok(SecondFactorView { required, enrolled })
}
