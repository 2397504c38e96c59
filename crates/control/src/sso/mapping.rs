//! What a provider's claims make of somebody: roles and tenants, decided anew at every sign-in.

use crate::{Control, Error};
use model::change::Change;
use model::sso::IdentityProvider;
use model::user::User;
use serde_json::{Value, json};
use store::Tx;

/// What was done to an account.
pub(super) struct Applied {
    /// For the audit row of the sign-in; `null`: nothing.
    pub(super) detail: Value,
    /// For the change feed.
    pub(super) changes: Vec<Change>,
}

/// Brings an account in line with its claims, in the transaction of the sign-in. A refusal refuses the sign-in.
///
/// No rules exist: a new account is what it was made as (the lowest role, in no tenant), one that was there stays as it is.
#[expect(clippy::unused_async, reason = "rules are read from the database")]
pub(super) async fn apply(
    _control: &Control,
    _tx: &mut Tx,
    _provider: &IdentityProvider,
    _user: &User,
    _claims: &Value,
) -> Result<Applied, Error> {
    Ok(Applied { detail: json!(null), changes: Vec::new() })
}
