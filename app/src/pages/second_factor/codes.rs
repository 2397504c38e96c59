//! The only time that recovery codes are shown.

use crate::components::copy::CopyButton;
use crate::query::encoded;
use leptos::prelude::*;
use model::second_factor::RecoveryCodes;

/// The codes, to be copied or downloaded. Whoever shows them keeps them outside of everything that reloads.
#[component]
pub fn Codes(
    /// The codes.
    codes: RwSignal<Option<RecoveryCodes>>,
    /// Whether they were put away.
    stored: RwSignal<bool>,
    /// Called when they were, and may be forgotten.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let list = move || codes.with(|codes| codes.as_ref().map(|codes| codes.0.clone()).unwrap_or_default());
    let text = Signal::derive(move || list().join("\n"));
    let file = move || {
        let text = format!("Recovery codes for Gatehouse, each for once\n\n{}\n", text.read());
        format!("data:text/plain;charset=utf-8,{}", encoded(&text))
    };
    let rows = move || list().into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect_view();
    view! {
        <p>
            "This is the only time these recovery codes are shown. Each lets you in once without your authenticator. Put them where you don\u{2019}t need it: a password manager, or paper."
        </p>
        <ol class="recovery-codes" aria-label="Recovery codes">
            {rows}
        </ol>
        <div class="actions">
            <CopyButton
                text
                label="Copy codes"
                primary=true
                on_copied=Callback::new(move |()| stored.set(true))
            />
            <a class="btn" href=file download="gatehouse-recovery-codes.txt" on:click=move |_| stored.set(true)>
                "Download"
            </a>
        </div>
        <div class="actions">
            <label class="check">
                <input type="checkbox" bind:checked=stored />
                "I stored them"
            </label>
            <button class="btn primary" type="button" disabled=move || !stored.get() on:click=move |_| on_done.run(())>
                "Done"
            </button>
        </div>
    }
}
