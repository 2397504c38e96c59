//! The card around a list: dimmed while new rows are on their way, and given the focus back when a drawer closes.

use crate::browser::focus_row;
use leptos::prelude::*;

/// The card. Its child is a `Transition` that sets `pending`.
#[component]
pub fn ListCard(
    /// Whether rows are on their way.
    pending: RwSignal<bool>,
    /// The list.
    children: Children,
) -> impl IntoView {
    // Set by an effect only: the server's HTML is never dimmed.
    let loading = RwSignal::new(false);
    Effect::new(move |_| loading.set(pending.get()));
    view! {
        <div class="card" class:loading=loading aria-busy=move || loading.get().then_some("true")>
            {children()}
        </div>
    }
}

/// The focus goes back to the row when its drawer closes.
pub fn give_focus_back<T: ToString + PartialEq + Send + Sync + 'static>(open: Memo<Option<T>>) {
    Effect::new(move |before: Option<Option<String>>| {
        let now = open.with(|open| open.as_ref().map(ToString::to_string));
        if let (Some(Some(id)), None) = (before, &now) {
            focus_row(&id);
        }
        now
    });
}
