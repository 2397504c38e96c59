//! Roles, and who has which.

use crate::error::{Answer, AppError};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::role::{
    AccessChange, AccessEffect, Assignment, NewAssignment, NewRole, Role, RoleChange, RoleOfUser, RoleView,
};
use model::user::User;
use model::{RoleName, TenantId, UserId};

#[cfg(feature = "ssr")]
use crate::edge::Edge;
#[cfg(feature = "ssr")]
use crate::server_fns::{answer, found};

/// All roles, the built-in ones first.
#[server(prefix = "/api", endpoint = "roles/list", input = Json)]
pub async fn list_roles() -> Result<Vec<RoleView>, AppError> {
    let edge = Edge::current()?;
    found(&edge, control::roles::list(&edge.control, edge.actor()?).await)
}

/// One role.
#[server(prefix = "/api", endpoint = "roles/read", input = Json)]
pub async fn read_role(name: RoleName) -> Result<RoleView, AppError> {
    let edge = Edge::current()?;
    found(&edge, control::roles::read(&edge.control, edge.actor()?, &name).await)
}

/// The roles that one may give to others, everywhere or in a tenant.
#[server(prefix = "/api", endpoint = "roles/assignable", input = Json)]
pub async fn list_assignable_roles(tenant: Option<TenantId>) -> Result<Vec<Role>, AppError> {
    let edge = Edge::current()?;
    found(&edge, control::roles::assignable(&edge.control, edge.actor()?, tenant.as_ref()).await)
}

/// What a change would do, before it is saved.
#[server(prefix = "/api", endpoint = "roles/preview", input = Json)]
pub async fn preview_access(change: AccessChange) -> Result<Answer<AccessEffect>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::roles::preview(&edge.control, edge.actor()?, &change).await)
}

/// Makes a custom role.
#[server(prefix = "/api", endpoint = "roles/create", input = Json)]
pub async fn create_role(new: NewRole) -> Result<Answer<Role>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::roles::create(&edge.control, edge.actor()?, new).await)
}

/// Changes a custom role.
#[server(prefix = "/api", endpoint = "roles/change", input = Json)]
pub async fn change_role(name: RoleName, change: RoleChange) -> Result<Answer<Role>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::roles::change(&edge.control, edge.actor()?, &name, change).await)
}

/// Deletes a custom role.
#[server(prefix = "/api", endpoint = "roles/remove", input = Json)]
pub async fn remove_role(name: RoleName) -> Result<Answer<()>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::roles::remove(&edge.control, edge.actor()?, &name).await)
}

/// Gives an account another global role.
#[server(prefix = "/api", endpoint = "roles/set", input = Json)]
pub async fn set_role(id: UserId, change: RoleOfUser) -> Result<Answer<User>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::roles::set_role(&edge.control, edge.actor()?, &id, change).await)
}

/// Gives an account a role for a tenant.
#[server(prefix = "/api", endpoint = "roles/assign", input = Json)]
pub async fn assign_role(id: UserId, assignment: NewAssignment) -> Result<Answer<Assignment>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::roles::assign(&edge.control, edge.actor()?, &id, assignment).await)
}

/// Takes a role for a tenant away.
#[server(prefix = "/api", endpoint = "roles/unassign", input = Json)]
pub async fn unassign_role(id: UserId, assignment: NewAssignment) -> Result<Answer<()>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::roles::unassign(&edge.control, edge.actor()?, &id, &assignment).await)
}
