//! What a list of keys can be narrowed by, and how each condition finds its keys.

use crate::dialect::Dialect;
use crate::find::{Condition, Place};
use crate::keyset::Keyset;
use crate::search::{Search, TokenStart, Trigrams, push_like, push_range, range};
use crate::sql::Sql;
use crate::user_list::TRIGRAMS as OF_USERS;
use model::key::{Environment, KeyFilter, KeyKind, KeyStatus, KeyTag};
use model::role::Reach;
use model::{TenantId, Timestamp, UserId};
use std::time::Duration;

/// When a key expires; the largest number for never.
pub(crate) const EXPIRY: &str = "k.expiry_order";
/// When a key was last used; -1 for never.
pub(crate) const LAST_USE: &str = "k.last_use_order";
/// Since when a key lies idle.
const IDLE_SINCE: &str = "k.idle_since";
/// The owner is Inactive.
const OF_INACTIVE: &str = "k.owner_inactive = 1";
/// The folded public id.
const PUBLIC_ID: &str = "SUBSTR(k.token_folded, 9)";

const TRIGRAMS: Trigrams =
    Trigrams { table: "api_keys k", index: "key_trigrams", search_id: "k.search_id", text: "k.search_text" };

/// A filter's conditions, those that few keys fulfil first.
pub(crate) fn conditions<'a>(
    filter: &'a KeyFilter,
    search: Option<&'a Search>,
    reach: &'a Reach,
    now: Timestamp,
) -> Vec<Box<dyn Condition + 'a>> {
    let days = |count: u16| Duration::from_hours(u64::from(count) * 24);
    let mut all: Vec<Box<dyn Condition + 'a>> = Vec::new();
    let mut add = |condition: Option<KeyCondition<'a>>| {
        all.extend(condition.map(|condition| Box::new(condition) as Box<dyn Condition + 'a>));
    };
    add(filter.owner_id.as_ref().map(KeyCondition::Owner));
    add(filter.tag.as_ref().map(KeyCondition::Tag));
    add(search.map(KeyCondition::Search));
    add(filter.owner_inactive.then_some(KeyCondition::OwnerInactive));
    if filter.kind.is_some() || filter.environment.is_some() {
        add(Some(KeyCondition::Kind(filter.kind, filter.environment)));
    }
    add(filter.expiring_days.map(|count| KeyCondition::Expiry(Some(now), Some(now.after(days(count))))));
    add(match filter.status {
        Some(KeyStatus::Active) => Some(KeyCondition::Expiry(Some(now), None)),
        Some(KeyStatus::Expired) => Some(KeyCondition::Expiry(None, Some(now))),
        Some(KeyStatus::Revoked) | None => None,
    });
    add(filter.tenant_id.as_ref().map(KeyCondition::Tenant));
    add((*reach != Reach::Everywhere).then_some(KeyCondition::Within(reach)));
    add(filter.unused_days.map(|count| KeyCondition::UnusedSince(now.before(days(count)))));
    all
}

