//! Making a management key: what uses it, where it acts, what it may do, until when.

use super::draft::{Draft, grantable};
use super::secret::{Bounds, Secret};
use crate::components::bound::BoundText;
use crate::components::dialog::DialogHandle;
use crate::components::field::{Field, FormProblem, message, sentence};
use crate::components::form::Form;
use crate::components::form_dialog::{CreateButton, FormDialog};
use crate::error::{Answer, AppError, problem_in};
use crate::pages::keys::form::Entered;
use crate::pages::keys::form::expiry::Expires;
use crate::pages::roles::matrix::TickMatrix;
use crate::query::use_query;
use crate::server_fns::management_keys::create_management_key;
use crate::viewer::Viewer;
use leptos::prelude::*;
use model::Problem;
use model::management_key::{CreatedManagementKey, NewManagementKey};
use model::role::{PermissionSet, Rights};
use model::tenant::Tenant;

const DIALOG: &str = "create-management-key";

/// Fields that show their own message.
const FIELDS: &[&str] = &["name", "tenant_id", "expires_at", "permissions"];

/// The button and the form behind it. The state lives here, so a list that is read anew beside it takes nothing away.
#[component]
pub fn CreateManagementKey(
    /// Who creates.
    viewer: Viewer,
    /// Shows the new key.
    secret: Secret,
) -> impl IntoView {
    let query = use_query();
    let Viewer { rights, tenants, now, .. } = viewer;
    let dialog = DialogHandle::new();
    let draft = Draft::default();
    // Not a `ServerAction`: its value would keep the secret as long as the page lives.
    let action = Action::new_local(move |(new, days): &(NewManagementKey, Option<u16>)| {
        let (new, days) = (new.clone(), *days);
        async move {
            let answer: Result<Answer<CreatedManagementKey>, AppError> =
                create_management_key(new, days).await;
            answer
        }
    });
    let mistyped = RwSignal::new(None::<Problem>);
    Effect::new(move |_| {
        let created = match &*action.value().read() {
            Some(Ok(Ok(created))) => created.clone(),
            _ => return,
        };
        action.value().set(None);
        dialog.close();
        secret.show(created);
    });
    // The choice of the expiry begins anew with each key.
    let round = RwSignal::new(0_u32);
    let begin = move |()| {
        mistyped.set(None);
        action.value().set(None);
        round.update(|round| *round = round.wrapping_add(1));
        // Who looks at one tenant means that one.
        draft.begin(query.with_untracked(|query| query.get("tenant").unwrap_or_default().to_owned()));
        dialog.open();
    };
    let problem = Signal::derive(move || mistyped.get().or_else(|| problem_in(action.value())));
    let submit = move |()| match draft.to_new(&Entered::in_dialog(DIALOG), now) {
        Ok((new, expiry)) => {
            mistyped.set(None);
            action.dispatch((new, expiry.days()));
        }
        Err(problem) => mistyped.set(Some(problem)),
    };
    let form = Form::new("new", problem);
    let rights = StoredValue::new(rights);
    view! {
        <CreateButton label="Create management key" dialog=DIALOG on_open=begin />
        <FormDialog
            handle=dialog
            id=DIALOG
            title="Create management key"
            verb="Create management key"
            problem
            fields=FIELDS
            pending=action.pending()
            on_submit=submit
            on_close=|()| ()
        >
            <BoundText
                id="new-name"
                label="Name"
                help="Say what uses the key, e.g. provisioning-prod."
                error=message(problem, "name")
                value=draft.name
                required=true
            />
            <div class="two">
                <TenantField draft rights tenants problem />
                // By key: controls that are merely rendered again would keep what was chosen.
                <For each=move || [round.get()] key=|round| *round let:_round>
                    <Expires form now help="Refused from then on." />
                </For>
            </div>
            <Scopes draft rights problem />
            <Bounds />
        </FormDialog>
    }
}

#[component]
fn TenantField(
    draft: Draft,
    rights: StoredValue<Rights>,
    tenants: Vec<Tenant>,
    problem: FormProblem,
) -> impl IntoView {
    let error = message(problem, "tenant_id");
    let options = tenants
        .into_iter()
        .map(|tenant| {
            let id = tenant.id.to_string();
            let value = id.clone();
            view! {
                <option value=value selected=move || *draft.tenant.read() == id>
                    {tenant.name}
                </option>
            }
        })
        .collect_view();
    view! {
        <Field id="new-tenant" label="Tenant" help="The only one that it acts in." error>
            <select
                id="new-tenant"
                autocomplete="off"
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby="new-tenant-help"
                prop:value=move || draft.tenant.get()
                on:change=move |event| {
                    let tenant = event_target_value(&event);
                    rights.with_value(|rights| draft.choose_tenant(tenant, rights));
                }
            >
                <option value="" selected=move || draft.tenant.read().is_empty()>
                    "Everywhere"
                </option>
                {options}
            </select>
        </Field>
    }
}

#[component]
fn Scopes(draft: Draft, rights: StoredValue<Rights>, problem: FormProblem) -> impl IntoView {
    const LACKED: &str = "new-lacked";
    let error = message(problem, "permissions");
    let held =
        Memo::new(move |_| draft.tenant.with(|tenant| rights.with_value(|rights| grantable(rights, tenant))));
    view! {
        <fieldset class="part" class:invalid=move || error.read().is_some()>
            <legend>"Scopes"</legend>
            <TickMatrix caption="Scopes of the key" ticked=draft.scopes held=held.into() lacked=LACKED />
            <Show when=move || held.get() != PermissionSet::ALL>
                <p class="sub" id=LACKED>
                    "Greyed boxes can't be in this key: you don't hold them there yourself, or they don't count in a single tenant."
                </p>
            </Show>
            {move || error.get().map(|text| view! { <p class="field-error" role="alert">{sentence(&text)}</p> })}
        </fieldset>
    }
}
