//! Users.

use crate::error::{Answer, AppError};
use crate::viewer::Dated;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::offboard::{OffboardInventory, Offboarded};
use model::session::{EndedSessions, SessionView};
use model::user::{
    AccountChange, AccountLink, Activity, NewUser, OffboardMany, OneOfMany, StatusOfMany, SwitchedUser, User,
    UserDetail, UserFilter, UserSort,
};
use model::{Page, PageRequest, SessionId, UserId};

#[cfg(feature = "ssr")]
use crate::edge::{Edge, no_store};
#[cfg(feature = "ssr")]
use crate::server_fns::session::forget_session;
#[cfg(feature = "ssr")]
use crate::server_fns::{ONE_ROW, answer, dated, hiding};

/// A page of users.
#[server(prefix = "/api", endpoint = "users/list", input = Json)]
pub async fn list_users(
    filter: UserFilter,
    sort: UserSort,
    page: PageRequest,
) -> Result<Dated<Page<User>>, AppError> {
    let edge = Edge::current()?;
    let (every, actor) = (UserFilter::default(), edge.actor()?);
    let listed = control::users::list(&edge.control, actor, &filter, sort, &page).await;
    let all = control::users::list(&edge.control, actor, &every, sort, &ONE_ROW);
    dated(&edge, hiding(filter != every, listed, all).await)
}

/// One user with their keys and activity.
#[server(prefix = "/api", endpoint = "users/read", input = Json)]
pub async fn read_user(id: UserId) -> Result<Dated<UserDetail>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::users::read(&edge.control, edge.actor()?, &id).await)
}

/// What somebody did, newest first.
#[server(prefix = "/api", endpoint = "users/activity", input = Json)]
pub async fn read_activity(id: UserId, page: PageRequest) -> Result<Dated<Page<Activity>>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::users::activity(&edge.control, edge.actor()?, &id, &page).await)
}

/// Somebody's sessions that are under way; one's own are for everybody to see.
#[server(prefix = "/api", endpoint = "users/sessions", input = Json)]
pub async fn list_sessions(id: UserId) -> Result<Dated<Vec<SessionView>>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::users::sessions(&edge.control, edge.actor()?, &id).await)
}

/// Ends one of somebody's sessions, or all; one's own are for everybody to end.
#[server(prefix = "/api", endpoint = "users/end-sessions", input = Json)]
pub async fn end_sessions(id: UserId, only: Option<SessionId>) -> Result<Answer<EndedSessions>, AppError> {
    let edge = Edge::current()?;
    let ended = control::users::end_sessions(&edge.control, edge.actor()?, &id, only.as_ref()).await;
    if ended.as_ref().is_ok_and(|ended| ended.current) {
        forget_session(&edge).await?;
    }
    answer(&edge, ended)
}

/// Makes an account without a password.
#[server(prefix = "/api", endpoint = "users/create", input = Json)]
pub async fn create_user(new: NewUser) -> Result<Answer<User>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::users::create(&edge.control, edge.actor()?, new, None).await)
}

/// Changes an account.
#[server(prefix = "/api", endpoint = "users/change", input = Json)]
pub async fn change_user(id: UserId, change: AccountChange) -> Result<Answer<SwitchedUser>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::users::change(&edge.control, edge.actor()?, &id, change).await)
}

/// Makes a link that sets an account's first password.
#[server(prefix = "/api", endpoint = "users/invite", input = Json)]
pub async fn invite_user(id: UserId) -> Result<Answer<AccountLink>, AppError> {
    no_store();
    let edge = Edge::current()?;
    let link = control::users::invite(&edge.control, edge.actor()?, &id).await;
    answer(&edge, link.map(|link| link.under(&edge.base_url)))
}

/// Makes a link that sets a new password.
#[server(prefix = "/api", endpoint = "users/reset-link", input = Json)]
pub async fn make_reset_link(id: UserId) -> Result<Answer<AccountLink>, AppError> {
    no_store();
    let edge = Edge::current()?;
    let link = control::users::reset_link(&edge.control, edge.actor()?, &id).await;
    answer(&edge, link.map(|link| link.under(&edge.base_url)))
}

/// What offboarding somebody will do.
#[server(prefix = "/api", endpoint = "users/offboard-inventory", input = Json)]
pub async fn read_offboard_inventory(id: UserId) -> Result<Dated<OffboardInventory>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::users::inventory(&edge.control, edge.actor()?, &id).await)
}

/// Offboards somebody.
#[server(prefix = "/api", endpoint = "users/offboard", input = Json)]
pub async fn offboard_user(id: UserId, reason: Option<String>) -> Result<Answer<Offboarded>, AppError> {
    let edge = Edge::current()?;
    let done = control::users::offboard(&edge.control, edge.actor()?, &id, reason.as_deref()).await;
    answer(&edge, done)
}

/// Sets up to [`model::user::MANY_USERS`] accounts Active or Inactive.
#[server(prefix = "/api", endpoint = "users/set-status-many", input = Json)]
pub async fn set_status_of_users(many: StatusOfMany) -> Result<Answer<Vec<OneOfMany>>, AppError> {
    let edge = Edge::current()?;
    let id = &edge.correlation_id;
    answer(&edge, control::users::set_status_many(&edge.control, edge.actor()?, many, id).await)
}

/// Offboards up to [`model::user::MANY_USERS`] people.
#[server(prefix = "/api", endpoint = "users/offboard-many", input = Json)]
pub async fn offboard_users(many: OffboardMany) -> Result<Answer<Vec<OneOfMany>>, AppError> {
    let edge = Edge::current()?;
    let id = &edge.correlation_id;
    answer(&edge, control::users::offboard_many(&edge.control, edge.actor()?, many, id).await)
}

/// Takes somebody's second factor away.
#[server(prefix = "/api", endpoint = "users/reset-second-factor", input = Json)]
pub async fn reset_second_factor(id: UserId) -> Result<Answer<EndedSessions>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::users::reset_second_factor(&edge.control, edge.actor()?, &id).await)
}
