//! The drawer of one identity provider: what to enter there, what is set here, and whether it works.

use super::Addresses;
use super::check::ProviderCheckup;
use super::form::ProviderEditor;
use super::remove::Removing;
use super::table::{EnabledBadge, domains};
use crate::components::copy::Snippet;
use crate::components::drawer::{Drawer, Fact};
use crate::components::history::HistoryLink;
use crate::components::when::WhenExact;
use crate::query::use_goto;
use crate::viewer::Dated;
use leptos::prelude::*;
use model::sso::{ClaimsFrom, IdentityProvider, Linking};

/// The drawer.
#[component]
pub fn ProviderDrawer(
    /// The provider.
    detail: Dated<IdentityProvider>,
    /// Whether the viewer may change and check it.
    may_write: bool,
    /// The address that ours begin with.
    base_url: String,
    /// Changes it.
    editor: ProviderEditor,
    /// Removes it.
    removing: Removing,
) -> impl IntoView {
    let goto = use_goto();
    let close = Signal::derive(move || goto.href(|query| query.with("provider", None)));
    let Dated { now, data: provider } = detail;
    let Addresses { redirect, back_channel } = Addresses::of(&base_url, provider.name.as_str());
    let buttons = may_write.then(|| {
        let (edited, removed) = (provider.clone(), provider.clone());
        view! {
            <div class="actions with-scripts">
                <button class="btn danger" type="button" on:click=move |_| removing.ask(removed.clone())>
                    "Delete"
                </button>
                <button class="btn" type="button" on:click=move |_| editor.edit(edited.clone())>
                    "Edit"
                </button>
            </div>
        }
    });
    let checkup = may_write.then(|| view! { <ProviderCheckup name=provider.name.clone() /> });
    let secret = if provider.has_client_secret { "set" } else { "none: a public client" };
    let networks = if provider.allow_private_addresses {
        "public, private and loopback addresses"
    } else {
        "public addresses only"
    };
    view! {
        <Drawer title=provider.title.clone() close>
            <p>
                <EnabledBadge enabled=provider.enabled />
            </p>
            {checkup}
            <h3>"To enter at the provider"</h3>
            <Snippet text=Signal::stored(redirect) title="Redirect URI" />
            <Snippet text=Signal::stored(back_channel) title="Back-channel logout URI" />
            <dl>
                <Fact name="Name">
                    <code>{provider.name.to_string()}</code>
                </Fact>
                <Fact name="Product">{provider.preset.label()}</Fact>
                <Fact name="Issuer">
                    <code>{provider.issuer.clone()}</code>
                </Fact>
                <Fact name="Client ID">
                    <code>{provider.client_id.clone()}</code>
                </Fact>
                <Fact name="Client secret">{secret}</Fact>
                <Fact name="Scopes">{provider.scopes.join(" ")}</Fact>
                <Fact name="Claims from">{claims_from(provider.claims_from)}</Fact>
                <Fact name="Accounts for">{domains(&provider.allowed_domains, usize::MAX)}</Fact>
                <Fact name="Linking">{linking(provider.linking)}</Fact>
                <Fact name="Addresses">{networks}</Fact>
                <Fact name="Created">
                    <WhenExact at=provider.created_at now />
                </Fact>
            </dl>
            <HistoryLink kind="identity_provider" id=provider.id.to_string() />
            {buttons}
        </Drawer>
    }
}

/// Where claims come from, in words.
pub const fn claims_from(from: ClaimsFrom) -> &'static str {
    match from {
        ClaimsFrom::IdToken => "the ID token",
        ClaimsFrom::Userinfo => "the ID token and the userinfo endpoint",
    }
}

/// Whether somebody new can be one who is here already, in words.
pub const fn linking(linking: Linking) -> &'static str {
    match linking {
        Linking::Never => "never",
        Linking::VerifiedEmail => "by verified e-mail address",
    }
}
