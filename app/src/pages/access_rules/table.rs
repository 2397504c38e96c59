//! The table of access rules.

use super::sentence::{sentence, whom};
use super::{RuleList, open_rule};
use crate::components::empty::{FilteredAway, NothingYet};
use crate::components::table::{Pager, total};
use crate::components::when::When;
use crate::query::use_goto;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use model::access::{AccessRuleFilter, AccessRuleView, AccessScope};
use model::{Page, Timestamp};

/// One page of rules with caption and the way on.
#[component]
pub fn RuleTable(
    /// The rows.
    page: Page<AccessRuleView>,
    /// The server's time at which they were read.
    now: Timestamp,
    /// What was asked for.
    list: RuleList,
) -> impl IntoView {
    let goto = use_goto();
    if page.items.is_empty() {
        return Either::Left(if list.page.cursor.is_some() {
            let first = goto.href_now(|query| query.with("cursor", None));
            EitherOf3::A(view! { <FilteredAway title="There are no more rules" clear=first /> })
        } else if list.filter == AccessRuleFilter::default() {
            EitherOf3::B(view! {
                <NothingYet title="No access rules yet">
                    <p>
                        "Keys are bound by their own lists only. Create a rule to narrow what a tenant, a user or everything below a user path may call."
                    </p>
                </NothingYet>
            })
        } else {
            let clear = goto.href_now(|query| query.only(&[]));
            EitherOf3::C(view! { <FilteredAway title="No rule matches these filters" clear /> })
        });
    }
    let caption = format!("{}, newest first.", total(page.total, "rule", "rules"));
    let rows = page.items.into_iter().map(|view| view! { <RuleRow rule=view now /> }).collect_view();
    Either::Right(view! {
        <div class="table-wrap">
            <table class="list">
                <caption>{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"About"</th>
                        <th scope="col">"Rule"</th>
                        <th scope="col">"Created"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager next=page.next_cursor />
    })
}

/// The word for a kind of scope.
pub fn kind(scope: &AccessScope) -> &'static str {
    match scope {
        AccessScope::Tenant(_) => "Tenant",
        AccessScope::User(_) => "User",
        AccessScope::UserPath(_) => "User path",
    }
}

#[component]
fn RuleRow(rule: AccessRuleView, now: Timestamp) -> impl IntoView {
    let goto = use_goto();
    let AccessRuleView { rule, scope_name } = rule;
    let id = rule.id.clone();
    let open = {
        let id = id.clone();
        Memo::new(move |_| goto.query().with(|query| open_rule(query).as_ref() == Some(&id)))
    };
    view! {
        <tr class:selected=open>
            <th scope="row">
                <a
                    class="row-link"
                    id=format!("row-{id}")
                    href=move || goto.href(|query| query.with("rule", Some(id.as_str())))
                    aria-current=move || open.get().then_some("true")
                    data-noscroll=""
                >
                    {whom(&rule.scope, scope_name.as_deref())}
                </a>
                <small>{kind(&rule.scope)}</small>
            </th>
            <td class="words">{sentence(&rule, scope_name.as_deref())}</td>
            <td>
                <When at=rule.created_at now />
                <small>{rule.created_by}</small>
            </td>
        </tr>
    }
}
