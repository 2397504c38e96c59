//! Keys that work on every page: `/` to the search, `j` and `k` through a list, `Esc` out of the drawer.

use crate::browser::{find, focus};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// Listens as long as the caller lives. Does nothing on the server.
pub fn listen() {
    Effect::new(|_| {
        let handle = window_event_listener(ev::keydown, |event| on_key(&event));
        on_cleanup(move || handle.remove());
    });
}

fn on_key(event: &KeyboardEvent) {
    let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
    if event.default_prevented() || modified || find("dialog[open]").is_some() {
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
