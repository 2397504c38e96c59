//! Creating a key for oneself.

use crate::components::dialog::{Dialog, DialogHandle};
use crate::components::field::{Field, FormError, message};
use crate::error::problem_of;
use crate::pages::keys::secret::{Secret, SecretDialog};
use crate::server_fns::keys::CreateOwnKey;
use crate::viewer::Viewer;
use leptos::either::EitherOf3;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use model::error::{FieldError, Problem};
use model::key::{Environment, NewKey};
use model::limits::RateLimits;

/// Days until a new key expires; empty for never.
const EXPIRY: [(&str, &str); 5] =
    [("30", "In 30 days"), ("90", "In 90 days"), ("180", "In 180 days"), ("365", "In a year"), ("", "Never")];

/// Fields that show their own message.
const FIELDS: &[&str] = &[
    "name",
    "description",
    "environment",
    "tenant_id",
    "expires_at",
    "rate_limits.requests_per_minute",
    "rate_limits.tokens_per_day",
];

/// The button, the form behind it, and the dialog that shows the key. The state of all three lives here, so a list
/// that is read anew beside it takes nothing away.
#[component]
pub fn CreateKey(
    /// Who creates.
    viewer: Viewer,
    /// The model that the snippets name.
    #[prop(into)]
    model: Signal<String>,
    /// Called when the new key was put away: lists have to be read anew.
    #[prop(into)]
    on_created: Callback<()>,
) -> impl IntoView {
    let dialog = DialogHandle::new();
    let secret = Secret::new();
    let form = NodeRef::<html::Form>::new();
    let action = ServerAction::<CreateOwnKey>::new();
    let mistyped = RwSignal::new(None::<Problem>);
    let ready = RwSignal::new(false);
    Effect::new(move |_| ready.set(true));
    Effect::new(move |_| {
        let created = match &*action.value().read() {
            Some(Ok(Ok(created))) => created.clone(),
            _ => return,
        };
        // The action's value would keep the secret as long as the page lives.
        action.clear();
        dialog.close();
        if let Some(form) = form.get_untracked() {
            form.reset();
        }
        secret.show(created);
    });
    let problem = Signal::derive(move || {
        mistyped.get().or_else(|| action.value().with(|value| value.as_ref().and_then(problem_of).cloned()))
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(form) = form.get_untracked() else { return };
        match read(&form) {
            Ok(call) => {
                mistyped.set(None);
                action.dispatch(call);
            }
            Err(error) => {
                let mut problem = Problem::new(422, "validation_failed", "Some fields can't be taken");
                problem.errors.push(error);
                mistyped.set(Some(problem));
            }
        }
    };
    let base_url = viewer.base_url.clone();
    // `command` opens the dialog until the page is hydrated; from then on, and in older browsers, this does.
    let open = move |event: ev::MouseEvent| {
        event.prevent_default();
        dialog.open();
    };
    view! {
        <p class="sub without-scripts">"Creating and revoking keys needs JavaScript: a key is shown once."</p>
        <button class="btn primary with-scripts" type="button" commandfor="create-key" command="show-modal" on:click=open>
            "Create API key"
        </button>
        <Dialog handle=dialog id="create-key" title="Create API key">
            // Sent before the page is hydrated, it would be an ordinary form: it must not go anywhere.
            <form node_ref=form method="dialog" on:submit=submit>
                <Fields viewer problem />
                <FormError problem fields=FIELDS />
                <div class="actions">
                    <button class="btn" type="button" on:click=move |_| dialog.close()>
                        "Cancel"
                    </button>
                    <button class="btn primary" type="submit" disabled=move || !ready.get() || action.pending().get()>
                        "Create API key"
                    </button>
                </div>
            </form>
        </Dialog>
        <SecretDialog secret base_url model on_done=on_created />
    }
}

#[component]
fn Fields(viewer: Viewer, problem: Signal<Option<Problem>>) -> impl IntoView {
    let vague = RwSignal::new(false);
    let Viewer { user, tenants, .. } = viewer;
    let mine: Vec<_> = tenants.into_iter().filter(|tenant| user.tenant_ids.contains(&tenant.id)).collect();
    let several = mine.len() > 1;
    let options = mine
        .iter()
        .map(|tenant| view! { <option value=tenant.id.to_string()>{tenant.name.clone()}</option> })
        .collect_view();
    let tenants = match mine.into_iter().next() {
        None => EitherOf3::A(()),
        Some(_) if several => EitherOf3::B(view! {
            <Field id="key-tenant" label="Tenant" error=message(problem, "tenant_id")>
                <select id="key-tenant" name="tenant_id" aria-describedby="key-tenant-help">
                    {options}
                </select>
            </Field>
        }),
        Some(only) => {
            EitherOf3::C(view! { <input type="hidden" name="tenant_id" value=only.id.to_string() /> })
        }
    };
    view! {
        <Field
            id="key-name"
            label="Name"
            help="Say what uses the key, e.g. checkout-service-prod."
            error=message(problem, "name")
        >
            <input
                id="key-name"
                type="text"
                name="name"
                autocomplete="off"
                required
                autofocus
                maxlength="100"
                aria-describedby="key-name-help"
                on:input=move |event| vague.set(is_vague(&event_target_value(&event)))
            />
            <p class="nudge" role="status">
                {move || {
                    vague
                        .get()
                        .then_some("In a year nobody will know what this name stands for. What uses the key, and where?")
                }}
            </p>
        </Field>
        {tenants}
        <div class="two">
            <Field
                id="key-environment"
                label="Environment"
                help="Sandbox keys reach only sandbox providers."
                error=message(problem, "environment")
            >
                <select id="key-environment" name="environment" aria-describedby="key-environment-help">
                    <option value="production">"Production"</option>
                    <option value="sandbox">"Sandbox"</option>
                </select>
            </Field>
            <Field id="key-expiry" label="Expires" error=message(problem, "expires_at")>
                <select id="key-expiry" name="expires" aria-describedby="key-expiry-help">
                    {EXPIRY
                        .into_iter()
                        .map(|(days, word)| {
                            view! {
                                <option value=days selected=days == "90">
                                    {word}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </Field>
        </div>
        <Field id="key-description" label="Description (optional)" error=message(problem, "description")>
            <input
                id="key-description"
                type="text"
                name="description"
                autocomplete="off"
                maxlength="1000"
                aria-describedby="key-description-help"
            />
        </Field>
        <details class="more">
            <summary>"More: limits"</summary>
            <div class="two">
                <Field
                    id="key-requests"
                    label="Requests per minute"
                    help="Empty: no limit."
                    error=message(problem, "rate_limits.requests_per_minute")
                >
                    <input
                        id="key-requests"
                        type="number"
                        name="requests_per_minute"
                        min="1"
                        max="10000000"
                        inputmode="numeric"
                        aria-describedby="key-requests-help"
                    />
                </Field>
                <Field
                    id="key-tokens"
                    label="Tokens per day"
                    help="Empty: no limit. The day is the UTC day."
                    error=message(problem, "rate_limits.tokens_per_day")
                >
                    <input
                        id="key-tokens"
                        type="number"
                        name="tokens_per_day"
                        min="1"
                        max="1000000000000"
                        inputmode="numeric"
                        aria-describedby="key-tokens-help"
                    />
                </Field>
            </div>
        </details>
    }
}

/// What the form says.
fn read(form: &web_sys::HtmlFormElement) -> Result<CreateOwnKey, FieldError> {
    let data = web_sys::FormData::new_with_form(form).ok();
    let text = |name: &str| -> Option<String> {
        let value = data.as_ref()?.get(name).as_string()?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    };
    let whole = |name: &'static str| FieldError::new(name, "must be a whole number");
    let requests = text("requests_per_minute").map(|n| n.parse()).transpose();
    let tokens = text("tokens_per_day").map(|n| n.parse()).transpose();
    let new = NewKey {
        name: text("name").unwrap_or_default(),
        description: text("description"),
        environment: text("environment").and_then(|word| Environment::parse(&word)).unwrap_or_default(),
        tenant_id: text("tenant_id").and_then(|id| id.parse().ok()),
        rate_limits: RateLimits {
            requests_per_minute: requests.map_err(|_| whole("rate_limits.requests_per_minute"))?,
            tokens_per_day: tokens.map_err(|_| whole("rate_limits.tokens_per_day"))?,
            ..RateLimits::default()
        },
        ..NewKey::default()
    };
    Ok(CreateOwnKey { new, expires_in_days: text("expires").and_then(|days| days.parse().ok()) })
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
