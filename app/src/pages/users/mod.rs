//! Users: the list and the drawer of one.

pub mod detail;
pub mod table;

use crate::browser::focus_row;
use crate::components::allowed::Allowed;
use crate::components::failure::Failure;
use crate::components::filter::{Chip, Choice, FilterBar, Search};
use crate::pages::api_keys::MissingDrawer;
use crate::query::{Query, use_query};
use crate::server_fns::users::{list_users, read_user};
use crate::viewer::{USERS_READ, use_viewer};
use detail::UserDrawer;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use leptos_meta::Title;
use model::role::BuiltInRole;
use model::user::{UserFilter, UserSort, UserSource, UserStatus};
use model::{PageRequest, UserId};
use table::UserTable;

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
                tenant_id: query.get("tenant").and_then(|id| id.parse().ok()),
                unseen_days: query.get("unseen").and_then(|days| days.parse().ok()),
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

/// The list with its filters, and the drawer of one user.
#[component]
pub fn UsersPage() -> impl IntoView {
    let query = use_query();
    let list = Memo::new(move |_| query.with(UserList::from_query));
    let open = Memo::new(move |_| query.with(open_user));
    let rows =
        Resource::new_blocking(move || list.get(), |list| list_users(list.filter, list.sort, list.page));
    let detail = Resource::new_blocking(
        move || open.get(),
        |id| async move {
            match id {
                Some(id) => read_user(id).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let pending = RwSignal::new(false);
    // Set by an effect only: the server's HTML is never dimmed.
    let loading = RwSignal::new(false);
    Effect::new(move |_| loading.set(pending.get()));
    // The focus goes back to the row when its drawer closes.
    Effect::new(move |before: Option<Option<UserId>>| {
        let now = open.get();
        if let (Some(Some(id)), None) = (before, &now) {
            focus_row(id.as_str());
        }
        now
    });
    view! {
        <Title text="Users" />
        <div class="head">
            <h1>"Users"</h1>
            <p>"Add people with " <code>"gatehouse user create"</code></p>
        </div>
        <Allowed permission=USERS_READ>
            <Filters />
        </Allowed>
        <div class="cols">
            <div class="card" class:loading=loading aria-busy=move || loading.get().then_some("true")>
                <Transition fallback=|| () set_pending=pending>
                    {move || Suspend::new(async move {
                        match rows.await {
                            Ok(dated) => {
                                let list = list.get_untracked();
                                Either::Left(view! { <UserTable page=dated.data now=dated.now list /> })
                            }
                            Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                        }
                    })}
                </Transition>
            </div>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    match detail.await {
                        Ok(Some(detail)) => EitherOf3::A(view! { <UserDrawer detail /> }),
                        Ok(None) => EitherOf3::B(()),
                        Err(error) => EitherOf3::C(view! { <MissingDrawer error /> }),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Filters() -> impl IntoView {
    let query = use_query();
    let viewer = use_viewer();
    let tenant = Memo::new(move |_| query.with(|query| query.get("tenant").map(ToOwned::to_owned)));
    let roles = BuiltInRole::ALL.map(|role| (role.as_str(), role.as_str()));
    view! {
        <FilterBar label="Search and filter users" kept=&["sort", "tenant"]>
            <Search label="Search name or email" />
            <Choice label="Role" name="role" choices=[("", "any role")].into_iter().chain(roles).collect() />
            <Choice
                label="Status"
                name="status"
                choices=vec![("", "any status"), ("active", "Active"), ("inactive", "Inactive")]
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
