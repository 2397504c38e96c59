//! Going elsewhere as soon as a page knows that it isn't the right one.

use leptos::prelude::*;

/// Sends the browser to a path of this site: by the response's status while the server renders, by the router
/// afterwards.
#[component]
pub fn Leave(
    /// The path; must come from us or have passed [`crate::query::safe_next`].
    #[prop(into)]
    to: String,
) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::edge::see_other(&to);
    #[cfg(not(feature = "ssr"))]
    {
        use leptos_router::{NavigateOptions, hooks::use_navigate};
        let navigate = use_navigate();
        let options = NavigateOptions { replace: true, resolve: false, ..NavigateOptions::default() };
        // After the present render: navigating takes down the view that is being built.
        request_animation_frame(move || navigate(&to, options));
    }
}
