//! The page's entry in the browser: takes over the HTML that the server rendered.

use js_sys::futures::spawn_local;

/// Called once by the start script, when the first part of the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    spawn_local(async {
        // With the page's own part at hand, all of the HTML is taken over at once. Without it, the HTML stays as it
        // is and works as it does without scripts.
        if app::parts::load_here().await {
            leptos::mount::hydrate_body(app::App);
        }
    });
}
