//! All roles side by side: what each may do with each resource, from the table that the server enforces.

use super::matrix::{title, words};
use crate::components::allowed::Allowed;
use crate::query::{Query, use_goto, use_query};
use crate::viewer::SSO_READ;
use leptos::prelude::*;
use model::role::{Permission, PermissionSet, Resource, Role, RoleView};

/// `view` in the address for this table.
const MATRIX: &str = "matrix";

/// Whether the table is shown instead of the list.
pub fn is_matrix(query: &Query) -> bool {
    query.get("view") == Some(MATRIX)
}

/// Links to the list, to the table, and to what gives roles to people who come through identity providers.
#[component]
pub fn RoleViews() -> impl IntoView {
    let goto = use_goto();
    let query = use_query();
    let matrix = Memo::new(move |_| query.with(is_matrix));
    let link = move |word: &'static str, value: Option<&'static str>| {
        view! {
            <a
                href=move || goto.href(|query| query.with("view", value))
                aria-current=move || (matrix.get() == value.is_some()).then_some("page")
                data-noscroll=""
            >
                {word}
            </a>
        }
    };
    view! {
        <nav class="tabs" aria-label="Views">
            {link("List", None)}
            {link("Matrix", Some(MATRIX))}
            <Allowed permission=SSO_READ>
                <a href="/admin/sso?tab=mapping">"SSO mapping"</a>
            </Allowed>
        </nav>
    }
}

/// A row for each resource, a column for each role.
#[component]
pub fn RoleMatrix(
    /// The columns.
    roles: Vec<RoleView>,
) -> impl IntoView {
    let goto = use_goto();
    let roles: Vec<Role> = roles.into_iter().map(|view| view.role).collect();
    let heads = roles
        .iter()
        .map(|role| {
            let name = role.name.to_string();
            view! {
                <th scope="col">
                    <a href=move || goto.href(|query| query.opened("open", &name)) data-noscroll="">
                        {role.title.clone()}
                    </a>
                </th>
            }
        })
        .collect_view();
    let rows = Resource::ALL
        .into_iter()
        .map(|resource| {
            let cells =
                roles.iter().map(|role| view! { <td>{held(resource, role.permissions)}</td> }).collect_view();
            view! {
                <tr class:reserved=resource.is_reserved()>
                    <th scope="row">{words(resource)}</th>
                    {cells}
                </tr>
            }
        })
        .collect_view();
    // It scrolls on small screens, so keys must reach it.
    view! {
        <div class="table-wrap" tabindex="0" role="group" aria-label="What each role may do">
            <table class="matrix compared">
                <caption>"What each role may do. Greyed resources are reserved: nothing in this release."</caption>
                <thead>
                    <tr>
                        <th scope="col">"Resource"</th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// What a role may do with a resource, in words.
fn held(resource: Resource, permissions: PermissionSet) -> impl IntoView {
    let actions = resource.actions();
    let may: Vec<_> =
        actions.iter().filter(|action| permissions.contains(Permission::new(resource, **action))).collect();
    let text = if may.is_empty() {
        String::new()
    } else if may.len() == actions.len() && may.len() > 1 {
        "all".to_owned()
    } else {
        may.into_iter().map(|action| title(*action).to_lowercase()).collect::<Vec<_>>().join(", ")
    };
    if text.is_empty() {
        return view! { <span class="no"><span aria-hidden="true">"–"</span><span class="hidden">"nothing"</span></span> }
            .into_any();
    }
    view! { <span class="yes">{text}</span> }.into_any()
}
