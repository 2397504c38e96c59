//! Access rules: the list with each rule in plain words, the drawer of one, and the form.

pub mod detail;
pub mod draft;
pub mod form;
pub mod remove;
pub mod sentence;
pub mod table;

use crate::components::allowed::Allowed;
use crate::components::drawer::MissingDrawer;
use crate::components::failure::Failure;
use crate::components::filter::{Chip, Choice, FilterBar, Search};
use crate::components::form_dialog::CreateButton;
use crate::components::list::opened;
use crate::components::list_card::{ListCard, give_focus_back};
use crate::query::{Query, use_goto, use_query};
use crate::server_fns::access::{list_rules, read_rule};
use crate::server_fns::catalog::provider_names;
use crate::viewer::{ACCESS_RULES_READ, ACCESS_RULES_WRITE, may, use_viewer};
use detail::RuleDrawer;
use form::{FORM, RuleEditor, RuleForm};
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use leptos_meta::Title;
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

fn open_rule(query: &Query) -> Option<AccessRuleId> {
    query.get("rule").and_then(|id| id.parse().ok())
}

/// The list with its filters, the drawer of one rule, and the dialogs.
#[component]
pub fn AccessRulesPage() -> impl IntoView {
    let query = use_query();
    let goto = use_goto();
    let viewer = use_viewer();
    // What is removed is gone from the list; its drawer must not be read again before it closes.
    let (removed, saved) = (RwSignal::new(0_u32), RwSignal::new(0_u32));
    let list = Memo::new(move |_| query.with(RuleList::from_query));
    let open = Memo::new(move |_| query.with(open_rule));
    let rows = Resource::new_blocking(
        move || (list.get(), removed.get(), saved.get()),
        |(list, ..)| list_rules(list.filter, list.page),
    );
    let detail = opened(open, saved, read_rule);
    let providers = Resource::new_blocking(|| (), |()| provider_names());
    let editor = RuleEditor::default();
    let removing = Removing::new();
    let pending = RwSignal::new(false);
    give_focus_back(open);
    let on_saved = move |id: AccessRuleId| {
        saved.update(|times| *times += 1);
        goto.push(|query| query.with("rule", Some(id.as_str())));
    };
    let on_removed = move |()| {
        removed.update(|times| *times += 1);
        goto.replace(Query::closed);
    };
    view! {
        <Title text="Access rules" />
        <div class="head">
            <h1>"Access rules"</h1>
            <p>"All that match a key must permit a call"</p>
            <Allowed permission=ACCESS_RULES_WRITE>
                <CreateButton label="Create access rule" dialog=FORM on_open=move |()| editor.create() />
            </Allowed>
        </div>
        <Allowed permission=ACCESS_RULES_READ>
            <Filters />
        </Allowed>
        <div class="cols">
            <ListCard pending>
                <Transition fallback=|| () set_pending=pending>
                    {move || Suspend::new(async move {
                        match rows.await {
                            Ok(dated) => {
                                let list = list.get_untracked();
                                Either::Left(view! { <RuleTable page=dated.data now=dated.now list /> })
                            }
                            Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                        }
                    })}
                </Transition>
            </ListCard>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let may_write = may(viewer, ACCESS_RULES_WRITE).await;
                    match detail.await {
                        Ok(Some(detail)) => EitherOf3::A(view! { <RuleDrawer detail may_write editor removing /> }),
                        Ok(None) => EitherOf3::B(()),
                        Err(error) => EitherOf3::C(view! { <MissingDrawer error /> }),
                    }
                })}
            </Transition>
        </div>
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
