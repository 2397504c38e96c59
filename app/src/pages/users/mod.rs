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
use crate::components::drawer::MissingDrawer;
use crate::components::failure::Failure;
use crate::components::filter::{Chip, Choice, FilterBar, Search};
use crate::components::form_dialog::CreateButton;
use crate::components::list::opened;
use crate::components::list_card::{ListCard, give_focus_back};
use crate::components::tabs::{AFTER, use_tab};
use crate::error::AppError;
use crate::pages::identities::tell_unlinked;
use crate::pages::sessions::tell_ended;
use crate::query::{Query, use_goto, use_query};
use crate::server_fns::roles::list_roles;
use crate::server_fns::sso::{UnlinkIdentity, list_identities};
use crate::server_fns::users::{EndSessions, list_sessions, list_users, read_activity, read_user};
use crate::viewer::{ROLES_READ, USERS_READ, USERS_WRITE, may, use_viewer};
use bulk::{Bulk, BulkBar, BulkDialog};
use create::{CreateDialog, Creating, FORM};
use detail::{Parts, UserDrawer};
use export::Exports;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use leptos_meta::Title;
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
            page: PageRequest {
                cursor: query.get("cursor").map(ToOwned::to_owned),
                ..PageRequest::default()
            },
        }
    }
}

fn open_user(query: &Query) -> Option<UserId> {
    query.get("user").and_then(|id| id.parse().ok())
}

/// What the open drawer's parts show: made here, because what is made inside of another resource isn't found again in
/// the browser.
fn use_parts(query: Memo<Query>, open: Memo<Option<UserId>>, changed: RwSignal<u32>) -> Parts {
    let tab = use_tab();
    let after = Memo::new(move |_| query.with(|query| query.get(AFTER).map(ToOwned::to_owned)));
    let open_part = move |part: &str| open.get().filter(|_| *tab.read() == part);
    let sessions = Resource::new_blocking(
        move || (open_part("sessions"), changed.get()),
        |(id, _)| async move {
            match id {
                Some(id) => list_sessions(id).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let activity = Resource::new_blocking(
        move || (open_part("activity"), after.get(), changed.get()),
        |(id, cursor, _)| async move {
            match id {
                Some(id) => read_activity(id, PageRequest { cursor, limit: 20 }).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let ending = ServerAction::<EndSessions>::new();
    tell_ended(ending, move || changed.update(|times| *times += 1));
    let identities = Resource::new_blocking(
        move || (open_part("identities"), changed.get()),
        |(id, _)| async move {
            match id {
                Some(id) => list_identities(id).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let unlinking = ServerAction::<UnlinkIdentity>::new();
    tell_unlinked(unlinking, move || changed.update(|times| *times += 1));
    Parts { activity, sessions, ending, identities, unlinking }
}

/// The list with its filters, and the drawer of one user.
#[component]
pub fn UsersPage() -> impl IntoView {
    let query = use_query();
    let goto = use_goto();
    let viewer = use_viewer();
    let changed = RwSignal::new(0_u32);
    let list = Memo::new(move |_| query.with(UserList::from_query));
    let open = Memo::new(move |_| query.with(open_user));
    let rows = Resource::new_blocking(
        move || (list.get(), changed.get()),
        |(list, _)| list_users(list.filter, list.sort, list.page),
    );
    let detail = opened(open, changed, read_user);
    // Who may not read roles filters by the built-in ones.
    let roles = Resource::new_blocking(
        || (),
        move |()| async move { if may(viewer, ROLES_READ).await { list_roles().await } else { Ok(Vec::new()) } },
    );
    let parts = use_parts(query, open, changed);
    let (work, bulk, creating) = (UserWork::default(), Bulk::default(), Creating::default());
    let pending = RwSignal::new(false);
    give_focus_back(open);
    let on_changed = move |()| changed.update(|times| *times += 1);
    let on_created = move |user: User| {
        changed.update(|times| *times += 1);
        goto.push(|query| query.closed().with("user", Some(user.id.as_str())));
    };
    view! {
        <Title text="Users" />
        <div class="head">
            <h1>"Users"</h1>
            <p>"Who may sign in, and what they may do"</p>
            <Exports list />
            <Allowed permission=USERS_WRITE>
                <CreateButton label="Create user" dialog=FORM on_open=move |()| creating.open() />
            </Allowed>
        </div>
        <Allowed permission=USERS_READ>
            <Filters roles />
        </Allowed>
        <div class="cols">
            <ListCard pending>
                <BulkBar bulk />
                <Transition fallback=|| () set_pending=pending>
                    {move || Suspend::new(async move {
                        match rows.await {
                            Ok(dated) => {
                                let list = list.get_untracked();
                                let bulk = may(viewer, USERS_WRITE).await.then_some(bulk);
                                Either::Left(view! { <UserTable page=dated.data now=dated.now list bulk /> })
                            }
                            Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                        }
                    })}
                </Transition>
            </ListCard>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let viewer = viewer.await.ok().flatten();
                    match detail.await {
                        Ok(Some(detail)) => EitherOf3::A(view! { <UserDrawer detail viewer work parts /> }),
                        Ok(None) => EitherOf3::B(()),
                        Err(error) => EitherOf3::C(view! { <MissingDrawer error /> }),
                    }
                })}
            </Transition>
        </div>
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                viewer.await.ok().flatten().map(|viewer| view! { <UserDialogs work viewer on_changed /> })
            })}
        </Suspense>
        <Allowed permission=USERS_WRITE>
            <CreateDialog creating on_created />
            <BulkDialog bulk on_done=on_changed />
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
