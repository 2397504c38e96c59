//! What a browser loads, and when. The module comes in parts: the first holds the frame and what all pages share, and
//! each page is in one of the others, which is fetched when it's first needed. `bundle` cuts them apart along the
//! functions marked here; on the server they are plain functions.
#![allow(
    clippy::unnecessary_wraps,
    reason = "fetching a part can fail; the macro wants that in the function's type"
)]

use crate::browser::leave_for;
use crate::pages::{
    access_rules, api_keys, audit, console, dashboard, login, management_keys, models, providers, roles,
    second_factor, second_step, set_password, setup, sso, tenants, users,
};
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_router::ChooseView;
use leptos_router::hooks::use_location;

/// A page that lies in a part. It stands in a route as its view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// `/setup`
    Setup,
    /// `/set-password`
    SetPassword,
    /// `/login`
    Login,
    /// `/login/second-step`
    SecondStep,
    /// `/second-factor`
    SecondFactor,
    /// `/admin/dashboard`
    Dashboard,
    /// `/admin/users`
    Users,
    /// `/admin/roles`
    Roles,
    /// `/admin/api-keys`
    ApiKeys,
    /// `/admin/management-keys`
    ManagementKeys,
    /// `/admin/sso`
    Sso,
    /// `/admin/tenants`
    Tenants,
    /// `/admin/models`
    Models,
    /// `/admin/providers`
    Providers,
    /// `/admin/access-rules`
    AccessRules,
    /// `/admin/audit`
    Audit,
    /// `/console`
    QuickStart,
    /// `/console/usage`
    OwnUsage,
    /// `/console/models`
    OwnModels,
    /// `/console/settings/api-keys`
    OwnKeys,
    /// `/console/settings/profile`
    Profile,
}

/// Pages that come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Signing in, and the pages of a link.
    SignIn,
    /// Users.
    Users,
    /// Roles, tenants, management keys, sign-in and SCIM.
    Tenants,
    /// Keys: everybody's, and one's own in the Console.
    Keys,
    /// Models, providers, access rules.
    Catalog,
    /// Dashboard and audit log.
    Record,
    /// The Console's first page, which visits begin with: as little as can be.
    Console,
    /// The rest of the Console: the models and the account.
    Own,
}

impl Page {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Setup,
        Self::SetPassword,
        Self::Login,
        Self::SecondStep,
        Self::SecondFactor,
        Self::Dashboard,
        Self::Users,
        Self::Roles,
        Self::ApiKeys,
        Self::ManagementKeys,
        Self::Sso,
        Self::Tenants,
        Self::Models,
        Self::Providers,
        Self::AccessRules,
        Self::Audit,
        Self::QuickStart,
        Self::OwnUsage,
        Self::OwnModels,
        Self::OwnKeys,
        Self::Profile,
    ];

    /// Its path, as in the routes.
    pub fn path(self) -> &'static str {
        match self {
            Self::Setup => "/setup",
            Self::SetPassword => "/set-password",
            Self::Login => "/login",
            Self::SecondStep => "/login/second-step",
            Self::SecondFactor => "/second-factor",
            Self::Dashboard => "/admin/dashboard",
            Self::Users => "/admin/users",
            Self::Roles => "/admin/roles",
            Self::ApiKeys => "/admin/api-keys",
            Self::ManagementKeys => "/admin/management-keys",
            Self::Sso => "/admin/sso",
            Self::Tenants => "/admin/tenants",
            Self::Models => "/admin/models",
            Self::Providers => "/admin/providers",
            Self::AccessRules => "/admin/access-rules",
            Self::Audit => "/admin/audit",
            Self::QuickStart => "/console",
            Self::OwnUsage => "/console/usage",
            Self::OwnModels => "/console/models",
            Self::OwnKeys => "/console/settings/api-keys",
            Self::Profile => "/console/settings/profile",
        }
    }

    /// The page at a path. A slash too much at the end is none to the router either.
    pub fn at(path: &str) -> Option<Self> {
        let path = path.trim_end_matches('/');
        Self::ALL.into_iter().find(|page| page.path() == path)
    }

    /// The part that it lies in.
    pub fn part(self) -> Part {
        match self {
            Self::Setup | Self::SetPassword | Self::Login | Self::SecondStep | Self::SecondFactor => {
                Part::SignIn
            }
            Self::Users => Part::Users,
            Self::Roles | Self::Tenants | Self::ManagementKeys | Self::Sso => Part::Tenants,
            Self::ApiKeys | Self::OwnKeys => Part::Keys,
            Self::Models | Self::Providers | Self::AccessRules => Part::Catalog,
            // One's own usage is drawn by the dashboard's chart.
            Self::Dashboard | Self::Audit | Self::OwnUsage => Part::Record,
            Self::QuickStart => Part::Console,
            Self::OwnModels | Self::Profile => Part::Own,
        }
    }

    async fn view(self) -> Result<AnyView, SplitLoaderError> {
        match self.part() {
            Part::SignIn => sign_in(self).await,
            Part::Users => people(self).await,
            Part::Tenants => tenancy(self).await,
            Part::Keys => keys(self).await,
            Part::Catalog => catalog(self).await,
            Part::Record => record(self).await,
            Part::Console => quick_start(self).await,
            Part::Own => own(self).await,
        }
    }
}