enum KeyCondition<'a> {
    Owner(&'a UserId),
    OwnerInactive,
    Tenant(&'a TenantId),
    Within(&'a Reach),
    Kind(Option<KeyKind>, Option<Environment>),
    Tag(&'a KeyTag),
    Search(&'a Search),
    /// Expires after the first and at or before the second.
    Expiry(Option<Timestamp>, Option<Timestamp>),
    UnusedSince(Timestamp),
}

impl Condition for KeyCondition<'_> {
    fn push_ids(&self, sql: &mut Sql, at: Place<'_>, limit: i64) -> bool {
        if let Self::Search(search) = self {
            push_found(sql, search, at, limit);
            return true;
        }
        if let Self::Tag(tag) = self {
            // The tags know by themselves whether their key lives.
            sql.push("SELECT k.key_id AS id FROM key_tags k WHERE k.name = ").bind(tag.name.as_str());
            sql.push(" AND k.value = ").bind(tag.value.as_str());
            sql.push(" AND ").push(at.part).push(" LIMIT ").bind(limit);
            return true;
        }
        sql.push("SELECT k.id FROM ");
        match self {
            Self::Owner(id) => {
                sql.push("api_keys k WHERE k.owner_id = ").bind(id.as_str());
            }
            Self::OwnerInactive => {
                sql.push("api_keys k WHERE ").push(OF_INACTIVE);
            }
            Self::Tenant(id) => {
                sql.push("api_keys k WHERE k.tenant_id = ").bind(id.as_str());
            }
            Self::Within(reach) => {
                sql.push("api_keys k WHERE 1 = 1").within("k.tenant_id", reach);
            }
            Self::Kind(kind, environment) => {
                sql.push("api_keys k WHERE ");
                push_kind(sql, "", kind.as_ref(), environment.as_ref());
            }
            Self::Expiry(after, until) => {
                sql.push("api_keys k WHERE 1 = 1");
                push_expiry(sql, "", *after, *until);
            }
            Self::UnusedSince(limit) => {
                sql.push("api_keys k WHERE ").push(IDLE_SINCE).push(" < ").bind(*limit);
            }
            Self::Search(_) | Self::Tag(_) => {}
        }
        sql.push(" AND ").push(at.part).push(" LIMIT ").bind(limit);
        true
    }

    fn repeats(&self) -> bool {
        matches!(self, Self::Search(_))
    }

    fn push_check(&self, sql: &mut Sql, dialect: &Dialect) {
        let unindexed = dialect.unindexed();
        sql.push(" AND ");
        match self {
            Self::Owner(id) => {
                sql.push(unindexed).push("k.owner_id = ").bind(id.as_str());
            }
            Self::OwnerInactive => {
                sql.push(unindexed).push(OF_INACTIVE);
            }
            Self::Tenant(id) => {
                sql.push(unindexed).push("k.tenant_id = ").bind(id.as_str());
            }
            Self::Within(reach) => {
                let column = if unindexed.is_empty() { "k.tenant_id" } else { "+k.tenant_id" };
                sql.push("1 = 1").within(column, reach);
            }
            Self::Kind(kind, environment) => push_kind(sql, unindexed, kind.as_ref(), environment.as_ref()),
            Self::Tag(tag) => {
                sql.push("EXISTS (SELECT 1 FROM key_tags g WHERE g.key_id = k.id AND g.name = ");
                sql.bind(tag.name.as_str()).push(" AND g.value = ").bind(tag.value.as_str()).push(")");
            }
            Self::Search(search) => push_matches(sql, search),
            Self::Expiry(after, until) => {
                sql.push("1 = 1");
                push_expiry(sql, unindexed, *after, *until);
            }
            Self::UnusedSince(limit) => {
                sql.push(unindexed).push(IDLE_SINCE).push(" < ").bind(*limit);
            }
        }
    }

    fn bounds(&self, order: &Keyset) -> (Option<i64>, Option<i64>) {
        match self {
            Self::Expiry(after, until) if order.column == EXPIRY => {
                (after.map(Timestamp::as_micros), until.map(Timestamp::as_micros))
            }
            // Nothing was used before it was made, and what was never used is first in the order of use.
            Self::UnusedSince(limit) if [LAST_USE, "k.created_at"].contains(&order.column) => {
                (None, Some(limit.as_micros() - 1))
            }
            _ => (None, None),
        }
    }

    fn own_orders(&self) -> Option<&'static str> {
        matches!(self, Self::OwnerInactive).then_some(OF_INACTIVE)
    }

    fn is_in_order_indexes(&self) -> bool {
        matches!(self, Self::OwnerInactive | Self::Tenant(_) | Self::Within(_) | Self::Expiry(..))
    }
}

fn push_kind(
    sql: &mut Sql,
    unindexed: &'static str,
    kind: Option<&KeyKind>,
    environment: Option<&Environment>,
) {
    // Both kinds by name: an index that begins with the kind serves an environment alone too.
    let kinds = kind.map_or_else(|| vec!["standard", "restricted"], |kind| vec![kind.as_str()]);
    sql.push(unindexed).push("k.kind IN (").list(kinds).push(")");
    if let Some(environment) = environment {
        sql.push(" AND ").push(unindexed).push("k.environment = ").bind(environment.as_str());
    }
}

fn push_expiry(sql: &mut Sql, unindexed: &'static str, after: Option<Timestamp>, until: Option<Timestamp>) {
    if let Some(after) = after {
        sql.push(" AND ").push(unindexed).push(EXPIRY).push(" > ").bind(after);
    }
    if let Some(until) = until {
        sql.push(" AND ").push(unindexed).push(EXPIRY).push(" <= ").bind(until);
    }
}

/// The keys whose name, public id, owner or beginning matches, each by its own index.
fn push_found(sql: &mut Sql, search: &Search, at: Place<'_>, limit: i64) {
    let end = |sql: &mut Sql| {
        sql.push(" AND ").push(at.part).push(" LIMIT ").bind(limit).push(") AS found");
    };
    let next = " UNION ALL SELECT id FROM (SELECT k.id";
    sql.push("SELECT id FROM (SELECT k.id");
    match search {
        Search::Nothing => {
            sql.push(" FROM api_keys k WHERE 1 = 0");
            return end(sql);
        }
        Search::Start(_) => {
            let range = search.range(sql);
            for column in ["k.name_folded", PUBLIC_ID] {
                sql.push(" FROM api_keys k WHERE ");
                push_range(sql, column, range);
                end(sql);
                sql.push(next);
            }
            for (column, last) in [("u.name_folded", false), ("u.email_folded", true)] {
                sql.push(" FROM users u CROSS JOIN api_keys k WHERE k.owner_id = u.id AND ");
                push_range(sql, column, range);
                end(sql);
                sql.push(if last { "" } else { next });
            }
        }
        Search::Anywhere(_) => {
            search.push_holders(sql, at.dialect, &TRIGRAMS);
            end(sql);
            sql.push(next).push(" FROM (SELECT u.id");
            search.push_holders(sql, at.dialect, &OF_USERS);
            sql.push(") AS o CROSS JOIN api_keys k WHERE k.owner_id = o.id");
            end(sql);
        }
    }
    match search.token_start() {
        TokenStart::No => {}
        TokenStart::Kinds(kinds) => {
            for (kind, environment) in kinds {
                sql.push(next).push(" FROM api_keys k WHERE ");
                push_kind(sql, "", Some(&kind), Some(&environment));
                end(sql);
            }
        }
        TokenStart::Id(id) => {
            sql.push(next).push(" FROM api_keys k WHERE ");
            let (ids, tokens) = (range(sql, id), search.range(sql));
            push_range(sql, PUBLIC_ID, ids);
            sql.push(" AND ");
            push_range(sql, "k.token_folded", tokens);
            end(sql);
        }
    }
}

/// The same of a key that is there, with its owner `u`.
fn push_matches(sql: &mut Sql, search: &Search) {
    sql.push("(");
    match search {
        Search::Nothing => {
            sql.push("1 = 0)");
            return;
        }
        Search::Start(_) => {
            let range = search.range(sql);
            for column in ["k.name_folded", PUBLIC_ID, "u.name_folded", "u.email_folded"] {
                push_range(sql, column, range);
                sql.push(" OR ");
            }
        }
        Search::Anywhere(_) => {
            let pattern = search.pattern(sql);
            // Joined to nothing: no index is chosen by it.
            for column in ["k.search_text || ''", "u.search_text || ''"] {
                push_like(sql, column, pattern);
                sql.push(" OR ");
            }
        }
    }
    let tokens = search.range(sql);
    push_range(sql, "k.token_folded", tokens);
    sql.push(")");
}
