//! How to begin: what the list says while there is no identity provider.

use super::Addresses;
use crate::components::copy::Snippet;
use leptos::prelude::*;
use model::sso::Preset;

/// The click path at the two that are asked for most.
#[component]
pub fn Beginning(
    /// The address that ours begin with.
    base_url: String,
) -> impl IntoView {
    view! {
        <p>
            "Until there is one, people sign in with e-mail address and password. Register Gatehouse there first, then create it here."
        </p>
        <div class="beginning">
            <Path preset=Preset::Okta base_url=base_url.clone() steps=OKTA />
            <Path preset=Preset::Auth0 base_url steps=AUTH0 />
        </div>
    }
}

const OKTA: &[&str] = &[
    "In Okta's Admin Console: Applications, Create App Integration, OIDC, Web Application.",
    "Sign-in redirect URI: the first address below. Back-channel logout: the second one.",
    "Assign the groups whose people may come in.",
    "Sign On, OpenID Connect ID Token: a groups claim with a filter, for the role mapping.",
    "Create it here with the application's Client ID, its Client Secret and your Okta address as issuer. Check it, try a sign-in.",
];

const AUTH0: &[&str] = &[
    "In Auth0's Dashboard: Applications, Create Application, Regular Web Application.",
    "Allowed Callback URLs: the first address below. Back-Channel Logout URI: the second one.",
    "Actions, Login: one that adds roles to the ID token under a name of its own, for the role mapping.",
    "Create it here with the application's Client ID, its Client Secret and its Domain, as https:// address with a slash at the end, for the issuer. Check it, try a sign-in.",
];

#[component]
fn Path(preset: Preset, base_url: String, steps: &'static [&'static str]) -> impl IntoView {
    let Addresses { redirect, back_channel } = Addresses::of(&base_url, preset.as_str());
    let steps = steps.iter().map(|step| view! { <li>{*step}</li> }).collect_view();
    view! {
        <details class="fold">
            <summary>
                <span class="fold-title">{format!("With {}", preset.label())}</span>
            </summary>
            <div class="fold-body">
                <ol class="numbered">{steps}</ol>
                <Snippet text=Signal::stored(redirect) title=format!("Redirect URI for {}", preset.label()) />
                <Snippet
                    text=Signal::stored(back_channel)
                    title=format!("Back-channel logout URI for {}", preset.label())
                />
            </div>
        </details>
    }
}
