//! The role mapping: its ordered rules as a form, and beside it a simulator that tries them, saved or not.

pub mod draft;
pub mod editor;
pub mod rule;
pub mod simulator;
pub mod source;
pub mod trial;
pub mod words;

use crate::components::failure::Failure;
use crate::server_fns::mapping::read_mapping;
use crate::server_fns::roles::list_roles;
use crate::server_fns::sso::{list_identity_providers, read_tested_sign_in};
use crate::viewer::{ROLES_READ, SSO_WRITE, USERS_READ, may, use_viewer};
use draft::MappingDraft;
use editor::MappingEditor;
use leptos::either::Either;
use leptos::prelude::*;
use model::mapping::RoleMapping;
use model::sso::TestedSignIn;
use serde_json::Value;
use simulator::Simulator;
use trial::Trial;

/// What rules can name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Names and titles of identity providers.
    pub providers: Vec<(String, String)>,
    /// Names of roles, with their titles.
    pub roles: Vec<(String, String)>,
}

/// What the viewer may do here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct May {
    /// Save the mapping.
    pub write: bool,
    /// See what a provider said of somebody.
    pub take_claims: bool,
}

/// Editor and simulator.
#[component]
pub fn MappingTab() -> impl IntoView {
    let viewer = use_viewer();
    let mapping = Resource::new_blocking(|| (), |()| read_mapping());
    let providers = Resource::new_blocking(|| (), |()| list_identity_providers());
    // Who may not read roles still sees those that rules name.
    let roles = Resource::new_blocking(
        || (),
        move |()| async move { if may(viewer, ROLES_READ).await { list_roles().await } else { Ok(Vec::new()) } },
    );
    let tested = Resource::new_blocking(|| (), |()| read_tested_sign_in());
    view! {
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                let providers = providers.await.map(|dated| dated.data).unwrap_or_default();
                let roles = roles.await.unwrap_or_default();
                let tested = tested.await.ok().flatten();
                let viewer = viewer.await.ok().flatten();
                let may = |permission| viewer.as_ref().is_some_and(|viewer| viewer.may(permission));
                let may = May { write: may(SSO_WRITE), take_claims: may(USERS_READ) };
                let known = Known {
                    providers: providers
                        .into_iter()
                        .map(|provider| (provider.name.to_string(), provider.title))
                        .collect(),
                    roles: roles
                        .into_iter()
                        .map(|view| (view.role.name.to_string(), view.role.title))
                        .collect(),
                };
                match mapping.await {
                    Ok(mapping) => Either::Left(view! { <Workbench mapping known may tested /> }),
                    Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Workbench(mapping: RoleMapping, known: Known, may: May, tested: Option<TestedSignIn>) -> impl IntoView {
    let trial = Trial::new(MappingDraft::of(&mapping), &known, tested);
    let known = StoredValue::new(known);
    view! {
        <div class="workbench">
            <MappingEditor mapping trial known may />
            <Simulator trial known may />
        </div>
    }
}

/// JSON with a line for each value; as it is, if it is none.
pub fn pretty(json: &str) -> String {
    let value: Result<Value, _> = serde_json::from_str(json);
    value.and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or_else(|_| json.to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn claims_have_a_line_each() {
        assert_eq!(super::pretty("{\"sub\":\"1\"}"), "{\n  \"sub\": \"1\"\n}");
        assert_eq!(super::pretty("{oops"), "{oops");
    }
}
