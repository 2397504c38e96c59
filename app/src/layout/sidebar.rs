//! Where one can go: brand, tenant, sections by role, who is signed in.

use crate::browser::{hide_popover, leave_for};
use crate::error::problem_of;
use crate::keyboard::use_shortcuts;
use crate::query::{Query, use_goto};
use crate::server_fns::session::SignOut;
use crate::viewer::{
    ACCESS_RULES_READ, AUDIT_READ, KEYS_READ, MANAGEMENT_KEYS_READ, MODELS_READ, PROVIDERS_READ, ROLES_READ,
    SSO_READ, TENANTS_READ, USAGE_READ, USERS_READ, Viewer,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::role::{Permission, RoleName};
use model::tenant::Tenant;

/// The gate and the name.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <a class="brand" href="/">
            <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d="M4 21V10a8 8 0 0 1 16 0v11M9 21V7M15 21V7M4 12h16M4 17h16" />
            </svg>
            "Gatehouse"
        </a>
    }
}

/// The admin pages that exist: address, name, and what is needed to see one.
const ADMIN: [(&str, &str, Permission); 11] = [
    ("/admin/dashboard", "Dashboard", USAGE_READ),
    ("/admin/users", "Users", USERS_READ),
    ("/admin/roles", "Roles", ROLES_READ),
    ("/admin/api-keys", "API keys", KEYS_READ),
    ("/admin/management-keys", "Management keys", MANAGEMENT_KEYS_READ),
    ("/admin/sso", "Sign-in and SCIM", SSO_READ),
    ("/admin/tenants", "Tenants", TENANTS_READ),
    ("/admin/models", "Models", MODELS_READ),
    ("/admin/providers", "Providers", PROVIDERS_READ),
    ("/admin/access-rules", "Access rules", ACCESS_RULES_READ),
    ("/admin/audit", "Audit log", AUDIT_READ),
];

const CONSOLE: [(&str, &str); 5] = [
    ("/console", "Quick start"),
    ("/console/usage", "Usage"),
    ("/console/models", "Models"),
    ("/console/settings/api-keys", "API keys"),
    ("/console/settings/profile", "Profile"),
];

/// Address and name of the admin pages that the viewer may see.
pub(super) fn admin_pages(viewer: &Viewer) -> impl Iterator<Item = (&'static str, &'static str)> {
    ADMIN.into_iter().filter(|(.., permission)| viewer.may(*permission)).map(|(path, name, _)| (path, name))
}

/// Address and name of the Console's pages.
pub(super) fn console_pages() -> impl Iterator<Item = (&'static str, &'static str)> {
    CONSOLE.into_iter()
}

/// The sidebar; on small screens a popover behind the menu button.
#[component]
pub fn Sidebar(
    /// Who is signed in.
    viewer: Viewer,
) -> impl IntoView {
    let location = use_location();
    let goto = use_goto();
    // The tenant chosen on one admin page holds on the others.
    let admin_href = move |path: &'static str| goto.query().with(|query| query.only(&["tenant"]).href(path));
    let current = move |path: &'static str| location.pathname.with(|here| here == path).then_some("page");
    let in_admin = move || location.pathname.with(|here| here.starts_with("/admin"));
    let tenants = viewer.tenants.clone();
    // The menu of a small screen closes when one has chosen a page.
    Effect::new(move |_| {
        location.pathname.track();
        hide_popover("#menu");
    });
    let pages: Vec<_> = admin_pages(&viewer).collect();
    let palette = use_shortcuts().palette;
    let admin = (!pages.is_empty()).then(|| {
        view! {
            <nav aria-label="Admin">
                <p class="section" aria-hidden="true">
                    "Admin"
                </p>
                {pages
                    .into_iter()
                    .map(|(path, name)| {
                        view! {
                            <a href=move || admin_href(path) aria-current=move || current(path)>
                                {name}
                            </a>
                        }
                    })
                    .collect_view()}
            </nav>
        }
    });
    view! {
        <aside class="side" id="menu" popover="auto" aria-label="Navigation">
            <Brand />
            <button
                class="btn palette-button with-scripts"
                type="button"
                aria-haspopup="dialog"
                on:click=move |_| {
                    hide_popover("#menu");
                    palette.notify();
                }
            >
                "Go to…"
                <kbd aria-hidden="true">"Ctrl K"</kbd>
            </button>
            {move || (in_admin() && tenants.len() > 1).then(|| view! { <TenantSwitch tenants=tenants.clone() /> })}
            {admin}
            <nav aria-label="Console">
                <p class="section" aria-hidden="true">
                    "Console"
                </p>
                {console_pages()
                    .map(|(path, name)| {
                        view! {
                            <a href=path aria-current=move || current(path)>
                                {name}
                            </a>
                        }
                    })
                    .collect_view()}
            </nav>
            <Me email=viewer.user.email role=viewer.user.role />
        </aside>
    }
}

#[component]
fn TenantSwitch(tenants: Vec<Tenant>) -> impl IntoView {
    let goto = use_goto();
    let location = use_location();
    let chosen =
        Memo::new(move |_| goto.query().with(|query| query.get("tenant").unwrap_or_default().to_owned()));
    // A GET form: without scripts the button sends it.
    view! {
        <form class="tenant" method="get" action=move || location.pathname.get()>
            <label for="tenant">"Tenant"</label>
            <select
                id="tenant"
                name="tenant"
                autocomplete="off"
                prop:value=move || chosen.get()
                on:change=move |event| {
                    let value = event_target_value(&event);
                    goto.push(|query| query.closed().filtered("tenant", Some(&value)));
                }
            >
                <option value="" selected=move || chosen.read().is_empty()>
                    "All tenants"
                </option>
                {tenants
                    .into_iter()
                    .map(|tenant| {
                        let id = tenant.id.to_string();
                        let value = id.clone();
                        view! {
                            <option value=value selected=move || *chosen.read() == id>
                                {tenant.name}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            <button class="btn without-scripts" type="submit">
                "Choose"
            </button>
        </form>
    }
}

#[component]
fn Me(email: String, role: RoleName) -> impl IntoView {
    let sign_out = ServerAction::<SignOut>::new();
    Effect::new(move |_| {
        if let Some(Ok(Ok(to))) = &*sign_out.value().read() {
            leave_for(to);
        }
    });
    let failed =
        move || sign_out.value().with(|value| value.as_ref().and_then(problem_of).map(ToString::to_string));
    view! {
        <div class="me">
            <a class="who" href=Query::default().href("/console/settings/profile")>
                <span>{email}</span>
                <small>{role.to_string()}</small>
            </a>
            <ActionForm action=sign_out>
                <button class="btn quiet" type="submit" disabled=move || sign_out.pending().get()>
                    "Sign out"
                </button>
            </ActionForm>
            {move || failed().map(|text| view! { <p class="field-error" role="alert">{text}</p> })}
        </div>
    }
}
