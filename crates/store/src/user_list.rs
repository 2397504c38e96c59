//! The list of users.

use crate::error::Result;
use crate::keyset::{Keyset, SortValue, count};
use crate::pool::Store;
use crate::search::Search;
use crate::sql::Sql;
use crate::users::{SELECT_USER, read_user};
use model::role::{BuiltInRole, Reach};
use model::user::{User, UserFilter, UserSort, UserSortField, fold};
use model::{Page, PageRequest, Total, UserId};

const SEARCHED: &[&str] = &["u.name_folded", "u.email_folded"];

impl Store {
    /// A page of the users that match and belong to a tenant in `reach`.
    pub async fn list_users(
        &self,
        filter: &UserFilter,
        sort: UserSort,
        page: &PageRequest,
        reach: &Reach,
    ) -> Result<Page<User>> {
        let order = keyset(sort);
        let search = Search::parse(filter.q.as_deref());
        let mut sql = Sql::new(SELECT_USER);
        push_conditions(&mut sql, filter, search.as_ref(), reach);
        order.push_after::<UserId>(&mut sql, page)?;
        order.push_order(&mut sql, page);
        let users: Vec<User> =
            sql.fetch_all(self.reader()).await?.iter().map(read_user).collect::<Result<_>>()?;

        let unfiltered = search.is_none()
            && filter.role.is_none()
            && filter.status.is_none()
            && filter.tenant_id.is_none()
            && *reach == Reach::Everywhere;
        let total = if unfiltered {
            Total { count: self.counter("users").await?, capped: false }
        } else {
            let mut sql = Sql::new("SELECT 1 FROM users u");
            push_conditions(&mut sql, filter, search.as_ref(), reach);
            count(sql, self.reader()).await?
        };
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
        UserSortField::CreatedAt => ("u.created_at", true),
        UserSortField::LastSignInAt => ("COALESCE(u.last_sign_in_at, -1)", true),
    };
    Keyset { column, id: "u.id", numeric, direction: sort.direction, order: sort.to_param() }
}

fn sort_value(field: UserSortField, user: &User) -> SortValue {
    match field {
        UserSortField::Name => SortValue::Text(fold(&user.name)),
        UserSortField::Email => SortValue::Text(fold(&user.email)),
        UserSortField::CreatedAt => SortValue::Int(user.created_at.as_micros()),
        UserSortField::LastSignInAt => SortValue::maybe_time(user.last_sign_in_at),
    }
}

fn push_conditions(sql: &mut Sql, filter: &UserFilter, search: Option<&Search>, reach: &Reach) {
    sql.push(" WHERE 1 = 1");
    if let Some(search) = search {
        search.push(sql, SEARCHED);
    }
    if let Some(role) = &filter.role {
        sql.push(" AND u.role = ").bind(role.as_str());
        if *role != BuiltInRole::User {
            // The condition of the index.
            sql.push(" AND u.role <> 'user'");
        }
    }
    if let Some(status) = filter.status {
        sql.push(" AND u.status = ").bind(status.as_str());
    }
    if let Some(tenant) = &filter.tenant_id {
        sql.push(" AND EXISTS (SELECT 1 FROM memberships f WHERE f.user_id = u.id AND f.tenant_id = ");
        sql.bind(tenant.as_str());
        // Of the tenants beyond the reach nothing is told, not even who is in them.
        sql.within("f.tenant_id", reach).push(")");
    } else if *reach != Reach::Everywhere {
        sql.push(" AND EXISTS (SELECT 1 FROM memberships f WHERE f.user_id = u.id");
        sql.within("f.tenant_id", reach).push(")");
    }
}
