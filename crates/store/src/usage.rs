//! Reading the usage ledger row by row. Totals are in `usage_totals`.

use crate::cursor;
use crate::error::Result;
use crate::fields::Fields;
use crate::keyset::{count, cut, limit};
use crate::pool::Store;
use crate::sql::Sql;
use model::api_action::ApiAction;
use model::money::Usd;
use model::role::Reach;
use model::usage::{Outcome, TokenSource, UsageDims, UsageOfRequest, UsageRow, UsageTotal};
use model::{KeyId, Page, PageRequest, RequestId, TenantId, Timestamp, Total, UserId};
use sqlx::any::AnyRow;

/// The list's only order, for its cursors.
const NEWEST_FIRST: &str = "-started_at";

/// Whose usage; what is left out doesn't narrow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageScope {
    /// Of tenants in it only. There is no default: whoever asks says how far they see.
    pub reach: Reach,
    /// Of this key.
    pub key: Option<KeyId>,
    /// Of this user's keys.
    pub user: Option<UserId>,
    /// Of this tenant's keys.
    pub tenant: Option<TenantId>,
}

impl UsageScope {
    /// All usage in `reach`.
    pub const fn of(reach: Reach) -> Self {
        Self { reach, key: None, user: None, tenant: None }
    }
}

impl Store {
    /// A page of the rows sent from `from` up to, not including, `to`, newest first.
    pub async fn list_usage(
        &self,
        scope: &UsageScope,
        from: Timestamp,
        to: Timestamp,
        page: &PageRequest,
    ) -> Result<Page<UsageRow>> {
        let mut sql = Sql::new(
            "SELECT request_id, attempt, started_at, key_id, tenant_id, user_id, user_path, secret_generation, identity,
                    conversation_id, endpoint, model, provider, upstream_model, streamed, status, outcome,
                    input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens,
                    token_source, cost_micros, first_byte_micros, total_micros, key_tags, request_tags
             FROM usage_ledger",
        );
        push_scope(&mut sql, scope, from, to);
        if let Some(cursor) = &page.cursor {
            let (at, request, attempt): (i64, RequestId, u16) = cursor::decode(NEWEST_FIRST, cursor)?;
            sql.push(" AND (started_at, request_id, attempt) < (").bind(at).push(", ").bind(request.as_str());
            sql.push(", ").bind(i64::from(attempt)).push(")");
        }
        sql.push(" ORDER BY started_at DESC, request_id DESC, attempt DESC LIMIT ").bind(limit(page) + 1);
        let mut items: Vec<UsageRow> =
            sql.fetch_all(self.reader()).await?.iter().map(read_row).collect::<Result<_>>()?;

        let more = cut(&mut items, page);
        let next_cursor = match items.last() {
            Some(last) if more => Some(cursor::encode(
                NEWEST_FIRST,
                &(last.started_at.as_micros(), &last.request_id, last.attempt),
            )?),
            _ => None,
        };
        let mut sql = Sql::new("SELECT 1 FROM usage_ledger");
        push_scope(&mut sql, scope, from, to);
        let total = count(sql, self.reader()).await?;
        Ok(Page { items, next_cursor, total, hidden: Total::default() })
    }

    /// Requests and tokens from `day_start` on, by everything that limits can be about: what a node rebuilds its daily
    /// counters from. A request counts once, at its first attempt; tokens count of all attempts.
    pub async fn usage_by_dims(&self, day_start: Timestamp) -> Result<Vec<UsageTotal>> {
        sqlx::query(
            "SELECT key_id, tenant_id, user_id, user_path, identity,
                    COUNT(CASE WHEN attempt = 1 THEN 1 END) AS requests,
                    CAST(SUM(input_tokens + output_tokens) AS BIGINT) AS tokens
             FROM usage_ledger WHERE started_at >= $1
             GROUP BY key_id, tenant_id, user_id, user_path, identity",
        )
        .bind(day_start.as_micros())
        .fetch_all(self.reader())
        .await?
        .iter()
        .map(|row| {
            let (requests, tokens) = (row.number("requests")?, row.number("tokens")?);
            Ok(UsageTotal { of: read_dims(row)?, requests, tokens })
        })
        .collect()
    }

