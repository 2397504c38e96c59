//! What is typed into the form of an identity provider.

use crate::form::{Reading, changed, joined, shown};
use leptos::prelude::*;
use model::Problem;
use model::catalog::NewCredential;
use model::sso::{
    ClaimsFrom, IdentityProvider, IdentityProviderChange, Linking, NewIdentityProvider, Preset,
};

/// The fields, as text.
#[derive(Clone, Copy)]
pub struct ProviderDraft {
    /// Which product.
    pub preset: RwSignal<Preset>,
    /// Name.
    pub name: RwSignal<String>,
    /// What stands on its button.
    pub title: RwSignal<String>,
    /// Issuer.
    pub issuer: RwSignal<String>,
    /// What it calls us.
    pub client_id: RwSignal<String>,
    /// A client secret; empty: the one that is set stays.
    pub client_secret: RwSignal<String>,
    /// Takes the client secret away.
    pub forget_secret: RwSignal<bool>,
    /// Scopes.
    pub scopes: RwSignal<String>,
    /// E-mail domains.
    pub allowed_domains: RwSignal<String>,
    /// Whether somebody new can be one who is here already.
    pub linking: RwSignal<Linking>,
    /// Where claims come from.
    pub claims_from: RwSignal<ClaimsFrom>,
    /// Whether its hosts may have private addresses.
    pub allow_private_addresses: RwSignal<bool>,
    /// Whether anybody can sign in with it.
    pub enabled: RwSignal<bool>,
}

impl ProviderDraft {
    /// Nothing typed yet.
    pub fn new() -> Self {
        let draft = Self {
            preset: RwSignal::new(Preset::Okta),
            name: RwSignal::default(),
            title: RwSignal::default(),
            issuer: RwSignal::default(),
            client_id: RwSignal::default(),
            client_secret: RwSignal::default(),
            forget_secret: RwSignal::new(false),
            scopes: RwSignal::default(),
            allowed_domains: RwSignal::default(),
            linking: RwSignal::default(),
            claims_from: RwSignal::default(),
            allow_private_addresses: RwSignal::new(false),
            enabled: RwSignal::new(true),
        };
        draft.fill(None);
        draft
    }

    /// Fills it from a provider; without one with what the first preset suggests. The client secret is never filled.
    pub fn fill(self, provider: Option<&IdentityProvider>) {
        let preset = provider.map_or(Preset::ALL[0], |provider| provider.preset);
        self.preset.set(preset);
        let (name, title) = suggested(preset);
        self.name.set(provider.map_or(name, |provider| provider.name.to_string()));
        self.title.set(provider.map_or(title, |provider| provider.title.clone()));
        self.issuer.set(shown(provider.map(|provider| &provider.issuer)));
        self.client_id.set(shown(provider.map(|provider| &provider.client_id)));
        let scopes = provider.map_or_else(|| preset.usual_scopes(), |provider| provider.scopes.clone());
        self.scopes.set(scopes.join(" "));
        let domains = provider.map(|provider| joined(&provider.allowed_domains));
        self.allowed_domains.set(domains.unwrap_or_default());
        self.linking.set(provider.map(|provider| provider.linking).unwrap_or_default());
        self.claims_from.set(provider.map(|provider| provider.claims_from).unwrap_or_default());
        self.allow_private_addresses.set(provider.is_some_and(|provider| provider.allow_private_addresses));
        self.enabled.set(provider.is_none_or(|provider| provider.enabled));
        self.forget();
    }

    /// Forgets the client secret that was typed.
    pub fn forget(self) {
        self.client_secret.set(String::new());
        self.forget_secret.set(false);
    }

    /// Another product: what the one before suggested, and nobody has changed, becomes what this one suggests.
    pub fn choose(self, preset: Preset, fixed_name: bool) {
        let before = self.preset.get_untracked();
        let follow = |field: RwSignal<String>, old: String, new: String| {
            if field.with_untracked(|text| text.trim().is_empty() || *text == old) {
                field.set(new);
            }
        };
        let ((old_name, old_title), (name, title)) = (suggested(before), suggested(preset));
        if !fixed_name {
            follow(self.name, old_name, name);
            follow(self.title, old_title, title);
        }
        follow(self.scopes, before.usual_scopes().join(" "), preset.usual_scopes().join(" "));
        self.preset.set(preset);
    }

