//! Who belongs to which tenant.

use crate::commit::Tx;
use crate::cursor;
use crate::error::{Error, Result};
use crate::fields::Fields;
use crate::keyset::{count, cut, limit};
use crate::pool::Store;
use crate::sql::Sql;
use model::membership::{Membership, MembershipFilter};
use model::role::{Reach, RoleName};
use model::user::UserStatus;
use model::{Page, PageRequest, TenantId, Timestamp, Total, UserId};
use sqlx::any::AnyRow;

/// The list's only order, for its cursors.
const BY_TENANT: &str = "tenant_id";

fn read_membership(row: &AnyRow) -> Result<Membership> {
    let roles = row.maybe_text("roles")?.unwrap_or_default();
    // Roles' names hold no commas.
    let roles = roles.split(',').filter(|role| !role.is_empty());
    let roles = roles.map(|role| role.parse().map_err(|_| Error::Corrupt { what: "roles" }));
    let mut roles = roles.collect::<Result<Vec<RoleName>>>()?;
    roles.sort();
    Ok(Membership {
        user_id: row.id("user_id")?,
        tenant_id: row.id("tenant_id")?,
        user_name: row.text("user_name")?,
        user_email: row.text("user_email")?,
        user_status: row.word("user_status", UserStatus::parse)?,
        tenant_name: row.text("tenant_name")?,
        roles,
        created_at: row.time("created_at")?,
    })
}

impl Store {
    /// A page of the memberships that match and are in `reach`, by tenant and user.
    pub async fn list_memberships(
        &self,
        filter: &MembershipFilter,
        page: &PageRequest,
        reach: &Reach,
    ) -> Result<Page<Membership>> {
        let mut sql = Sql::new(
            "SELECT m.user_id, m.tenant_id, m.created_at, u.name AS user_name, u.email AS user_email,
                    u.status AS user_status, t.name AS tenant_name,
                    (SELECT STRING_AGG(a.role, ',') FROM role_assignments a
                      WHERE a.user_id = m.user_id AND a.tenant_id = m.tenant_id) AS roles
             FROM memberships m JOIN users u ON u.id = m.user_id JOIN tenants t ON t.id = m.tenant_id",
        );
        push_conditions(&mut sql, filter, reach);
        if let Some(cursor) = &page.cursor {
            let (tenant, user): (TenantId, UserId) = cursor::decode(BY_TENANT, cursor)?;
            sql.push(" AND (m.tenant_id, m.user_id) > (").bind(tenant.as_str());
            sql.push(", ").bind(user.as_str()).push(")");
        }
        sql.push(" ORDER BY m.tenant_id, m.user_id LIMIT ").bind(limit(page) + 1);
        let mut items: Vec<Membership> =
            sql.fetch_all(self.reader()).await?.iter().map(read_membership).collect::<Result<_>>()?;
        let more = cut(&mut items, page);
        let next_cursor = match items.last() {
            Some(last) if more => Some(cursor::encode(BY_TENANT, &(&last.tenant_id, &last.user_id))?),
            _ => None,
        };
        let mut sql = Sql::new("SELECT 1 FROM memberships m");
        push_conditions(&mut sql, filter, reach);
        let total = count(sql, self.reader()).await?;
        Ok(Page { items, next_cursor, total, hidden: Total::default() })
    }
}

fn push_conditions(sql: &mut Sql, filter: &MembershipFilter, reach: &Reach) {
    sql.push(" WHERE 1 = 1");
    if let Some(user) = &filter.user_id {
        sql.push(" AND m.user_id = ").bind(user.as_str());
    }
    if let Some(tenant) = &filter.tenant_id {
        sql.push(" AND m.tenant_id = ").bind(tenant.as_str());
    }
    sql.within("m.tenant_id", reach);
}

impl Tx {
    /// Makes a user a member of a tenant; `false`: they are one.
    pub async fn add_member(&mut self, user: &UserId, tenant: &TenantId, at: Timestamp) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO memberships (user_id, tenant_id, created_at) VALUES ($1, $2, $3)
             ON CONFLICT (user_id, tenant_id) DO NOTHING",
        )
        .bind(user.as_str())
        .bind(tenant.as_str())
        .bind(at.as_micros())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes a user out of a tenant, and with that their roles there; `false`: they aren't a member.
    pub async fn remove_member(&mut self, user: &UserId, tenant: &TenantId) -> Result<bool> {
        let done = sqlx::query("DELETE FROM memberships WHERE user_id = $1 AND tenant_id = $2")
            .bind(user.as_str())
            .bind(tenant.as_str())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
