//! SCIM clients: the list, the drawer of one, making one and taking its token back.

pub mod create;
pub mod detail;
pub mod revoke;
pub mod table;

use crate::components::allowed::Allowed;
use crate::components::copy::Snippet;
use crate::components::filter::{Choice, FilterBar};
use crate::components::list_card::ListAndDrawer;
use crate::components::listing::Listing;
use crate::components::tabs::TAB;
use crate::pages::keys::ALL_STATUSES;
use crate::query::Query;
use crate::server_fns::scim::{list_scim_clients, read_scim_client};
use crate::viewer::{Dated, SSO_READ, SSO_WRITE, USERS_WRITE, use_viewer};
use create::{CreateScimClient, Secret, SecretDialog};
use detail::ScimClientDrawer;
use leptos::prelude::*;
use model::scim::ScimClientFilter;
use model::{PageRequest, ScimClientId};
use revoke::{RevokeDialog, Revoking};
use table::ScimClientTable;

/// The part of the address that opens a client's drawer, and by which the log is filtered.
pub const CLIENT: &str = "client";

/// Where identity providers find the server.
pub fn address(base_url: &str) -> String {
    format!("{base_url}/scim/v2")
}

/// What the list asks for, as read from the address.
fn asked(query: &Query) -> (ScimClientFilter, PageRequest) {
    (ScimClientFilter { include_revoked: query.get("status") == Some(ALL_STATUSES) }, query.page())
}

/// The clients, with what identity providers need to know.
#[component]
pub fn ScimClients() -> impl IntoView {
    let viewer = use_viewer();
    let listing = Listing::<_, ScimClientId>::new(CLIENT, asked);
    let rows = listing.rows(|(filter, page)| list_scim_clients(filter, page));
    let detail = listing.detail(read_scim_client);
    let (secret, revoking) = (Secret::default(), Revoking::default());
    let renew = move |()| listing.renew();
    view! {
        // Beside the list and not inside it: the token on show outlives every reload.
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                let viewer = viewer.await.ok().flatten().filter(|viewer| viewer.may(SSO_READ))?;
                let base = address(&viewer.base_url);
                let may_create = viewer.may(SSO_WRITE) && viewer.may(USERS_WRITE);
                Some(
                    view! {
                        <p class="sub">
                            "An identity provider's SCIM client makes accounts here, changes them, and offboards whoever leaves: keys revoked, sessions ended, running requests cut."
                        </p>
                        <Snippet text=Signal::stored(base.clone()) title="SCIM base URL" />
                        {may_create
                            .then(|| {
                                view! {
                                    // No paragraph: what is in it has some of its own, and a dialog.
                                    <div class="bar">
                                        <CreateScimClient secret />
                                    </div>
                                    <SecretDialog secret base on_done=renew />
                                }
                            })}
                    },
                )
            })}
        </Suspense>
        <Allowed permission=SSO_READ>
            <FilterBar label="Filter SCIM clients" kept=&[TAB, "tenant"]>
                <Choice
                    label="Status"
                    name="status"
                    choices=vec![("", "Active"), (ALL_STATUSES, "Revoked too")]
                />
            </FilterBar>
        </Allowed>
        <ListAndDrawer
            rows
            list=move |Dated { now, data }, _| {
                let later = listing.asked.get_untracked().1.cursor.is_some();
                view! { <ScimClientTable page=data now later /> }.into_any()
            }
            detail
            drawer=move |detail, viewer| {
                let may_write = viewer.is_some_and(|viewer| viewer.may(SSO_WRITE));
                view! { <ScimClientDrawer detail may_write revoking /> }.into_any()
            }
        />
        <RevokeDialog revoking on_revoked=renew />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_which() {
        assert!(asked(&Query::default().with("status", Some("all"))).0.include_revoked);
        assert_eq!(asked(&Query::default().with("status", Some("odd"))).0, ScimClientFilter::default());
        assert_eq!(address("https://gw.example.com"), "https://gw.example.com/scim/v2");
    }
}
