//! What groups give: they are read as the claim `groups` is, by the rules that aren't for one identity provider.

use crate::mapping;
use crate::{Control, Error};
use model::UserId;
use model::change::Change;
use model::mapping::{Managed, Outcome};
use serde_json::{Value, json};
use store::Tx;

/// Gives `user` what is mapped to the groups of these names, all that they are in now, and takes back what earlier ones
/// gave; in the transaction that changed them. What it changed, for the audit row and for the change feed; `None`: nothing.
///
/// A `super_admin` stays one, unless groups made them one.
pub(crate) async fn apply_mapping(
    control: &Control,
    tx: &mut Tx,
    user: &UserId,
    group_names: &[String],
) -> Result<Option<(Value, Vec<Change>)>, Error> {
    let Some(user) = tx.user(user).await? else { return Ok(None) };
    if user.is_super_admin() && tx.managed(&user.id).await?.is_none_or(|by| by.source != Managed::SCIM) {
        return Ok(None);
    }
    let claims = json!({ "groups": group_names });
    let applied = mapping::apply(control, tx, None, &user, &claims).await?;
    Ok(match applied.outcome {
        Outcome::Kept { .. } => None,
        Outcome::Granted { .. } | Outcome::Denied { .. } => Some((applied.detail, applied.changes)),
    })
}
