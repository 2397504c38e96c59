//! A seeded database, and lists of it beside what the rows themselves say.

use crate::bed::{Bed, at, commit, days, key_id, usage};
use model::key::{Environment, KeyFilter, KeyKind, KeySort, KeyStatus, KeyTag, KeyView};
use model::page::SortDirection;
use model::role::Reach;
use model::user::{User, UserFilter, UserSort, UserStatus, fold};
use model::{PageRequest, Timestamp, Total};
use std::collections::BTreeSet;
use store::{KnownKey, SeedPlan, UsageScope};

/// Enough that a walk along an order gives up and sorts instead.
const KEYS: u64 = 9_500;
const ORDERS: [&str; 8] = [
    "name",
    "-name",
    "created_at",
    "-created_at",
    "last_used_at",
    "-last_used_at",
    "expires_at",
    "-expires_at",
];

fn now() -> Timestamp {
    at(0).after(days(100))
}

async fn seed(bed: &Bed) {
    let plan =
        SeedPlan { users: 250, keys: KEYS, tenants: 6, days: 3, requests_per_day: 60, seed: 1, now: now() };
    let known = [KnownKey { id: key_id(1), secret_hash: [7; 32] }];
    let mut told = Vec::new();
    assert!(!bed.store.is_in_use().await.unwrap());
    bed.store.seed(&plan, &known, None, &mut |progress| told.push(progress)).await.unwrap();
    assert!(bed.store.is_in_use().await.unwrap());
    assert!(told.iter().any(|progress| progress.what == "keys" && progress.done == KEYS));
}

pub(crate) async fn what_is_seeded_is_as_if_it_had_been_issued(bed: &Bed) {
    seed(bed).await;
    let both = "(SELECT value FROM counters WHERE name = 'keys') + (SELECT value FROM counters WHERE name = 'revoked_keys')";
    for (rows, counted) in [
        (
            "SELECT COUNT(*) FROM api_keys WHERE revoked_at IS NULL",
            "SELECT value FROM counters WHERE name = 'keys'",
        ),
        ("SELECT COUNT(*) FROM users", "SELECT value FROM counters WHERE name = 'users'"),
        ("SELECT COUNT(*) FROM tenants", "SELECT value FROM counters WHERE name = 'tenants'"),
        ("SELECT COUNT(*) FROM key_secrets", &format!("SELECT {both}")),
    ] {
        assert_eq!(bed.number(rows).await, bed.number(counted).await, "{rows}");
    }
    let policy = bed.store.key_policy(&key_id(1)).await.unwrap().unwrap();
    assert_eq!(policy.secrets[0].hash, [7; 32]);

    // Rows that come again count once, with new ones in one batch too.
    let rows = [usage(1, 1, now()), usage(2, 1, now())];
    bed.store.append_usage(&rows[..1]).await.unwrap();
    bed.store.append_usage(&[rows[0].clone(), rows[1].clone(), rows[1].clone()]).await.unwrap();
    for (from, to) in
        [(days(10), days(1)), (days(2), days(0)), (days(1) / 3, days(0)), (days(3), days(1) * 3 / 2)]
    {
        let (from, to) = (now().before(from), now().before(to).after(days(1) / 48));
        let totals = bed.store.usage_totals(&UsageScope::of(Reach::Everywhere), from, to).await.unwrap();
        let span = format!(
            "FROM usage_ledger WHERE started_at >= {} AND started_at < {}",
            from.as_micros(),
            to.as_micros()
        );
        let rows = bed.number(&format!("SELECT COUNT(*) {span}")).await;
        let cost = bed.number(&format!("SELECT CAST(COALESCE(SUM(cost_micros), 0) AS BIGINT) {span}")).await;
        assert_eq!((totals.requests, totals.cost_usd.as_micros()), (rows.unsigned_abs(), cost));
    }
    let daily =
        bed.store.daily_usage(&UsageScope::of(Reach::Everywhere), now().before(days(5)), 6).await.unwrap();
    let all = bed.number("SELECT COUNT(*) FROM usage_ledger").await;
    assert_eq!(daily.iter().map(|day| day.totals.requests).sum::<u64>(), all.unsigned_abs());
}

