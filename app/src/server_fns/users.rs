//! Users.

use crate::error::AppError;
use crate::viewer::Dated;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::user::{User, UserDetail, UserFilter, UserSort};
use model::{Page, PageRequest, UserId};

#[cfg(feature = "ssr")]
use crate::edge::Edge;
#[cfg(feature = "ssr")]
use crate::server_fns::dated;

/// A page of users.
#[server(prefix = "/api", endpoint = "users/list", input = Json)]
pub async fn list_users(
    filter: UserFilter,
    sort: UserSort,
    page: PageRequest,
) -> Result<Dated<Page<User>>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::users::list(&edge.control, edge.actor()?, &filter, sort, &page).await)
}

/// One user with their keys and activity.
#[server(prefix = "/api", endpoint = "users/read", input = Json)]
pub async fn read_user(id: UserId) -> Result<Dated<UserDetail>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::users::read(&edge.control, edge.actor()?, &id).await)
}
