//! The form that makes or changes an identity provider.

use super::draft::ProviderDraft;
use super::preset::{claim_hint, example_issuer, issuer_hint};
use super::{Addresses, base_url, detail};
use crate::components::bound::{BoundText, BoundTick, Typing};
use crate::components::choose::{Choose, worded};
use crate::components::field::{Field, FormProblem, message};
use crate::components::form_dialog::FormDialog;
use crate::components::toast::use_toasts;
use crate::editing::Editing;
use crate::server_fns::sso::{ChangeIdentityProvider, CreateIdentityProvider};
use crate::viewer::use_viewer;
use leptos::prelude::*;
use model::sso::{ClaimsFrom, IdentityProvider, Linking, Preset};

/// The dialog's id.
pub const FORM: &str = "identity-provider-form";

/// Fields that show their own message.
const FIELDS: &[&str] =
    &["name", "title", "issuer", "client_id", "client_secret", "scopes", "allowed_domains"];

/// The form's state.
#[derive(Clone, Copy, Default)]
pub struct ProviderEditor {
    draft: ProviderDraft,
    editing: Editing<IdentityProvider, IdentityProvider, CreateIdentityProvider, ChangeIdentityProvider>,
}

impl ProviderEditor {
    /// Opens it for a new provider.
    pub fn create(self) {
        self.draft.fill(None);
        self.editing.open(None);
    }

    /// Opens it with what is there.
    pub fn edit(self, provider: IdentityProvider) {
        self.draft.fill(Some(&provider));
        self.editing.open(Some(provider));
    }

    fn submit(self) {
        self.editing.submit(
            || Ok(CreateIdentityProvider { new: self.draft.to_new()? }),
            |before| {
                let change = self.draft.to_change(before);
                Ok(ChangeIdentityProvider { name: before.name.clone(), change })
            },
        );
    }
}

/// The dialog.
#[component]
pub fn ProviderForm(
    /// Its state.
    editor: ProviderEditor,
    /// Called when a provider was made or changed.
    #[prop(into)]
    on_saved: Callback<IdentityProvider>,
) -> impl IntoView {
    let toasts = use_toasts();
    let ProviderEditor { draft, editing } = editor;
    let problem = editing.problem();
    editing.on_saved(move |provider: IdentityProvider, is_new| {
        let word = if is_new { "created: check it, then try a sign-in" } else { "saved" };
        toasts.show(format!("{} is {word}.", provider.name));
        on_saved.run(provider);
    });
    let (title, verb) =
        editing.words("Create identity provider", |provider: &IdentityProvider| provider.title.clone());
    view! {
        <FormDialog
            handle=editing.dialog()
            id=FORM
            title
            verb
            problem
            fields=FIELDS
            pending=editing.pending()
            on_submit=move |()| editor.submit()
            on_close=move |()| draft.forget()
        >
            <Product draft fixed=editing.changes() />
            <div class="two">
                <BoundText
                    id="idp-title"
                    label="Button"
                    help="What stands on it, on the sign-in page."
                    error=message(problem, "title")
                    value=draft.title
                    maxlength=60
                    required=true
                />
                <BoundText
                    id="idp-name"
                    label="Name"
                    help="Part of the addresses; it can't be changed later."
                    error=message(problem, "name")
                    value=draft.name
                    required=true
                    fixed=editing.changes()
                />
            </div>
            <Redirect draft />
            <Issuer draft problem />
            <div class="two">
                <BoundText
                    id="idp-client"
                    label="Client ID"
                    error=message(problem, "client_id")
                    value=draft.client_id
                    required=true
                />
                <Secret draft problem before=editing.before() />
            </div>
            <BoundText
                id="idp-domains"
                label="Allowed domains"
                help="People whose verified e-mail address is in one of them get an account at their first sign-in. Empty: only those who have one."
                error=message(problem, "allowed_domains")
                value=draft.allowed_domains
                placeholder=Signal::stored("example.com, example.org".to_owned())
            />
            <LinkingChoice draft />
            <More draft problem />
            <BoundTick
                id="idp-enabled"
                label="People can sign in with it"
                help="Switched off, its button goes and sessions that were begun with it end. Trying a sign-in works all the same."
                checked=draft.enabled
            />
        </FormDialog>
    }
}

