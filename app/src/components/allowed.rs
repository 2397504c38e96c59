//! What is shown only to those who may use it.

use crate::viewer::use_viewer;
use leptos::prelude::*;
use model::role::Permission;

/// Shows its children when the viewer has the permission, everywhere or in a tenant. Comfort only: the server checks each call.
#[component]
pub fn Allowed(
    /// What is needed.
    permission: Permission,
    /// What it is needed for.
    children: ChildrenFn,
) -> impl IntoView {
    let viewer = use_viewer();
    view! {
        <Suspense fallback=|| ()>
            {move || {
                let children = children.clone();
                Suspend::new(async move {
                    viewer.await.ok().flatten()?.may(permission).then(|| children())
                })
            }}
        </Suspense>
    }
}