/// Whether a key is one that `filter` asks for, from its own row.
fn matches(key: &KeyView, filter: &KeyFilter) -> bool {
    let token = fold(&format!("{}_{}_{}", key.kind.token_prefix(), key.environment.token_part(), key.id));
    let words = [Some(&key.name), key.owner_name.as_ref(), key.owner_email.as_ref()];
    let mut words: Vec<String> = words.into_iter().flatten().map(|word| fold(word)).collect();
    words.push(fold(key.id.as_str()));
    let found = filter.q.as_ref().is_none_or(|q| {
        let q = fold(q);
        let brief = q.chars().count() < 3;
        token.starts_with(&q)
            || words.iter().any(|word| if brief { word.starts_with(&q) } else { word.contains(&q) })
    });
    let live = key.status != KeyStatus::Revoked;
    let shown = match filter.status {
        Some(status) => key.status == status,
        None => live || filter.include_revoked,
    };
    let expiring = |count: u16| {
        live && key.expires_at.is_some_and(|end| end > now() && end <= now().after(days(count.into())))
    };
    let unused = |count: u16| key.last_used_at.unwrap_or(key.created_at) < now().before(days(count.into()));
    found
        && shown
        && filter.owner_id.as_ref().is_none_or(|id| key.owner_id.as_ref() == Some(id))
        && filter.tenant_id.as_ref().is_none_or(|id| key.tenant_id == *id)
        && filter.kind.is_none_or(|kind| key.kind == kind)
        && filter.environment.is_none_or(|environment| key.environment == environment)
        && (!filter.owner_inactive || key.owner_status == Some(UserStatus::Inactive))
        && filter.tag.as_ref().is_none_or(|tag| key.tags.get(&tag.name) == Some(&tag.value))
        && filter.expiring_days.is_none_or(expiring)
        && filter.unused_days.is_none_or(unused)
}

fn sorted(mut keys: Vec<KeyView>, sort: KeySort) -> Vec<String> {
    let never = Timestamp::from_micros(i64::MAX);
    keys.sort_by_cached_key(|key| {
        let (text, time) = match sort.to_param().trim_start_matches('-') {
            "name" => (fold(&key.name), None),
            "created_at" => (String::new(), Some(key.created_at)),
            "last_used_at" => (String::new(), key.last_used_at),
            _ => (String::new(), Some(key.expires_at.unwrap_or(never))),
        };
        (text, time, key.id)
    });
    if sort.direction == SortDirection::Descending {
        keys.reverse();
    }
    keys.into_iter().map(|key| key.id.to_string()).collect()
}

