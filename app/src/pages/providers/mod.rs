//! Providers: the list, the drawer of one with its connection test, and the form.

pub mod detail;
pub mod draft;
pub mod form;
pub mod remove;
pub mod table;

use crate::components::allowed::Allowed;
use crate::components::filter::{FilterBar, Search};
use crate::components::form_dialog::CreateButton;
use crate::components::head::Head;
use crate::components::list_card::ListAndDrawer;
use crate::components::listing::Listing;
use crate::query::Query;
use crate::server_fns::catalog::{list_providers, read_provider};
use crate::viewer::{PROVIDERS_READ, PROVIDERS_WRITE};
use detail::ProviderDrawer;
use form::{FORM, ProviderEditor, ProviderForm};
use leptos::prelude::*;
use model::{PageRequest, ProviderName};
use remove::{RemoveProviderDialog, Removing};
use table::ProviderTable;

/// What a list of providers or models asks for, as read from the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogList {
    /// What is searched for.
    pub q: Option<String>,
    /// Which page.
    pub page: PageRequest,
}

impl CatalogList {
    /// From the address.
    pub fn from_query(query: &Query) -> Self {
        Self { q: query.get("q").map(ToOwned::to_owned), page: query.page() }
    }
}

/// The list, the drawer of one provider, and the dialogs.
#[component]
pub fn ProvidersPage() -> impl IntoView {
    let listing = Listing::<_, ProviderName>::new("provider", CatalogList::from_query);
    let rows = listing.rows(|asked| list_providers(asked.q, asked.page));
    let detail = listing.detail(read_provider);
    let editor = ProviderEditor::default();
    let removing = Removing::new();
    let on_saved = move |name: ProviderName| listing.saved(&name);
    let on_removed = move |()| listing.removed();
    view! {
        <Head title="Providers" about="Where models are answered">
            <Allowed permission=PROVIDERS_WRITE>
                <CreateButton label="Create provider" dialog=FORM on_open=move |()| editor.create() />
            </Allowed>
        </Head>
        <Allowed permission=PROVIDERS_READ>
            <FilterBar label="Search providers" kept=&["tenant"]>
                <Search label="Search name or address" />
            </FilterBar>
        </Allowed>
        <ListAndDrawer
            rows
            list=move |page, _| {
                let list = listing.asked.get_untracked();
                view! { <ProviderTable page list /> }.into_any()
            }
            detail
            drawer=move |detail, viewer| {
                let may_write = viewer.is_some_and(|viewer| viewer.may(PROVIDERS_WRITE));
                view! { <ProviderDrawer detail may_write editor removing /> }.into_any()
            }
        />
        <ProviderForm editor on_saved />
        <RemoveProviderDialog removing on_removed />
    }
}
