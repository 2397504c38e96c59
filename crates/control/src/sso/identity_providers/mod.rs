//! Operations on identity providers. Client secrets go in and never come out: they are sealed before the transaction
//! begins.

mod change;
mod check;
mod create;
mod list;
mod remove;

pub use change::change;
pub use check::check;
pub use create::create;
pub use list::{list, read};
pub use remove::remove;

use super::sealing_purpose;
use crate::{Control, Error};
use identity::oidc::canonical_domain;
use model::IdentityProviderId;
use model::catalog::NewCredential;
use model::error::FieldError;
use model::sso::IdentityProvider;
use store::Tx;

fn seal(control: &Control, id: &IdentityProviderId, secret: &NewCredential) -> Result<Vec<u8>, Error> {
    Ok(control.0.sealing_key.seal(secret.expose(), &sealing_purpose(id), control.entropy())?)
}

/// Writes the domains as they are compared.
fn fold_domains(provider: &mut IdentityProvider) -> Result<(), Error> {
    let folded: Option<Vec<String>> =
        provider.allowed_domains.iter().map(|domain| canonical_domain(domain)).collect();
    let Some(mut folded) = folded else {
        let wrong =
            FieldError::new("allowed_domains", "must be domains such as example.com, without @ and *");
        return Err(Error::Invalid(vec![wrong]));
    };
    folded.sort();
    folded.dedup();
    provider.allowed_domains = folded;
    Ok(())
}

/// Refuses to take away the last way in: nobody could switch it on again from a page.
async fn keep_a_way_in(tx: &mut Tx, gone: &IdentityProviderId) -> Result<(), Error> {
    if tx.takes_passwords().await? || tx.has_other_enabled_provider(gone).await? {
        return Ok(());
    }
    Err(Error::Conflict {
        code: "last_way_in",
        detail:
            "Signing in with a password is switched off, and this is the only provider that is switched on: nobody could sign in any more. Switch passwords on first."
                .into(),
    })
}
