//! The list of keys.

use crate::error::Result;
use crate::keys::{SELECT_VIEW, keys_with_context, read_view};
use crate::keyset::{Keyset, SortValue, count};
use crate::pool::Store;
use crate::search::Search;
use crate::sql::Sql;
use model::key::{KeyFilter, KeySort, KeySortField, KeyStatus, KeyView};
use model::role::Reach;
use model::user::fold;
use model::{KeyId, Page, PageRequest, Timestamp, Total};
use std::time::Duration;

/// `token_folded` is the display prefix and the rest of the public id in one; the last column is the public id alone,
/// for those who begin to type it.
const SEARCHED: &[&str] =
    &["k.name_folded", "u.name_folded", "u.email_folded", "k.token_folded", "SUBSTR(k.token_folded, 9)"];

/// Which badges a statement is about.
#[derive(Clone, Copy)]
enum Shown {
    /// Everything.
    All,
    /// Active and Expired: what is seen when nothing is asked for.
    NotRevoked,
    /// One badge.
    Only(KeyStatus),
}

impl Store {
    /// A page of the keys that match and are in `reach`, as they stand at `now`. `hidden` counts revoked ones that would match too.
    pub async fn list_keys(
        &self,
        filter: &KeyFilter,
        sort: KeySort,
        page: &PageRequest,
        reach: &Reach,
        now: Timestamp,
    ) -> Result<Page<KeyView>> {
        let order = keyset(sort);
        let wanted = Wanted { filter, search: Search::parse(filter.q.as_deref()), reach, now };
        let shown = match filter.status {
            Some(status) => Shown::Only(status),
            None if filter.include_revoked => Shown::All,
            None => Shown::NotRevoked,
        };
        let mut sql = Sql::new(SELECT_VIEW);
        wanted.push(&mut sql, shown);
        order.push_after::<KeyId>(&mut sql, page)?;
        order.push_order(&mut sql, page);
        let rows = sql.fetch_all(self.reader()).await?;
        let keys: Vec<KeyView> = rows.iter().map(|row| read_view(row, now)).collect::<Result<_>>()?;

        let total = self.count_keys(&wanted, shown).await?;
        let hidden = match shown {
            Shown::NotRevoked => self.count_keys(&wanted, Shown::Only(KeyStatus::Revoked)).await?,
            Shown::All | Shown::Only(_) => Total::default(),
        };
        order.page(keys, page, |key| (sort_value(sort.field, key), key.id.to_string()), total, hidden)
    }

    async fn count_keys(&self, wanted: &Wanted<'_>, shown: Shown) -> Result<Total> {
        let filter = wanted.filter;
        let narrowed = wanted.search.is_some()
            || *wanted.reach != Reach::Everywhere
            || filter.owner_id.is_some()
            || filter.tenant_id.is_some()
            || filter.unused_days.is_some();
        let exact = |count| Total { count, capped: false };
        match shown {
            Shown::NotRevoked if !narrowed => Ok(exact(self.counter("keys").await?)),
            Shown::Only(KeyStatus::Revoked) if !narrowed => Ok(exact(self.counter("revoked_keys").await?)),
            Shown::All if !narrowed => {
                Ok(exact(self.counter("keys").await? + self.counter("revoked_keys").await?))
            }
            _ => {
                let mut sql = Sql::new(concat!("SELECT 1", keys_with_context!()));
                wanted.push(&mut sql, shown);
                count(sql, self.reader()).await
            }
        }
    }
}

fn keyset(sort: KeySort) -> Keyset {
    let (column, numeric) = match sort.field {
        KeySortField::Name => ("k.name_folded", false),
        KeySortField::CreatedAt => ("k.created_at", true),
        KeySortField::LastUsedAt => ("COALESCE(k.last_used_at, -1)", true),
    };
    Keyset { column, id: "k.id", numeric, direction: sort.direction, order: sort.to_param() }
}

fn sort_value(field: KeySortField, key: &KeyView) -> SortValue {
    match field {
        KeySortField::Name => SortValue::Text(fold(&key.name)),
        KeySortField::CreatedAt => SortValue::Int(key.created_at.as_micros()),
        KeySortField::LastUsedAt => SortValue::maybe_time(key.last_used_at),
    }
}

/// Which keys a statement is about.
struct Wanted<'a> {
    filter: &'a KeyFilter,
    search: Option<Search>,
    reach: &'a Reach,
    now: Timestamp,
}

impl Wanted<'_> {
    fn push(&self, sql: &mut Sql, shown: Shown) {
        sql.push(match shown {
            Shown::All => " WHERE 1 = 1",
            Shown::NotRevoked | Shown::Only(KeyStatus::Active | KeyStatus::Expired) => {
                " WHERE k.revoked_at IS NULL"
            }
            Shown::Only(KeyStatus::Revoked) => " WHERE k.revoked_at IS NOT NULL",
        });
        match shown {
            Shown::Only(KeyStatus::Active) => {
                sql.push(" AND (k.expires_at IS NULL OR k.expires_at > ").bind(self.now).push(")");
            }
            Shown::Only(KeyStatus::Expired) => {
                sql.push(" AND k.expires_at <= ").bind(self.now);
            }
            _ => {}
        }
        if let Some(search) = &self.search {
            search.push(sql, SEARCHED);
        }
        if let Some(owner) = &self.filter.owner_id {
            sql.push(" AND k.owner_id = ").bind(owner.as_str());
        }
        if let Some(tenant) = &self.filter.tenant_id {
            sql.push(" AND k.tenant_id = ").bind(tenant.as_str());
        }
        if let Some(days) = self.filter.unused_days {
            let limit = self.now.before(Duration::from_hours(u64::from(days) * 24));
            sql.push(" AND COALESCE(k.last_used_at, k.created_at) < ").bind(limit);
        }
        sql.within("k.tenant_id", self.reach);
    }
}
