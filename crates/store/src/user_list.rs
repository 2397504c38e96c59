//! The list of users.

use crate::dialect::Dialect;
use crate::error::Result;
use crate::find::{Condition, Place, Rows};
use crate::keyset::{Keyset, SortValue};
use crate::pool::Store;
use crate::search::{Search, Trigrams, push_like, push_range};
use crate::sql::Sql;
use crate::users::{SELECT_USER, read_user};
use model::role::{BuiltInRole, Reach, RoleName};
use model::user::{User, UserFilter, UserSort, UserSortField, UserSource, UserStatus, fold};
use model::{Page, PageRequest, TenantId, Timestamp, Total, UserId};
use std::time::Duration;

/// When somebody last signed in; -1 for never.
const LAST_SIGN_IN: &str = "u.last_sign_in_order";

pub(crate) const TRIGRAMS: Trigrams =
    Trigrams { table: "users u", index: "user_trigrams", search_id: "u.search_id", text: "u.search_text" };

impl Store {
    /// A page of the users that match and belong to a tenant in `reach`.
    pub async fn list_users(
        &self,
        filter: &UserFilter,
        sort: UserSort,
        page: &PageRequest,
        reach: &Reach,
        now: Timestamp,
    ) -> Result<Page<User>> {
        let order = keyset(sort);
        let search = Search::parse(filter.q.as_deref());
        let conditions = conditions(filter, search.as_ref(), reach, now);
        let rows = Rows {
            on: self.reader(),
            dialect: self.dialect(),
            select: SELECT_USER,
            checked: " FROM users u",
            table: " FROM users u",
            part: "1 = 1",
            conditions: &conditions,
        };
        let way = rows.way().await?;
        let found = rows.page::<UserId>(way, &order, page).await?;
        let total = if conditions.is_empty() {
            Total { count: self.counter("users").await?, capped: false }
        } else {
            rows.total(way, &order, page, &found).await?
        };
        let users: Vec<User> = found.iter().map(read_user).collect::<Result<_>>()?;
        order.page(
            users,
            page,
            |user| (sort_value(sort.field, user), user.id.to_string()),
            total,
            Total::default(),
        )
    }
}

fn keyset(sort: UserSort) -> Keyset {
    let (column, numeric) = match sort.field {
        UserSortField::Name => ("u.name_folded", false),
        UserSortField::Email => ("u.email_folded", false),
        UserSortField::Role => ("u.role", false),
        UserSortField::OrganizationUnit => ("u.unit_order", false),
        UserSortField::Status => ("u.status", false),
        UserSortField::CreatedAt => ("u.created_at", true),
        UserSortField::LastSignInAt => (LAST_SIGN_IN, true),
    };
    Keyset { column, id: "u.id", numeric, direction: sort.direction, order: sort.to_param() }
}

fn sort_value(field: UserSortField, user: &User) -> SortValue {
    match field {
        UserSortField::Name => SortValue::Text(fold(&user.name)),
        UserSortField::Email => SortValue::Text(fold(&user.email)),
        UserSortField::Role => SortValue::Text(user.role.to_string()),
        UserSortField::OrganizationUnit => {
            SortValue::Text(user.organization_unit.clone().unwrap_or_default())
        }
        UserSortField::Status => SortValue::Text(user.status.as_str().to_owned()),
        UserSortField::CreatedAt => SortValue::Int(user.created_at.as_micros()),
        UserSortField::LastSignInAt => SortValue::maybe_time(user.last_sign_in_at),
    }
}

/// A filter's conditions, those that few users fulfil first.
fn conditions<'a>(
    filter: &'a UserFilter,
    search: Option<&'a Search>,
    reach: &'a Reach,
    now: Timestamp,
) -> Vec<Box<dyn Condition + 'a>> {
    let mut all: Vec<Box<dyn Condition + 'a>> = Vec::new();
    let mut add = |condition: Option<UserCondition<'a>>| {
        all.extend(condition.map(|condition| Box::new(condition) as Box<dyn Condition + 'a>));
    };
    add(search.map(UserCondition::Search));
    add(filter.role.as_ref().map(UserCondition::Role));
    add(filter.status.map(UserCondition::Status));
    add(filter.source.map(UserCondition::Source));
    let unseen = |days| now.before(Duration::from_hours(u64::from(days) * 24));
    add(filter.unseen_days.map(|days| UserCondition::UnseenSince(unseen(days))));
    if filter.tenant_id.is_some() || *reach != Reach::Everywhere {
        add(Some(UserCondition::Member(filter.tenant_id.as_ref(), reach)));
    }
    all
}