impl Part {
    /// Its name in the bundler's manifest: that of its function below.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Users => "users",
            Self::Tenants => "tenants",
            Self::Keys => "keys",
            Self::Catalog => "catalog",
            Self::Record => "record",
            Self::Console => "console",
            Self::Own => "own",
        }
    }

    /// Waits until its code is there.
    pub async fn load(self) -> Result<(), SplitLoaderError> {
        match self {
            Self::SignIn => load_sign_in().await,
            Self::Users => load_users().await,
            Self::Tenants => load_tenants().await,
            Self::Keys => load_keys().await,
            Self::Catalog => load_catalog().await,
            Self::Record => load_record().await,
            Self::Console => load_quick_start().await,
            Self::Own => load_own().await,
        }
    }
}

/// Loads the part of the page that the browser shows. `false`: it can't be had.
pub async fn load_here() -> bool {
    let path = window().location().pathname().unwrap_or_default();
    match Page::at(&path) {
        Some(page) => page.part().load().await.is_ok(),
        None => true,
    }
}

impl ChooseView for Page {
    async fn choose(self) -> AnyView {
        let location = use_location();
        self.view().await.unwrap_or_else(|_| {
            // The part is gone, as after an update of the server: the next document names the new ones.
            let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
            leave_for(&if search.is_empty() { path } else { format!("{path}?{search}") });
            ().into_any()
        })
    }

    async fn preload(&self) {
        // What fails here fails again in `choose`, which knows what to do.
        let _ = self.part().load().await;
    }
}

#[wasm_split(sign_in, wasm_split_path = ::leptos::wasm_split, preload(load_sign_in), fallible)]
fn sign_in(page: Page) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Page::Setup => setup::SetupPage().into_any(),
        Page::SetPassword => set_password::SetPasswordPage().into_any(),
        Page::SecondStep => second_step::SecondStepPage().into_any(),
        Page::SecondFactor => second_factor::SecondFactorPage().into_any(),
        _ => login::LoginPage().into_any(),
    })
}

#[wasm_split(users, wasm_split_path = ::leptos::wasm_split, preload(load_users), fallible)]
fn people(_page: Page) -> Result<AnyView, SplitLoaderError> {
    Ok(users::UsersPage().into_any())
}

#[wasm_split(tenants, wasm_split_path = ::leptos::wasm_split, preload(load_tenants), fallible)]
fn tenancy(page: Page) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Page::Roles => roles::RolesPage().into_any(),
        Page::ManagementKeys => management_keys::ManagementKeysPage().into_any(),
        Page::Sso => sso::SsoPage().into_any(),
        _ => tenants::TenantsPage().into_any(),
    })
}

#[wasm_split(keys, wasm_split_path = ::leptos::wasm_split, preload(load_keys), fallible)]
fn keys(page: Page) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Page::OwnKeys => console::OwnKeysPage().into_any(),
        _ => api_keys::ApiKeysPage().into_any(),
    })
}

#[wasm_split(catalog, wasm_split_path = ::leptos::wasm_split, preload(load_catalog), fallible)]
fn catalog(page: Page) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Page::Providers => providers::ProvidersPage().into_any(),
        Page::AccessRules => access_rules::AccessRulesPage().into_any(),
        _ => models::ModelsPage().into_any(),
    })
}

#[wasm_split(record, wasm_split_path = ::leptos::wasm_split, preload(load_record), fallible)]
fn record(page: Page) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Page::Audit => audit::AuditPage().into_any(),
        Page::OwnUsage => console::OwnUsagePage().into_any(),
        _ => dashboard::DashboardPage().into_any(),
    })
}

#[wasm_split(console, wasm_split_path = ::leptos::wasm_split, preload(load_quick_start), fallible)]
fn quick_start(_page: Page) -> Result<AnyView, SplitLoaderError> {
    Ok(console::QuickStartPage().into_any())
}

#[wasm_split(own, wasm_split_path = ::leptos::wasm_split, preload(load_own), fallible)]
fn own(page: Page) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Page::OwnModels => console::OwnModelsPage().into_any(),
        _ => console::ProfilePage().into_any(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_finds_its_page() {
        for page in Page::ALL {
            assert_eq!(Page::at(page.path()), Some(page));
            assert_eq!(Page::at(&format!("{}/", page.path())), Some(page));
        }
        for path in ["/", "", "/admin", "/admin/nothing", "/Login"] {
            assert_eq!(Page::at(path), None, "{path}");
        }
    }
}
