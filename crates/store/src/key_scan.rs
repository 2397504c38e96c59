//! Walking over all keys in pieces, for questions that only the program can answer.

use crate::error::Result;
use crate::fields::Fields;
use crate::keys::{key_columns, read_view};
use crate::pool::Store;
use crate::sql::Sql;
use model::key::{KeyStatus, KeyView};
use model::role::Reach;
use model::tenant::TenantStatus;
use model::user::UserStatus;
use model::{KeyId, Timestamp};
use sqlx::any::AnyRow;

/// A key, and whether it works at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannedKey {
    /// The key.
    pub key: KeyView,
    /// Whether it is active, its tenant too, and its owner as well and still a member of the tenant.
    pub works: bool,
}

const SELECT: &str = concat!(
    "SELECT ",
    key_columns!(),
    ", t.name AS tenant_name, t.status AS tenant_status, u.name AS owner_name, u.email AS owner_email,
       u.status AS owner_status, m.user_id AS member_id
     FROM api_keys k
     JOIN tenants t ON t.id = k.tenant_id
     LEFT JOIN users u ON u.id = k.owner_id
     LEFT JOIN memberships m ON m.user_id = k.owner_id AND m.tenant_id = k.tenant_id
     WHERE 1 = 1"
);

impl Store {
    /// The keys in `reach` after `after` by id, at most `limit`, those that don't work too: the work of one call is bounded,
    /// however few of them do.
    pub async fn scan_keys(
        &self,
        after: Option<&KeyId>,
        limit: u16,
        reach: &Reach,
        now: Timestamp,
    ) -> Result<Vec<ScannedKey>> {
        let mut sql = Sql::new(SELECT);
        sql.within("k.tenant_id", reach);
        if let Some(after) = after {
            sql.push(" AND k.id > ").bind(after.as_str());
        }
        sql.push(" ORDER BY k.id LIMIT ").bind(i64::from(limit));
        sql.fetch_all(self.reader()).await?.iter().map(|row| scanned(row, now)).collect()
    }
}

fn scanned(row: &AnyRow, now: Timestamp) -> Result<ScannedKey> {
    let key = read_view(row, now)?;
    let member = row.maybe_text("member_id")?.is_some();
    let owner_works = key.owner_id.is_none() || (key.owner_status == Some(UserStatus::Active) && member);
    let works = key.status == KeyStatus::Active && key.tenant_status == TenantStatus::Active && owner_works;
    Ok(ScannedKey { key, works })
}
