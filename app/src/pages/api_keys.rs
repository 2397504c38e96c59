//! Everybody's API keys.

use crate::components::allowed::Allowed;
use crate::components::filter::{Chip, Choice, FilterBar, Search};
use crate::components::head::Head;
use crate::components::list_card::ListAndDrawer;
use crate::components::listing::Listing;
use crate::error::AppError;
use crate::pages::keys::bulk::{BulkRevoke, BulkRevokeDialog, SelectionBar};
use crate::pages::keys::create::CreateKey;
use crate::pages::keys::detail::KeyDrawer;
use crate::pages::keys::dialogs::{KeyDialogs, KeyWork};
use crate::pages::keys::look::{KeyLook, LookMenu};
use crate::pages::keys::owner_filter::OwnerFilter;
use crate::pages::keys::presets::Presets;
use crate::pages::keys::selection::Selection;
use crate::pages::keys::table::KeyTable;
use crate::pages::keys::{ALL_STATUSES, KeyList};
use crate::query::use_query;
use crate::server_fns::keys::{list_keys, read_key};
use crate::server_fns::usage::list_own_models;
use crate::viewer::{Dated, KEYS_READ, KEYS_REVOKE, KEYS_WRITE, Viewer, use_viewer};
use leptos::prelude::*;
use model::key::{KeyDetail, KeyView};
use model::{KeyId, Page};

/// The list with its filters, and the drawer of one key.
#[component]
pub fn ApiKeysPage() -> impl IntoView {
    let viewer = use_viewer();
    let listing = Listing::<_, KeyId>::new("key", KeyList::from_query);
    let rows = listing.rows(|asked| list_keys(asked.filter, asked.sort, asked.page));
    let detail = listing.detail(read_key);
    let models = Resource::new_blocking(|| (), |()| list_own_models());
    let work = KeyWork::default();
    let look = RwSignal::new(KeyLook::of_request());
    let selection = Selection::default();
    let bulk = BulkRevoke::new(selection);
    let renew = move |()| listing.renew();
    let table = move |Dated { now, data }, viewer: Option<Viewer>| {
        let (list, look) = (listing.asked.get_untracked(), look.get_untracked());
        let selection = viewer.is_some_and(|viewer| viewer.may(KEYS_REVOKE)).then_some(selection);
        let nothing_yet = || {
            view! {
                <p>
                    "People create their own keys on the " <a href="/console/settings/api-keys">"Console"</a> "."
                </p>
            }
        };
        view! { <KeyTable page=data now list look selection nothing_yet /> }.into_any()
    };
    let drawer = move |detail: Dated<KeyDetail>, viewer: Option<Viewer>| {
        let may = |permission| viewer.as_ref().is_some_and(|viewer| viewer.may(permission));
        let actions = work.actions(may(KEYS_WRITE), may(KEYS_REVOKE));
        view! { <KeyDrawer detail actions owner_links=true /> }.into_any()
    };
    view! {
        <Head title="API keys">
            // Beside the list and not inside it: the secret on show outlives every reload.
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let models = models.await.unwrap_or_default();
                    let viewer = viewer.await.ok().flatten()?;
                    let create = viewer
                        .may(KEYS_WRITE)
                        .then(|| view! { <CreateKey viewer=viewer.clone() operator=true secret=work.secret /> });
                    Some(view! {
                        {create}
                        <KeyDialogs work viewer operator=true models on_changed=renew />
                    })
                })}
            </Suspense>
        </Head>
        <Allowed permission=KEYS_READ>
            <Presets />
            <Filters look rows />
        </Allowed>
        <SelectionBar bulk />
        <BulkRevokeDialog bulk on_revoked=renew />
        <ListAndDrawer
            rows
            list=table
            drawn_by=Signal::derive(move || look.track())
            detail
            drawer
        />
    }
}

#[component]
fn Filters(look: RwSignal<KeyLook>, rows: Resource<Result<Dated<Page<KeyView>>, AppError>>) -> impl IntoView {
    let query = use_query();
    let viewer = use_viewer();
    let tenant = Memo::new(move |_| query.with(|query| query.get("tenant").map(ToOwned::to_owned)));
    let tag = Memo::new(move |_| query.with(|query| query.get("tag").map(ToOwned::to_owned)));
    view! {
        <FilterBar label="Search and filter keys" kept=&["sort", "tenant", "owner", "tag"]>
            <Search label="Search name, owner or prefix" />
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
            <Choice
                label="Unused"
                name="unused"
                choices=vec![("", "any time"), ("30", "> 30 days"), ("90", "> 90 days"), ("180", "> 180 days")]
            />
            <Choice
                label="Expires"
                name="expiring"
                choices=vec![("", "any time"), ("7", "within 7 days"), ("30", "within 30 days")]
            />
            <OwnerFilter rows />
            <Choice
                label="Owner status"
                name="owner_status"
                choices=vec![("", "any"), ("inactive", "Inactive")]
            />
            <Choice
                label="Kind"
                name="kind"
                choices=vec![("", "any"), ("standard", "Standard"), ("restricted", "Restricted")]
            />
            <Choice
                label="Environment"
                name="environment"
                choices=vec![("", "any"), ("production", "Production"), ("sandbox", "Sandbox")]
            />
            <Suspense fallback=|| ()>
                {move || {
                    let tenant = tenant.get();
                    Suspend::new(async move {
                        let tenants = viewer.await.ok().flatten().map(|viewer| viewer.tenants).unwrap_or_default();
                        tenant
                            .map(|id| {
                                let known = tenants.into_iter().find(|tenant| tenant.id.as_str() == id);
                                let name = known.map_or(id, |tenant| tenant.name);
                                view! { <Chip text=format!("Tenant: {name}") name="tenant" /> }
                            })
                    })
                }}
            </Suspense>
            {move || tag.get().map(|tag| view! { <Chip text=format!("Tag: {tag}") name="tag" /> })}
            <LookMenu look />
        </FilterBar>
    }
}