    /// Each request whose first attempt was sent at `since` or later, oldest first, with the tokens of all its
    /// attempts: what a node rebuilds its sliding windows from.
    pub async fn usage_of_requests(&self, since: Timestamp) -> Result<Vec<UsageOfRequest>> {
        sqlx::query(
            "SELECT key_id, tenant_id, user_id, user_path, identity, CAST(MIN(started_at) AS BIGINT) AS at,
                    CAST(SUM(input_tokens + output_tokens) AS BIGINT) AS tokens
             FROM usage_ledger WHERE started_at >= $1
             GROUP BY request_id, key_id, tenant_id, user_id, user_path, identity HAVING MIN(attempt) = 1
             ORDER BY MIN(started_at), request_id",
        )
        .bind(since.as_micros())
        .fetch_all(self.reader())
        .await?
        .iter()
        .map(|row| {
            Ok(UsageOfRequest { of: read_dims(row)?, at: row.time("at")?, tokens: row.number("tokens")? })
        })
        .collect()
    }
}

pub(crate) fn push_scope(sql: &mut Sql, scope: &UsageScope, from: Timestamp, to: Timestamp) {
    sql.push(" WHERE started_at >= ").bind(from).push(" AND started_at < ").bind(to);
    if let Some(key) = &scope.key {
        sql.push(" AND key_id = ").bind(key.as_str());
    }
    if let Some(user) = &scope.user {
        sql.push(" AND user_id = ").bind(user.as_str());
    }
    if let Some(tenant) = &scope.tenant {
        // Beside a key or a person the tenant is never what rows are found by: SQLite knows nothing of how many rows either
        // has, and could as well walk the whole tenant's.
        let narrow = scope.key.is_some() || scope.user.is_some();
        sql.push(if narrow { " AND COALESCE(tenant_id, '') = " } else { " AND tenant_id = " });
        sql.bind(tenant.as_str());
    }
    sql.within("tenant_id", &scope.reach);
}

fn read_dims(row: &AnyRow) -> Result<UsageDims> {
    Ok(UsageDims {
        key_id: row.id("key_id")?,
        tenant_id: row.id("tenant_id")?,
        user_id: row.maybe_id("user_id")?,
        user_path: row.maybe_id("user_path")?,
        identity: row.maybe_text("identity")?,
    })
}

fn read_row(row: &AnyRow) -> Result<UsageRow> {
    Ok(UsageRow {
        request_id: row.id("request_id")?,
        attempt: row.number("attempt")?,
        started_at: row.time("started_at")?,
        key_id: row.id("key_id")?,
        tenant_id: row.id("tenant_id")?,
        user_id: row.maybe_id("user_id")?,
        user_path: row.maybe_id("user_path")?,
        secret_generation: row.number("secret_generation")?,
        identity: row.maybe_text("identity")?,
        conversation_id: row.maybe_text("conversation_id")?,
        endpoint: row.word("endpoint", ApiAction::parse)?,
        model: row.id("model")?,
        provider: row.id("provider")?,
        upstream_model: row.text("upstream_model")?,
        streamed: row.flag("streamed")?,
        status: row.number("status")?,
        outcome: row.word("outcome", Outcome::parse)?,
        input_tokens: row.number("input_tokens")?,
        cached_input_tokens: row.number("cached_input_tokens")?,
        cache_write_tokens: row.number("cache_write_tokens")?,
        output_tokens: row.number("output_tokens")?,
        reasoning_tokens: row.number("reasoning_tokens")?,
        token_source: row.word("token_source", TokenSource::parse)?,
        cost_usd: Usd::from_micros(row.get("cost_micros")?),
        first_byte_micros: row.maybe_number("first_byte_micros")?,
        total_micros: row.number("total_micros")?,
        key_tags: row.json("key_tags")?,
        request_tags: row.json("request_tags")?,
    })
}
