//! Models: the list with the state of their targets, the drawer of one with who may call it, and the form.

pub mod callers;
pub mod detail;
pub mod draft;
pub mod form;
pub mod health;
pub mod remove;
pub mod table;
pub mod targets;

use crate::components::allowed::Allowed;
use crate::components::filter::{FilterBar, Search};
use crate::components::form_dialog::CreateButton;
use crate::components::head::Head;
use crate::components::list_card::ListAndDrawer;
use crate::components::listing::Listing;
use crate::pages::providers::CatalogList;
use crate::server_fns::catalog::{list_models, provider_names, read_model};
use crate::viewer::{MODELS_READ, MODELS_WRITE};
use callers::callers_of;
use detail::ModelDrawer;
use form::{FORM, ModelEditor, ModelForm};
use health::watch;
use leptos::prelude::*;
use model::ModelName;
use remove::{RemoveModelDialog, Removing};
use table::ModelTable;

/// The list, the drawer of one model, and the dialogs.
#[component]
pub fn ModelsPage() -> impl IntoView {
    let listing = Listing::<_, ModelName>::new("model", CatalogList::from_query);
    let rows = listing.rows(|asked| list_models(asked.q, asked.page));
    let detail = listing.detail(read_model);
    let callers = callers_of(listing.open);
    let providers = Resource::new_blocking(|| (), |()| provider_names());
    let health = watch(listing.asked);
    let editor = ModelEditor::new();
    let removing = Removing::new();
    let on_saved = move |name: ModelName| listing.saved(&name);
    let on_removed = move |()| listing.removed();
    view! {
        <Head title="Models">
            <p>"The names that clients send as " <code>"model"</code></p>
            <Allowed permission=MODELS_WRITE>
                <CreateButton label="Create model" dialog=FORM on_open=move |()| editor.create() />
            </Allowed>
        </Head>
        <Allowed permission=MODELS_READ>
            <FilterBar label="Search models" kept=&["tenant"]>
                <Search label="Search name or label" />
            </FilterBar>
        </Allowed>
        <ListAndDrawer
            rows
            list=move |page, _| {
                let list = listing.asked.get_untracked();
                view! { <ModelTable page list health /> }.into_any()
            }
            detail
            drawer=move |detail, viewer| {
                let may_write = viewer.is_some_and(|viewer| viewer.may(MODELS_WRITE));
                view! { <ModelDrawer detail may_write callers health editor removing /> }.into_any()
            }
        />
        <Allowed permission=MODELS_WRITE>
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let providers = providers.await.unwrap_or_default();
                    view! { <ModelForm editor providers on_saved /> }
                })}
            </Suspense>
        </Allowed>
        <RemoveModelDialog removing on_removed />
    }
}