#[component]
fn Product(draft: ProviderDraft, fixed: Signal<bool>) -> impl IntoView {
    let choose = move |word: String| {
        if let Some(preset) = Preset::parse(&word) {
            draft.choose(preset, fixed.get_untracked());
        }
    };
    view! {
        <Field id="idp-preset" label="Product" help="Fills in what is usual there; the protocol is the same.">
            <Choose
                id="idp-preset"
                choices=worded(Preset::ALL, Preset::as_str, Preset::label)
                value=Signal::derive(move || draft.preset.get().as_str().to_owned())
                on_choose=choose
            />
        </Field>
    }
}

/// What has to be registered there before there is a client ID.
#[component]
fn Redirect(draft: ProviderDraft) -> impl IntoView {
    let viewer = use_viewer();
    view! {
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                let base_url = base_url(viewer.await.ok().flatten().as_ref());
                let address = move || Addresses::of(&base_url, draft.name.read().trim()).redirect;
                view! { <p class="hint-line">"Redirect URI to register there: " <code>{address}</code></p> }
            })}
        </Suspense>
    }
}

#[component]
fn Issuer(draft: ProviderDraft, problem: FormProblem) -> impl IntoView {
    let placeholder = Signal::derive(move || example_issuer(draft.preset.get()).to_owned());
    view! {
        <BoundText
            id="idp-issuer"
            label="Issuer"
            error=message(problem, "issuer")
            value=draft.issuer
            placeholder
            required=true
        />
        <p class="hint-line">{move || issuer_hint(draft.preset.get())}</p>
    }
}

#[component]
fn Secret(
    draft: ProviderDraft,
    problem: FormProblem,
    before: RwSignal<Option<IdentityProvider>>,
) -> impl IntoView {
    let is_set = Signal::derive(move || {
        before.with(|before| before.as_ref().is_some_and(|provider| provider.has_client_secret))
    });
    let placeholder =
        Signal::derive(move || if is_set.get() { "set — leave empty to keep" } else { "none" }.to_owned());
    view! {
        <div class="stack">
            <BoundText
                id="idp-secret"
                label="Client secret"
                help="Stored sealed, sent to this issuer only, and never shown again."
                error=message(problem, "client_secret")
                value=draft.client_secret
                typing=Typing::Secret
                placeholder
                fixed=draft.forget_secret
            />
            <Show when=move || is_set.get()>
                <BoundTick
                    id="idp-forget"
                    label="Remove the stored secret"
                    help="For a public client."
                    checked=draft.forget_secret
                />
            </Show>
        </div>
    }
}

#[component]
fn LinkingChoice(draft: ProviderDraft) -> impl IntoView {
    let choose = move |word: String| {
        if let Some(linking) = Linking::parse(&word) {
            draft.linking.set(linking);
        }
    };
    view! {
        <Field
            id="idp-linking"
            label="Join with accounts that are here already"
            help="By e-mail address, whoever controls the provider gets into those accounts. Never into a super_admin's."
        >
            <Choose
                id="idp-linking"
                choices=worded(Linking::ALL, Linking::as_str, detail::linking)
                value=Signal::derive(move || draft.linking.get().as_str().to_owned())
                on_choose=choose
            />
        </Field>
    }
}

/// What is right for most as it is.
#[component]
fn More(draft: ProviderDraft, problem: FormProblem) -> impl IntoView {
    let choose = move |word: String| {
        if let Some(from) = ClaimsFrom::parse(&word) {
            draft.claims_from.set(from);
        }
    };
    view! {
        <details class="more">
            <summary>"Scopes, claims, network"</summary>
            <div class="stack">
                <BoundText
                    id="idp-scopes"
                    label="Scopes"
                    help="openid is always asked for."
                    error=message(problem, "scopes")
                    value=draft.scopes
                />
                <Field id="idp-claims" label="Claims from">
                    <Choose
                        id="idp-claims"
                        choices=worded(ClaimsFrom::ALL, ClaimsFrom::as_str, detail::claims_from)
                        value=Signal::derive(move || draft.claims_from.get().as_str().to_owned())
                        on_choose=choose
                    />
                </Field>
                <p class="hint-line">{move || claim_hint(draft.preset.get())}</p>
                <BoundTick
                    id="idp-private"
                    label="Allow private addresses"
                    help="Gatehouse may then connect to machines of your own network and to itself. For a provider of your own; leave it off for one on the internet."
                    checked=draft.allow_private_addresses
                />
            </div>
        </details>
    }
}
