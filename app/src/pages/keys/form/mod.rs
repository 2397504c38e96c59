//! The form of a key: every field, in sections that fold. The Console and operators share it, for new keys and for
//! changes; who fills it in decides what it shows.

pub mod basics;
mod entered;
pub mod expiry;
pub mod identity;
pub mod limits;
pub mod owner;
pub mod reach;
mod read;

pub use entered::Entered;
pub use read::{claim_text, difference, read};

use crate::components::field::FormProblem;
use crate::components::form::Form;
use crate::viewer::Viewer;
use basics::Basics;
use identity::Identity;
use leptos::prelude::*;
use limits::Limits;
use model::key::{KeyKind, KeyView};
use reach::{Conversations, Reach, WhereFrom};

/// Radio words: how tokens are verified.
const JWKS: &str = "jwks";
const PEM: &str = "pem";

/// Who fills the form in, and what for.
#[derive(Clone, Debug)]
pub struct KeyForm {
    /// Who.
    pub viewer: Viewer,
    /// Whether as an operator: for anybody, with everything. Otherwise for themselves.
    pub operator: bool,
    /// The key that is changed; `None`: a new one.
    pub before: Option<KeyView>,
}

impl KeyForm {
    /// Whether the key's bounds are theirs to set: those of a key that somebody else issued to them aren't.
    fn shows_bounds(&self) -> bool {
        self.operator
            || self.before.as_ref().is_none_or(|key| key.creator_id.as_ref() == Some(&self.viewer.user.id))
    }

    /// Whether a tag of this name is theirs to set.
    fn may_tag(&self, name: &str) -> bool {
        self.operator || self.own_tags().any(|own| own == name)
    }

    fn shows_tags(&self) -> bool {
        self.operator || self.own_tags().next().is_some()
    }

    /// The tags that the tenants leave to their people.
    fn own_tags(&self) -> impl Iterator<Item = &str> {
        let here = |id| self.before.as_ref().is_none_or(|key| key.tenant_id == id);
        let user = &self.viewer.user;
        self.viewer
            .tenants
            .iter()
            .filter(move |tenant| user.tenant_ids.contains(&tenant.id) && here(tenant.id.clone()))
            .flat_map(|tenant| &tenant.self_service_tags)
            .map(|name| &**name)
    }
}

/// Fields that show their own message, and those below them theirs.
pub const FIELDS: &[&str] = &[
    "name",
    "description",
    "environment",
    "kind",
    "tenant_id",
    "owner",
    "user_path",
    "tags",
    "expires_at",
    "allowed_actions",
    "allowed_models",
    "denied_models",
    "allowed_model_labels",
    "allowed_providers",
    "allowed_ips",
    "rate_limits",
    "identity.header_mode",
    "identity.enforce",
    "identity.allowed_domains",
    "identity.jwt",
    "identity.rate_limits",
    "require_conversation_id",
];

/// All the fields, for the inside of a `<form>`.
#[component]
pub fn KeyFields(
    /// The form's ids begin with this.
    prefix: &'static str,
    /// Who fills it in.
    form: KeyForm,
    /// What is wrong with what was sent.
    problem: FormProblem,
) -> impl IntoView {
    let controls = Form::new(prefix, problem);
    let kind = RwSignal::new(form.before.as_ref().map_or(KeyKind::Restricted, |key| key.kind));
    let scope = StoredValue::new(form.before.as_ref().map(|key| key.scope.clone()).unwrap_or_default());
    let operator = form.operator;
    let bounds = form.shows_bounds();
    let sections = bounds.then(|| {
        view! {
            {move || view! { <Reach form=controls kind=kind.get() scope=scope.get_value() /> }}
            <Limits form=controls limits=scope.with_value(|scope| scope.rate_limits) />
            <WhereFrom form=controls scope=scope.get_value() />
            <Identity form=controls rules=scope.with_value(|scope| scope.identity.clone()) operator />
            <Conversations form=controls required=scope.with_value(|scope| scope.require_conversation_id) />
        }
    });
    let issued = (!bounds).then(|| {
        view! {
            <p class="note">
                "An operator issued this key to you: what it may do is theirs to change. Name and description are yours."
            </p>
        }
    });
    view! {
        <Basics form=controls about=form kind />
        {issued}
        {sections}
    }
}
