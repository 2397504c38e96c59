//! Dialogs that make or change something, and those that ask before something is removed.

use crate::browser::{find, focus};
use crate::components::dialog::{Dialog, DialogHandle};
use crate::components::field::{FormError, FormProblem};
use leptos::ev;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// A dialog around a form. The field that is wrong gets the focus, and what hides it opens.
#[component]
pub fn FormDialog(
    /// Opens and closes it.
    handle: DialogHandle,
    /// The element's id.
    id: &'static str,
    /// The heading.
    #[prop(into)]
    title: Signal<String>,
    /// The word on the button.
    #[prop(into)]
    verb: Signal<String>,
    /// What is wrong.
    problem: FormProblem,
    /// Fields that show their own message, see [`FormError`].
    fields: &'static [&'static str],
    /// Whether it is being sent.
    #[prop(into)]
    pending: Signal<bool>,
    /// Whether it can't be sent; its fields say why.
    #[prop(optional, into)]
    blocked: Signal<bool>,
    /// Sends it.
    #[prop(into)]
    on_submit: Callback<()>,
    /// Called after it was closed.
    #[prop(into)]
    on_close: Callback<()>,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let ready = RwSignal::new(false);
    Effect::new(move |_| ready.set(true));
    Effect::new(move |_| {
        if problem.with(Option::is_some) {
            // After the messages are there.
            request_animation_frame(move || {
                if let Some(folded) = find(&format!("#{id} details:not([open]):has(.invalid)")) {
                    let _ = folded.set_attribute("open", "");
                }
                focus(&format!("#{id} .invalid :is(input:not([type=hidden]), select, textarea)"));
            });
        }
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if !pending.get_untracked() && !blocked.get_untracked() {
            on_submit.run(());
        }
    };
    view! {
        <Dialog handle id title locked=pending on_close>
            // What is wrong is told beside the fields, in our words. Sent before the page is hydrated, the form must not
            // go anywhere.
            <form class="long" method="dialog" novalidate on:submit=submit>
                {children()}
                <FormError problem fields />
                <div class="actions">
                    <button class="btn" type="button" disabled=pending on:click=move |_| handle.close()>
                        "Cancel"
                    </button>
                    <button
                        class="btn primary"
                        type="submit"
                        disabled=move || !ready.get() || pending.get() || blocked.get()
                        aria-busy=move || pending.get().then_some("true")
                    >
                        {move || verb.get()}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

/// Asks before something is removed for good.
#[component]
pub fn RemoveDialog(
    /// Opens and closes it.
    handle: DialogHandle,
    /// The element's id.
    id: &'static str,
    /// The heading.
    #[prop(into)]
    title: Signal<String>,
    /// The words on the button: "Delete provider".
    #[prop(into)]
    verb: Signal<String>,
    /// Whether nothing is lost by it after all.
    #[prop(optional, into)]
    harmless: Signal<bool>,
    /// Why it was refused.
    problem: FormProblem,
    /// Fields that show their own message, see [`FormError`].
    #[prop(optional)]
    fields: &'static [&'static str],
    /// Whether it is being removed.
    #[prop(into)]
    pending: Signal<bool>,
    /// Removes it.
    #[prop(into)]
    on_confirm: Callback<()>,
    /// What it means.
    children: Children,
) -> impl IntoView {
    view! {
        <Dialog handle id title locked=pending>
            {children()}
            <FormError problem fields />
            // No form around them, and the harmless one first: Enter must not remove.
            <div class="actions">
                <button class="btn" type="button" disabled=pending on:click=move |_| handle.close()>
                    "Cancel"
                </button>
                <button
                    class=move || if harmless.get() { "btn primary" } else { "btn danger solid" }
                    type="button"
                    disabled=pending
                    aria-busy=move || pending.get().then_some("true")
                    on:click=move |_| on_confirm.run(())
                >
                    {move || verb.get()}
                </button>
            </div>
        </Dialog>
    }
}

/// The button that opens a form for something new.
#[component]
pub fn CreateButton(
    /// The words: "Create provider".
    label: &'static str,
    /// The dialog's id: opens it until the page is hydrated.
    dialog: &'static str,
    /// Opens the form, empty.
    #[prop(into)]
    on_open: Callback<()>,
) -> impl IntoView {
    // `#create` in the address opens it: from the command palette, or from a link in somebody's guide.
    let hash = use_location().hash;
    Effect::new(move |_| {
        if hash.read().trim_start_matches('#') == "create" {
            on_open.run(());
        }
    });
    view! {
        <p class="sub without-scripts">"Changing anything here needs JavaScript."</p>
        <button
            class="btn primary with-scripts"
            type="button"
            commandfor=dialog
            command="show-modal"
            on:click=move |event| {
                event.prevent_default();
                on_open.run(());
            }
        >
            {label}
        </button>
    }
}
