//! Reading the audit log: lists, one row, and rows in bulk.

use crate::audit_chain::hexadecimal;
use crate::cursor;
use crate::error::{Error, Result};
use crate::fields::Fields;
use crate::keyset::{count, cut, limit};
use crate::pool::Store;
use crate::search::Search;
use crate::sql::Sql;
use model::audit::{AuditFilter, AuditOrder, AuditRecord, AuditResult, AuditRow};
use model::page::SortDirection;
use model::role::Reach;
use model::{Page, PageRequest, Timestamp, Total, UserId};
use sqlx::any::AnyRow;

/// Actors that are no users.
const WORDS: &[&str] = &["anonymous", "command_line", "configuration", "master_key"];

/// Up to this many users, a search for an actor goes by each one's rows; beyond, by time, since nearly any row matches.
const FEW_USERS: usize = 20;

macro_rules! columns {
    () => {
        "seq, at, actor_id, actor, action, target_type, target_id, target_name, tenant_id, result, ip"
    };
}

/// Whose rows are meant by the search for an actor.
enum Who {
    Anybody,
    /// Exactly these, perhaps nobody.
    These(Vec<String>),
    /// More than a few users.
    Matching(Search),
}

/// What is asked for.
struct Wanted<'a> {
    filter: &'a AuditFilter,
    who: Who,
    reach: &'a Reach,
}

impl Store {
    /// A page of the rows that match and are about objects in `reach`, by time.
    pub async fn list_audit(
        &self,
        filter: &AuditFilter,
        order: AuditOrder,
        page: &PageRequest,
        reach: &Reach,
    ) -> Result<Page<AuditRow>> {
        let wanted = Wanted { filter, who: self.who(filter.actor.as_deref()).await?, reach };
        let mut sql = Sql::new(concat!("SELECT ", columns!(), " FROM audit_log"));
        wanted.push(&mut sql);
        let name = order.to_param();
        if let Some(cursor) = &page.cursor {
            let after: (i64, i64) = cursor::decode(&name, cursor)?;
            push_after(&mut sql, order, after);
        }
        push_order(&mut sql, order, limit(page) + 1);
        let mut items: Vec<AuditRow> =
            sql.fetch_all(self.reader()).await?.iter().map(read_row).collect::<Result<_>>()?;
        let more = cut(&mut items, page);
        let next_cursor = match items.last() {
            Some(last) if more => Some(cursor::encode(&name, &(last.at.as_micros(), last.seq))?),
            _ => None,
        };
        let total = self.count_audit(&wanted).await?;
        Ok(Page { items, next_cursor, total, hidden: Total::default() })
    }

    /// The row with this number.
    pub async fn audit_record(&self, seq: i64) -> Result<Option<AuditRecord>> {
        let mut sql = Sql::new(concat!("SELECT ", columns!(), ", detail, hash FROM audit_log WHERE seq = "));
        sql.bind(seq);
        sql.fetch_all(self.reader()).await?.first().map(read_record).transpose()
    }

    /// At most `limit` rows that match and are about objects in `reach`, oldest first, after the row `after` and up to
    /// the number `through`: what is written meanwhile doesn't make an export endless.
    pub async fn audit_records(
        &self,
        filter: &AuditFilter,
        reach: &Reach,
        after: Option<&AuditRow>,
        through: i64,
        limit: u16,
    ) -> Result<Vec<AuditRecord>> {
        let order = AuditOrder(SortDirection::Ascending);
        let wanted = Wanted { filter, who: self.who(filter.actor.as_deref()).await?, reach };
        let mut sql = Sql::new(concat!("SELECT ", columns!(), ", detail, hash FROM audit_log"));
        wanted.push(&mut sql);
        if let Some(after) = after {
            push_after(&mut sql, order, (after.at.as_micros(), after.seq));
        }
        sql.push(" AND seq <= ").bind(through);
        push_order(&mut sql, order, limit.into());
        sql.fetch_all(self.reader()).await?.iter().map(read_record).collect()
    }

    /// The number of the newest row; 0: there is none.
    pub async fn newest_audit_row(&self) -> Result<i64> {
        sqlx::query("SELECT audit_seq FROM feed WHERE id = 1")
            .fetch_one(self.reader())
            .await?
            .get("audit_seq")
    }

    async fn count_audit(&self, wanted: &Wanted<'_>) -> Result<Total> {
        if *wanted.filter == AuditFilter::default() && *wanted.reach == Reach::Everywhere {
            let rows = self.newest_audit_row().await?;
            return Ok(Total { count: rows.unsigned_abs(), capped: false });
        }
        let mut sql = Sql::new("SELECT 1 FROM audit_log");
        wanted.push(&mut sql);
        count(sql, self.reader()).await
    }

