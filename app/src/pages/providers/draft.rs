//! What is typed into the form of a provider.

use crate::form::{Reading, changed, shown};
use leptos::prelude::*;
use model::Problem;
use model::catalog::{NewCredential, NewProvider, Provider, ProviderChange, ProviderKind, ProviderOptions};

/// The echo provider's options: the API's name, the label, and what it does.
pub const ECHO_OPTIONS: [(&str, &str, &str); 5] = [
    ("options.chunk_delay_ms", "Pause before each chunk (ms)", "Empty: none."),
    ("options.first_chunk_delay_ms", "Pause before the first chunk (ms)", "Empty: none."),
    ("options.chunks", "Chunks", "Empty: one for each word of the last message."),
    ("options.fail_status", "Fail with HTTP status", "Empty: don't."),
    ("options.fail_after_chunks", "Break off after chunks", "Empty: don't."),
];

/// The fields, as text.
#[derive(Clone, Copy)]
pub struct ProviderDraft {
    /// Name.
    pub name: RwSignal<String>,
    /// What it speaks.
    pub kind: RwSignal<ProviderKind>,
    /// Address.
    pub base_url: RwSignal<String>,
    /// A credential; empty: the one that is set stays.
    pub api_key: RwSignal<String>,
    /// Takes the credential away.
    pub forget_key: RwSignal<bool>,
    /// Whether sandbox keys reach it.
    pub sandbox: RwSignal<bool>,
    /// Whether its host may have a private address.
    pub allow_private_addresses: RwSignal<bool>,
    /// `azure_openai`: the API's version.
    pub api_version: RwSignal<String>,
    /// The echo provider's options, in the order of [`ECHO_OPTIONS`].
    pub echo: [RwSignal<String>; 5],
}

impl ProviderDraft {
    /// Nothing typed yet.
    pub fn new() -> Self {
        Self {
            name: RwSignal::default(),
            kind: RwSignal::new(ProviderKind::Openai),
            base_url: RwSignal::default(),
            api_key: RwSignal::default(),
            forget_key: RwSignal::new(false),
            sandbox: RwSignal::new(false),
            allow_private_addresses: RwSignal::new(false),
            api_version: RwSignal::default(),
            echo: std::array::from_fn(|_| RwSignal::default()),
        }
    }

    /// Fills it from a provider; empties it without one. The credential is never filled.
    pub fn fill(self, provider: Option<&Provider>) {
        let options = provider.map(|provider| provider.options.clone()).unwrap_or_default();
        self.name.set(shown(provider.map(|provider| &provider.name)));
        self.kind.set(provider.map_or(ProviderKind::Openai, |provider| provider.kind));
        self.base_url.set(provider.map(|provider| provider.base_url.clone()).unwrap_or_default());
        self.sandbox.set(provider.is_some_and(|provider| provider.sandbox));
        self.allow_private_addresses.set(provider.is_some_and(|provider| provider.allow_private_addresses));
        let figures = [
            options.chunk_delay_ms,
            options.first_chunk_delay_ms,
            options.chunks,
            options.fail_status.into(),
            options.fail_after_chunks,
        ];
        for (signal, figure) in self.echo.into_iter().zip(figures) {
            signal.set(shown(Some(figure).filter(|figure| *figure > 0)));
        }
        self.api_version.set(options.api_version.unwrap_or_default());
        self.forget();
    }

    /// Forgets the credential that was typed.
    pub fn forget(self) {
        self.api_key.set(String::new());
        self.forget_key.set(false);
    }

    /// The provider that is asked for.
    pub fn to_new(self) -> Result<NewProvider, Problem> {
        let mut form = Reading::default();
        let name = form.required("name", &self.name.get_untracked());
        let options = self.options(&mut form);
        let new = name.map(|name| NewProvider {
            name,
            kind: self.kind.get_untracked(),
            base_url: self.address(),
            api_key: self.credential(),
            sandbox: self.sandbox.get_untracked(),
            allow_private_addresses: self.allow_private_addresses.get_untracked(),
            options,
        });
        form.done(new)
    }

    /// What of `before` is to change.
    pub fn to_change(self, before: &Provider) -> Result<ProviderChange, Problem> {
        let mut form = Reading::default();
        let options = self.options(&mut form);
        let api_key = if self.forget_key.get_untracked() { Some(None) } else { self.credential().map(Some) };
        let change = ProviderChange {
            kind: changed(&before.kind, self.kind.get_untracked()),
            base_url: changed(&before.base_url, self.address()),
            api_key,
            sandbox: changed(&before.sandbox, self.sandbox.get_untracked()),
            allow_private_addresses: changed(
                &before.allow_private_addresses,
                self.allow_private_addresses.get_untracked(),
            ),
            options: changed(&before.options, options),
        };
        form.done(Some(change))
    }

    fn address(self) -> String {
        let has_one = self.kind.get_untracked() != ProviderKind::Echo;
        if has_one { self.base_url.get_untracked().trim().to_owned() } else { String::new() }
    }

    fn credential(self) -> Option<NewCredential> {
        let text = self.api_key.get_untracked().trim().to_owned();
        let takes_one = self.kind.get_untracked() != ProviderKind::Echo;
        (takes_one && !text.is_empty()).then(|| NewCredential::new(text))
    }

    /// Only those of its kind: what was typed for another one is left out.
    fn options(self, form: &mut Reading) -> ProviderOptions {
        let kind = self.kind.get_untracked();
        let mut options = ProviderOptions::default();
        if kind == ProviderKind::AzureOpenai {
            let version = self.api_version.get_untracked().trim().to_owned();
            options.api_version = Some(version).filter(|version| !version.is_empty());
        }
        if kind == ProviderKind::Echo {
            let texts = self.echo.map(|signal| signal.get_untracked());
            let mut figure = |at: usize| form.number(ECHO_OPTIONS[at].0, &texts[at]).unwrap_or(0);
            options.chunk_delay_ms = figure(0);
            options.first_chunk_delay_ms = figure(1);
            options.chunks = figure(2);
            options.fail_after_chunks = figure(4);
            options.fail_status = form.number(ECHO_OPTIONS[3].0, &texts[3]).unwrap_or(0);
        }
        options
    }
}

impl Default for ProviderDraft {
    fn default() -> Self {
        Self::new()
    }
}
