//! Management keys, the credentials of the Admin API: the list, the drawer of one, making one and taking it back.

pub mod create;
pub mod detail;
pub mod draft;
pub mod revoke;
pub mod secret;
pub mod table;

use crate::components::allowed::Allowed;
use crate::components::filter::{Chip, Choice, FilterBar};
use crate::components::head::Head;
use crate::components::list_card::ListAndDrawer;
use crate::components::listing::Listing;
use crate::pages::keys::ALL_STATUSES;
use crate::query::{Query, use_query};
use crate::server_fns::management_keys::{list_management_keys, read_management_key};
use crate::viewer::{Dated, MANAGEMENT_KEYS_READ, MANAGEMENT_KEYS_WRITE, use_viewer};
use create::CreateManagementKey;
use detail::ManagementKeyDrawer;
use leptos::prelude::*;
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

/// The list with its filters, the drawer of one key, and the dialogs.
#[component]
pub fn ManagementKeysPage() -> impl IntoView {
    let viewer = use_viewer();
    let listing = Listing::<_, ManagementKeyId>::new("key", ManagementKeyList::from_query);
    let rows = listing.rows(|asked| list_management_keys(asked.filter, asked.page));
    let detail = listing.detail(read_management_key);
    let (secret, revoking) = (Secret::default(), Revoking::default());
    let renew = move |()| listing.renew();
    view! {
        <Head title="Management keys" about="Programs call the Admin API with them">
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
        </Head>
        <Allowed permission=MANAGEMENT_KEYS_READ>
            <Filters />
        </Allowed>
        <ListAndDrawer
            rows
            list=move |Dated { now, data }, _| {
                let list = listing.asked.get_untracked();
                view! { <ManagementKeyTable page=data now list /> }.into_any()
            }
            detail
            drawer=move |detail, viewer| {
                let may_write = viewer.is_some_and(|viewer| viewer.may(MANAGEMENT_KEYS_WRITE));
                view! { <ManagementKeyDrawer detail may_write revoking /> }.into_any()
            }
        />
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
