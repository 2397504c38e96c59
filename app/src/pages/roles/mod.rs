//! Roles: what each may do, who has it, and custom ones with their effect told before they are saved.

pub mod compare;
pub mod detail;
pub mod draft;
pub mod effect;
pub mod form;
pub mod matrix;
pub mod remove;
pub mod table;

use crate::components::allowed::Allowed;
use crate::components::form_dialog::CreateButton;
use crate::components::head::Head;
use crate::components::list_card::ListAndDrawer;
use crate::components::listing::Listing;
use crate::query::use_query;
use crate::server_fns::roles::{list_roles, read_role};
use crate::viewer::{ROLES_READ, ROLES_WRITE, Viewer, use_viewer};
use compare::{RoleMatrix, RoleViews, is_matrix};
use detail::RoleDrawer;
use form::{FORM, RoleEditor, RoleForm};
use leptos::prelude::*;
use model::role::{PermissionSet, RoleName};
use remove::{RemoveRoleDialog, Removing};
use table::RoleTable;

/// What the viewer may give, if they may write roles at all.
fn held_by(viewer: Option<Viewer>) -> Option<PermissionSet> {
    viewer.filter(|viewer| viewer.may(ROLES_WRITE)).map(|viewer| viewer.rights.global())
}

/// The list, the drawer of one role, and the dialogs.
#[component]
pub fn RolesPage() -> impl IntoView {
    let query = use_query();
    let viewer = use_viewer();
    let listing = Listing::<_, RoleName>::new("open", |_| ());
    let rows = listing.rows(|()| list_roles());
    let detail = listing.detail(read_role);
    let editor = RoleEditor::default();
    let removing = Removing::new();
    let matrix = Memo::new(move |_| query.with(is_matrix));
    let on_saved = move |name: RoleName| listing.saved(&name);
    let on_removed = move |()| listing.removed();
    view! {
        <Head title="Roles" about="What people may do, everywhere or in one tenant">
            <Allowed permission=ROLES_WRITE>
                <CreateButton label="Create role" dialog=FORM on_open=move |()| editor.create() />
            </Allowed>
        </Head>
        <Allowed permission=ROLES_READ>
            <RoleViews />
        </Allowed>
        <ListAndDrawer
            rows
            list=move |roles, _| {
                if matrix.get_untracked() {
                    view! { <RoleMatrix roles /> }.into_any()
                } else {
                    view! { <RoleTable roles /> }.into_any()
                }
            }
            drawn_by=Signal::derive(move || matrix.track())
            detail
            drawer=move |detail, viewer| {
                let held = held_by(viewer);
                view! { <RoleDrawer detail held editor removing /> }.into_any()
            }
        />
        <Allowed permission=ROLES_WRITE>
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let held = held_by(viewer.await.ok().flatten()).unwrap_or(PermissionSet::NONE);
                    view! { <RoleForm editor held on_saved /> }
                })}
            </Suspense>
        </Allowed>
        <RemoveRoleDialog removing on_removed />
    }
}
