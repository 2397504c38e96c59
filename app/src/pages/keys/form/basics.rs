//! What a key is called, whose it is, where it works and until when.

use super::KeyForm;
use super::expiry::Expires;
use super::owner::OwnerField;
use super::read::pair;
use crate::components::field::Field;
use crate::components::form::{Form, TextField};
use crate::components::tokens::TokenField;
use crate::query::use_query;
use leptos::either::EitherOf3;
use leptos::prelude::*;
use model::TenantId;
use model::key::{KeyKind, is_tag_name, is_tag_value};
use model::tenant::Tenant;

/// Fields without a section: they are always in sight.
#[component]
pub fn Basics(
    /// The form.
    form: Form,
    /// Who fills it in, and what for.
    about: KeyForm,
    /// Restricted or standard; one chooses here.
    kind: RwSignal<KeyKind>,
) -> impl IntoView {
    let vague = RwSignal::new(false);
    let before = about.before.as_ref();
    let is_new = before.is_none();
    let name = before.map(|key| key.name.clone()).unwrap_or_default();
    let description = before.and_then(|key| key.description.clone()).unwrap_or_default();
    let path = before.and_then(|key| key.user_path.as_ref()).map(ToString::to_string).unwrap_or_default();
    let now = about.viewer.now;
    let path = about.operator.then(|| {
        view! {
            <TextField
                form
                field="user_path"
                label="User path (optional)"
                help="Rules, budgets and usage by path, e.g. /team/alpha/service."
                value=path
                maxlength=256
            />
        }
    });
    let expires = about.shows_bounds().then(|| {
        let ends = before.and_then(|key| key.expires_at);
        view! { <Expires form now changes=!is_new ends /> }
    });
    let tags = about.shows_tags().then(|| view! { <TagsField form about=about.clone() /> });
    let issue = is_new.then(|| view! { <Issue form about=about.clone() kind /> });
    view! {
        <TextField
            form
            field="name"
            label="Name"
            help="Say what uses the key, e.g. checkout-service-prod."
            value=name
            maxlength=100
            required=true
            autofocus=true
            on_input=move |name: String| vague.set(is_vague(&name))
        />
        <p class="nudge" role="status">
            {move || {
                vague
                    .get()
                    .then_some("In a year nobody will know what this name stands for. What uses the key, and where?")
            }}
        </p>
        <TextField form field="description" label="Description (optional)" value=description />
        {issue}
        <div class="two">{expires} {path}</div>
        {tags}
    }
}

/// What never changes once a key is issued: tenant, environment; by an operator also kind and owner.
#[component]
fn Issue(form: Form, about: KeyForm, kind: RwSignal<KeyKind>) -> impl IntoView {
    let operator = about.operator;
    let kind_choice = operator.then(|| {
        let id = form.id("kind");
        view! {
            <Field
                id=id.clone()
                label="Kind"
                help="A standard key is its tenant's own; one for each environment."
                error=form.error("kind")
            >
                <select
                    id=id.clone()
                    name="kind"
                    aria-describedby=format!("{id}-help")
                    on:change=move |event| {
                        kind.set(KeyKind::parse(&event_target_value(&event)).unwrap_or_default());
                    }
                >
                    <option value="restricted">"Restricted: what you choose"</option>
                    <option value="standard">"Standard: everything of its tenant"</option>
                </select>
            </Field>
        }
    });
    let environment = form.id("environment");
    let owner =
        move || (operator && kind.get() == KeyKind::Restricted).then(|| view! { <OwnerField form /> });
    view! {
        <div class="two">
            {kind_choice}
            <Field
                id=environment.clone()
                label="Environment"
                help="Sandbox keys reach only sandbox providers."
                error=form.error("environment")
            >
                <select id=environment.clone() name="environment" aria-describedby=format!("{environment}-help")>
                    <option value="production">"Production"</option>
                    <option value="sandbox">"Sandbox"</option>
                </select>
            </Field>
        </div>
        {owner}
        <TenantField form about />
    }
}

/// Operators choose among all tenants, developers among theirs; where there is only one it needs no choice.
#[component]
fn TenantField(form: Form, about: KeyForm) -> impl IntoView {
    let query = use_query();
    let KeyForm { viewer, operator, .. } = about;
    let mine = |tenant: &Tenant| operator || viewer.user.tenant_ids.contains(&tenant.id);
    let tenants: Vec<_> = viewer.tenants.iter().filter(|tenant| mine(tenant)).cloned().collect();
    // An operator who looks at one tenant means that one.
    let looked_at: Option<TenantId> =
        query.with_untracked(|query| query.get("tenant").and_then(|id| id.parse().ok()));
    let first = looked_at.filter(|_| operator).unwrap_or_else(TenantId::default_tenant);
    match &tenants[..] {
        [] => EitherOf3::A(()),
        [only] => EitherOf3::B(view! { <input type="hidden" name="tenant_id" value=only.id.to_string() /> }),
        _ => {
            let id = form.id("tenant_id");
            let options = tenants
                .iter()
                .map(|tenant| {
                    view! {
                        <option value=tenant.id.to_string() selected=tenant.id == first>
                            {tenant.name.clone()}
                        </option>
                    }
                })
                .collect_view();
            EitherOf3::C(view! {
                <Field id=id.clone() label="Tenant" error=form.error("tenant_id")>
                    <select id=id.clone() name="tenant_id" aria-describedby=format!("{id}-help")>
                        {options}
                    </select>
                </Field>
            })
        }
    }
}

#[component]
fn TagsField(form: Form, about: KeyForm) -> impl IntoView {
    let own: Vec<_> = about.own_tags().map(|name| format!("{name}=…")).collect();
    let help = if about.operator {
        "name=value, stored with each of its requests. Clients can't change them.".to_owned()
    } else {
        format!("Yours to set: {}", own.join(", "))
    };
    let words = about
        .before
        .iter()
        .flat_map(|key| &key.tags)
        .filter(|(name, _)| about.may_tag(name))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    view! { <TokenField form field="tags" label="Tags (optional)" help words check=check_tag /> }
}

fn check_tag(word: &str) -> Option<String> {
    let good = pair(word).is_some_and(|(name, value)| is_tag_name(name) && is_tag_value(value));
    (!good).then(|| "must be name=value; names are letters, digits and - _ .".to_owned())
}

/// Names that say nothing: `test`, `key1`, `my-key`, `asdf`.
fn is_vague(name: &str) -> bool {
    const SAYS_NOTHING: [&str; 10] =
        ["test", "tests", "key", "apikey", "mykey", "new", "newkey", "asdf", "temp", "foo"];
    let letters: String =
        name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    SAYS_NOTHING.contains(&&*letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vague_names() {
        for vague in ["test", "Test 1", "key1", "my-key", "API key"] {
            assert!(is_vague(vague), "{vague}");
        }
        for good in ["checkout-service-prod", "testing-farm", ""] {
            assert!(!is_vague(good), "{good}");
        }
    }
}
