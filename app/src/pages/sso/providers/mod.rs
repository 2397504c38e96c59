//! Identity providers: the list, the drawer of one with its check and its test sign-in, and the form. Above them
//! whether passwords open anything.

pub mod beginning;
pub mod check;
pub mod detail;
pub mod draft;
pub mod form;
pub mod password;
pub mod preset;
pub mod remove;
pub mod table;
pub mod tested;

use crate::components::allowed::Allowed;
use crate::components::form_dialog::CreateButton;
use crate::components::list_card::ListAndDrawer;
use crate::components::listing::Listing;
use crate::server_fns::sso::{
    list_identity_providers, read_identity_provider, read_sign_in_options, read_tested_sign_in,
};
use crate::viewer::{SSO_READ, SSO_WRITE, Viewer};
use detail::ProviderDrawer;
use form::{FORM, ProviderEditor, ProviderForm};
use leptos::prelude::*;
use model::IdentityProviderName;
use model::sso::IdentityProvider;
use password::{PasswordCard, PasswordDialog, Switching};
use remove::{RemoveProviderDialog, Removing};
use table::ProviderTable;
use tested::TestedRegion;

/// What a provider is told of us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// Where it sends people back to.
    pub redirect: String,
    /// Where it says that somebody has signed out.
    pub back_channel: String,
}

impl Addresses {
    /// Those of the provider called `name`.
    pub fn of(base_url: &str, name: &str) -> Self {
        let at = format!("{base_url}/login/sso/{name}");
        Self { redirect: format!("{at}/callback"), back_channel: format!("{at}/backchannel-logout") }
    }
}

/// The address that all of ours begin with, as far as it is known.
fn base_url(viewer: Option<&Viewer>) -> String {
    viewer.map(|viewer| viewer.base_url.clone()).unwrap_or_default()
}

/// The list, the drawer of one provider, and the dialogs.
#[component]
pub fn ProvidersTab() -> impl IntoView {
    let listing = Listing::<_, IdentityProviderName>::new("provider", |_| ());
    let rows = listing.rows(|()| list_identity_providers());
    let detail = listing.detail(read_identity_provider);
    let options = Resource::new_blocking(
        move || listing.renewed.get(),
        |_| async move { read_sign_in_options().await },
    );
    let tested = Resource::new_blocking(|| (), |()| read_tested_sign_in());
    let editor = ProviderEditor::default();
    let (removing, switching) = (Removing::new(), Switching::new());
    let on_saved = move |provider: IdentityProvider| listing.saved(&provider.name);
    let on_removed = move |()| listing.removed();
    view! {
        <Allowed permission=SSO_READ>
            <PasswordCard options switching />
        </Allowed>
        <TestedRegion tested />
        <Allowed permission=SSO_WRITE>
            <div class="bar">
                <CreateButton
                    label="Create identity provider"
                    dialog=FORM
                    on_open=move |()| editor.create()
                />
            </div>
        </Allowed>
        <ListAndDrawer
            rows
            list=move |providers, viewer| {
                let base_url = base_url(viewer.as_ref());
                view! { <ProviderTable providers=providers.data base_url /> }.into_any()
            }
            detail
            drawer=move |detail, viewer| {
                let base_url = base_url(viewer.as_ref());
                let may_write = viewer.is_some_and(|viewer| viewer.may(SSO_WRITE));
                view! { <ProviderDrawer detail may_write base_url editor removing /> }.into_any()
            }
        />
        <ProviderForm editor on_saved />
        <RemoveProviderDialog removing on_removed />
        <PasswordDialog switching on_switched=move |()| listing.renew() />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_told_where_we_are() {
        let told = Addresses::of("https://gw.example", "okta");
        assert_eq!(told.redirect, "https://gw.example/login/sso/okta/callback");
        assert_eq!(told.back_channel, "https://gw.example/login/sso/okta/backchannel-logout");
    }
}