    async fn who(&self, actor: Option<&str>) -> Result<Who> {
        let Some(text) = actor.map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(Who::Anybody);
        };
        // Pages show the words with a space.
        let word = text.to_lowercase().replace(' ', "_");
        if let Some(word) = WORDS.iter().find(|known| **known == word) {
            return Ok(Who::These(vec![(*word).to_owned()]));
        }
        if let Ok(id) = text.parse::<UserId>() {
            return Ok(Who::These(vec![id.to_string()]));
        }
        let Some(search) = Search::parse(Some(text)) else { return Ok(Who::Anybody) };
        let mut sql = Sql::new("SELECT id FROM users WHERE 1 = 1");
        search.push(&mut sql, USERS_SEARCHED);
        sql.push(" LIMIT ").bind(i64::try_from(FEW_USERS + 1).unwrap_or(i64::MAX));
        let rows = sql.fetch_all(self.reader()).await?;
        if rows.len() > FEW_USERS {
            return Ok(Who::Matching(search));
        }
        Ok(Who::These(rows.iter().map(|row| row.text("id")).collect::<Result<_>>()?))
    }
}

const USERS_SEARCHED: &[&str] = &["name_folded", "email_folded"];

impl Wanted<'_> {
    fn push(&self, sql: &mut Sql) {
        let Self { filter, who, reach } = self;
        sql.push(" WHERE 1 = 1").within("tenant_id", reach);
        match who {
            Who::Anybody => {}
            Who::These(ids) => match &ids[..] {
                [] => {
                    sql.push(" AND 1 = 0");
                }
                [one] => {
                    sql.push(" AND actor_id = ").bind(one.as_str());
                }
                several => {
                    sql.push(" AND actor_id IN (").list(several.iter().map(String::as_str)).push(")");
                }
            },
            Who::Matching(search) => {
                // COALESCE keeps the database off the index by actor, which would have it gather and sort most of the log.
                sql.push(" AND COALESCE(actor_id, '') IN (SELECT id FROM users WHERE 1 = 1");
                search.push(sql, USERS_SEARCHED);
                sql.push(")");
            }
        }
        for (condition, wanted) in [
            (" AND action = ", filter.action.as_deref()),
            (" AND target_type = ", filter.target_type.as_deref()),
            (" AND target_id = ", filter.target_id.as_deref()),
            (" AND result = ", filter.result.map(AuditResult::as_str)),
            (" AND tenant_id = ", filter.tenant_id.as_ref().map(model::TenantId::as_str)),
            (" AND ip = ", filter.ip.map(|ip| ip.to_string()).as_deref()),
        ] {
            if let Some(wanted) = wanted {
                sql.push(condition).bind(wanted);
            }
        }
        if let Some(from) = filter.from {
            sql.push(" AND at >= ").bind(from);
        }
        if let Some(to) = filter.to {
            sql.push(" AND at < ").bind(to);
        }
    }
}

fn push_after(sql: &mut Sql, order: AuditOrder, (at, seq): (i64, i64)) {
    sql.push(match order.0 {
        SortDirection::Ascending => " AND (at, seq) > (",
        SortDirection::Descending => " AND (at, seq) < (",
    });
    sql.bind(at).push(", ").bind(seq).push(")");
}

fn push_order(sql: &mut Sql, order: AuditOrder, limit: i64) {
    sql.push(match order.0 {
        SortDirection::Ascending => " ORDER BY at, seq LIMIT ",
        SortDirection::Descending => " ORDER BY at DESC, seq DESC LIMIT ",
    });
    sql.bind(limit);
}

fn read_row(row: &AnyRow) -> Result<AuditRow> {
    Ok(AuditRow {
        seq: row.get("seq")?,
        at: row.get("at").map(Timestamp::from_micros)?,
        actor_id: row.text("actor_id")?,
        actor: row.text("actor")?,
        action: row.text("action")?,
        target_type: row.text("target_type")?,
        target_id: row.text("target_id")?,
        target_name: row.text("target_name")?,
        tenant_id: row.maybe_id("tenant_id")?,
        result: row.word("result", AuditResult::parse)?,
        ip: row.maybe_text("ip")?,
    })
}

fn read_record(row: &AnyRow) -> Result<AuditRecord> {
    let hash: Option<&[u8]> = row.get("hash").map_err(|_| Error::Corrupt { what: "hash" })?;
    Ok(AuditRecord { row: read_row(row)?, detail: row.text("detail")?, hash: hash.map(hexadecimal) })
}
