//! The drawer of one role: what it may do, and who has it.

use super::form::RoleEditor;
use super::matrix::HeldMatrix;
use super::remove::Removing;
use crate::components::drawer::{Drawer, Fact};
use crate::components::history::HistoryLink;
use crate::format::counted;
use crate::query::{use_goto, use_scope};
use leptos::prelude::*;
use model::role::{PermissionSet, RoleView};

/// The drawer.
#[component]
pub fn RoleDrawer(
    /// The role.
    detail: RoleView,
    /// What the viewer holds everywhere, if they may change roles.
    held: Option<PermissionSet>,
    /// Makes and changes roles.
    editor: RoleEditor,
    /// Deletes them.
    removing: Removing,
) -> impl IntoView {
    let goto = use_goto();
    let close = Signal::derive(move || goto.href(|query| query.with("open", None)));
    let RoleView { role, uses } = detail;
    let people = use_scope().with("role", Some(role.name.as_str())).href("/admin/users");
    let name = role.name.to_string();
    let history = name.clone();
    let reserved = role.permissions.iter().any(|permission| permission.resource.is_reserved());
    let buttons = held.map(|held| {
        let (copied, edited, removed) = (role.clone(), role.clone(), role.clone());
        let copyable = role.permissions.and(held);
        let own = !role.built_in;
        view! {
            <div class="actions with-scripts">
                {own
                    .then(|| {
                        view! {
                            <button class="btn danger" type="button" on:click=move |_| removing.ask(removed.clone())>
                                "Delete"
                            </button>
                        }
                    })}
                <button class="btn" type="button" on:click=move |_| editor.copy(&copied, copyable)>
                    "Copy"
                </button>
                {own
                    .then(|| {
                        view! {
                            <button class="btn" type="button" on:click=move |_| editor.edit(edited.clone())>
                                "Edit"
                            </button>
                        }
                    })}
            </div>
        }
    });
    view! {
        <Drawer title=role.title.clone() close>
            <p>{role.description.clone()}</p>
            <dl>
                <Fact name="Name">
                    <code>{name}</code>
                </Fact>
                <Fact name="Kind">
                    {if role.built_in { "built-in: stays as it is; copy it to make your own" } else { "custom" }}
                </Fact>
                <Fact name="Who has it">
                    <a href=people>{counted(uses.users, "person", "people")}</a>
                    {(uses.assignments > 0)
                        .then(|| {
                            view! {
                                <span class="sub">{format!("and given for tenants {}", counted(uses.assignments, "time", "times"))}</span>
                            }
                        })}
                </Fact>
            </dl>
            <h3>"Permissions"</h3>
            <HeldMatrix held=role.permissions />
            {reserved
                .then(|| view! { <p class="sub">"What is greyed is reserved: nothing is behind it in this release."</p> })}
            <HistoryLink kind="role" id=history />
            {buttons}
        </Drawer>
    }
}
