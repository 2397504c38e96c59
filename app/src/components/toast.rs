//! Short messages at the edge of the page, read out by screen readers.

use leptos::prelude::*;
use model::Problem;
use std::time::Duration;

/// How long a message stays. Long enough to read two lines; it can be closed before.
const STAYS: Duration = Duration::from_secs(12);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Toast {
    id: u32,
    text: String,
}

/// The messages on show.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

/// Makes [`use_toasts`] work below the caller.
pub fn provide_toasts() {
    provide_context(Toasts { list: RwSignal::new(Vec::new()), next: StoredValue::new(0) });
}

/// For showing messages.
pub fn use_toasts() -> Toasts {
    expect_context()
}

impl Toasts {
    /// Shows a message. Call it in the browser only.
    pub fn show(self, text: impl Into<String>) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.list.update(|list| list.push(Toast { id, text: text.into() }));
        set_timeout(move || self.close(id), STAYS);
    }

    /// Says what went wrong.
    pub fn problem(self, problem: &Problem) {
        let id = problem.correlation_id.as_ref().filter(|_| problem.status >= 500);
        self.show(match id {
            Some(id) => format!("{problem} (correlation id {id})"),
            None => problem.to_string(),
        });
    }

    fn close(self, id: u32) {
        let _ = self.list.try_update(|list| list.retain(|toast| toast.id != id));
    }
}

/// Where messages appear.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.list.get() key=|toast| toast.id let:toast>
                <div class="toast">
                    <p>{toast.text}</p>
                    <button
                        class="btn quiet icon"
                        type="button"
                        aria-label="Close message"
                        on:click=move |_| toasts.close(toast.id)
                    >
                        "✕"
                    </button>
                </div>
            </For>
        </div>
    }
}
