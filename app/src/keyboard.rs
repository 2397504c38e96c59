//! Keys that work on every page: `/` to the search, `j` and `k` through a list, `Esc` out of the drawer, `Ctrl-K` to
//! anywhere, `?` for the list of them.

use crate::browser::{find, focus};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// Keys and what they do, for the page that shows them.
pub const KEYS: [(&str, &str); 7] = [
    ("Ctrl K", "Go to any page, person, key, tenant or action"),
    ("/", "Search this list"),
    ("j", "Next row"),
    ("k", "Row before"),
    ("Enter", "Open the row"),
    ("Esc", "Close what is open"),
    ("?", "This list"),
];

/// What keys ask for that only the frame can show.
#[derive(Clone, Copy)]
pub struct Shortcuts {
    /// The command palette.
    pub palette: Trigger,
    /// The list of keys.
    pub help: Trigger,
}

/// Runs `then` each time that `asked` is notified from now on.
pub fn whenever(asked: Trigger, then: impl Fn() + 'static) {
    Effect::new(move |before: Option<()>| {
        asked.track();
        if before.is_some() {
            then();
        }
    });
}

/// Listens as long as the caller lives. Does nothing on the server.
pub fn listen() {
    let shortcuts = Shortcuts { palette: Trigger::new(), help: Trigger::new() };
    provide_context(shortcuts);
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| on_key(&event, shortcuts));
        on_cleanup(move || handle.remove());
    });
}

/// The triggers of [`Shortcuts`].
pub fn use_shortcuts() -> Shortcuts {
    expect_context()
}

fn on_key(event: &KeyboardEvent, shortcuts: Shortcuts) {
    if event.default_prevented() || find("dialog[open]").is_some() {
        return;
    }
    let command = event.ctrl_key() || event.meta_key();
    if command && !event.alt_key() && !event.shift_key() && event.key().eq_ignore_ascii_case("k") {
        event.prevent_default();
        return shortcuts.palette.notify();
    }
    if command || event.alt_key() {
        return;
    }
    let typing = event.target().and_then(|target| target.dyn_into::<Element>().ok()).is_some_and(|element| {
        element.matches("input, textarea, select, [contenteditable]").unwrap_or(false)
    });
    match event.key().as_str() {
        "Escape" => {
            // In a filled search field Esc empties the field first.
            let Some(close) = find("[data-close-drawer]") else { return };
            if !typing {
                event.prevent_default();
                close.click();
            }
        }
        "/" if !typing => {
            event.prevent_default();
            focus("input[type=search]");
        }
        "?" if !typing => {
            event.prevent_default();
            shortcuts.help.notify();
        }
        "j" if !typing => step(event, 1),
        "k" if !typing => step(event, -1),
        _ => {}
    }
}

/// Moves the focus to the row after or before the one that has it.
fn step(event: &KeyboardEvent, by: i64) {
    let Ok(rows) = document().query_selector_all("a.row-link") else { return };
    let count = i64::from(rows.length());
    let active = document().active_element();
    let at = (0..rows.length()).find(|index| {
        let row = rows.item(*index).and_then(|node| node.dyn_into::<Element>().ok());
        row.is_some() && row == active
    });
    let next = at.map_or(if by > 0 { 0 } else { count - 1 }, |at| i64::from(at) + by);
    let Ok(next) = u32::try_from(next.clamp(0, count - 1)) else { return };
    if let Some(row) = rows.item(next).and_then(|node| node.dyn_into::<HtmlElement>().ok()) {
        event.prevent_default();
        let _ = row.focus();
    }
}
