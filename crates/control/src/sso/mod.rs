//! Signing in with identity providers: the providers themselves, the way there and back, who comes back, and how
//! sessions end that were begun there.
//!
//! A person is (issuer, subject). What a provider says of an e-mail address joins nobody with an account unless the
//! provider is set so, the address is verified and of an allowed domain, and the account has no other identity and is no
//! `super_admin`.

mod back_channel;
mod begin;
mod claims;
mod finish;
mod identities;
pub mod identity_providers;
mod options;
mod password_switch;
mod person;
mod returned;
mod sign_out;

pub use back_channel::{LogoutRefused, back_channel_logout};
pub use begin::{ATTEMPT_LIFE, Begun, Purpose, begin};
pub use finish::{Finished, Returned, finish};
pub use identities::{identities, received_claims, unlink};
pub use options::sign_in_options;
pub use password_switch::set_password_sign_in;
pub use sign_out::sign_out_url;

use crate::audit::Target;
use crate::{Control, Error};
use identity::oidc::Registration;
use model::role::{Action, Permission, Resource};
use model::sso::IdentityProvider;
use model::{IdentityProviderId, IdentityProviderName};
use store::StoredIdentityProvider;

const READ: Permission = Permission::new(Resource::Sso, Action::Read);
const WRITE: Permission = Permission::new(Resource::Sso, Action::Write);

fn target(provider: &IdentityProvider) -> Target<'_> {
    Target {
        kind: "identity_provider",
        id: provider.id.as_str(),
        name: provider.name.as_str(),
        tenant_id: None,
    }
}

fn target_named(name: &IdentityProviderName) -> Target<'_> {
    Target { kind: "identity_provider", id: "", name: name.as_str(), tenant_id: None }
}

/// What a client secret is sealed for: it can't be moved to another provider's row.
fn sealing_purpose(id: &IdentityProviderId) -> String {
    format!("identity-provider:{id}")
}

/// Our registration at a provider, with its secret in clear.
fn registration(control: &Control, stored: &StoredIdentityProvider) -> Result<Registration, Error> {
    let StoredIdentityProvider { provider, sealed_client_secret } = stored;
    let purpose = sealing_purpose(&provider.id);
    let open = |sealed: &Vec<u8>| control.0.sealing_key.open(sealed, &purpose);
    Ok(Registration {
        issuer: provider.issuer.clone(),
        client_id: provider.client_id.clone(),
        client_secret: sealed_client_secret.as_ref().map(open).transpose()?,
        scopes: provider.scopes.clone(),
        allow_private_addresses: provider.allow_private_addresses,
    })
}

/// Where the browser comes back to; registered at the provider.
fn redirect_uri(base_url: &str, name: &IdentityProviderName) -> String {
    format!("{base_url}/login/sso/{name}/callback")
}
