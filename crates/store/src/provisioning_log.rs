//! The provisioning log: what SCIM clients asked for and what came of it. A record by itself, and bounded; what was
//! changed stands in the audit log.

use crate::error::Result;
use crate::fields::Fields;
use crate::keyset::{Keyset, SortValue, count};
use crate::pool::Store;
use crate::sql::{Sql, stored, text};
use model::page::SortDirection;
use model::scim::{
    ProvisionedResource, ProvisioningEntry, ProvisioningFilter, ProvisioningOperation, ProvisioningResult,
};
use model::{Page, PageRequest, ProvisioningId, Timestamp, Total};
use sqlx::any::AnyRow;

const SELECT: &str =
    "SELECT p.id, p.at, p.client_id, c.name AS client_name, p.operation, p.resource, p.resource_id,
            p.resource_name, p.result, p.status, p.detail
     FROM provisioning_log p JOIN scim_clients c ON c.id = p.client_id";

fn read_entry(row: &AnyRow) -> Result<ProvisioningEntry> {
    Ok(ProvisioningEntry {
        id: row.id("id")?,
        at: row.time("at")?,
        client_id: row.id("client_id")?,
        client_name: row.text("client_name")?,
        operation: row.word("operation", ProvisioningOperation::parse)?,
        resource: row.word("resource", ProvisionedResource::parse)?,
        resource_id: row.text("resource_id")?,
        resource_name: row.text("resource_name")?,
        result: row.word("result", ProvisioningResult::parse)?,
        status: row.number("status")?,
        detail: row.text("detail")?,
    })
}

fn push_conditions(sql: &mut Sql, filter: &ProvisioningFilter) {
    sql.push(" WHERE 1 = 1");
    if let Some(client) = &filter.client_id {
        sql.push(" AND p.client_id = ").bind(client.as_str());
    }
    match filter.result {
        None => {}
        // As in the index, which needs the literal.
        Some(ProvisioningResult::Failure) => {
            sql.push(" AND p.result = 'failure'");
        }
        Some(ProvisioningResult::Success) => {
            sql.push(" AND p.result = 'success'");
        }
    }
}

impl Store {
    /// A page of the log's lines that match, newest first.
    pub async fn provisioning_log(
        &self,
        filter: &ProvisioningFilter,
        page: &PageRequest,
    ) -> Result<Page<ProvisioningEntry>> {
        let order = Keyset {
            column: "p.at",
            id: "p.id",
            numeric: true,
            direction: SortDirection::Descending,
            order: "-at".to_owned(),
        };
        let mut sql = Sql::new(SELECT);
        push_conditions(&mut sql, filter);
        order.push_after::<ProvisioningId>(&mut sql, page)?;
        order.push_order(&mut sql, page);
        let rows = sql.fetch_all(self.reader()).await?;
        let entries: Vec<ProvisioningEntry> = rows.iter().map(read_entry).collect::<Result<_>>()?;
        let mut matching = Sql::new("SELECT 1 FROM provisioning_log p");
        push_conditions(&mut matching, filter);
        let total = count(matching, self.reader()).await?;
        let position =
            |entry: &ProvisioningEntry| (SortValue::Int(entry.at.as_micros()), entry.id.to_string());
        order.page(entries, page, position, total, Total::default())
    }

    /// Adds a line.
    pub async fn add_provisioning_entry(&self, entry: &ProvisioningEntry) -> Result<()> {
        sqlx::query(
            "INSERT INTO provisioning_log (id, at, client_id, operation, resource, resource_id, resource_name,
                                           result, status, detail)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(entry.id.as_str())
        .bind(entry.at.as_micros())
        .bind(entry.client_id.as_str())
        .bind(entry.operation.as_str())
        .bind(entry.resource.as_str())
        .bind(text(&entry.resource_id))
        .bind(text(&entry.resource_name))
        .bind(entry.result.as_str())
        .bind(i64::from(entry.status))
        .bind(text(&entry.detail))
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// Takes away what is older than `before`, and of the rest all but the newest `most`.
    pub async fn trim_provisioning_log(&self, before: Timestamp, most: u64) -> Result<()> {
        let mut sql = Sql::new("DELETE FROM provisioning_log WHERE at < ");
        sql.bind(before)
            .push(" OR at < (SELECT at FROM provisioning_log ORDER BY at DESC, id DESC LIMIT 1 OFFSET ");
        sql.bind(stored(most)).push(")");
        sql.execute(self.writer()).await?;
        Ok(())
    }
}
