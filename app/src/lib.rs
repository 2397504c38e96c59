//! The pages: rendered on the server (feature `ssr`), taken over in the browser (feature `hydrate`).
//!
//! The address is the state: filters, order, page and open drawer are read from the query and every change is a
//! link. Data comes from server functions, which only translate to operations of `control`. Everything can be looked at
//! without JavaScript, and people sign in and set passwords; other changes need it.
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
pub mod parts;
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
use crate::pages::{home, not_found};
use crate::parts::Page;
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
                <Route path=path!("/setup") view=Page::Setup ssr=SsrMode::Async />
                <Route path=path!("/set-password") view=Page::SetPassword ssr=SsrMode::Async />
                <Route path=path!("/login") view=Page::Login ssr=SsrMode::Async />
                <Route path=path!("/login/second-step") view=Page::SecondStep ssr=SsrMode::Async />
                <Route path=path!("/second-factor") view=Page::SecondFactor ssr=SsrMode::Async />
                <ParentRoute path=path!("/admin") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("") view=home::HomePage ssr=SsrMode::Async />
                    <Route path=path!("dashboard") view=Page::Dashboard ssr=SsrMode::Async />
                    <Route path=path!("users") view=Page::Users ssr=SsrMode::Async />
                    <Route path=path!("roles") view=Page::Roles ssr=SsrMode::Async />
                    <Route path=path!("api-keys") view=Page::ApiKeys ssr=SsrMode::Async />
                    <Route path=path!("management-keys") view=Page::ManagementKeys ssr=SsrMode::Async />
                    <Route path=path!("sso") view=Page::Sso ssr=SsrMode::Async />
                    <Route path=path!("tenants") view=Page::Tenants ssr=SsrMode::Async />
                    <Route path=path!("models") view=Page::Models ssr=SsrMode::Async />
                    <Route path=path!("providers") view=Page::Providers ssr=SsrMode::Async />
                    <Route path=path!("access-rules") view=Page::AccessRules ssr=SsrMode::Async />
                    <Route path=path!("audit") view=Page::Audit ssr=SsrMode::Async />
                </ParentRoute>
                <ParentRoute path=path!("/console") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("") view=Page::QuickStart ssr=SsrMode::Async />
                    <Route path=path!("usage") view=Page::OwnUsage ssr=SsrMode::Async />
                    <Route path=path!("models") view=Page::OwnModels ssr=SsrMode::Async />
                    <Route path=path!("settings/api-keys") view=Page::OwnKeys ssr=SsrMode::Async />
                    <Route path=path!("settings/profile") view=Page::Profile ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
        <ToastRegion />
    }
}
