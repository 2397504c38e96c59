//! The tenants of an account in its drawer: the roles that they have in each, and the ways in and out.

use super::roles::tenant_name;
use super::work::UserWork;
use crate::viewer::{MEMBERSHIPS_WRITE, ROLES_ASSIGN, Viewer};
use leptos::either::Either;
use leptos::prelude::*;
use model::TenantId;
use model::role::NewAssignment;
use model::user::UserDetail;

/// The list.
#[component]
pub fn UserTenants(
    /// The account.
    detail: StoredValue<UserDetail>,
    /// Who looks at it.
    viewer: StoredValue<Option<Viewer>>,
    /// What can be done.
    work: UserWork,
    /// Whether the viewer ranks below the account.
    outranked: bool,
) -> impl IntoView {
    let tenants = detail.with_value(|detail| detail.user.tenant_ids.clone());
    let may_add = viewer.with_value(|viewer| {
        viewer.as_ref().is_some_and(|viewer| {
            let open = viewer.tenants.iter().filter(|tenant| !tenants.contains(&tenant.id));
            open.into_iter().any(|tenant| viewer.rights.may_in(MEMBERSHIPS_WRITE, &tenant.id))
        })
    });
    let list = if tenants.is_empty() {
        Either::Left(view! { <p>"A member of no tenant that you see."</p> })
    } else {
        let rows =
            tenants.into_iter().map(|tenant| view! { <TenantRow detail viewer work tenant outranked /> });
        Either::Right(view! { <ul class="plain-list with-buttons">{rows.collect_view()}</ul> })
    };
    view! {
        {list}
        {may_add
            .then(|| {
                view! {
                    <p class="with-scripts">
                        <button
                            class="btn"
                            type="button"
                            on:click=move |_| work.memberships.join(detail.with_value(|detail| detail.user.clone()))
                        >
                            "Add to a tenant"
                        </button>
                    </p>
                }
            })}
    }
}

#[component]
fn TenantRow(
    detail: StoredValue<UserDetail>,
    viewer: StoredValue<Option<Viewer>>,
    work: UserWork,
    tenant: TenantId,
    outranked: bool,
) -> impl IntoView {
    let may = |permission| {
        viewer.with_value(|viewer| {
            viewer.as_ref().is_some_and(|viewer| viewer.rights.may_in(permission, &tenant))
        })
    };
    let (may_assign, may_leave) = (may(ROLES_ASSIGN), may(MEMBERSHIPS_WRITE) && !outranked);
    let name = viewer.with_value(|viewer| {
        viewer.as_ref().map_or_else(|| tenant.to_string(), |viewer| tenant_name(viewer, &tenant))
    });
    let user = move || detail.with_value(|detail| detail.user.clone());
    let managed = move || detail.with_value(|detail| detail.managed.clone());
    let held = user().assignments.into_iter().filter(|held| held.tenant_id.as_ref() == Some(&tenant));
    let roles = held
        .map(|held| {
            let assignment = NewAssignment { tenant_id: tenant.clone(), role: held.role.clone() };
            let label = format!("Take {} in {name} away", held.role);
            let take = (may_assign && !outranked).then(|| {
                view! {
                    <button
                        class="btn quiet icon with-scripts"
                        type="button"
                        aria-label=label
                        on:click=move |_| work.roles.take(user(), assignment.clone())
                    >
                        "✕"
                    </button>
                }
            });
            view! { <span class="tag">{held.role.to_string()}</span> {take} }
        })
        .collect_view();
    let (give, leave) = (tenant.clone(), tenant.clone());
    let (give_label, leave_label) = (format!("Give role in {name}"), format!("Remove from {name}"));
    let leave_name = name.clone();
    view! {
        <li>
            <span>{name} " " {roles}</span>
            <span class="badges with-scripts">
                {may_assign
                    .then(|| {
                        view! {
                            <button
                                class="btn"
                                type="button"
                                aria-label=give_label
                                on:click=move |_| work.roles.ask(user(), Some(&give), managed())
                            >
                                "Give role"
                            </button>
                        }
                    })}
                {may_leave
                    .then(|| {
                        view! {
                            <button
                                class="btn danger"
                                type="button"
                                aria-label=leave_label
                                on:click=move |_| {
                                    work.memberships.leave(user(), leave.clone(), leave_name.clone());
                                }
                            >
                                "Remove"
                            </button>
                        }
                    })}
            </span>
        </li>
    }
}
