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
use crate::components::drawer::MissingDrawer;
use crate::components::failure::Failure;
use crate::components::form_dialog::CreateButton;
use crate::components::list::opened;
use crate::components::list_card::{ListCard, give_focus_back};
use crate::query::{Query, use_goto, use_query};
use crate::server_fns::roles::{list_roles, read_role};
use crate::viewer::{ROLES_READ, ROLES_WRITE, use_viewer};
use compare::{RoleMatrix, RoleViews, is_matrix};
use detail::RoleDrawer;
use form::{FORM, RoleEditor, RoleForm};
use leptos::either::EitherOf3;
use leptos::prelude::*;
use leptos_meta::Title;
use model::role::{PermissionSet, RoleName};
use remove::{RemoveRoleDialog, Removing};
use table::RoleTable;

fn open_role(query: &Query) -> Option<RoleName> {
    query.get("open").and_then(|name| name.parse().ok())
}

/// The list, the drawer of one role, and the dialogs.
#[component]
pub fn RolesPage() -> impl IntoView {
    let query = use_query();
    let goto = use_goto();
    let viewer = use_viewer();
    let changed = RwSignal::new(0_u32);
    let open = Memo::new(move |_| query.with(open_role));
    let roles = Resource::new_blocking(move || changed.get(), |_| list_roles());
    let detail = opened(open, changed, read_role);
    let editor = RoleEditor::default();
    let removing = Removing::new();
    let matrix = Memo::new(move |_| query.with(is_matrix));
    let pending = RwSignal::new(false);
    give_focus_back(open);
    let on_saved = move |name: RoleName| {
        changed.update(|times| *times += 1);
        goto.push(|query| query.with("open", Some(name.as_str())));
    };
    // Its drawer closes before the list is read without it.
    let on_removed = move |()| {
        goto.replace(Query::closed);
        changed.update(|times| *times += 1);
    };
    // What the viewer may give, if they may write roles at all.
    let held = move || async move {
        let viewer = viewer.await.ok().flatten()?;
        viewer.may(ROLES_WRITE).then(|| viewer.rights.global())
    };
    view! {
        <Title text="Roles" />
        <div class="head">
            <h1>"Roles"</h1>
            <p>"What people may do, everywhere or in one tenant"</p>
            <Allowed permission=ROLES_WRITE>
                <CreateButton label="Create role" dialog=FORM on_open=move |()| editor.create() />
            </Allowed>
        </div>
        <Allowed permission=ROLES_READ>
            <RoleViews />
        </Allowed>
        <div class="cols">
            <ListCard pending>
                <Transition fallback=|| () set_pending=pending>
                    {move || {
                        let matrix = matrix.get();
                        Suspend::new(async move {
                            match roles.await {
                                Ok(roles) if matrix => EitherOf3::A(view! { <RoleMatrix roles /> }),
                                Ok(roles) => EitherOf3::B(view! { <RoleTable roles /> }),
                                Err(error) => EitherOf3::C(view! { <Failure error whole_page=true /> }),
                            }
                        })
                    }}
                </Transition>
            </ListCard>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let held = held().await;
                    match detail.await {
                        Ok(Some(detail)) => EitherOf3::A(view! { <RoleDrawer detail held editor removing /> }),
                        Ok(None) => EitherOf3::B(()),
                        Err(error) => EitherOf3::C(view! { <MissingDrawer error /> }),
                    }
                })}
            </Transition>
        </div>
        <Allowed permission=ROLES_WRITE>
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let held = held().await.unwrap_or(PermissionSet::NONE);
                    view! { <RoleForm editor held on_saved /> }
                })}
            </Suspense>
        </Allowed>
        <RemoveRoleDialog removing on_removed />
    }
}
