//! Tenants: the list with its figures, the drawer of one with its people, and the dialogs.

pub mod delete;
pub mod detail;
pub mod form;
pub mod members;
pub mod switch;
pub mod table;

use crate::components::allowed::Allowed;
use crate::components::drawer::MissingDrawer;
use crate::components::failure::Failure;
use crate::components::filter::{Chip, FilterBar, Search};
use crate::components::form_dialog::CreateButton;
use crate::components::leaving::LeavingDialog;
use crate::components::list::opened;
use crate::components::list_card::{ListCard, give_focus_back};
use crate::query::{Query, use_goto, use_query};
use crate::server_fns::tenants::{list_tenants, read_tenant};
use crate::viewer::{MEMBERSHIPS_WRITE, TENANTS_READ, TENANTS_WRITE, use_viewer};
use delete::{DeleteDialog, Deleting};
use detail::TenantDrawer;
use form::{FORM, TenantEditor, TenantForm};
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use leptos_meta::Title;
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

/// The tenant whose drawer is open. Not `tenant`: that narrows the pages to one.
fn open_tenant(query: &Query) -> Option<TenantId> {
    query.get("slug").and_then(|id| id.parse().ok())
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
    let query = use_query();
    let goto = use_goto();
    let viewer = use_viewer();
    // What is removed is gone from the list; its drawer must not be read again before it closes.
    let (removed, saved) = (RwSignal::new(0_u32), RwSignal::new(0_u32));
    let list = Memo::new(move |_| query.with(TenantList::from_query));
    let open = Memo::new(move |_| query.with(open_tenant));
    let rows = Resource::new_blocking(
        move || (list.get(), removed.get(), saved.get()),
        |(list, ..)| list_tenants(list.filter, list.page),
    );
    let detail = opened(open, saved, read_tenant);
    let work = TenantWork::default();
    let pending = RwSignal::new(false);
    give_focus_back(open);
    let renew = move || saved.update(|times| *times += 1);
    let on_saved = move |id: TenantId| {
        renew();
        // The choice of tenants in the sidebar has their names.
        viewer.refetch();
        goto.push(|query| query.with("slug", Some(id.as_str())));
    };
    let on_deleted = move |id: TenantId| {
        removed.update(|times| *times += 1);
        viewer.refetch();
        // A scope that is gone would show nothing but empty lists.
        goto.replace(|query| {
            let scope = query.get("tenant").filter(|scope| *scope != id.as_str());
            query.closed().with("tenant", scope)
        });
    };
    view! {
        <Title text="Tenants" />
        <div class="head">
            <h1>"Tenants"</h1>
            <p>"Teams, customers, environments"</p>
            <Allowed permission=TENANTS_WRITE>
                <CreateButton label="Create tenant" dialog=FORM on_open=move |()| work.editor.create() />
            </Allowed>
        </div>
        <Allowed permission=TENANTS_READ>
            <Filters />
        </Allowed>
        <div class="cols">
            <ListCard pending>
                <Transition fallback=|| () set_pending=pending>
                    {move || Suspend::new(async move {
                        match rows.await {
                            Ok(dated) => {
                                let list = list.get_untracked();
                                Either::Left(view! { <TenantTable page=dated.data list /> })
                            }
                            Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                        }
                    })}
                </Transition>
            </ListCard>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let viewer = viewer.await.ok().flatten();
                    match detail.await {
                        Ok(Some(detail)) => {
                            let id = detail.data.tenant.tenant.id.clone();
                            let may = |permission| {
                                viewer.as_ref().is_some_and(|viewer| viewer.rights.may_in(permission, &id))
                            };
                            let (may_write, may_add) = (may(TENANTS_WRITE), may(MEMBERSHIPS_WRITE));
                            EitherOf3::A(view! {
                                <TenantDrawer detail work may_write may_add on_changed=move |()| renew() />
                            })
                        }
                        Ok(None) => EitherOf3::B(()),
                        Err(error) => EitherOf3::C(view! { <MissingDrawer error /> }),
                    }
                })}
            </Transition>
        </div>
        <TenantForm editor=work.editor on_saved />
        <SwitchDialog switching=work.switching on_switched=move |()| renew() />
        <DeleteDialog deleting=work.deleting on_deleted />
        <LeavingDialog leaving=work.members.leaving on_left=move |()| renew() />
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
