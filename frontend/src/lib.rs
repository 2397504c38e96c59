//! The page's entry in the browser: takes over the HTML that the server rendered.

/// Called once by the start script, when the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
