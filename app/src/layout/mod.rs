//! The frame around every page of a signed-in person: sidebar, command palette, skip link, main region.

pub mod keys;
pub mod palette;
pub mod sidebar;

use crate::components::goto::Leave;
use crate::query::Query;
use crate::viewer::{ENROL, use_viewer};
use keys::KeysHelp;
use leptos::either::EitherOf3;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;
use palette::CommandPalette;
pub use sidebar::Brand;
use sidebar::Sidebar;

/// Sidebar and page. Who isn't signed in is sent to sign in and comes back afterwards.
#[component]
pub fn Frame() -> impl IntoView {
    let viewer = use_viewer();
    let location = use_location();
    let on_the_way = move |to: &str| {
        let search = location.search.get_untracked();
        let mark = if search.is_empty() { "" } else { "?" };
        let here = format!("{}{mark}{search}", location.pathname.get_untracked());
        Query::default().with("next", Some(&here)).href(to)
    };
    let (sign_in, enrol) = (move || on_the_way("/login"), move || on_the_way(ENROL));
    view! {
        <a class="skip" href="#main">
            "Skip to content"
        </a>
        <div class="frame">
            <header class="topbar">
                <button class="btn menu-button" type="button" popovertarget="menu">
                    "Menu"
                </button>
                <Brand />
            </header>
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    match viewer.await {
                        // Before anything else: nothing on the page would be answered.
                        Ok(Some(viewer)) if viewer.must_enrol => EitherOf3::B(view! { <Leave to=enrol() /> }),
                        Ok(Some(viewer)) => {
                            let palette = view! { <CommandPalette viewer=viewer.clone() /> };
                            EitherOf3::A(view! { <Sidebar viewer /> {palette} })
                        }
                        Ok(None) => EitherOf3::B(view! { <Leave to=sign_in() /> }),
                        Err(_) => EitherOf3::C(()),
                    }
                })}
            </Suspense>
            <main id="main" tabindex="-1">
                <Outlet />
            </main>
        </div>
        <KeysHelp />
    }
}
