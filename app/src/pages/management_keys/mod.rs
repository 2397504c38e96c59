//! Management keys, the credentials of the Admin API: the list, the drawer of one, making one and taking it back.

pub mod create;
pub mod detail;
pub mod draft;
pub mod revoke;
pub mod secret;
pub mod table;

use crate::components::allowed::Allowed;
use crate::components::drawer::MissingDrawer;
use crate::components::failure::Failure;
use crate::components::filter::{Chip, Choice, FilterBar};
use crate::components::list::opened;
use crate::components::list_card::{ListCard, give_focus_back};
use crate::pages::keys::ALL_STATUSES;
use crate::query::{Query, use_query};
use crate::server_fns::management_keys::{list_management_keys, read_management_key};
use crate::viewer::{MANAGEMENT_KEYS_READ, MANAGEMENT_KEYS_WRITE, may, use_viewer};
use create::CreateManagementKey;
use detail::ManagementKeyDrawer;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use leptos_meta::Title;
use model::management_key::ManagementKeyFilter;
use model::{ManagementKeyId, PageRequest};
use revoke::{RevokeDialog, Revoking};
use secret::{Secret, SecretDialog};
use table::ManagementKeyTable;

/// What the list asks for, as read from the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManagementKeyList {
    /// Which keys.
    pub filter: ManagementKeyFilter,
    /// Which page.
    pub page: PageRequest,
}

impl ManagementKeyList {
    /// From the address. A tenant that was chosen narrows the list to the keys that act in it alone.
    pub fn from_query(query: &Query) -> Self {
        let filter = ManagementKeyFilter {
            creator_id: None,
            tenant_id: query.get("tenant").and_then(|id| id.parse().ok()),
            include_revoked: query.get("status") == Some(ALL_STATUSES),
        };
        Self { filter, page: query.page() }
    }
}

fn open_key(query: &Query) -> Option<ManagementKeyId> {
    query.get("key").and_then(|id| id.parse().ok())
}

/// The list with its filters, the drawer of one key, and the dialogs.
#[component]
pub fn ManagementKeysPage() -> impl IntoView {
    let query = use_query();
    let viewer = use_viewer();
    let changed = RwSignal::new(0_u32);
    let list = Memo::new(move |_| query.with(ManagementKeyList::from_query));
    let open = Memo::new(move |_| query.with(open_key));
    let rows = Resource::new_blocking(
        move || (list.get(), changed.get()),
        |(list, _)| list_management_keys(list.filter, list.page),
    );
    let detail = opened(open, changed, read_management_key);
    let (secret, revoking) = (Secret::default(), Revoking::default());
    let pending = RwSignal::new(false);
    give_focus_back(open);
    let renew = move |()| changed.update(|times| *times += 1);
    view! {
        <Title text="Management keys" />
        <div class="head">
            <h1>"Management keys"</h1>
            <p>"Programs call the Admin API with them"</p>
            // Beside the list and not inside it: the secret on show outlives every reload.
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let viewer = viewer.await.ok().flatten()?;
                    let base_url = viewer.base_url.clone();
                    viewer
                        .may(MANAGEMENT_KEYS_WRITE)
                        .then(|| {
                            view! {
                                <CreateManagementKey viewer secret />
                                <SecretDialog secret base_url on_done=renew />
                            }
                        })
                })}
            </Suspense>
        </div>
        <Allowed permission=MANAGEMENT_KEYS_READ>
            <Filters />
        </Allowed>
        <div class="cols">
            <ListCard pending>
                <Transition fallback=|| () set_pending=pending>
                    {move || Suspend::new(async move {
                        match rows.await {
                            Ok(dated) => {
                                let list = list.get_untracked();
                                Either::Left(view! { <ManagementKeyTable page=dated.data now=dated.now list /> })
                            }
                            Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                        }
                    })}
                </Transition>
            </ListCard>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let may_write = may(viewer, MANAGEMENT_KEYS_WRITE).await;
                    match detail.await {
                        Ok(Some(detail)) => {
                            EitherOf3::A(view! { <ManagementKeyDrawer detail may_write revoking /> })
                        }
                        Ok(None) => EitherOf3::B(()),
                        Err(error) => EitherOf3::C(view! { <MissingDrawer error /> }),
                    }
                })}
            </Transition>
        </div>
        <RevokeDialog revoking on_revoked=renew />
    }
}

#[component]
fn Filters() -> impl IntoView {
    let query = use_query();
    let tenant = Memo::new(move |_| query.with(|query| query.get("tenant").map(ToOwned::to_owned)));
    view! {
        <FilterBar label="Filter management keys" kept=&["tenant"]>
            <Choice
                label="Status"
                name="status"
                choices=vec![("", "Active and expired"), (ALL_STATUSES, "Revoked too")]
            />
            {move || tenant.get().map(|id| view! { <Chip text=format!("Tenant: {id}") name="tenant" /> })}
        </FilterBar>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_which() {
        let here = Query::default().with("tenant", Some("team-alpha")).with("status", Some("all"));
        let filter = ManagementKeyList::from_query(&here).filter;
        assert_eq!(filter.tenant_id.as_ref().map(model::TenantId::as_str), Some("team-alpha"));
        assert!(filter.include_revoked);
        let odd = Query::default().with("tenant", Some("Not A Slug")).with("status", Some("odd"));
        assert_eq!(ManagementKeyList::from_query(&odd), ManagementKeyList::default());
    }
}