    /// The provider that is asked for.
    pub fn to_new(self) -> Result<NewIdentityProvider, Problem> {
        let mut form = Reading::default();
        let name = form.required("name", &self.name.get_untracked());
        form.done(name.map(|name| NewIdentityProvider {
            name,
            title: trimmed(self.title),
            preset: self.preset.get_untracked(),
            issuer: trimmed(self.issuer),
            client_id: trimmed(self.client_id),
            client_secret: self.secret(),
            scopes: Some(words(self.scopes)),
            allowed_domains: words(self.allowed_domains),
            linking: self.linking.get_untracked(),
            claims_from: self.claims_from.get_untracked(),
            allow_private_addresses: self.allow_private_addresses.get_untracked(),
            enabled: self.enabled.get_untracked(),
        }))
    }

    /// What of `before` is to change.
    pub fn to_change(self, before: &IdentityProvider) -> IdentityProviderChange {
        let client_secret =
            if self.forget_secret.get_untracked() { Some(None) } else { self.secret().map(Some) };
        IdentityProviderChange {
            title: changed(&before.title, trimmed(self.title)),
            preset: changed(&before.preset, self.preset.get_untracked()),
            issuer: changed(&before.issuer, trimmed(self.issuer)),
            client_id: changed(&before.client_id, trimmed(self.client_id)),
            client_secret,
            scopes: changed(&before.scopes, words(self.scopes)),
            allowed_domains: changed(&before.allowed_domains, words(self.allowed_domains)),
            linking: changed(&before.linking, self.linking.get_untracked()),
            claims_from: changed(&before.claims_from, self.claims_from.get_untracked()),
            allow_private_addresses: changed(
                &before.allow_private_addresses,
                self.allow_private_addresses.get_untracked(),
            ),
            enabled: changed(&before.enabled, self.enabled.get_untracked()),
        }
    }

    fn secret(self) -> Option<NewCredential> {
        let text = trimmed(self.client_secret);
        (!text.is_empty()).then(|| NewCredential::new(text))
    }
}

impl Default for ProviderDraft {
    fn default() -> Self {
        Self::new()
    }
}

/// The name and the button that a product is usually given.
fn suggested(preset: Preset) -> (String, String) {
    match preset {
        Preset::Generic => ("sso".to_owned(), "Single sign-on".to_owned()),
        product => (product.as_str().to_owned(), product.label().to_owned()),
    }
}

fn trimmed(signal: RwSignal<String>) -> String {
    signal.with_untracked(|text| text.trim().to_owned())
}

fn words(signal: RwSignal<String>) -> Vec<String> {
    let is_between = |c: char| c == ',' || c.is_whitespace();
    signal.with_untracked(|text| {
        text.split(is_between).filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;

    #[test]
    fn a_provider_read_back_from_its_form_is_the_same() {
        let owner = Owner::new();
        owner.set();
        let id: model::IdentityProviderId = "idp_4Rk8sV2nC7xQ1mZ5".parse().unwrap();
        let provider = IdentityProvider {
            id: id.clone(),
            name: "main".parse().unwrap(),
            title: "Main".to_owned(),
            preset: Preset::Auth0,
            issuer: "https://example.eu.auth0.com/".to_owned(),
            client_id: "abc".to_owned(),
            has_client_secret: false,
            scopes: vec!["openid".to_owned(), "email".to_owned()],
            allowed_domains: vec!["example.com".to_owned(), "example.org".to_owned()],
            linking: Linking::VerifiedEmail,
            claims_from: ClaimsFrom::Userinfo,
            allow_private_addresses: true,
            enabled: false,
            created_at: Timestamp::from_micros(7),
        };
        let draft = ProviderDraft::new();
        draft.fill(Some(&provider));
        let (made, secret) = draft.to_new().unwrap().into_provider(id, provider.created_at).unwrap();
        assert_eq!((made, secret.is_none()), (provider.clone(), true));
        let unchanged = serde_json::to_value(draft.to_change(&provider)).unwrap();
        assert_eq!(unchanged, serde_json::json!({}));
        draft.forget_secret.set(true);
        let change = serde_json::to_value(draft.to_change(&provider)).unwrap();
        assert_eq!(change, serde_json::json!({ "client_secret": null }));
    }

    #[test]
    fn what_nobody_changed_follows_the_product() {
        let owner = Owner::new();
        owner.set();
        let draft = ProviderDraft::new();
        assert_eq!(draft.name.get_untracked(), "okta");
        draft.choose(Preset::Entra, false);
        assert_eq!(draft.title.get_untracked(), "Microsoft Entra ID");
        assert_eq!(draft.scopes.get_untracked(), "openid profile email");
        draft.name.set("staff".to_owned());
        draft.choose(Preset::Okta, false);
        assert_eq!(draft.name.get_untracked(), "staff");
        assert_eq!(draft.scopes.get_untracked(), "openid profile email groups");
        draft.title.set("Staff".to_owned());
        draft.choose(Preset::Generic, true);
        assert_eq!(draft.title.get_untracked(), "Staff");
    }
}