enum UserCondition<'a> {
    Search(&'a Search),
    Role(&'a RoleName),
    Status(UserStatus),
    Source(UserSource),
    UnseenSince(Timestamp),
    /// Of this tenant, and one in reach. Of the tenants beyond the reach nothing is told, not even who is in them.
    Member(Option<&'a TenantId>, &'a Reach),
}

impl Condition for UserCondition<'_> {
    fn push_ids(&self, sql: &mut Sql, at: Place<'_>, limit: i64) -> bool {
        match self {
            Self::Search(search) => push_found(sql, search, at.dialect, limit),
            // Nearly everybody.
            Self::Role(role) if **role == BuiltInRole::User => return false,
            Self::Role(role) => {
                sql.push("SELECT u.id FROM users u WHERE u.role = ").bind(role.as_str());
                sql.push(" LIMIT ").bind(limit);
            }
            Self::Status(UserStatus::Inactive) => {
                sql.push("SELECT u.id FROM users u WHERE u.status = 'inactive' LIMIT ").bind(limit);
            }
            Self::Status(UserStatus::Active) => return false,
            Self::Source(source) => {
                sql.push("SELECT u.id FROM users u WHERE u.source = ").bind(source.as_str());
                sql.push(" LIMIT ").bind(limit);
            }
            Self::UnseenSince(before) => {
                sql.push("SELECT u.id FROM users u WHERE u.seen_at < ").bind(*before);
                sql.push(" LIMIT ").bind(limit);
            }
            Self::Member(tenant, reach) => {
                sql.push("SELECT f.user_id AS id FROM memberships f WHERE 1 = 1");
                push_member(sql, *tenant, reach);
                sql.push(" LIMIT ").bind(limit);
            }
        }
        true
    }

    fn repeats(&self) -> bool {
        matches!(self, Self::Search(Search::Start(_)) | Self::Member(None, _))
    }

    fn bounds(&self, order: &Keyset) -> (Option<i64>, Option<i64>) {
        match self {
            // Who never signed in is first in that order.
            Self::UnseenSince(limit) if order.column == LAST_SIGN_IN => (None, Some(limit.as_micros() - 1)),
            _ => (None, None),
        }
    }

    fn push_check(&self, sql: &mut Sql, dialect: &Dialect) {
        let unindexed = dialect.unindexed();
        sql.push(" AND ");
        match self {
            Self::Search(search) => push_matches(sql, search),
            Self::Role(role) => {
                sql.push(unindexed).push("u.role = ").bind(role.as_str());
            }
            Self::Status(status) => {
                sql.push(unindexed).push("u.status = ").bind(status.as_str());
            }
            Self::Source(source) => {
                sql.push(unindexed).push("u.source = ").bind(source.as_str());
            }
            Self::UnseenSince(limit) => {
                sql.push(unindexed).push("u.seen_at < ").bind(*limit);
            }
            Self::Member(tenant, reach) => {
                sql.push("EXISTS (SELECT 1 FROM memberships f WHERE f.user_id = u.id");
                push_member(sql, *tenant, reach);
                sql.push(")");
            }
        }
    }
}

fn push_member(sql: &mut Sql, tenant: Option<&TenantId>, reach: &Reach) {
    if let Some(tenant) = tenant {
        sql.push(" AND f.tenant_id = ").bind(tenant.as_str());
    }
    sql.within("f.tenant_id", reach);
}

fn push_found(sql: &mut Sql, search: &Search, dialect: &Dialect, limit: i64) {
    match search {
        Search::Nothing => {
            sql.push("SELECT u.id FROM users u WHERE 1 = 0");
        }
        Search::Start(_) => {
            let range = search.range(sql);
            sql.push("SELECT id FROM (SELECT u.id FROM users u WHERE ");
            push_range(sql, "u.name_folded", range);
            sql.push(" LIMIT ").bind(limit);
            sql.push(") AS named UNION ALL SELECT id FROM (SELECT u.id FROM users u WHERE ");
            push_range(sql, "u.email_folded", range);
            sql.push(" LIMIT ").bind(limit).push(") AS addressed");
        }
        Search::Anywhere(_) => {
            sql.push("SELECT u.id");
            search.push_holders(sql, dialect, &TRIGRAMS);
            sql.push(" LIMIT ").bind(limit);
        }
    }
}

fn push_matches(sql: &mut Sql, search: &Search) {
    match search {
        Search::Nothing => {
            sql.push("1 = 0");
        }
        Search::Start(_) => {
            let range = search.range(sql);
            sql.push("(");
            push_range(sql, "u.name_folded", range);
            sql.push(" OR ");
            push_range(sql, "u.email_folded", range);
            sql.push(")");
        }
        Search::Anywhere(_) => {
            let pattern = search.pattern(sql);
            push_like(sql, "u.search_text || ''", pattern);
        }
    }
}
