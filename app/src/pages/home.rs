//! `/`: on to the page that the viewer's role begins with.

use crate::components::goto::Leave;
use crate::viewer::{home_of, use_viewer};
use leptos::prelude::*;

/// Redirects; shows nothing.
#[component]
pub fn HomePage() -> impl IntoView {
    let viewer = use_viewer();
    view! {
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                let to = match viewer.await {
                    Ok(Some(viewer)) => home_of(&viewer.rights),
                    _ => "/login",
                };
                view! { <Leave to /> }
            })}
        </Suspense>
    }
}
