//! Tenants. A slug that was used once is never free again.

use crate::commit::Tx;
use crate::error::{Error, Result};
use crate::fields::{Fields, to_json};
use crate::keyset::{Keyset, SortValue, count};
use crate::pool::Store;
use crate::search::Search;
use crate::sql::{Sql, text};
use model::page::SortDirection;
use model::role::Reach;
use model::tenant::{Tenant, TenantStatus};
use model::user::fold;
use model::{Page, PageRequest, TenantId, Total, UserId};
use sqlx::any::AnyRow;

const SEARCHED: &[&str] = &["t.name_folded", "t.id"];

/// `SELECT` of what [`read_tenant`] reads; the table follows.
macro_rules! select_tenant {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.name, t.status, t.suspension_locked, t.self_service_tags, t.created_at",
            $rest
        )
    };
}

fn read_tenant(row: &AnyRow) -> Result<Tenant> {
    Ok(Tenant {
        id: row.id("id")?,
        name: row.text("name")?,
        status: row.word("status", TenantStatus::parse)?,
        suspension_locked: row.flag("suspension_locked")?,
        self_service_tags: row.json("self_service_tags")?,
        created_at: row.time("created_at")?,
    })
}

impl Store {
    /// The tenant with this slug, unless it was deleted.
    pub async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>> {
        let row = sqlx::query(select_tenant!(" FROM tenants t WHERE t.deleted_at IS NULL AND t.id = $1"))
            .bind(id.as_str())
            .fetch_optional(self.reader())
            .await?;
        row.as_ref().map(read_tenant).transpose()
    }

    /// A page of the tenants in `reach` whose name or slug matches `q`, by slug.
    pub async fn list_tenants(
        &self,
        q: Option<&str>,
        page: &PageRequest,
        reach: &Reach,
    ) -> Result<Page<Tenant>> {
        let order = Keyset {
            column: "t.id",
            id: "t.id",
            numeric: false,
            direction: SortDirection::Ascending,
            order: "id".to_owned(),
        };
        let search = Search::parse(q);
        let mut sql = Sql::new(select_tenant!(" FROM tenants t WHERE t.deleted_at IS NULL"));
        if let Some(search) = &search {
            search.push(&mut sql, SEARCHED);
        }
        sql.within("t.id", reach);
        order.push_after::<TenantId>(&mut sql, page)?;
        order.push_order(&mut sql, page);
        let tenants: Vec<Tenant> =
            sql.fetch_all(self.reader()).await?.iter().map(read_tenant).collect::<Result<_>>()?;

        let total = if search.is_none() && *reach == Reach::Everywhere {
            Total { count: self.counter("tenants").await?, capped: false }
        } else {
            let mut sql = Sql::new("SELECT 1 FROM tenants t WHERE t.deleted_at IS NULL");
            if let Some(search) = &search {
                search.push(&mut sql, SEARCHED);
            }
            sql.within("t.id", reach);
            count(sql, self.reader()).await?
        };
        let position = |tenant: &Tenant| (SortValue::Text(tenant.id.to_string()), tenant.id.to_string());
        order.page(tenants, page, position, total, Total::default())
    }

    /// The tenants that a user is a member of, by slug.
    pub async fn tenants_of(&self, user: &UserId) -> Result<Vec<Tenant>> {
        sqlx::query(select_tenant!(
            " FROM memberships m JOIN tenants t ON t.id = m.tenant_id WHERE m.user_id = $1 ORDER BY t.id"
        ))
        .bind(user.as_str())
        .fetch_all(self.reader())
        .await?
        .iter()
        .map(read_tenant)
        .collect()
    }
}

impl Tx {
    /// Adds a tenant. A slug that is or ever was used is the conflict `id`.
    pub async fn insert_tenant(&mut self, tenant: &Tenant) -> Result<()> {
        let done = sqlx::query(
            "INSERT INTO tenant_slugs (slug, first_used_at) VALUES ($1, $2) ON CONFLICT (slug) DO NOTHING",
        )
        .bind(tenant.id.as_str())
        .bind(tenant.created_at.as_micros())
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Error::Conflict { what: "id" });
        }
        sqlx::query(
            "INSERT INTO tenants (id, name, name_folded, status, self_service_tags, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant.id.as_str())
        .bind(text(&tenant.name))
        .bind(text(&fold(&tenant.name)))
        .bind(tenant.status.as_str())
        .bind(to_json(&tenant.self_service_tags, "self_service_tags")?)
        .bind(tenant.created_at.as_micros())
        .execute(self.connection())
        .await?;
        self.totals.tenants += 1;
        Ok(())
    }

    /// The tenant with this slug, as this transaction sees it. Stays true until it ends: no other runs.
    pub async fn tenant(&mut self, id: &TenantId) -> Result<Option<Tenant>> {
        let row = sqlx::query(select_tenant!(" FROM tenants t WHERE t.deleted_at IS NULL AND t.id = $1"))
            .bind(id.as_str())
            .fetch_optional(self.connection())
            .await?;
        row.as_ref().map(read_tenant).transpose()
    }

    /// Writes a tenant's name, status and self-service tags; `false`: there is no such tenant.
    pub async fn update_tenant(&mut self, tenant: &Tenant) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE tenants SET name = $2, name_folded = $3, status = $4, self_service_tags = $5,
                                suspension_locked = $6
             WHERE id = $1 AND deleted_at IS NULL",
        )
        .bind(tenant.id.as_str())
        .bind(text(&tenant.name))
        .bind(text(&fold(&tenant.name)))
        .bind(tenant.status.as_str())
        .bind(to_json(&tenant.self_service_tags, "self_service_tags")?)
        .bind(i16::from(tenant.suspension_locked))
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
