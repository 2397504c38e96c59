//! `/users`: list, export, create, read and change accounts; links that let people in.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::Body;
use super::download::{Batches, File, download};
use super::query::{Parameters, PathId};
use super::spreadsheet::Spreadsheet;
use crate::http::Http;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use control::users::{self, Export, NewLink};
use model::dashboard::{ModelUsage, UsageTotals};
use model::id::{TenantId, UserId};
use model::mapping::Managed;
use model::page::{Page, Total};
use model::session::EndedSessions;
use model::user::{
    AccountChange, AccountLink, Activity, NewUser, SwitchedUser, User, UserDetail, UserFilter, UserSort,
    UserSource, UserStatus,
};
use serde::Serialize;
use utoipa::ToSchema;

/// An account with a summary of what it did; flat.
#[derive(Serialize, ToSchema)]
pub(super) struct Account {
    #[serde(flatten)]
    user: User,
    keys: Total,
    active_keys: Total,
    last_7d: UsageTotals,
    last_30d: UsageTotals,
    models: Vec<ModelUsage>,
    /// What decided the role, if the role mapping does: the next sign-in overwrites what is set by hand.
    managed: Option<Managed>,
}

impl From<UserDetail> for Account {
    fn from(detail: UserDetail) -> Self {
        let UserDetail { user, keys, active_keys, last_7d, last_30d, models, managed } = detail;
        Self { user, keys: keys.total, active_keys, last_7d, last_30d, models, managed }
    }
}

/// `GET ?q=&role=&status=&source=&tenant_id=&unseen_days=&sort=&cursor=&limit=`.
pub(super) async fn list(
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Json<Page<User>>, ProblemResponse> {
    let page = parameters.page();
    let sort = parameters.parse(
        "sort",
        "must be name, email, role, organization_unit, status, created_at or last_sign_in_at, with - in front for descending",
        UserSort::parse,
    );
    let filter = filter(&mut parameters);
    parameters.finish()?;
    let sort = sort.unwrap_or_default();
    Ok(Json(users::list(&caller.control, &caller.actor, &filter, sort, &page).await?))
}

/// `GET /export?q=&role=&…`: the filters of the list; CSV, streamed, in the order of creation.
pub(super) async fn export(caller: Caller, mut parameters: Parameters) -> Result<Response, ProblemResponse> {
    parameters.parse("format", "must be csv", |text| (text == "csv").then_some(()));
    let filter = filter(&mut parameters);
    parameters.finish()?;
    let rows = users::export(&caller.control, &caller.actor, &filter).await?;
    Ok(download(&File::csv("users"), caller.control.now(), rows, csv))
}

/// The filters of list and export.
fn filter(parameters: &mut Parameters) -> UserFilter {
    UserFilter {
        q: parameters.take("q"),
        role: parameters.parse("role", "must be a role's name", |text| text.parse().ok()),
        status: parameters.parse("status", "must be active or inactive", UserStatus::parse),
        source: parameters.parse("source", "must be local, sso or scim", UserSource::parse),
        tenant_id: parameters.parse("tenant_id", "must be a tenant's slug", |text| text.parse().ok()),
        unseen_days: parameters.parse("unseen_days", "must be a number of days", |text| text.parse().ok()),
    }
}

impl Batches for Export {
    type Row = User;

    async fn next(&mut self) -> Result<Vec<User>, control::Error> {
        Self::next(self).await
    }
}

const COLUMNS: [&str; 11] = [
    "id",
    "name",
    "email",
    "role",
    "tenant_roles",
    "organization_unit",
    "status",
    "source",
    "tenants",
    "created_at",
    "last_sign_in_at",
];

fn csv(users: Vec<User>, first: bool) -> Result<Bytes, std::io::Error> {
    let mut sheet = Spreadsheet::new();
    if first {
        sheet.row(COLUMNS)?;
    }
    for user in users {
        let roles = user.assignments.iter().map(|held| {
            let tenant = held.tenant_id.as_ref().map_or("", |id| id.as_str());
            format!("{} in {tenant}", held.role)
        });
        let cells: [&str; 11] = [
            user.id.as_str(),
            &user.name,
            &user.email,
            user.role.as_str(),
            &roles.collect::<Vec<_>>().join(", "),
            user.organization_unit.as_deref().unwrap_or_default(),
            user.status.as_str(),
            user.source.as_str(),
            &user.tenant_ids.iter().map(TenantId::as_str).collect::<Vec<_>>().join(", "),
            &user.created_at.to_string(),
            &user.last_sign_in_at.map(|at| at.to_string()).unwrap_or_default(),
        ];
        sheet.row(cells)?;
    }
    sheet.into_bytes()
}

/// `POST {name, email, role, organization_unit}`: an account without a password; invite them by a link.
pub(super) async fn create(
    caller: Caller,
    Body(new): Body<NewUser>,
) -> Result<(StatusCode, Json<User>), ProblemResponse> {
    let user = users::create(&caller.control, &caller.actor, new, None).await?;
    Ok((StatusCode::CREATED, Json(user)))
}

/// `GET /{id}`: the record, and what they did in sum.
pub(super) async fn read(
    caller: Caller,
    PathId(id): PathId<UserId>,
) -> Result<Json<Account>, ProblemResponse> {
    Ok(Json(users::read(&caller.control, &caller.actor, &id).await?.into()))
}

/// `PATCH /{id} {name, email, organization_unit, status, reason}`: the record as it is now, and a receipt of what was
/// cut. What is left out stays.
pub(super) async fn change(
    caller: Caller,
    PathId(id): PathId<UserId>,
    Body(change): Body<AccountChange>,
) -> Result<Json<SwitchedUser>, ProblemResponse> {
    Ok(Json(users::change(&caller.control, &caller.actor, &id, change).await?))
}

/// `GET /{id}/activity ?cursor=&limit=`: what they did, newest first.
pub(super) async fn activity(
    caller: Caller,
    PathId(id): PathId<UserId>,
    mut parameters: Parameters,
) -> Result<Json<Page<Activity>>, ProblemResponse> {
    let page = parameters.page();
    parameters.finish()?;
    Ok(Json(users::activity(&caller.control, &caller.actor, &id, &page).await?))
}

/// `POST /{id}/invite`: a link that sets the first password.
pub(super) async fn invite(
    caller: Caller,
    State(http): State<Http>,
    PathId(id): PathId<UserId>,
) -> Result<(StatusCode, Json<AccountLink>), ProblemResponse> {
    let link = users::invite(&caller.control, &caller.actor, &id).await?;
    Ok((StatusCode::CREATED, Json(shown(link, &http))))
}

/// `POST /{id}/reset-link`: a link that sets a new password.
pub(super) async fn reset_link(
    caller: Caller,
    State(http): State<Http>,
    PathId(id): PathId<UserId>,
) -> Result<(StatusCode, Json<AccountLink>), ProblemResponse> {
    let link = users::reset_link(&caller.control, &caller.actor, &id).await?;
    Ok((StatusCode::CREATED, Json(shown(link, &http))))
}

/// `DELETE /{id}/second-factor`: takes it away and ends the account's sessions.
pub(super) async fn reset_second_factor(
    caller: Caller,
    PathId(id): PathId<UserId>,
) -> Result<Json<EndedSessions>, ProblemResponse> {
    Ok(Json(users::reset_second_factor(&caller.control, &caller.actor, &id).await?))
}

fn shown(link: NewLink, http: &Http) -> AccountLink {
    link.under(http.base_url.as_str())
}
