//! The filters of the audit log.

use crate::components::filter::{Chip, Choice, Day, FilterBar, Search};
use crate::format::day;
use crate::query::{use_goto, use_query};
use crate::viewer::use_viewer;
use leptos::prelude::*;
use model::Timestamp;
use model::audit::{ACTIONS, AuditResult};
use std::time::Duration;

/// Kinds of objects: value and word.
const KINDS: [(&str, &str); 14] = [
    ("", "any"),
    ("access_rule", "Access rules"),
    ("audit", "Audit log"),
    ("backup", "Backups"),
    ("catalog", "Catalog"),
    ("key", "Keys"),
    ("link", "Links"),
    ("management_key", "Management keys"),
    ("membership", "Memberships"),
    ("model", "Models"),
    ("provider", "Providers"),
    ("role", "Roles"),
    ("tenant", "Tenants"),
    ("user", "Users"),
];

/// Words and days of the quick ranges.
const RANGES: [(&str, u64); 3] = [("Today", 1), ("7 days", 7), ("30 days", 30)];

/// The bar over the list.
#[component]
pub fn Filters() -> impl IntoView {
    let query = use_query();
    let part =
        |name: &'static str| Memo::new(move |_| query.with(|query| query.get(name).map(ToOwned::to_owned)));
    let (target, ip, tenant) = (part("target_id"), part("ip"), part("tenant"));
    let chip = |value: Memo<Option<String>>, word: &'static str, name: &'static str| {
        move || value.get().map(|value| view! { <Chip text=format!("{word}: {value}") name /> })
    };
    let actions = ACTIONS.iter().map(|action| (*action, *action));
    let results = AuditResult::ALL.map(|result| (result.as_str(), result.label()));
    view! {
        <FilterBar label="Search and filter the audit log" kept=&["sort", "target_id", "ip", "tenant"]>
            <Search label="Search who: name, email or id" />
            <Choice label="Action" name="action" choices=[("", "any")].into_iter().chain(actions).collect() />
            <Choice label="Target" name="target_type" choices=KINDS.to_vec() />
            <Choice label="Result" name="result" choices=[("", "any")].into_iter().chain(results).collect() />
            <Day label="From" name="from" />
            <Day label="To" name="to" />
            <Ranges />
            {chip(target, "Object", "target_id")}
            {chip(ip, "IP", "ip")}
            {chip(tenant, "Tenant", "tenant")}
        </FilterBar>
    }
}

/// Links that set the days. In UTC, as everything here.
#[component]
fn Ranges() -> impl IntoView {
    let viewer = use_viewer();
    let goto = use_goto();
    let link = move |word: &'static str, days: u64, now: Timestamp| {
        let from = day(now.before(Duration::from_hours(24 * (days - 1))));
        let start = from.clone();
        let chosen = Memo::new(move |_| {
            goto.query().with(|query| query.get("from") == Some(&start) && query.get("to").is_none())
        });
        view! {
            <a
                href=move || goto.href(|query| query.filtered("from", Some(&from)).with("to", None))
                aria-current=move || chosen.get().then_some("true")
                data-noscroll=""
            >
                {word}
            </a>
        }
    };
    view! {
        <span class="ranges" role="group" aria-label="Days, in UTC">
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let now = viewer.await.ok().flatten()?.now;
                    Some(RANGES.map(|(word, days)| link(word, days, now)).into_iter().collect_view())
                })}
            </Suspense>
            <span class="sub">"UTC"</span>
        </span>
    }
}
