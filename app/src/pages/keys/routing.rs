//! How a key is routed: every bound of it, in words.

use crate::components::drawer::Fact;
use crate::pages::keys::form::claim_text;
use crate::pages::keys::words;
use leptos::either::Either;
use leptos::prelude::*;
use model::identity::{IdentityRules, JwtRules};
use model::key::{Environment, KeyView};

/// The facts.
#[component]
pub fn Routing(
    /// The key.
    key_view: KeyView,
) -> impl IntoView {
    let key = key_view;
    let scope = key.scope;
    let environment = match key.environment {
        Environment::Production => "Production: every provider",
        Environment::Sandbox => "Sandbox: only providers marked sandbox",
    };
    let path = match key.user_path {
        None => Either::Left("none"),
        Some(path) => Either::Right(view! { <code>{path.to_string()}</code> }),
    };
    let key_tags: Vec<_> = key.tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let denied = (!scope.denied_models.is_empty()).then(|| {
        view! { <Fact name="Denied models">{tags(&scope.denied_models)}</Fact> }
    });
    let labels = scope.allowed_model_labels.map(|labels| {
        view! { <Fact name="Model labels">{allowed(Some(&labels), "", "none: no model")}</Fact> }
    });
    let conversation = if scope.require_conversation_id { "must be named" } else { "may be named" };
    view! {
        <dl>
            <Fact name="Environment">{environment}</Fact>
            <Fact name="Actions">{allowed(scope.allowed_actions.as_ref(), "all", "none")}</Fact>
            <Fact name="Models">{allowed(scope.allowed_models.as_ref(), "all", "none")}</Fact>
            {denied}
            {labels}
            <Fact name="Providers">{allowed(scope.allowed_providers.as_ref(), "all of its environment", "none")}</Fact>
            <Fact name="Addresses">{allowed(scope.allowed_ips.as_ref(), "from anywhere", "from nowhere")}</Fact>
            <Fact name="Limits">{words::limits(&scope.rate_limits)}</Fact>
            <Fact name="Conversation">{conversation}</Fact>
            <Identity rules=scope.identity />
            <Fact name="User path">{path}</Fact>
            <Fact name="Tags">{if key_tags.is_empty() { Either::Left("none") } else { Either::Right(tags(&key_tags)) }}</Fact>
        </dl>
    }
}

#[component]
fn Identity(rules: IdentityRules) -> impl IntoView {
    let limits = (!rules.rate_limits.is_unlimited())
        .then(|| view! { <Fact name="Each person">{words::limits(&rules.rate_limits)}</Fact> });
    let tokens = rules.jwt.as_ref().map(|jwt| view! { <Tokens jwt=jwt.clone() /> });
    view! {
        <Fact name="Identity">{words::identity(&rules)}</Fact>
        {tokens}
        {limits}
    }
}

#[component]
fn Tokens(jwt: JwtRules) -> impl IntoView {
    let key = match jwt.jwks_url.clone() {
        Some(url) => Either::Left(view! { <code>{url}</code> }),
        None => Either::Right("a fixed public key"),
    };
    let private =
        jwt.allow_private_addresses.then(|| view! { <span class="sub">"a private address is fine"</span> });
    let algorithms: Option<Vec<_>> =
        jwt.algorithms.as_ref().map(|list| list.iter().map(|algorithm| algorithm.as_str()).collect());
    let clients = jwt.client_ids.map(|clients| view! { <Fact name="Clients">{tags(&clients)}</Fact> });
    let claims: Vec<_> =
        jwt.required_claims.iter().map(|(name, value)| format!("{name}={}", claim_text(value))).collect();
    let claims = (!claims.is_empty()).then(|| view! { <Fact name="Claims">{tags(&claims)}</Fact> });
    view! {
        <Fact name="Token keys">{key} {private}</Fact>
        <Fact name="Algorithms">{allowed(algorithms.as_ref(), "all that fit the key", "none")}</Fact>
        <Fact name="Issuers">{tags(&jwt.issuers)}</Fact>
        <Fact name="Audiences">{tags(&jwt.audiences)}</Fact>
        {clients}
        {claims}
    }
}

/// An allow-list: what `None` means, what an empty one means, or its entries.
fn allowed<T: ToString>(
    list: Option<&Vec<T>>,
    all: &'static str,
    none: &'static str,
) -> impl IntoView + use<T> {
    match list {
        None => Either::Left(all),
        Some(list) if list.is_empty() => Either::Left(none),
        Some(list) => Either::Right(tags(list)),
    }
}

fn tags<T: ToString>(list: &[T]) -> impl IntoView + use<T> {
    list.iter().map(|entry| view! { <span class="tag">{entry.to_string()}</span> " " }).collect_view()
}
