//! What only the browser can do. Called from event handlers and effects, never while rendering on the server.

use crate::viewer::Theme;
use js_sys::futures::JsFuture;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, HtmlElement, Request, RequestInit, Response, ScrollIntoViewOptions, ScrollLogicalPosition,
};

/// `<html>`.
pub fn root() -> Option<Element> {
    document().document_element()
}

/// Leaves for another address with a full load: the next document gets its own viewer, nonce and state.
pub fn leave_for(path: &str) {
    let _ = window().location().set_href(path);
}

/// Applies a theme at once and keeps it for this browser for a year.
pub fn keep_theme(theme: Theme) {
    if let Some(root) = root() {
        let _ = root.set_attribute("data-theme", theme.as_str());
    }
    keep_cookie(Theme::COOKIE, theme.as_str());
}

/// Keeps a choice in this browser for a year, where the server reads it too. Names and values are our own words.
pub fn keep_cookie(name: &str, value: &str) {
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        let _ = document.set_cookie(&format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax"));
    }
}

/// The value of a cookie that scripts may read.
pub fn cookie(name: &str) -> Option<String> {
    let document = document().dyn_into::<web_sys::HtmlDocument>().ok()?;
    let all = document.cookie().ok()?;
    let mut pairs = all.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// Puts text on the clipboard. `false` where the browser doesn't allow it.
pub async fn copy(text: &str) -> bool {
    if !window().is_secure_context() {
        return false;
    }
    JsFuture::from(window().navigator().clipboard().write_text(text)).await.is_ok()
}

/// Selects the text of an element, for copying by hand.
pub fn select(element: &Element) {
    if let (Ok(Some(selection)), Ok(range)) = (window().get_selection(), document().create_range()) {
        let _ = range.select_node_contents(element);
        let _ = selection.remove_all_ranges();
        let _ = selection.add_range(&range);
    }
}

/// The first element that matches.
pub fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// Moves the focus to the first element that matches.
pub fn focus(selector: &str) {
    if let Some(element) = find(selector) {
        let _ = element.focus();
    }
}

/// Brings the first element that matches into sight, if it isn't.
pub fn scroll_into_view(selector: &str) {
    if let Some(element) = find(selector) {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Gives the focus back to a list's row whose drawer was closed; to the page where the row is gone.
pub fn focus_row(id: &str) {
    let row = document().get_element_by_id(&format!("row-{id}")).and_then(|row| row.dyn_into().ok());
    if let Some(element) = row.or_else(|| find("#main")) {
        let _ = element.focus();
    }
}

/// Opens the browser's own dialog for printing.
pub fn print() {
    let _ = window().print();
}

/// Closes a popover that is open.
pub fn hide_popover(selector: &str) {
    if let Some(element) = find(selector)
        && element.matches(":popover-open").unwrap_or(false)
    {
        let _ = element.hide_popover();
    }
}

/// Sends one chat message to this gateway with a key: the first call that a newcomer sees answered.
pub async fn first_call(key: &str, model: &str) -> Result<String, String> {
    const UNREACHABLE: &str = "The gateway can't be reached.";
    let body = serde_json::json!({
        "model": model,
        "messages": [{ "role": "user", "content": "Hello from Gatehouse" }],
    });
    let options = RequestInit::new();
    options.set_method("POST");
    options.set_body(&body.to_string().into());
    let request =
        Request::new_with_str_and_init("/v1/chat/completions", &options).map_err(|_| UNREACHABLE)?;
    let _ = request.headers().set("authorization", &format!("Bearer {key}"));
    let _ = request.headers().set("content-type", "application/json");
    let response = JsFuture::from(window().fetch_with_request(&request)).await.map_err(|_| UNREACHABLE)?;
    let response: Response = response.dyn_into().map_err(|_| UNREACHABLE)?;
    let text = JsFuture::from(response.text().map_err(|_| UNREACHABLE)?).await.map_err(|_| UNREACHABLE)?;
    let answer: serde_json::Value = serde_json::from_str(&text.as_string().unwrap_or_default())
        .map_err(|_| "The answer can't be read.")?;
    let said = |path: &str| answer.pointer(path).and_then(|value| value.as_str()).map(ToOwned::to_owned);
    match said("/choices/0/message/content") {
        Some(content) => Ok(content),
        None => Err(said("/error/message").unwrap_or_else(|| "The answer holds no message.".to_owned())),
    }
}
