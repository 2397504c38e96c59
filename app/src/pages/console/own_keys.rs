//! One's own keys: create, look at, change, rotate, revoke.

use crate::components::filter::{Choice, FilterBar, Search};
use crate::components::head::Head;
use crate::components::list_card::ListAndDrawer;
use crate::components::listing::Listing;
use crate::pages::keys::create::CreateKey;
use crate::pages::keys::detail::KeyDrawer;
use crate::pages::keys::dialogs::{KeyDialogs, KeyWork};
use crate::pages::keys::look::KeyLook;
use crate::pages::keys::table::KeyTable;
use crate::pages::keys::{ALL_STATUSES, KeyList};
use crate::server_fns::keys::{list_own_keys, read_key};
use crate::server_fns::usage::list_own_models;
use crate::viewer::{Dated, use_viewer};
use leptos::prelude::*;
use model::KeyId;

/// The list, the drawer of one key, and the dialogs.
#[component]
pub fn OwnKeysPage() -> impl IntoView {
    let viewer = use_viewer();
    let listing = Listing::<_, KeyId>::new("key", KeyList::from_query);
    let models = Resource::new_blocking(|| (), |()| list_own_models());
    let rows = listing.rows(|asked| list_own_keys(asked.filter, asked.sort, asked.page));
    let detail = listing.detail(read_key);
    let work = KeyWork::default();
    let actions = work.actions(true, true);
    let renew = move |()| listing.renew();
    let table = move |Dated { now, data }, _| {
        let list = listing.asked.get_untracked();
        let nothing_yet = || {
            view! { <p>"Create one for each thing that calls a model: then one can be revoked without stopping the others."</p> }
        };
        view! { <KeyTable page=data now list look=KeyLook::own() nothing_yet /> }.into_any()
    };
    view! {
        <Head title="API keys" about="Name a key after what uses it">
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
        </Head>
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
        <ListAndDrawer
            rows
            list=table
            detail
            drawer=move |detail, _| view! { <KeyDrawer detail actions /> }.into_any()
        />
    }
}
