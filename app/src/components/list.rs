//! What all lists have: why they are empty, their table, and the link of a row.

use crate::components::empty::{FilteredAway, NothingYet};
use crate::components::table::Pager;
use crate::format::count;
use crate::query::{use_goto, use_query};
use leptos::prelude::*;
use model::Total;

/// Why a page of a list has no rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emptiness {
    /// The pages before had them all.
    Later,
    /// A search or a filter hides them.
    Filtered,
    /// There are none at all.
    Nothing,
}

impl Emptiness {
    /// From what was asked for: a page after the first, a filter.
    pub const fn of(later: bool, filtered: bool) -> Self {
        match (later, filtered) {
            (true, _) => Self::Later,
            (false, true) => Self::Filtered,
            (false, false) => Self::Nothing,
        }
    }
}

/// Stands where the table would.
#[component]
pub fn EmptyList(
    /// Why.
    why: Emptiness,
    /// What the list is of: "key" and "keys".
    of: (&'static str, &'static str),
    /// What hides rows: "these filters".
    #[prop(default = "these filters")]
    by: &'static str,
    /// Parts of the address that stay when filters are cleared.
    kept: &'static [&'static str],
    /// The heading while there are none at all: "No keys yet".
    title: &'static str,
    /// What to do then.
    children: Children,
) -> impl IntoView {
    let goto = use_goto();
    let (one, many) = of;
    match why {
        Emptiness::Later => {
            let first = goto.href_now(|query| query.with("cursor", None));
            view! { <FilteredAway title=format!("There are no more {many}") clear=first words="First page" /> }.into_any()
        }
        Emptiness::Filtered => {
            let clear = goto.href_now(|query| query.only(kept));
            view! { <FilteredAway title=format!("No {one} matches {by}") clear /> }.into_any()
        }
        Emptiness::Nothing => view! { <NothingYet title>{children()}</NothingYet> }.into_any(),
    }
}

/// The rows that filters hide.
#[derive(Clone, Copy, Debug)]
pub struct Hidden {
    /// How many; "0+" where nobody counted so far.
    pub rows: Total,
    /// Parts of the address that stay when the filters are cleared.
    pub kept: &'static [&'static str],
}

/// The table with its caption, and the way to the next page.
#[component]
pub fn ListTable(
    /// How many rows, in which order; without a full stop.
    caption: String,
    /// What filters hide, of a list that is filtered.
    #[prop(optional_no_strip)]
    hidden: Option<Hidden>,
    /// What else the caption says.
    #[prop(optional)]
    beside: Option<AnyView>,
    /// Rows stand closer.
    #[prop(optional)]
    compact: bool,
    /// The cells of the header.
    #[prop(into)]
    head: AnyView,
    /// The next page's cursor.
    next: Option<String>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let goto = use_goto();
    let hidden = hidden.filter(|hidden| hidden.rows != Total::default());
    let caption = caption + &hidden.map(|hidden| hides(hidden.rows)).unwrap_or_default() + ".";
    let show_all = hidden.map(|Hidden { kept, .. }| {
        view! {
            " "
            <a href=move || goto.href(|query| query.only(kept)) data-noscroll="">
                "Show all"
            </a>
        }
    });
    view! {
        <div class="table-wrap">
            <table class="list" class:compact=compact>
                <caption>{caption} {show_all} {beside}</caption>
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
        <Pager next />
    }
}

/// "; the filters hide the others (1,204)".
fn hides(rows: Total) -> String {
    let plus = if rows.capped { "+" } else { "" };
    let number = if rows.count == 0 { String::new() } else { format!(" ({}{plus})", count(rows.count)) };
    format!("; the filters hide the others{number}")
}

/// Whether the drawer of the row `id` is open; `drawer` is the part of the address that opens it.
pub fn is_open(drawer: &'static str, id: &impl ToString) -> Memo<bool> {
    let query = use_query();
    let id = id.to_string();
    Memo::new(move |_| query.with(|query| query.get(drawer) == Some(&*id)))
}

/// The link in a row's first cell; opens the row's drawer, and takes the focus back when that closes.
#[component]
pub fn RowLink(
    /// The part of the address that opens the drawer.
    drawer: &'static str,
    /// The row's value of it.
    id: String,
    /// Whether it is open, see [`is_open`].
    open: Memo<bool>,
    /// What the row is called.
    children: Children,
) -> impl IntoView {
    let goto = use_goto();
    view! {
        <a
            class="row-link"
            id=format!("row-{id}")
            href=move || goto.href(|query| query.opened(drawer, &id))
            aria-current=move || open.get().then_some("true")
            data-noscroll=""
        >
            {children()}
        </a>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_told_as_far_as_it_was_counted() {
        let all = Total { count: 1_000, capped: true };
        let part = |count, capped| all.without(Total { count, capped });
        assert_eq!(hides(part(3, false)), "; the filters hide the others (997+)");
        assert_eq!(hides(part(1_000, true)), "; the filters hide the others");
        let exact = Total { count: 1_240, capped: false };
        assert_eq!(
            hides(exact.without(Total { count: 36, capped: false })),
            "; the filters hide the others (1,204)"
        );
        assert_eq!(exact.without(exact), Total::default());
    }
}
