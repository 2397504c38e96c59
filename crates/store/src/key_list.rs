//! The list of keys.

use crate::error::Result;
use crate::find::Rows;
use crate::key_conditions::{EXPIRY, LAST_USE, conditions};
use crate::keys::{SELECT_VIEW, read_view};
use crate::keyset::{Keyset, SortValue};
use crate::pool::Store;
use crate::search::Search;
use model::key::{KeyFilter, KeySort, KeySortField, KeyStatus, KeyView};
use model::page::SortDirection;
use model::role::Reach;
use model::user::fold;
use model::{KeyId, Page, PageRequest, Timestamp, Total};

/// The table's halves: each order has an index of either, so that what is hidden isn't passed over one by one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Live,
    Revoked,
}

impl Part {
    const fn words(self) -> &'static str {
        match self {
            Self::Live => "k.revoked_at IS NULL",
            Self::Revoked => "k.revoked_at IS NOT NULL",
        }
    }

    const fn counter(self) -> &'static str {
        match self {
            Self::Live => "keys",
            Self::Revoked => "revoked_keys",
        }
    }
}

/// Which keys are asked for, and when.
struct Wanted<'a> {
    filter: &'a KeyFilter,
    search: Option<Search>,
    reach: &'a Reach,
    now: Timestamp,
}

impl Store {
    /// A page of the keys that match and are in `reach`, as they stand at `now`. `hidden` counts revoked ones that would
    /// match too.
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
        let parts: &[Part] = match filter.status {
            Some(KeyStatus::Active | KeyStatus::Expired) => &[Part::Live],
            Some(KeyStatus::Revoked) => &[Part::Revoked],
            // What was revoked expires no more.
            None if !filter.include_revoked || filter.expiring_days.is_some() => &[Part::Live],
            None => &[Part::Live, Part::Revoked],
        };
        let (mut keys, mut total) = (Vec::new(), Total::default());
        for part in parts {
            total = total.and(self.part_of_keys(&wanted, *part, Some((&order, page, &mut keys))).await?);
        }
        if parts.len() > 1 {
            keys.sort_by_cached_key(|key: &KeyView| (sort_value(sort.field, key), key.id));
            if sort.direction == SortDirection::Descending {
                keys.reverse();
            }
        }
        let hidden = match (filter.status, parts) {
            (None, [Part::Live]) if filter.expiring_days.is_none() => {
                self.part_of_keys(&wanted, Part::Revoked, None).await?
            }
            _ => Total::default(),
        };
        order.page(keys, page, |key| (sort_value(sort.field, key), key.id.to_string()), total, hidden)
    }

    /// How many keys of a part match; the page of them too, if it is asked for.
    async fn part_of_keys(
        &self,
        wanted: &Wanted<'_>,
        part: Part,
        page: Option<(&Keyset, &PageRequest, &mut Vec<KeyView>)>,
    ) -> Result<Total> {
        let conditions = conditions(wanted.filter, wanted.search.as_ref(), wanted.reach, wanted.now);
        let rows = Rows {
            on: self.reader(),
            dialect: self.dialect(),
            select: SELECT_VIEW,
            checked: " FROM api_keys k LEFT JOIN users u ON u.id = k.owner_id",
            table: " FROM api_keys k",
            part: part.words(),
            conditions: &conditions,
        };
        let way = rows.way().await?;
        let all = conditions.is_empty();
        let total = match page {
            Some((order, page, keys)) => {
                let found = rows.page::<KeyId>(way, order, page).await?;
                for row in &found {
                    keys.push(read_view(row, wanted.now)?);
                }
                if all { None } else { Some(rows.total(way, order, page, &found).await?) }
            }
            None if all => None,
            None => Some(rows.count(way, "k.id").await?),
        };
        match total {
            Some(total) => Ok(total),
            None => Ok(Total { count: self.counter(part.counter()).await?, capped: false }),
        }
    }
}

fn keyset(sort: KeySort) -> Keyset {
    let (column, numeric) = match sort.field {
        KeySortField::Name => ("k.name_folded", false),
        KeySortField::CreatedAt => ("k.created_at", true),
        KeySortField::LastUsedAt => (LAST_USE, true),
        KeySortField::ExpiresAt => (EXPIRY, true),
    };
    Keyset { column, id: "k.id", numeric, direction: sort.direction, order: sort.to_param() }
}

fn sort_value(field: KeySortField, key: &KeyView) -> SortValue {
    match field {
        KeySortField::Name => SortValue::Text(fold(&key.name)),
        KeySortField::CreatedAt => SortValue::Int(key.created_at.as_micros()),
        KeySortField::LastUsedAt => SortValue::maybe_time(key.last_used_at),
        KeySortField::ExpiresAt => SortValue::Int(key.expires_at.map_or(i64::MAX, Timestamp::as_micros)),
    }
}
