//! Users: the list, the drawer of one, and what can be done with accounts.

pub mod actions;
pub mod activity;
pub mod bulk;
pub mod create;
pub mod detail;
pub mod edit;
pub mod export;
pub mod link;
pub mod membership;
pub mod offboard;
pub mod receipt;
pub mod roles;
pub mod second_factor;
pub mod status;
pub mod table;
pub mod tenants;
pub mod work;

use crate::components::allowed::Allowed;
use crate::components::filter::{Chip, Choice, FilterBar, Search};
use crate::components::form_dialog::CreateButton;
use crate::components::head::Head;
use crate::components::list_card::ListAndDrawer;
use crate::components::listing::Listing;
use crate::components::tabs::{AFTER, use_tab};
use crate::error::AppError;
use crate::pages::sessions::tell_ended;
use crate::query::{Query, use_goto, use_query};
use crate::server_fns::roles::list_roles;
use crate::server_fns::users::{EndSessions, list_sessions, list_users, read_activity, read_user};
use crate::viewer::{Dated, ROLES_READ, USERS_READ, USERS_WRITE, may, use_viewer};
use bulk::{Picked, PickedBar, PickedDialog};
use create::{CreateDialog, Creating, FORM};
use detail::{Parts, UserDrawer};
use export::Exports;
use leptos::prelude::*;
use model::role::{BuiltInRole, RoleView};
use model::user::{User, UserFilter, UserSort, UserSource, UserStatus};
use model::{PageRequest, UserId};
use table::UserTable;
use work::{UserDialogs, UserWork};

/// What the list asks for, as read from the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserList {
    /// Which users.
    pub filter: UserFilter,
    /// In which order.
    pub sort: UserSort,
    /// Which page.
    pub page: PageRequest,
}

impl UserList {
    /// From the address.
    pub fn from_query(query: &Query) -> Self {
        Self {
            filter: UserFilter {
                q: query.get("q").map(ToOwned::to_owned),
                role: query.get("role").and_then(|role| role.parse().ok()),
                status: query.get("status").and_then(UserStatus::parse),
                source: query.get("source").and_then(UserSource::parse),
                unseen_days: query.get("unseen").and_then(|days| days.parse().ok()),
                tenant_id: query.get("tenant").and_then(|id| id.parse().ok()),
            },
            sort: query.get("sort").and_then(UserSort::parse).unwrap_or_default(),
            page: query.page(),
        }
    }
}

/// What the open drawer's parts show: made here, because what is made inside of another resource isn't found again in
/// the browser.
fn use_parts(listing: Listing<UserList, UserId>) -> Parts {
    let (query, Listing { open, renewed, .. }) = (use_query(), listing);
    let tab = use_tab();
    let after = Memo::new(move |_| query.with(|query| query.get(AFTER).map(ToOwned::to_owned)));
    let open_part = move |part: &str| open.get().filter(|_| *tab.read() == part);
    let sessions = Resource::new_blocking(
        move || (open_part("sessions"), renewed.get()),
        |(id, _)| async move {
            match id {
                Some(id) => list_sessions(id).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let activity = Resource::new_blocking(
        move || (open_part("activity"), after.get(), renewed.get()),
        |(id, cursor, _)| async move {
            match id {
                Some(id) => read_activity(id, PageRequest { cursor, limit: 20 }).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let ending = ServerAction::<EndSessions>::new();
    tell_ended(ending, move || listing.renew());
    Parts { activity, sessions, ending }
}

/// The list with its filters, and the drawer of one user.
#[component]
pub fn UsersPage() -> impl IntoView {
    let goto = use_goto();
    let viewer = use_viewer();
    let listing = Listing::<_, UserId>::new("user", UserList::from_query);
    let rows = listing.rows(|asked| list_users(asked.filter, asked.sort, asked.page));
    let detail = listing.detail(read_user);
    // Who may not read roles filters by the built-in ones.
    let roles = Resource::new_blocking(
        || (),
        move |()| async move { if may(viewer, ROLES_READ).await { list_roles().await } else { Ok(Vec::new()) } },
    );
    let parts = use_parts(listing);
    let (work, picked, creating) = (UserWork::default(), Picked::default(), Creating::default());
    let on_changed = move |()| listing.renew();
    let on_created = move |user: User| {
        listing.renew();
        goto.push(|query| query.closed().with("user", Some(user.id.as_str())));
    };
    view! {
        <Head title="Users" about="Who may sign in, and what they may do">
            <Exports list=listing.asked />
            <Allowed permission=USERS_WRITE>
                <CreateButton label="Create user" dialog=FORM on_open=move |()| creating.open() />
            </Allowed>
        </Head>
        <Allowed permission=USERS_READ>
            <Filters roles />
        </Allowed>
        <ListAndDrawer
            rows
            list=move |Dated { now, data }, viewer| {
                let list = listing.asked.get_untracked();
                let picked = viewer.is_some_and(|viewer| viewer.may(USERS_WRITE)).then_some(picked);
                view! { <UserTable page=data now list picked /> }.into_any()
            }
            detail
            drawer=move |detail, viewer| view! { <UserDrawer detail viewer work parts /> }.into_any()
        >
            <PickedBar picked />
        </ListAndDrawer>
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                viewer.await.ok().flatten().map(|viewer| view! { <UserDialogs work viewer on_changed /> })
            })}
        </Suspense>
        <Allowed permission=USERS_WRITE>
            <CreateDialog creating on_created />
            <PickedDialog picked on_done=on_changed />
        </Allowed>
    }
}

#[component]
fn Filters(
    /// All roles, as far as the viewer may read them.
    roles: Resource<Result<Vec<RoleView>, AppError>>,
) -> impl IntoView {
    let query = use_query();
    let viewer = use_viewer();
    let tenant = Memo::new(move |_| query.with(|query| query.get("tenant").map(ToOwned::to_owned)));
    let built_in = BuiltInRole::ALL.map(|role| (role.as_str(), role.as_str()));
    let built_in: Vec<_> = [("", "any role")].into_iter().chain(built_in).collect();
    view! {
        <FilterBar label="Search and filter users" kept=&["sort", "tenant"]>
            <Search label="Search name or email" />
            <Suspense fallback=|| ()>
                {move || {
                    let choices = built_in.clone();
                    Suspend::new(async move {
                        let custom = roles.await.unwrap_or_default().into_iter().filter(|view| !view.role.built_in);
                        let more = custom.map(|view| view.role.name.to_string()).collect();
                        view! { <Choice label="Role" name="role" choices more /> }
                    })
                }}
            </Suspense>
            <Choice
                label="Status"
                name="status"
                choices=vec![("", "any status"), ("active", "Active"), ("inactive", "Inactive")]
            />
            <Choice
                label="Not seen for"
                name="unseen"
                choices=vec![("", "any time"), ("30", "> 30 days"), ("90", "> 90 days"), ("180", "> 180 days")]
            />
            <Choice
                label="Source"
                name="source"
                choices=vec![("", "any source"), ("local", "Local"), ("sso", "SSO"), ("scim", "SCIM")]
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
        </FilterBar>
    }
}
