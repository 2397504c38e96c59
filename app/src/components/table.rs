//! Tables: headers that sort, the caption, and the way to the next page. All of them are links.

use crate::format::count;
use crate::query::use_goto;
use leptos::prelude::*;
use model::page::{SortDirection, Total};

/// A header that sorts by its column. A first click sorts ascending, a second one turns it round.
#[component]
pub fn SortHeader(
    /// The column's name.
    label: &'static str,
    /// What the API calls it.
    field: &'static str,
    /// What the list is sorted by now, as `field` or `-field`.
    #[prop(into)]
    sort: Signal<String>,
) -> impl IntoView {
    let goto = use_goto();
    let direction = Memo::new(move |_| {
        let sort = sort.read();
        let (name, direction) = SortDirection::split(&sort);
        (name == field).then_some(direction)
    });
    let next = move || match direction.get() {
        Some(direction) => direction.reversed().prefix(field),
        None => field.to_owned(),
    };
    let order = move || match direction.get() {
        Some(SortDirection::Ascending) => Some("ascending"),
        Some(SortDirection::Descending) => Some("descending"),
        None => None,
    };
    view! {
        <th scope="col" aria-sort=order>
            <a href=move || goto.href(|query| query.filtered("sort", Some(&next()))) data-noscroll="">
                {label}
            </a>
        </th>
    }
}

/// "1,000+ keys".
pub fn total(total: Total, one: &str, many: &str) -> String {
    let plus = if total.capped { "+" } else { "" };
    let noun = if total.count == 1 && !total.capped { one } else { many };
    format!("{}{plus} {noun}", count(total.count))
}

/// Where a list goes on. Back is the browser's own.
#[component]
pub fn Pager(
    /// The next page's cursor.
    next: Option<String>,
) -> impl IntoView {
    let goto = use_goto();
    let paged = move || goto.query().with(|query| query.get("cursor").is_some());
    let first = move || {
        paged().then(|| {
            view! {
                <a class="btn" href=move || goto.href(|query| query.with("cursor", None))>
                    "First page"
                </a>
            }
        })
    };
    let next = next.map(|cursor| {
        view! {
            <a
                class="btn"
                rel="next"
                href=move || goto.href(|query| query.closed().with("cursor", Some(&cursor)))
            >
                "Next page"
            </a>
        }
    });
    view! {
        <nav class="pager" aria-label="Pages">
            {first}
            {next}
        </nav>
    }
}
