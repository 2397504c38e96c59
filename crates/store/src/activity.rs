//! What one person did: their rows of the audit log and their keys' requests, one after the other.

use crate::cursor;
use crate::error::Result;
use crate::fields::Fields;
use crate::keyset::{cut, limit};
use crate::pool::Store;
use crate::sql::Sql;
use model::money::Usd;
use model::role::Reach;
use model::user::Activity;
use model::{PageRequest, RequestId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

/// The list's only order, for its cursors.
const NEWEST_FIRST: &str = "-at";

/// How far a walk through both records has come: the last row of each that was shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityPosition {
    audit: Option<(i64, i64)>,
    usage: Option<(i64, RequestId, u16)>,
}

impl Store {
    /// What somebody did in the tenants in `reach`, newest first, and the next page's cursor. What belongs to no tenant is
    /// for those who see all of them.
    pub async fn activity_of(
        &self,
        user: &UserId,
        reach: &Reach,
        page: &PageRequest,
    ) -> Result<(Vec<Activity>, Option<String>)> {
        let mut position = match &page.cursor {
            Some(cursor) => cursor::decode(NEWEST_FIRST, cursor)?,
            None => ActivityPosition::default(),
        };
        let mut sql = Sql::new(
            "SELECT seq, at, action, target_type, target_id, target_name, result, ip FROM audit_log WHERE actor_id = ",
        );
        sql.bind(user.as_str()).within("tenant_id", reach);
        if let Some((at, seq)) = position.audit {
            sql.push(" AND (at, seq) < (").bind(at).push(", ").bind(seq).push(")");
        }
        sql.push(" ORDER BY at DESC, seq DESC LIMIT ").bind(limit(page) + 1);
        let audit = sql.fetch_all(self.reader()).await?;

        let mut sql = Sql::new(
            "SELECT request_id, attempt, started_at, key_id, model, status, input_tokens, output_tokens, cost_micros
             FROM usage_ledger WHERE user_id = ",
        );
        sql.bind(user.as_str()).within("tenant_id", reach);
        if let Some((at, request, attempt)) = &position.usage {
            sql.push(" AND (started_at, request_id, attempt) < (")
                .bind(*at)
                .push(", ")
                .bind(request.as_str());
            sql.push(", ").bind(i64::from(*attempt)).push(")");
        }
        sql.push(" ORDER BY started_at DESC, request_id DESC, attempt DESC LIMIT ").bind(limit(page) + 1);
        let usage = sql.fetch_all(self.reader()).await?;

        // Both are in order, and each is at least as long as the page: so is what comes of them.
        let mut all = Vec::with_capacity(audit.len() + usage.len());
        for row in &audit {
            let place = (row.get("at")?, row.get("seq")?);
            all.push((place.0, Place::Audit(place), read_audit(row)?));
        }
        for row in &usage {
            let place = (row.get("started_at")?, row.id("request_id")?, row.number("attempt")?);
            all.push((place.0, Place::Usage(place), read_request(row)?));
        }
        // Stable: within a moment, each record keeps its own order.
        all.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
        let more = cut(&mut all, page);
        let mut items = Vec::with_capacity(all.len());
        for (_, place, item) in all {
            match place {
                Place::Audit(place) => position.audit = Some(place),
                Place::Usage(place) => position.usage = Some(place),
            }
            items.push(item);
        }
        let next = more.then(|| cursor::encode(NEWEST_FIRST, &position)).transpose()?;
        Ok((items, next))
    }
}

enum Place {
    Audit((i64, i64)),
    Usage((i64, RequestId, u16)),
}

fn read_audit(row: &AnyRow) -> Result<Activity> {
    Ok(Activity::Action {
        at: row.get("at").map(Timestamp::from_micros)?,
        action: row.text("action")?,
        target_type: row.text("target_type")?,
        target_id: row.text("target_id")?,
        target_name: row.text("target_name")?,
        result: row.text("result")?,
        ip: row.maybe_text("ip")?,
    })
}

fn read_request(row: &AnyRow) -> Result<Activity> {
    Ok(Activity::Request {
        at: row.get("started_at").map(Timestamp::from_micros)?,
        request_id: row.id("request_id")?,
        key_id: row.id("key_id")?,
        model: row.id("model")?,
        status: row.number("status")?,
        input_tokens: row.number("input_tokens")?,
        output_tokens: row.number("output_tokens")?,
        cost_usd: Usd::from_micros(row.get("cost_micros")?),
    })
}
