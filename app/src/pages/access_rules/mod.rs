//! Access rules: the list with each rule in plain words, the drawer of one, and the form.

pub mod detail;
pub mod draft;
pub mod form;
pub mod remove;
pub mod sentence;
pub mod table;

use crate::components::allowed::Allowed;
use crate::components::filter::{Chip, Choice, FilterBar, Search};
use crate::components::form_dialog::CreateButton;
use crate::components::head::Head;
use crate::components::list_card::ListAndDrawer;
use crate::components::listing::Listing;
use crate::query::{Query, use_query};
use crate::server_fns::access::{list_rules, read_rule};
use crate::server_fns::catalog::provider_names;
use crate::viewer::{ACCESS_RULES_READ, ACCESS_RULES_WRITE, Dated, use_viewer};
use detail::RuleDrawer;
use form::{FORM, RuleEditor, RuleForm};
use leptos::prelude::*;
use model::access::{AccessRuleFilter, AccessScopeType};
use model::{AccessRuleId, PageRequest};
use remove::{RemoveRuleDialog, Removing};
use table::RuleTable;

/// What the list asks for, as read from the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleList {
    /// Which rules.
    pub filter: AccessRuleFilter,
    /// Which page.
    pub page: PageRequest,
}

impl RuleList {
    /// From the address. A tenant that was chosen narrows the list to the rules about it.
    pub fn from_query(query: &Query) -> Self {
        let tenant = query.get("tenant").map(ToOwned::to_owned);
        let scope_type = match tenant {
            Some(_) => Some(AccessScopeType::Tenant),
            None => query.get("scope").and_then(AccessScopeType::parse),
        };
        let q = query.get("q").map(ToOwned::to_owned);
        Self { filter: AccessRuleFilter { q, scope_type, scope_value: tenant }, page: query.page() }
    }
}

/// The list with its filters, the drawer of one rule, and the dialogs.
#[component]
pub fn AccessRulesPage() -> impl IntoView {
    let viewer = use_viewer();
    let listing = Listing::<_, AccessRuleId>::new("rule", RuleList::from_query);
    let rows = listing.rows(|asked| list_rules(asked.filter, asked.page));
    let detail = listing.detail(read_rule);
    let providers = Resource::new_blocking(|| (), |()| provider_names());
    let editor = RuleEditor::default();
    let removing = Removing::new();
    let on_saved = move |id: AccessRuleId| listing.saved(&id);
    let on_removed = move |()| listing.removed();
    view! {
        <Head title="Access rules" about="All that match a key must permit a call">
            <Allowed permission=ACCESS_RULES_WRITE>
                <CreateButton label="Create access rule" dialog=FORM on_open=move |()| editor.create() />
            </Allowed>
        </Head>
        <Allowed permission=ACCESS_RULES_READ>
            <Filters />
        </Allowed>
        <ListAndDrawer
            rows
            list=move |Dated { now, data }, _| {
                let list = listing.asked.get_untracked();
                view! { <RuleTable page=data now list /> }.into_any()
            }
            detail
            drawer=move |detail, viewer| {
                let may_write = viewer.is_some_and(|viewer| viewer.may(ACCESS_RULES_WRITE));
                view! { <RuleDrawer detail may_write editor removing /> }.into_any()
            }
        />
        <Allowed permission=ACCESS_RULES_WRITE>
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let providers = providers.await.unwrap_or_default();
                    let tenants = viewer.await.ok().flatten().map(|viewer| viewer.tenants).unwrap_or_default();
                    view! { <RuleForm editor providers tenants on_saved /> }
                })}
            </Suspense>
        </Allowed>
        <RemoveRuleDialog removing on_removed />
    }
}

#[component]
fn Filters() -> impl IntoView {
    let query = use_query();
    let tenant = Memo::new(move |_| query.with(|query| query.get("tenant").map(ToOwned::to_owned)));
    let kind = move || {
        tenant.read().is_none().then(|| {
            view! {
                <Choice
                    label="About"
                    name="scope"
                    choices=vec![("", "anybody"), ("tenant", "Tenants"), ("user", "Users"), ("user_path", "User paths")]
                />
            }
        })
    };
    view! {
        <FilterBar label="Search and filter access rules" kept=&["tenant"]>
            <Search label="Search whom, models or providers" />
            {kind}
            {move || tenant.get().map(|id| view! { <Chip text=format!("Tenant: {id}") name="tenant" /> })}
        </FilterBar>
    }
}
