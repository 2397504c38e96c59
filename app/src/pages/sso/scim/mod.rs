//! SCIM clients: the list, the drawer of one, making one and taking its token back.

pub mod create;
pub mod detail;
pub mod revoke;
pub mod table;

use crate::components::allowed::Allowed;
use crate::components::copy::Snippet;
use crate::components::drawer::MissingDrawer;
use crate::components::failure::Failure;
use crate::components::filter::{Choice, FilterBar};
use crate::components::list::opened;
use crate::components::list_card::{ListCard, give_focus_back};
use crate::components::tabs::TAB;
use crate::pages::keys::ALL_STATUSES;
use crate::query::{Query, use_query};
use crate::server_fns::scim::{list_scim_clients, read_scim_client};
use crate::viewer::{SSO_READ, SSO_WRITE, USERS_WRITE, may, use_viewer};
use create::{CreateScimClient, Secret, SecretDialog};
use detail::ScimClientDrawer;
use leptos::either::{Either, EitherOf3};
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

fn open_client(query: &Query) -> Option<ScimClientId> {
    query.get(CLIENT).and_then(|id| id.parse().ok())
}

/// The clients, with what identity providers need to know.
#[component]
pub fn ScimClients() -> impl IntoView {
    let query = use_query();
    let viewer = use_viewer();
    let changed = RwSignal::new(0_u32);
    let list = Memo::new(move |_| query.with(asked));
    let open = Memo::new(move |_| query.with(open_client));
    let rows = Resource::new_blocking(
        move || (list.get(), changed.get()),
        |((filter, page), _)| list_scim_clients(filter, page),
    );
    let detail = opened(open, changed, read_scim_client);
    let (secret, revoking) = (Secret::default(), Revoking::default());
    let pending = RwSignal::new(false);
    give_focus_back(open);
    let renew = move |()| changed.update(|times| *times += 1);
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
                                    <p>
                                        <CreateScimClient secret />
                                    </p>
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
        <div class="cols">
            <ListCard pending>
                <Transition fallback=|| () set_pending=pending>
                    {move || Suspend::new(async move {
                        match rows.await {
                            Ok(dated) => {
                                let later = list.get_untracked().1.cursor.is_some();
                                Either::Left(view! { <ScimClientTable page=dated.data now=dated.now later /> })
                            }
                            Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                        }
                    })}
                </Transition>
            </ListCard>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let may_write = may(viewer, SSO_WRITE).await;
                    match detail.await {
                        Ok(Some(detail)) => EitherOf3::A(view! { <ScimClientDrawer detail may_write revoking /> }),
                        Ok(None) => EitherOf3::B(()),
                        Err(error) => EitherOf3::C(view! { <MissingDrawer error /> }),
                    }
                })}
            </Transition>
        </div>
        <RevokeDialog revoking on_revoked=renew />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_which() {
        let here = Query::default().with("status", Some("all")).with(CLIENT, Some("scim_7Hq2xV9mLw4T"));
        assert!(asked(&here).0.include_revoked);
        assert_eq!(open_client(&here).as_ref().map(ScimClientId::as_str), Some("scim_7Hq2xV9mLw4T"));
        let odd = Query::default().with("status", Some("odd")).with(CLIENT, Some("mk_7Hq2xV9mLw4T"));
        assert_eq!((asked(&odd).0, open_client(&odd)), (ScimClientFilter::default(), None));
        assert_eq!(address("https://gw.example.com"), "https://gw.example.com/scim/v2");
    }
}
