//! Tenants: the list with its figures, the drawer of one with its people, and the dialogs.

pub mod delete;
pub mod detail;
pub mod form;
pub mod members;
pub mod switch;
pub mod table;

use crate::components::allowed::Allowed;
use crate::components::filter::{Chip, FilterBar, Search};
use crate::components::form_dialog::CreateButton;
use crate::components::head::Head;
use crate::components::leaving::LeavingDialog;
use crate::components::list_card::ListAndDrawer;
use crate::components::listing::Listing;
use crate::query::{Query, use_query};
use crate::server_fns::tenants::{TenantDetail, list_tenants, read_tenant};
use crate::viewer::{Dated, MEMBERSHIPS_WRITE, TENANTS_READ, TENANTS_WRITE, Viewer, use_viewer};
use delete::{DeleteDialog, Deleting};
use detail::TenantDrawer;
use form::{FORM, TenantEditor, TenantForm};
use leptos::prelude::*;
use members::Members;
use model::tenant::TenantFilter;
use model::{PageRequest, TenantId};
use switch::{SwitchDialog, Switching};
use table::TenantTable;

/// What the list asks for, as read from the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantList {
    /// Which tenants.
    pub filter: TenantFilter,
    /// Which page.
    pub page: PageRequest,
}

impl TenantList {
    /// From the address.
    pub fn from_query(query: &Query) -> Self {
        let filter = TenantFilter {
            q: query.get("q").map(ToOwned::to_owned),
            id: query.get("tenant").and_then(|id| id.parse().ok()),
        };
        Self { filter, page: query.page() }
    }
}

/// What can be done with a tenant, from its drawer. The dialogs stand beside the list.
#[derive(Clone, Copy, Default)]
pub struct TenantWork {
    editor: TenantEditor,
    switching: Switching,
    deleting: Deleting,
    members: Members,
}

/// The list, the drawer of one tenant, and the dialogs.
#[component]
pub fn TenantsPage() -> impl IntoView {
    let viewer = use_viewer();
    // Not `tenant`: that narrows the pages to one.
    let listing = Listing::<_, TenantId>::new("slug", TenantList::from_query);
    let rows = listing.rows(|asked| list_tenants(asked.filter, asked.page));
    let detail = listing.detail(read_tenant);
    let work = TenantWork::default();
    let renew = move |()| listing.renew();
    let on_saved = move |id: TenantId| {
        // The choice of tenants in the sidebar has their names.
        viewer.refetch();
        listing.saved(&id);
    };
    let on_deleted = move |id: TenantId| {
        viewer.refetch();
        // A scope that is gone would show nothing but empty lists.
        listing.removed_to(|query| {
            let scope = query.get("tenant").filter(|scope| *scope != id.as_str());
            query.closed().with("tenant", scope)
        });
    };
    let drawer = move |detail: Dated<TenantDetail>, viewer: Option<Viewer>| {
        let id = &detail.data.tenant.tenant.id;
        let may = |permission| viewer.as_ref().is_some_and(|viewer| viewer.rights.may_in(permission, id));
        let (may_write, may_add) = (may(TENANTS_WRITE), may(MEMBERSHIPS_WRITE));
        view! { <TenantDrawer detail work may_write may_add on_changed=renew /> }.into_any()
    };
    view! {
        <Head title="Tenants" about="Teams, customers, environments">
            <Allowed permission=TENANTS_WRITE>
                <CreateButton label="Create tenant" dialog=FORM on_open=move |()| work.editor.create() />
            </Allowed>
        </Head>
        <Allowed permission=TENANTS_READ>
            <Filters />
        </Allowed>
        <ListAndDrawer
            rows
            list=move |Dated { data, .. }, _| {
                let list = listing.asked.get_untracked();
                view! { <TenantTable page=data list /> }.into_any()
            }
            detail
            drawer
        />
        <TenantForm editor=work.editor on_saved />
        <SwitchDialog switching=work.switching on_switched=renew />
        <DeleteDialog deleting=work.deleting on_deleted />
        <LeavingDialog leaving=work.members.leaving on_left=renew />
    }
}

#[component]
fn Filters() -> impl IntoView {
    let query = use_query();
    let tenant = Memo::new(move |_| query.with(|query| query.get("tenant").map(ToOwned::to_owned)));
    view! {
        <FilterBar label="Search tenants" kept=&["tenant"]>
            <Search label="Search name or slug" />
            {move || tenant.get().map(|id| view! { <Chip text=format!("Tenant: {id}") name="tenant" /> })}
        </FilterBar>
    }
}