fn filters(rows: &[KeyView]) -> Vec<KeyFilter> {
    let all = KeyFilter::default;
    let q = |q: &str| KeyFilter { q: Some(q.to_owned()), ..all() };
    let owner = rows.iter().find_map(|key| key.owner_id.clone());
    let tenant = rows.iter().find(|key| key.tenant_id.as_str() != "default").map(|key| key.tenant_id.clone());
    let id = rows[5].id.to_string();
    let mut filters = vec![
        all(),
        KeyFilter { include_revoked: true, ..all() },
        KeyFilter { status: Some(KeyStatus::Active), ..all() },
        KeyFilter { status: Some(KeyStatus::Expired), ..all() },
        KeyFilter { status: Some(KeyStatus::Revoked), ..all() },
        KeyFilter { owner_id: owner, ..all() },
        KeyFilter { owner_inactive: true, ..all() },
        KeyFilter { tenant_id: tenant.clone(), ..all() },
        KeyFilter { kind: Some(KeyKind::Standard), include_revoked: true, ..all() },
        KeyFilter { kind: Some(KeyKind::Restricted), environment: Some(Environment::Sandbox), ..all() },
        KeyFilter { environment: Some(Environment::Production), status: Some(KeyStatus::Revoked), ..all() },
        KeyFilter { unused_days: Some(90), ..all() },
        KeyFilter { unused_days: Some(400), tenant_id: tenant.clone(), ..all() },
        KeyFilter { expiring_days: Some(7), ..all() },
        KeyFilter { expiring_days: Some(90), include_revoked: true, ..all() },
        KeyFilter { tag: KeyTag::parse("cost-center=eu-7"), ..all() },
        KeyFilter { tag: KeyTag::parse("project=P-0007"), ..all() },
        KeyFilter {
            tag: KeyTag::parse("stage=live"),
            status: Some(KeyStatus::Expired),
            tenant_id: tenant.clone(),
            ..all()
        },
        KeyFilter { unused_days: Some(30), status: Some(KeyStatus::Active), ..q("b") },
        KeyFilter { environment: Some(Environment::Sandbox), ..q("prod") },
        KeyFilter { include_revoked: true, tenant_id: tenant, ..q("worker") },
        KeyFilter { owner_inactive: true, ..q("nightly-eval") },
    ];
    let searches = [
        "c",
        "an",
        "rk",
        "sk",
        "rk_sand",
        "bil",
        "prod",
        "nightly-eval",
        "billing-nightly-eval-prod",
        "müller",
        "o'b",
        "labs.example.org",
        "(ci)",
        "% ",
        "no such key",
    ];
    filters.extend(searches.map(q));
    filters.extend([q(&id[2..7]), q(&format!("rk_prod_{}", &id[..3])), q(&id[..2])]);
    filters
}

/// Each filter in two orders, and as many pages as tell something.
pub(crate) async fn key_lists_show_what_the_rows_say(bed: &Bed) {
    seed(bed).await;
    let mut rows = Vec::new();
    loop {
        let after = rows.last().map(|key: &KeyView| key.id);
        let more = bed.store.scan_keys(after.as_ref(), 2_000, &Reach::Everywhere, now()).await.unwrap();
        if more.is_empty() {
            break;
        }
        rows.extend(more.into_iter().map(|scanned| scanned.key));
    }
    assert_eq!(rows.len() as u64, KEYS);
    let some: BTreeSet<_> = rows.iter().map(|key| key.tenant_id.clone()).take(40).collect();
    let some = Reach::Tenants(some.into_iter().take(2).collect());
    for (nth, filter) in filters(&rows).into_iter().enumerate() {
        let reach = if nth % 5 == 4 { &some } else { &Reach::Everywhere };
        for order in [ORDERS[nth % 8], ORDERS[(nth * 3 + 1) % 8]] {
            let sort = KeySort::parse(order).unwrap();
            let is_wanted = |key: &&KeyView| matches(key, &filter) && reach.covers(&key.tenant_id);
            let expected = sorted(rows.iter().filter(is_wanted).cloned().collect(), sort);
            let (mut seen, mut page) = (Vec::new(), PageRequest { cursor: None, limit: 70 });
            let name = format!("{filter:?} by {order}");
            for _ in 0..8 {
                let got = bed.store.list_keys(&filter, sort, &page, reach, now()).await.unwrap();
                check_total(got.total, expected.len(), &name);
                seen.extend(got.items.into_iter().map(|key| key.id.to_string()));
                page.cursor = got.next_cursor;
                if page.cursor.is_none() {
                    break;
                }
            }
            assert_eq!(seen, expected[..seen.len()], "{name}");
            assert!(page.cursor.is_some() || seen.len() == expected.len(), "{name}: ends too soon");
        }
    }
}

/// A total is right, or says that there are more.
fn check_total(total: Total, rows: usize, name: &str) {
    let rows = rows as u64;
    if total.capped {
        assert!(total.count <= rows && rows > 30, "{name}: {total:?} of {rows}");
    } else {
        assert_eq!(total.count, rows, "{name}");
    }
}

