//! The table of roles.

use super::matrix::amount;
use crate::components::badge::{Badge, Tone};
use crate::components::list::{ListTable, RowLink, is_open};
use crate::format::{as_count, counted};
use crate::query::use_scope;
use leptos::prelude::*;
use model::role::RoleView;

/// All roles, the built-in ones first.
#[component]
pub fn RoleTable(
    /// The rows.
    roles: Vec<RoleView>,
) -> impl IntoView {
    let built_in = roles.iter().filter(|view| view.role.built_in).count();
    let custom = counted(as_count(roles.len() - built_in), "custom role", "custom roles");
    let caption = format!("{built_in} built-in roles, {custom}");
    let rows = roles.into_iter().map(|role| view! { <RoleRow role /> }).collect_view();
    let head = view! {
        <th scope="col">"Role"</th>
        <th scope="col">"What it is for"</th>
        <th scope="col">"Permissions"</th>
        <th scope="col">"Who has it"</th>
        <th scope="col">"Kind"</th>
    }
    .into_any();
    view! {
        <ListTable caption head next=None>
            {rows}
        </ListTable>
    }
}

#[component]
fn RoleRow(role: RoleView) -> impl IntoView {
    let RoleView { role, uses } = role;
    let name = role.name.clone();
    let open = is_open("open", &name);
    let permissions = amount(role.permissions);
    let people = use_scope().with("role", Some(name.as_str())).href("/admin/users");
    let in_tenants = (uses.assignments > 0)
        .then(|| view! { <small>{format!("and {} for a tenant", counted(uses.assignments, "time", "times"))}</small> });
    view! {
        <tr class:selected=open>
            <th scope="row">
                <RowLink drawer="open" id=name.to_string() open>
                    {role.title}
                </RowLink>
                <small>{role.name.to_string()}</small>
            </th>
            <td class="words">{role.description}</td>
            <td>{permissions}</td>
            <td>
                <a href=people>{counted(uses.users, "person", "people")}</a>
                {in_tenants}
            </td>
            <td>
                {if role.built_in {
                    view! { <Badge tone=Tone::Quiet text="Built-in" /> }
                } else {
                    view! { <Badge tone=Tone::Good text="Custom" /> }
                }}
            </td>
        </tr>
    }
}
