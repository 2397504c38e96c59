//! One's own keys: create, look at, change, rotate, revoke.

use crate::browser::focus_row;
use crate::components::drawer::MissingDrawer;
use crate::components::failure::Failure;
use crate::components::filter::{Choice, FilterBar, Search};
use crate::components::list::opened;
use crate::pages::keys::create::CreateKey;
use crate::pages::keys::detail::KeyDrawer;
use crate::pages::keys::dialogs::{KeyDialogs, KeyWork};
use crate::pages::keys::look::KeyLook;
use crate::pages::keys::table::KeyTable;
use crate::pages::keys::{ALL_STATUSES, KeyList, open_key};
use crate::query::use_query;
use crate::server_fns::keys::{list_own_keys, read_key};
use crate::server_fns::usage::list_own_models;
use crate::viewer::use_viewer;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use leptos_meta::Title;
use model::KeyId;

/// The list, the drawer of one key, and the dialogs.
#[component]
pub fn OwnKeysPage() -> impl IntoView {
    let query = use_query();
    let viewer = use_viewer();
    let version = RwSignal::new(0_u32);
    let list = Memo::new(move |_| query.with(KeyList::from_query));
    let open = Memo::new(move |_| query.with(open_key));
    let models = Resource::new_blocking(|| (), |()| list_own_models());
    let rows = Resource::new_blocking(
        move || (list.get(), version.get()),
        |(list, _)| list_own_keys(list.filter, list.sort, list.page),
    );
    let detail = opened(open, version, read_key);
    let work = KeyWork::default();
    let actions = work.actions(true, true);
    let renew = move |()| version.update(|version| *version += 1);
    let pending = RwSignal::new(false);
    // Set by an effect only: the server's HTML is never dimmed.
    let loading = RwSignal::new(false);
    Effect::new(move |_| loading.set(pending.get()));
    // The focus goes back to the row when its drawer closes.
    Effect::new(move |before: Option<Option<KeyId>>| {
        let now = open.get();
        if let (Some(Some(id)), None) = (before, now) {
            focus_row(id.as_str());
        }
        now
    });
    view! {
        <Title text="API keys" />
        <div class="head">
            <h1>"API keys"</h1>
            <p>"Name a key after what uses it"</p>
            // Beside the list and not inside it: the secret on show outlives every reload.
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let models = models.await.unwrap_or_default();
                    let viewer = viewer.await.ok().flatten()?;
                    Some(view! {
                        <CreateKey viewer=viewer.clone() secret=work.secret />
                        <KeyDialogs work viewer models on_changed=renew />
                    })
                })}
            </Suspense>
        </div>
        <FilterBar label="Search and filter your keys" kept=&["sort"]>
            <Search label="Search name or prefix" />
            <Choice
                label="Status"
                name="status"
                choices=vec![
                    ("", "Active and expired"),
                    ("active", "Active"),
                    ("expired", "Expired"),
                    ("revoked", "Revoked"),
                    (ALL_STATUSES, "All"),
                ]
            />
        </FilterBar>
        <div class="cols">
            <div class="card" class:loading=loading aria-busy=move || loading.get().then_some("true")>
                <Transition fallback=|| () set_pending=pending>
                    {move || Suspend::new(async move {
                        match rows.await {
                            Ok(dated) => {
                                let list = list.get_untracked();
                                Either::Left(view! {
                                    <KeyTable
                                        page=dated.data
                                        now=dated.now
                                        list
                                        look=KeyLook::own()
                                        nothing_yet=|| {
                                            view! {
                                                <p>"Create one for each thing that calls a model: then one can be revoked without stopping the others."</p>
                                            }
                                        }
                                    />
                                })
                            }
                            Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                        }
                    })}
                </Transition>
            </div>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    match detail.await {
                        Ok(Some(detail)) => EitherOf3::A(view! { <KeyDrawer detail actions /> }),
                        Ok(None) => EitherOf3::B(()),
                        Err(error) => EitherOf3::C(view! { <MissingDrawer error /> }),
                    }
                })}
            </Transition>
        </div>
    }
}
