//! `/.search`: users and groups together, users first (RFC 7644 §3.4.2.1). Each in the order of their age, whatever order
//! is asked for: they have no attribute in common that one could sort by.

use super::answer::{self, Refusal, json};
use super::request::{Call, Json, Parameters};
use axum::http::StatusCode;
use axum::response::Response;
use control::scim::{groups, users};
use identity::scim::list::{self, Query};
use identity::scim::schema::{GROUPS, USERS};

pub(super) async fn search(call: Call, Json(body): Json) -> Result<Response, Refusal> {
    let parameters = Parameters::of_search(&body)?;
    let of = |name: &str| parameters.of(name).filter(|_| !name.starts_with("sort"));
    let of_users = Query::parse(&USERS, of)?;
    let found = users::list(&call.control, &call.caller, &of_users).await.map_err(call.refuse())?;
    let of_groups = Query {
        skip: of_users.skip.saturating_sub(found.total),
        count: of_users.count.saturating_sub(found.resources.len()),
        ..Query::parse(&GROUPS, of)?
    };
    let more = groups::list(&call.control, &call.caller, &of_groups).await.map_err(call.refuse())?;
    let total = found.total + more.total;
    let mut resources = answer::shown(&call, found, &of_users);
    resources.extend(answer::shown(&call, more, &of_groups));
    Ok(json(StatusCode::OK, &list::response(total, of_users.skip, resources)))
}
