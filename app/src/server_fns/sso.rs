//! Identity providers: what the sign-in page offers, and what operators do with them.

use crate::error::{Answer, AppError};
use crate::viewer::Dated;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::sso::{
    Identity, IdentityProvider, IdentityProviderChange, NewIdentityProvider, ProviderCheck, ReceivedClaims,
    SignInOptions, TestedSignIn,
};
use model::{IdentityId, IdentityProviderName, UserId};

#[cfg(feature = "ssr")]
use crate::edge::{Edge, SESSION_TEST};
#[cfg(feature = "ssr")]
use crate::server_fns::{answer, dated, found};

/// How people can sign in here: for anybody.
#[server(prefix = "/api", endpoint = "sso/options", input = Json)]
pub async fn read_sign_in_options() -> Result<SignInOptions, AppError> {
    let edge = Edge::current()?;
    found(&edge, control::sso::sign_in_options(&edge.control).await)
}

/// All identity providers.
#[server(prefix = "/api", endpoint = "sso/list", input = Json)]
pub async fn list_identity_providers() -> Result<Dated<Vec<IdentityProvider>>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::sso::identity_providers::list(&edge.control, edge.actor()?).await)
}

/// One identity provider.
#[server(prefix = "/api", endpoint = "sso/read", input = Json)]
pub async fn read_identity_provider(name: IdentityProviderName) -> Result<Dated<IdentityProvider>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::sso::identity_providers::read(&edge.control, edge.actor()?, &name).await)
}

/// Makes an identity provider.
#[server(prefix = "/api", endpoint = "sso/create", input = Json)]
pub async fn create_identity_provider(
    new: NewIdentityProvider,
) -> Result<Answer<IdentityProvider>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::sso::identity_providers::create(&edge.control, edge.actor()?, new).await)
}

/// Changes an identity provider.
#[server(prefix = "/api", endpoint = "sso/change", input = Json)]
pub async fn change_identity_provider(
    name: IdentityProviderName,
    change: IdentityProviderChange,
) -> Result<Answer<IdentityProvider>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::sso::identity_providers::change(&edge.control, edge.actor()?, &name, change).await)
}

/// Removes an identity provider.
#[server(prefix = "/api", endpoint = "sso/remove", input = Json)]
pub async fn remove_identity_provider(name: IdentityProviderName) -> Result<Answer<()>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::sso::identity_providers::remove(&edge.control, edge.actor()?, &name).await)
}

/// Looks at an identity provider as a sign-in would.
#[server(prefix = "/api", endpoint = "sso/check", input = Json)]
pub async fn check_identity_provider(name: IdentityProviderName) -> Result<Answer<ProviderCheck>, AppError> {
    let edge = Edge::current()?;
    let checked =
        control::sso::identity_providers::check(&edge.control, edge.actor()?, &name, &edge.base_url).await;
    answer(&edge, checked)
}

/// What the last test sign-in of this session brought. A test begins at `/login/sso/{name}?purpose=test`.
#[server(prefix = "/api", endpoint = "sso/tested", input = Json)]
pub async fn read_tested_sign_in() -> Result<Option<TestedSignIn>, AppError> {
    let edge = Edge::current()?;
    edge.actor()?;
    edge.session.get(SESSION_TEST).await.map_err(|error| edge.session_failed(error))
}

/// Switches signing in with a password, for everybody.
#[server(prefix = "/api", endpoint = "sso/set-password-sign-in", input = Json)]
pub async fn set_password_sign_in(on: bool) -> Result<Answer<()>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::sso::set_password_sign_in(&edge.control, edge.actor()?, on).await)
}

/// Somebody's identities; one's own are for everybody to see.
#[server(prefix = "/api", endpoint = "sso/identities", input = Json)]
pub async fn list_identities(id: UserId) -> Result<Dated<Vec<Identity>>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::sso::identities(&edge.control, edge.actor()?, &id).await)
}

/// What the provider said of somebody last.
#[server(prefix = "/api", endpoint = "sso/received-claims", input = Json)]
pub async fn read_received_claims(id: UserId) -> Result<Vec<ReceivedClaims>, AppError> {
    let edge = Edge::current()?;
    found(&edge, control::sso::received_claims(&edge.control, edge.actor()?, &id).await)
}

/// Takes an identity from its account.
#[server(prefix = "/api", endpoint = "sso/unlink", input = Json)]
pub async fn unlink_identity(id: UserId, identity: IdentityId) -> Result<Answer<()>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::sso::unlink(&edge.control, edge.actor()?, &id, &identity).await)
}
