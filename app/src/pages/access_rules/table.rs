//! The table of access rules.

use super::RuleList;
use super::sentence::{sentence, whom};
use crate::components::list::{Emptiness, EmptyList, Hidden, ListTable, RowLink, is_open};
use crate::components::table::total;
use crate::components::when::When;
use leptos::either::Either;
use leptos::prelude::*;
use model::access::{AccessRuleFilter, AccessRuleView, AccessScope};
use model::{Page, Timestamp};

/// Parts of the address that stay when the filters are cleared.
const KEPT: &[&str] = &[];

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
    let filtered = list.filter != AccessRuleFilter::default();
    if page.items.is_empty() {
        let why = Emptiness::of(list.page.cursor.is_some(), filtered);
        return Either::Left(view! {
            <EmptyList why of=("rule", "rules") kept=KEPT title="No access rules yet">
                    <p>
                        "Keys are bound by their own lists only. Create a rule to narrow what a tenant, a user or everything below a user path may call."
                    </p>
                </EmptyList>
        });
    }
    let hidden = filtered.then_some(Hidden { rows: page.hidden, kept: KEPT });
    let caption = format!("{}, newest first", total(page.total, "rule", "rules"));
    let rows = page.items.into_iter().map(|view| view! { <RuleRow rule=view now /> }).collect_view();
    let head = view! {
        <th scope="col">"About"</th>
        <th scope="col">"Rule"</th>
        <th scope="col">"Created"</th>
    }
    .into_any();
    Either::Right(view! {
        <ListTable caption hidden head next=page.next_cursor>
            {rows}
        </ListTable>
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
    let AccessRuleView { rule, scope_name } = rule;
    let id = rule.id.clone();
    let open = is_open("rule", &id);
    let about = whom(&rule.scope, scope_name.as_deref());
    view! {
        <tr class:selected=open>
            <th scope="row">
                <RowLink drawer="rule" id=id.to_string() open>
                    {about}
                </RowLink>
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
