//! What all lists have: why they are empty, their table, the link of a row, and the object in the drawer.

use crate::components::empty::{FilteredAway, NothingYet};
use crate::components::table::Pager;
use crate::error::AppError;
use crate::query::{use_goto, use_query};
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;

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

/// The table with its caption, and the way to the next page.
#[component]
pub fn ListTable(
    /// How many rows, in which order.
    caption: String,
    /// What else the caption says.
    #[prop(optional)]
    beside: Option<AnyView>,
    /// The cells of the header.
    #[prop(into)]
    head: AnyView,
    /// The next page's cursor.
    next: Option<String>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-wrap">
            <table class="list">
                <caption>{caption} {beside}</caption>
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
        <Pager next />
    }
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

/// What the open drawer shows, read anew whenever `renewed` counts on; `None` while no drawer is open.
pub fn opened<I, T, R>(
    open: Memo<Option<I>>,
    renewed: RwSignal<u32>,
    read: impl Fn(I) -> R + Copy + Send + Sync + 'static,
) -> Resource<Result<Option<T>, AppError>>
where
    I: Clone + PartialEq + Send + Sync + 'static,
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    R: Future<Output = Result<T, AppError>> + Send + 'static,
{
    Resource::new_blocking(
        move || (open.get(), renewed.get()),
        move |(id, _)| async move {
            match id {
                Some(id) => read(id).await.map(Some),
                None => Ok(None),
            }
        },
    )
}
