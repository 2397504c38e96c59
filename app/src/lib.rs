//! The pages: rendered on the server (feature `ssr`), taken over in the browser (feature `hydrate`).
//!
//! The address is the state: filters, order, page and open drawer are read from the query and every change is a
//! link. Data comes from server functions, which only translate to operations of `control`. What is rendered without
//! JavaScript is complete; scripts make it quicker, not possible (creating a key excepted: its secret is shown once).
#![recursion_limit = "512"]

pub mod browser;
pub mod components;
pub mod editing;
pub mod error;
pub mod form;
pub mod format;
pub mod keyboard;
pub mod layout;
pub mod pages;
pub mod query;
pub mod server_fns;
pub mod viewer;

#[cfg(feature = "ssr")]
pub mod edge;
#[cfg(feature = "ssr")]
pub mod shell;

#[cfg(feature = "ssr")]
pub use shell::{Site, csp, shell};

use crate::components::toast::{ToastRegion, provide_toasts};
use crate::layout::Frame;
use crate::pages::{
    access_rules, api_keys, audit, console, dashboard, home, login, models, not_found, providers, roles,
    second_factor, second_step, set_password, setup, tenants, users,
};
use crate::server_fns::session::read_viewer;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_toasts();
    provide_context(Resource::new_blocking(|| (), |()| read_viewer()));
    keyboard::listen();
    // For tests and for styles of what only works with scripts.
    Effect::new(|_| {
        if let Some(root) = browser::root() {
            let _ = root.set_attribute("data-hydrated", "");
        }
    });
    // Whole documents (`SsrMode::Async`): status, redirects and headers are known when the first byte leaves.
    view! {
        <Title formatter=|title: String| {
            if title.is_empty() { "Gatehouse".to_owned() } else { format!("{title} · Gatehouse") }
        } />
        <Router>
            <Routes fallback=not_found::NotFoundPage>
                <Route path=path!("/") view=home::HomePage ssr=SsrMode::Async />
                <Route path=path!("/setup") view=setup::SetupPage ssr=SsrMode::Async />
                <Route path=path!("/set-password") view=set_password::SetPasswordPage ssr=SsrMode::Async />
                <Route path=path!("/login") view=login::LoginPage ssr=SsrMode::Async />
                <Route path=path!("/login/second-step") view=second_step::SecondStepPage ssr=SsrMode::Async />
                <Route path=path!("/second-factor") view=second_factor::SecondFactorPage ssr=SsrMode::Async />
                <ParentRoute path=path!("/admin") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("") view=home::HomePage ssr=SsrMode::Async />
                    <Route path=path!("dashboard") view=dashboard::DashboardPage ssr=SsrMode::Async />
                    <Route path=path!("users") view=users::UsersPage ssr=SsrMode::Async />
                    <Route path=path!("roles") view=roles::RolesPage ssr=SsrMode::Async />
                    <Route path=path!("api-keys") view=api_keys::ApiKeysPage ssr=SsrMode::Async />
                    <Route path=path!("tenants") view=tenants::TenantsPage ssr=SsrMode::Async />
                    <Route path=path!("models") view=models::ModelsPage ssr=SsrMode::Async />
                    <Route path=path!("providers") view=providers::ProvidersPage ssr=SsrMode::Async />
                    <Route path=path!("access-rules") view=access_rules::AccessRulesPage ssr=SsrMode::Async />
                    <Route path=path!("audit") view=audit::AuditPage ssr=SsrMode::Async />
                </ParentRoute>
                <ParentRoute path=path!("/console") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("") view=console::QuickStartPage ssr=SsrMode::Async />
                    <Route path=path!("models") view=console::OwnModelsPage ssr=SsrMode::Async />
                    <Route path=path!("settings/api-keys") view=console::OwnKeysPage ssr=SsrMode::Async />
                    <Route path=path!("settings/profile") view=console::ProfilePage ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
        <ToastRegion />
    }
}
