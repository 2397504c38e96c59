//! The list on its card, and beside it the drawer of the row that is open.

use crate::components::drawer::MissingDrawer;
use crate::components::failure::Failure;
use crate::error::AppError;
use crate::viewer::{Viewer, use_viewer};
use leptos::prelude::*;

/// The card around a list: dimmed while new rows are on their way.
#[component]
pub fn ListCard(
    /// Whether rows are on their way. Set by the `Transition` among the children.
    pending: RwSignal<bool>,
    /// The list.
    children: Children,
) -> impl IntoView {
    // Set by an effect only: the server's HTML is never dimmed.
    let loading = RwSignal::new(false);
    Effect::new(move |_| loading.set(pending.get()));
    view! {
        <div class="card" class:loading=loading aria-busy=move || loading.get().then_some("true")>
            {children()}
        </div>
    }
}

/// List and drawer. What either shows can depend on who looks at it.
#[component]
pub fn ListAndDrawer<T, D, L, W>(
    /// The list's rows.
    rows: Resource<Result<T, AppError>>,
    /// Shows them. What it reads of signals isn't followed.
    list: L,
    /// What else the list is drawn anew for.
    #[prop(optional, into)]
    drawn_by: Signal<()>,
    /// What the drawer shows, made by the page.
    detail: Resource<Result<Option<D>, AppError>>,
    /// Shows it.
    drawer: W,
    /// What stands on the card above the list.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    D: Clone + Send + Sync + 'static,
    L: Fn(T, Option<Viewer>) -> AnyView + Copy + Send + Sync + 'static,
    W: Fn(D, Option<Viewer>) -> AnyView + Copy + Send + Sync + 'static,
{
    let viewer = use_viewer();
    let pending = RwSignal::new(false);
    view! {
        <div class="cols">
            <ListCard pending>
                {children.map(|children| children())}
                <Transition fallback=|| () set_pending=pending>
                    {move || {
                        drawn_by.track();
                        Suspend::new(async move {
                            let viewer = viewer.await.ok().flatten();
                            match rows.await {
                                Ok(rows) => list(rows, viewer),
                                Err(error) => view! { <Failure error whole_page=true /> }.into_any(),
                            }
                        })
                    }}
                </Transition>
            </ListCard>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let viewer = viewer.await.ok().flatten();
                    match detail.await {
                        Ok(Some(detail)) => Some(drawer(detail, viewer)),
                        Ok(None) => None,
                        Err(error) => Some(view! { <MissingDrawer error /> }.into_any()),
                    }
                })}
            </Transition>
        </div>
    }
}
