//! Who may call a model: the rules that narrow it, how many keys permit it, and the keys themselves, page by page.

use crate::components::failure::Failure;
use crate::components::table::total;
use crate::error::AppError;
use crate::pages::access_rules::sentence::whom;
use crate::query::{Query, use_goto, use_query, use_scope};
use crate::server_fns::catalog::read_callers;
use leptos::either::EitherOf3;
use leptos::prelude::*;
use model::catalog::{CallingKey, ModelCallers, RuleEffect};
use model::key::Environment;
use model::{ModelName, PageRequest};

/// Keys on one page: a drawer is narrow.
const LIMIT: u16 = 10;

/// The answer, when it is there.
pub type CallersResource = Resource<Result<Option<ModelCallers>, AppError>>;

/// Reads who may call the open model. By itself, because it looks at many keys; and by the page, because a resource
/// that is made inside of another one's answer has no stable number, and the browser doesn't find what the server read.
pub fn callers_of(open: Memo<Option<ModelName>>) -> CallersResource {
    let query = use_query();
    let cursor = Memo::new(move |_| query.with(cursor_of));
    Resource::new_blocking(
        move || (open.get(), cursor.get()),
        |(name, cursor)| async move {
            match name {
                Some(name) => read_callers(name, PageRequest { cursor, limit: LIMIT }).await.map(Some),
                None => Ok(None),
            }
        },
    )
}

fn cursor_of(query: &Query) -> Option<String> {
    query.get("callers").map(ToOwned::to_owned)
}

/// The answer for the open model.
#[component]
pub fn Callers(
    /// What was read.
    callers: CallersResource,
) -> impl IntoView {
    let query = use_query();
    view! {
        <Transition fallback=|| view! { <p class="sub">"Looking at keys…"</p> }>
            {move || Suspend::new(async move {
                match callers.await {
                    Ok(Some(callers)) => {
                        let later = query.with_untracked(|query| cursor_of(query).is_some());
                        EitherOf3::A(view! { <Answer callers later /> })
                    }
                    Ok(None) => EitherOf3::B(()),
                    Err(error) => EitherOf3::C(view! { <Failure error /> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Answer(callers: ModelCallers, later: bool) -> impl IntoView {
    let ModelCallers { own_bounds_permit, rules, items, next_cursor, withheld } = callers;
    let hidden = |permission: &str| withheld.iter().any(|held| held == permission);
    let count = own_bounds_permit.map(|permitted| {
        let working = total(permitted, "working key permits", "working keys permit");
        let whose = if permitted.count == 1 && !permitted.capped { "its" } else { "their" };
        let narrowed = if rules.is_empty() { "" } else { "; the rules below narrow that" };
        view! { <p>{format!("{working} it by {whose} own bounds{narrowed}.")}</p> }
    });
    let rules = if hidden("access_rules:read") {
        view! { <p class="sub">"Access rules may narrow it further; seeing them needs access_rules:read."</p> }.into_any()
    } else if rules.is_empty() {
        view! { <p class="sub">"No access rule restricts it."</p> }.into_any()
    } else {
        let lines = rules.into_iter().map(|effect| view! { <Rule effect /> }).collect_view();
        view! { <ul class="plain-list">{lines}</ul> }.into_any()
    };
    let keys = if hidden("keys:read") {
        view! { <p class="sub">"Seeing the keys needs keys:read. A super_admin can give you a role that has it."</p> }.into_any()
    } else {
        view! { <Keys items next=next_cursor later /> }.into_any()
    };
    view! {
        {count}
        {rules}
        {keys}
    }
}

#[component]
fn Rule(effect: RuleEffect) -> impl IntoView {
    let RuleEffect { rule, providers } = effect;
    let href = use_scope().with("rule", Some(rule.id.as_str())).href("/admin/access-rules");
    let what = if providers.is_empty() {
        "can't call it".to_owned()
    } else {
        let names: Vec<_> = providers.iter().map(ToString::to_string).collect();
        format!("is answered by {} only", names.join(" or "))
    };
    view! {
        <li>
            <a href=href>{whom(&rule.scope, None)}</a>
            <span class="sub">{what}</span>
        </li>
    }
}

#[component]
fn Keys(items: Vec<CallingKey>, next: Option<String>, later: bool) -> impl IntoView {
    let goto = use_goto();
    let none = match (items.is_empty(), next.is_some()) {
        (false, _) => None,
        (true, true) => Some("None among the keys looked at so far."),
        (true, false) if later => Some("There are no more."),
        (true, false) => Some("No working key may call it."),
    };
    let scope = use_scope();
    let rows = items
        .into_iter()
        .map(|key| {
            let href = scope.with("key", Some(key.id.as_str())).href("/admin/api-keys");
            let owner = key.owner_email.unwrap_or_else(|| format!("{} (service key)", key.tenant_id));
            let environment = if key.environment == Environment::Sandbox { ", sandbox" } else { "" };
            view! {
                <li>
                    <a href=href>{key.name}</a>
                    <span class="sub">{format!("{owner}{environment}, ")} <code>{key.prefix} "…"</code></span>
                </li>
            }
        })
        .collect_view();
    let first = later.then(|| {
        view! {
            <a class="btn" href=move || goto.href(|query| query.with("callers", None)) data-noscroll="">
                "First keys"
            </a>
        }
    });
    let next = next.map(|cursor| {
        view! {
            <a
                class="btn"
                rel="next"
                href=move || goto.href(|query| query.with("callers", Some(&cursor)))
                data-noscroll=""
            >
                "More keys"
            </a>
        }
    });
    view! {
        {none.map(|text| view! { <p class="sub">{text}</p> })}
        <ul class="plain-list" aria-label="Keys that may call it">
            {rows}
        </ul>
        <nav class="pager" aria-label="Pages of keys">
            {first}
            {next}
        </nav>
    }
}
