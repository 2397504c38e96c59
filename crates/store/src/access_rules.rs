//! Access rules.

use crate::commit::Tx;
use crate::error::Result;
use crate::fields::{Fields, to_json};
use crate::keyset::{Keyset, SortValue, count};
use crate::pool::Store;
use crate::search::Search;
use crate::sql::{Sql, text};
use model::access::{AccessRule, AccessRuleFilter, AccessRuleView, AccessScope};
use model::change::Epoch;
use model::page::SortDirection;
use model::role::Reach;
use model::{AccessRuleId, Page, PageRequest, Total};
use sqlx::Executor;
use sqlx::any::{Any, AnyRow};

const SEARCHED: &[&str] = &[
    "LOWER(r.scope_value)",
    "t.name_folded",
    "u.name_folded",
    "u.email_folded",
    "LOWER(r.allowed_models)",
    "LOWER(r.denied_models)",
    "LOWER(r.allowed_providers)",
];

/// The columns of a rule, from `access_rules r`.
macro_rules! rule_columns {
    () => {
        "r.id, r.scope_type, r.scope_value, r.allowed_models, r.denied_models, r.allowed_providers, r.rate_limits,
         r.locked, r.created_at, r.created_by"
    };
}

/// Rules with the tenant or user that they are about.
macro_rules! rules_with_context {
    () => {
        " FROM access_rules r
          LEFT JOIN tenants t ON r.scope_type = 'tenant' AND t.id = r.scope_value
          LEFT JOIN users u ON r.scope_type = 'user' AND u.id = r.scope_value"
    };
}

const SELECT_VIEW: &str =
    concat!("SELECT ", rule_columns!(), ", COALESCE(t.name, u.email) AS scope_name", rules_with_context!());

fn read_rule(row: &AnyRow) -> Result<AccessRule> {
    let (kind, value) = (row.text("scope_type")?, row.text("scope_value")?);
    Ok(AccessRule {
        id: row.id("id")?,
        scope: AccessScope::from_parts(&kind, &value).ok_or(crate::Error::Corrupt { what: "scope_value" })?,
        allowed_models: row.maybe_json("allowed_models")?,
        denied_models: row.json("denied_models")?,
        allowed_providers: row.maybe_json("allowed_providers")?,
        rate_limits: row.json("rate_limits")?,
        locked: row.flag("locked")?,
        created_at: row.time("created_at")?,
        created_by: row.text("created_by")?,
    })
}

fn read_view(row: &AnyRow) -> Result<AccessRuleView> {
    Ok(AccessRuleView { rule: read_rule(row)?, scope_name: row.maybe_text("scope_name")? })
}

async fn view<'c>(
    on: impl Executor<'c, Database = Any>,
    id: &AccessRuleId,
) -> Result<Option<AccessRuleView>> {
    let mut sql = Sql::new(SELECT_VIEW);
    sql.push(" WHERE r.id = ").bind(id.as_str());
    sql.fetch_all(on).await?.first().map(read_view).transpose()
}

impl Store {
    /// All rules by id, as they were at one moment, and the feed position of that moment.
    pub async fn access_rules(&self) -> Result<(Vec<AccessRule>, Epoch)> {
        let mut tx = self.follower().begin_with(self.dialect().snapshot()).await?;
        let epoch =
            sqlx::query("SELECT epoch FROM feed WHERE id = 1").fetch_one(&mut *tx).await?.get("epoch")?;
        let rules = sqlx::query(concat!("SELECT ", rule_columns!(), " FROM access_rules r ORDER BY r.id"))
            .fetch_all(&mut *tx)
            .await?
            .iter()
            .map(read_rule)
            .collect::<Result<_>>()?;
        tx.commit().await?;
        Ok((rules, Epoch(epoch)))
    }

    /// The rule with this id.
    pub async fn access_rule(&self, id: &AccessRuleId) -> Result<Option<AccessRuleView>> {
        view(self.reader(), id).await
    }

    /// A page of the rules that match and are in `reach`, newest first. Only a rule about a tenant belongs to one.
    pub async fn list_access_rules(
        &self,
        filter: &AccessRuleFilter,
        page: &PageRequest,
        reach: &Reach,
    ) -> Result<Page<AccessRuleView>> {
        let order = Keyset {
            column: "r.created_at",
            id: "r.id",
            numeric: true,
            direction: SortDirection::Descending,
            order: "-created_at".to_owned(),
        };
        let mut sql = Sql::new(SELECT_VIEW);
        push_conditions(&mut sql, filter, reach);
        order.push_after::<AccessRuleId>(&mut sql, page)?;
        order.push_order(&mut sql, page);
        let rules: Vec<AccessRuleView> =
            sql.fetch_all(self.reader()).await?.iter().map(read_view).collect::<Result<_>>()?;
        let mut sql = Sql::new(concat!("SELECT 1", rules_with_context!()));
        push_conditions(&mut sql, filter, reach);
        let total = count(sql, self.reader()).await?;
        let position = |view: &AccessRuleView| {
            (SortValue::Int(view.rule.created_at.as_micros()), view.rule.id.to_string())
        };
        order.page(rules, page, position, total, Total::default())
    }
}

fn push_conditions(sql: &mut Sql, filter: &AccessRuleFilter, reach: &Reach) {
    sql.push(" WHERE 1 = 1");
    if let Some(search) = Search::parse(filter.q.as_deref()) {
        search.push(sql, SEARCHED);
    }
    if let Some(kind) = filter.scope_type {
        sql.push(" AND r.scope_type = ").bind(kind.as_str());
    }
    if let Some(value) = &filter.scope_value {
        sql.push(" AND r.scope_value = ").bind(value.as_str());
    }
    if *reach != Reach::Everywhere {
        sql.push(" AND r.scope_type = 'tenant'").within("r.scope_value", reach);
    }
}

impl Tx {
    /// The rule with this id, as this transaction sees it.
    pub async fn access_rule(&mut self, id: &AccessRuleId) -> Result<Option<AccessRuleView>> {
        view(self.connection(), id).await
    }

    /// Adds a rule, or replaces all of the one with this id but when and by whom it was made.
    pub async fn upsert_access_rule(&mut self, rule: &AccessRule) -> Result<()> {
        let models = rule.allowed_models.as_ref().map(|list| to_json(list, "allowed_models")).transpose()?;
        let providers =
            rule.allowed_providers.as_ref().map(|list| to_json(list, "allowed_providers")).transpose()?;
        sqlx::query(
            "INSERT INTO access_rules (id, scope_type, scope_value, allowed_models, denied_models,
                                       allowed_providers, rate_limits, locked, created_at, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (id) DO UPDATE SET scope_type = excluded.scope_type, scope_value = excluded.scope_value,
               allowed_models = excluded.allowed_models, denied_models = excluded.denied_models,
               allowed_providers = excluded.allowed_providers, rate_limits = excluded.rate_limits,
               locked = excluded.locked",
        )
        .bind(rule.id.as_str())
        .bind(rule.scope.kind())
        .bind(rule.scope.value())
        .bind(models)
        .bind(to_json(&rule.denied_models, "denied_models")?)
        .bind(providers)
        .bind(to_json(&rule.rate_limits, "rate_limits")?)
        .bind(i16::from(rule.locked))
        .bind(rule.created_at.as_micros())
        .bind(text(&rule.created_by))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Deletes a rule; whether there was one.
    pub async fn delete_access_rule(&mut self, id: &AccessRuleId) -> Result<bool> {
        let done = sqlx::query("DELETE FROM access_rules WHERE id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
