//! The command palette (`Ctrl-K`): pages, people, keys, tenants, models and actions from one field. A combobox as in
//! the ARIA practices: the field keeps the focus, arrows move through the list, Enter takes.

mod entries;
mod found;

use crate::browser::{focus, leave_for, scroll_into_view};
use crate::components::dialog::{Dialog, DialogHandle};
use crate::components::toast::use_toasts;
use crate::error::AppError;
use crate::keyboard::{use_shortcuts, whenever};
use crate::query::use_goto;
use crate::server_fns::session::sign_out;
use crate::viewer::Viewer;
use entries::{Entry, Step, matching, standing};
use found::find_everywhere;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::key_token::redact_search;
use std::time::Duration;

const ID: &str = "palette";
/// How long one must stop typing before people, keys and models are searched.
const PAUSE: Duration = Duration::from_millis(150);

/// What the palette shows, and how it is moved through.
#[derive(Clone, Copy)]
struct Palette {
    handle: DialogHandle,
    typed: RwSignal<String>,
    standing: StoredValue<Vec<Entry>>,
    found: RwSignal<Vec<Entry>>,
    searching: RwSignal<bool>,
    /// Counts searches: an older one that answers later is ignored.
    latest: StoredValue<u32>,
    at: RwSignal<usize>,
}

impl Palette {
    fn shown(self) -> Vec<Entry> {
        let mut shown = self.standing.with_value(|standing| matching(standing, &self.typed.read()));
        shown.extend(self.found.get());
        shown
    }

    fn open(self) {
        self.forget();
        self.handle.open();
        focus("#palette-field");
    }

    fn forget(self) {
        self.latest.update_value(|latest| *latest += 1);
        self.typed.set(String::new());
        self.found.set(Vec::new());
        self.searching.set(false);
        self.at.set(0);
    }

    fn step(self, by: isize) {
        let count = untrack(|| self.shown().len());
        if count > 0 {
            self.at.update(|at| *at = at.saturating_add_signed(by).min(count - 1));
            let at = self.at.get_untracked();
            request_animation_frame(move || scroll_into_view(&format!("#palette-{at}")));
        }
    }
}

/// The palette. Stands outside of the sidebar: what is in a closed popover isn't shown, whatever opens it.
#[component]
pub fn CommandPalette(
    /// Who is signed in.
    viewer: Viewer,
) -> impl IntoView {
    let goto = use_goto();
    let shortcuts = use_shortcuts();
    let toasts = use_toasts();
    let palette = Palette {
        handle: DialogHandle::new(),
        typed: RwSignal::new(String::new()),
        standing: StoredValue::new(standing(&viewer)),
        found: RwSignal::new(Vec::new()),
        searching: RwSignal::new(false),
        latest: StoredValue::new(0),
        at: RwSignal::new(0),
    };
    let viewer = StoredValue::new(viewer);
    let take = move |entry: Entry| {
        palette.handle.close();
        match entry.step {
            Step::Go(href) => goto.to(&href),
            Step::Theme(theme) => crate::browser::keep_theme(theme),
            Step::Keys => shortcuts.help.notify(),
            Step::SignOut => spawn_local(async move {
                match sign_out().await {
                    Ok(Ok(to)) => leave_for(&to),
                    Ok(Err(problem)) => toasts.problem(&problem),
                    Err(AppError(problem)) => toasts.problem(&problem),
                }
            }),
        }
    };
    let search = move |text: String| {
        // Closed, or typed on, since.
        if palette.typed.with_untracked(|typed| *typed != text) {
            return;
        }
        let number = palette.latest.get_value() + 1;
        palette.latest.set_value(number);
        if text.trim().is_empty() {
            palette.found.set(Vec::new());
            palette.searching.set(false);
            return;
        }
        palette.searching.set(true);
        spawn_local(async move {
            let found = find_everywhere(viewer.get_value(), text).await;
            if palette.latest.try_get_value() == Some(number) {
                palette.found.set(found);
                palette.searching.set(false);
            }
        });
    };
    let mut search_soon = debounce(PAUSE, search);
    let on_input = move |event| {
        // A pasted key is cut to its public part before anything is sent.
        let text = redact_search(&event_target_value(&event));
        palette.typed.set(text.clone());
        palette.at.set(0);
        palette.searching.set(!text.trim().is_empty());
        search_soon(text);
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "ArrowDown" => palette.step(1),
            "ArrowUp" => palette.step(-1),
            "Enter" => {
                if let Some(entry) = untrack(|| palette.shown().into_iter().nth(palette.at.get())) {
                    take(entry);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    whenever(shortcuts.palette, move || palette.open());
    view! {
        <Dialog handle=palette.handle id=ID title="Go to" on_close=move |()| palette.forget()>
            <input
                id="palette-field"
                type="text"
                role="combobox"
                aria-label="Page, person, key, tenant, model or action"
                placeholder="Page, person, key, tenant, model or action"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-autocomplete="list"
                aria-activedescendant=move || format!("palette-{}", palette.at.get())
                autocomplete="off"
                spellcheck="false"
                maxlength="200"
                prop:value=move || palette.typed.get()
                on:input=on_input
                on:keydown=on_keydown
            />
            <Entries palette take=Callback::new(take) />
        </Dialog>
    }
}

#[component]
fn Entries(palette: Palette, take: Callback<Entry>) -> impl IntoView {
    let options = move || {
        let mut group = "";
        let shown = palette.shown().into_iter().enumerate();
        shown
            .map(|(at, entry)| {
                let begins = entry.group != group;
                group = entry.group;
                let chosen = entry.clone();
                view! {
                    {begins.then(|| view! { <li class="palette-group" role="presentation">{group}</li> })}
                    <li
                        id=format!("palette-{at}")
                        role="option"
                        aria-selected=move || if palette.at.get() == at { "true" } else { "false" }
                        on:mousemove=move |_| {
                            if palette.at.get_untracked() != at {
                                palette.at.set(at);
                            }
                        }
                        on:click=move |_| take.run(chosen.clone())
                    >
                        <span>{entry.name}</span>
                        <span class="sub">{entry.hint}</span>
                    </li>
                }
            })
            .collect_view()
    };
    let status = move || match (palette.searching.get(), palette.shown().is_empty()) {
        (true, _) => "Searching…",
        (false, true) => "Nothing of that name.",
        (false, false) => "",
    };
    view! {
        <ul id="palette-list" class="palette-list" role="listbox" aria-label="Results">
            {options}
        </ul>
        <p class="sub" role="status">
            {status}
        </p>
    }
}