pub(crate) async fn user_lists_show_what_the_rows_say(bed: &Bed) {
    seed(bed).await;
    let (mut rows, mut page) = (Vec::new(), PageRequest { cursor: None, limit: 200 });
    let sort = UserSort::parse("created_at").unwrap();
    loop {
        let got = bed
            .store
            .list_users(&UserFilter::default(), sort, &page, &Reach::Everywhere, now())
            .await
            .unwrap();
        rows.extend(got.items);
        page.cursor = got.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    assert_eq!(rows.len(), 250);
    let tenant = rows[0].tenant_ids.first().cloned();
    for q in [None, Some("a"), Some("an"), Some("ann"), Some("@eu."), Some("sen"), Some("é"), Some("nobody")]
    {
        for status in [None, Some(UserStatus::Inactive), Some(UserStatus::Active)] {
            for tenant_id in [None, tenant.clone()] {
                let filter =
                    UserFilter { q: q.map(str::to_owned), status, tenant_id, ..UserFilter::default() };
                let is_wanted = |user: &&User| {
                    let words = [fold(&user.name), fold(&user.email)];
                    let brief = q.is_some_and(|q| q.chars().count() < 3);
                    let holds = |q: &str| {
                        words.iter().any(|word| if brief { word.starts_with(q) } else { word.contains(q) })
                    };
                    q.is_none_or(holds)
                        && status.is_none_or(|status| user.status == status)
                        && filter.tenant_id.as_ref().is_none_or(|id| user.tenant_ids.contains(id))
                };
                let mut expected: Vec<_> =
                    rows.iter().filter(is_wanted).map(|user| (fold(&user.email), user.id.clone())).collect();
                expected.sort();
                let sort = UserSort::parse("email").unwrap();
                let page = PageRequest { cursor: None, limit: 200 };
                let got =
                    bed.store.list_users(&filter, sort, &page, &Reach::Everywhere, now()).await.unwrap();
                let seen: Vec<_> = got.items.iter().map(|user| user.id.clone()).collect();
                let first: Vec<_> = expected.iter().take(200).map(|(_, id)| id.clone()).collect();
                assert_eq!(seen, first, "{filter:?}");
                assert_eq!(got.total, Total { count: expected.len() as u64, capped: false }, "{filter:?}");
            }
        }
    }
}

/// What is searched follows what is written.
pub(crate) async fn searches_follow_changes(bed: &Bed) {
    seed(bed).await;
    let count = async |filter: KeyFilter| {
        let page = PageRequest::default();
        let found =
            bed.store.list_keys(&filter, KeySort::default(), &page, &Reach::Everywhere, now()).await.unwrap();
        (found.total.count, found.hidden.count)
    };
    let q = |q: &str| KeyFilter { q: Some(q.to_owned()), ..KeyFilter::default() };
    let tag = || KeyFilter { tag: KeyTag::parse("colour=ultramarine"), ..KeyFilter::default() };
    assert_eq!(count(q("known-0")).await, (1, 0));
    let mut tx = bed.begin().await;
    let mut key = tx.key(&key_id(1)).await.unwrap().unwrap();
    "Ultramarine".clone_into(&mut key.name);
    key.tags.insert("colour".to_owned(), "ultramarine".to_owned());
    assert!(tx.update_key(&key).await.unwrap());
    commit(tx).await;
    assert_eq!((count(q("known-0")).await, count(q("tramar")).await), ((0, 0), (1, 0)));
    assert_eq!(count(tag()).await, (1, 0));
    let mut tx = bed.begin().await;
    tx.revoke_key(&key_id(1), now(), "x", "y").await.unwrap();
    commit(tx).await;
    assert_eq!((count(q("tramar")).await, count(tag()).await), ((0, 1), (0, 1)));

    let (all, page) = (UserFilter::default(), PageRequest::default());
    let users =
        bed.store.list_users(&all, UserSort::default(), &page, &Reach::Everywhere, now()).await.unwrap();
    let owner = users.items[0].id.clone();
    let theirs = KeyFilter { owner_id: Some(owner.clone()), ..KeyFilter::default() };
    let theirs = count(theirs).await;
    bed.raw(&format!("UPDATE users SET name_folded = 'zzyzx' WHERE id = '{owner}'")).await.unwrap();
    assert_eq!(count(q("zzyzx")).await, theirs);
}
