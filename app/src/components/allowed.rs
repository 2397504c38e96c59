//! What is shown only to those who may use it.

use crate::viewer::use_viewer;
use leptos::prelude::*;
use model::role::Permission;

/// Shows its children when the viewer's role has the permission. Comfort only: the server checks each call.
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
                    let role = viewer.await.ok().flatten()?.user.role;
                    role.allows(permission).then(|| children())
                })
            }}
        </Suspense>
    }
}
