//! Everybody's API keys.

use crate::browser::focus_row;
use crate::components::allowed::Allowed;
use crate::components::drawer::MissingDrawer;
use crate::components::failure::Failure;
use crate::components::filter::{Chip, Choice, FilterBar, Search};
use crate::components::list::opened;
use crate::components::list_card::ListCard;
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
use crate::pages::keys::{ALL_STATUSES, KeyList, open_key};
use crate::query::use_query;
use crate::server_fns::keys::{list_keys, read_key};
use crate::server_fns::usage::list_own_models;
use crate::viewer::{Dated, KEYS_READ, KEYS_REVOKE, KEYS_WRITE, may, use_viewer};
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use leptos_meta::Title;
use model::key::KeyView;
use model::{KeyId, Page};

/// The list with its filters, and the drawer of one key.
#[component]
pub fn ApiKeysPage() -> impl IntoView {
    let query = use_query();
    let version = RwSignal::new(0_u32);
    let list = Memo::new(move |_| query.with(KeyList::from_query));
    let open = Memo::new(move |_| query.with(open_key));
    let rows = Resource::new_blocking(
        move || (list.get(), version.get()),
        |(list, _)| list_keys(list.filter, list.sort, list.page),
    );
    let detail = opened(open, version, read_key);
    let models = Resource::new_blocking(|| (), |()| list_own_models());
    let work = KeyWork::default();
    let look = RwSignal::new(KeyLook::of_request());
    let selection = Selection::default();
    let bulk = BulkRevoke::new(selection);
    let renew = move |()| version.update(|version| *version += 1);
    let viewer = use_viewer();
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
        </div>
        <Allowed permission=KEYS_READ>
            <Presets />
            <Filters look rows />
        </Allowed>
        <SelectionBar bulk />
        <BulkRevokeDialog bulk on_revoked=renew />
        <div class="cols">
            <List rows list look selection />
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let viewer = viewer.await.ok().flatten();
                    let may = |permission| viewer.as_ref().is_some_and(|viewer| viewer.may(permission));
                    let actions = work.actions(may(KEYS_WRITE), may(KEYS_REVOKE));
                    match detail.await {
                        Ok(Some(detail)) => EitherOf3::A(view! { <KeyDrawer detail actions owner_links=true /> }),
                        Ok(None) => EitherOf3::B(()),
                        Err(error) => EitherOf3::C(view! { <MissingDrawer error /> }),
                    }
                })}
            </Transition>
        </div>
    }
}

/// The rows, on their card.
#[component]
fn List(
    rows: Resource<Result<Dated<Page<KeyView>>, AppError>>,
    list: Memo<KeyList>,
    look: RwSignal<KeyLook>,
    selection: Selection,
) -> impl IntoView {
    let viewer = use_viewer();
    let pending = RwSignal::new(false);
    view! {
        <ListCard pending>
            <Transition fallback=|| () set_pending=pending>
                {move || {
                    let look = look.get();
                    Suspend::new(async move {
                        let chooses = may(viewer, KEYS_REVOKE).await;
                        match rows.await {
                            Ok(dated) => {
                                let list = list.get_untracked();
                                Either::Left(view! {
                                    <KeyTable
                                        page=dated.data
                                        now=dated.now
                                        list
                                        look
                                        selection=chooses.then_some(selection)
                                        nothing_yet=|| {
                                            view! {
                                                <p>
                                                    "People create their own keys on the "
                                                    <a href="/console/settings/api-keys">"Console"</a> "."
                                                </p>
                                            }
                                        }
                                    />
                                })
                            }
                            Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                        }
                    })
                }}
            </Transition>
        </ListCard>
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
