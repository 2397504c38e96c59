//! How people can sign in: what the sign-in page offers to anybody.

use crate::{Control, Error};
use model::sso::{SignInOption, SignInOptions};

/// The enabled providers and whether passwords open anything. For everybody: it is what the sign-in page shows.
pub async fn sign_in_options(control: &Control) -> Result<SignInOptions, Error> {
    let providers = control.store().identity_providers().await?;
    let enabled = providers.into_iter().filter(|provider| provider.enabled);
    Ok(SignInOptions {
        providers: enabled
            .map(|provider| SignInOption { name: provider.name, title: provider.title })
            .collect(),
        password: control.store().takes_passwords().await?,
    })
}
