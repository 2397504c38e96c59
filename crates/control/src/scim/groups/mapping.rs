//! What groups give: the place where roles and tenants are mapped.

use crate::Error;
use model::UserId;
use serde_json::Value;
use store::Tx;

/// Gives `user` what is mapped to the groups of these names, all that they are in now; in the transaction that changed
/// them. What it changed, for the audit row; `None`: nothing.
///
/// No mapping of groups is configured yet, so groups give nothing.
pub(crate) async fn apply_mapping(
    _tx: &mut Tx,
    _user: &UserId,
    _group_names: &[String],
) -> Result<Option<Value>, Error> {
    Ok(None)
}
