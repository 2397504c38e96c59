//! The usage ledger.

use crate::bed::{Bed, at, commit, days, first_page, key, key_id, slug, usage, user_id};
use model::dashboard::UsageTotals;
use model::money::Usd;
use model::role::Reach;
use model::usage::{Outcome, TokenSource, UsageDims, UsageRow};
use model::usage_report::BarLength;
use model::{PageRequest, Total};
use std::time::Instant;
use store::{Store, UsageScope};

pub(crate) async fn appending_twice_is_once(bed: &Bed) {
    let full = UsageRow {
        user_id: Some(user_id(1)),
        user_path: Some("/team/alpha".parse().unwrap()),
        streamed: false,
        status: 503,
        outcome: Outcome::Interrupted,
        token_source: TokenSource::Estimated,
        first_byte_micros: Some(17),
        key_tags: [("a".to_owned(), "b".to_owned())].into(),
        ..usage(1, 1, at(1))
    };
    let second = UsageRow { attempt: 40_000, ..usage(1, 1, at(2)) };
    let rows = [full.clone(), second.clone()];
    bed.store.append_usage(&rows).await.unwrap();
    bed.store.append_usage(&rows).await.unwrap();
    // Twice in one batch, and with other figures: what was first stays.
    let other = UsageRow { output_tokens: 999, ..full.clone() };
    bed.store.append_usage(&[other.clone(), usage(2, 1, at(3)), other, usage(2, 1, at(3))]).await.unwrap();
    bed.store.append_usage(&[]).await.unwrap();
    let page =
        bed.store.list_usage(&UsageScope::of(Reach::Everywhere), at(0), at(10), &first_page()).await.unwrap();
    assert_eq!(page.items, [usage(2, 1, at(3)), second, full]);
    assert_eq!(page.total, Total { count: 3, capped: false });
}

pub(crate) async fn last_use_only_grows(bed: &Bed) {
    bed.add_key(&key(1)).await;
    bed.add_key(&key(2)).await;
    let last_used = async |n| bed.store.key(&key_id(n), at(0)).await.unwrap().unwrap().last_used_at;
    bed.store
        .append_usage(&[usage(1, 1, at(5)), usage(2, 1, at(9)), usage(3, 1, at(7)), usage(4, 3, at(1))])
        .await
        .unwrap();
    assert_eq!(last_used(1).await, Some(at(9)));
    assert_eq!(last_used(2).await, None);
    bed.store.append_usage(&[usage(5, 1, at(3)), usage(6, 2, at(3))]).await.unwrap();
    assert_eq!(last_used(1).await, Some(at(9)));
    assert_eq!(last_used(2).await, Some(at(3)));
}

pub(crate) async fn last_use_is_to_within_a_minute(bed: &Bed) {
    bed.add_key(&key(1)).await;
    let last_used = async || bed.store.key(&key_id(1), at(0)).await.unwrap().unwrap().last_used_at;
    let uses = [(100, 100), (159, 100), (160, 160), (90, 160), (219, 160), (500, 500)];
    for (nth, (used, noted)) in (1..).zip(uses) {
        bed.store.append_usage(&[usage(nth, 1, at(used))]).await.unwrap();
        assert_eq!(last_used().await, Some(at(noted)), "used at {used} s");
    }
    // Another node has noted one that this one doesn't know of.
    let other = Store::open(bed.url()).await.unwrap();
    other.append_usage(&[usage(7, 1, at(700))]).await.unwrap();
    bed.store.append_usage(&[usage(8, 1, at(600))]).await.unwrap();
    assert_eq!(last_used().await, Some(at(700)));
}

pub(crate) async fn totals_and_days(bed: &Bed) {
    let day = |n: u64| at(0).utc_day_start().after(days(n));
    let failed = UsageRow { status: 502, outcome: Outcome::UpstreamError, ..usage(3, 2, day(2)) };
    let repeated = UsageRow { attempt: 2, ..usage(3, 2, day(2)) };
    let rows = [
        usage(1, 1, day(0)),
        UsageRow {
            user_id: Some(user_id(1)),
            ..usage(2, 1, day(1).before(std::time::Duration::from_micros(1)))
        },
        failed,
        repeated,
        UsageRow { outcome: Outcome::Cut, tenant_id: slug("team-alpha"), ..usage(4, 3, day(2)) },
        usage(5, 1, day(3)),
    ];
    bed.store.append_usage(&rows).await.unwrap();
    let times = |attempts: u64, requests: u64, errors: u64| UsageTotals {
        requests,
        errors,
        input_tokens: 10 * attempts,
        cached_input_tokens: 4 * attempts,
        output_tokens: 5 * attempts,
        cost_usd: Usd::from_micros(i64::try_from(100 * attempts).unwrap()),
    };
    let all = UsageScope::of(Reach::Everywhere);
    let totals = async |scope: &UsageScope, from, to| bed.store.usage_totals(scope, from, to).await.unwrap();
    assert_eq!(totals(&all, day(0), day(3)).await, times(5, 4, 1), "an error that was made good is none");
    assert_eq!(totals(&all, day(5), day(9)).await, UsageTotals::default());
    let of_key = UsageScope { key: Some(key_id(1)), ..all.clone() };
    assert_eq!(totals(&of_key, day(0), day(4)).await, times(3, 3, 0));
    let of_user = UsageScope { user: Some(user_id(1)), ..all.clone() };
    assert_eq!(totals(&of_user, day(0), day(4)).await, times(1, 1, 0));
    let of_tenant = UsageScope { tenant: Some(slug("team-alpha")), ..all.clone() };
    assert_eq!(totals(&of_tenant, day(0), day(4)).await, times(1, 1, 1));
    let nobody = UsageScope { tenant: Some(slug("team-alpha")), key: Some(key_id(1)), ..all.clone() };
    assert_eq!(totals(&nobody, day(0), day(4)).await, UsageTotals::default());

    let daily = bed.store.daily_usage(&all, at(0), 4).await.unwrap();
    assert_eq!(daily.iter().map(|bar| bar.day).collect::<Vec<_>>(), [0, 1, 2, 3].map(day));
    let expected = [times(2, 2, 0), UsageTotals::default(), times(3, 2, 1), times(1, 1, 0)];
    assert_eq!(daily.iter().map(|bar| bar.totals).collect::<Vec<_>>(), expected);
    assert_eq!(bed.store.daily_usage(&all, at(0), 0).await.unwrap(), []);

    let page = PageRequest { limit: 0, cursor: None };
    let listed = bed.store.list_usage(&of_tenant, day(0), day(4), &page).await.unwrap();
    assert_eq!(listed.items.len(), 1);
}

pub(crate) async fn thousands_of_rows(bed: &Bed) {
    let mut tx = bed.begin().await;
    for n in 0..1_500 {
        tx.insert_key(&key(n), &[7; 32]).await.unwrap();
    }
    commit(tx).await;
    let rows: Vec<_> = (0..5_003).map(|n| usage(n, n % 1_500, at(u64::from(n)))).collect();
    let begun = Instant::now();
    bed.store.append_usage(&rows).await.unwrap();
    println!("{} rows of 1,500 keys: {:?}", rows.len(), begun.elapsed());
    let totals = bed.store.usage_totals(&UsageScope::of(Reach::Everywhere), at(0), at(10_000)).await.unwrap();
    assert_eq!(totals.requests, 5_003);
    assert_eq!(bed.number("SELECT COUNT(*) FROM api_keys WHERE last_used_at IS NULL").await, 0);
    assert_eq!(bed.store.key(&key_id(2), at(0)).await.unwrap().unwrap().last_used_at, Some(at(4_502)));
    let page = bed
        .store
        .list_usage(&UsageScope::of(Reach::Everywhere), at(0), at(10_000), &first_page())
        .await
        .unwrap();
    assert_eq!(page.total, Total { count: 1_000, capped: true });
}

pub(crate) async fn rebuilding_counters(bed: &Bed) {
    let repeated = UsageRow { attempt: 2, ..usage(3, 2, at(31)) };
    let rows = [usage(1, 1, at(10)), usage(2, 2, at(20)), usage(3, 2, at(30)), repeated, usage(4, 1, at(40))];
    bed.store.append_usage(&rows).await.unwrap();
    let of = |key, identity: Option<&str>| UsageDims {
        key_id: key_id(key),
        tenant_id: slug("default"),
        user_id: None,
        user_path: None,
        identity: identity.map(str::to_owned),
    };
    let totals = async |since| {
        let mut totals = bed.store.usage_by_dims(since).await.unwrap();
        totals.sort_by(|one, other| one.of.cmp(&other.of));
        totals.into_iter().map(|total| (total.of, total.requests, total.tokens)).collect::<Vec<_>>()
    };
    assert_eq!(totals(at(0)).await, [(of(1, None), 2, 30), (of(2, None), 2, 45)]);
    assert_eq!(
        totals(at(31)).await,
        [(of(1, None), 1, 15), (of(2, None), 0, 15)],
        "a repetition is no request"
    );
    assert_eq!(totals(at(41)).await, []);
    let requests = async |since| {
        let requests = bed.store.usage_of_requests(since).await.unwrap();
        requests.into_iter().map(|request| (request.of, request.at, request.tokens)).collect::<Vec<_>>()
    };
    let last = (of(1, None), at(40), 15);
    assert_eq!(requests(at(20)).await, [(of(2, None), at(20), 15), (of(2, None), at(30), 30), last.clone()]);
    assert_eq!(requests(at(31)).await, [last], "its first attempt was before");

    let whole = UsageRow {
        tenant_id: slug("team-alpha"),
        user_id: Some(user_id(1)),
        user_path: Some("/team/alpha".parse().unwrap()),
        identity: Some("anna@example.com".into()),
        ..usage(5, 1, at(50))
    };
    let other = UsageRow { identity: Some("ben@example.com".into()), ..usage(6, 1, at(51)) };
    bed.store.append_usage(&[whole.clone(), other]).await.unwrap();
    let dims = UsageDims {
        tenant_id: whole.tenant_id,
        user_id: whole.user_id,
        user_path: whole.user_path,
        ..of(1, whole.identity.as_deref())
    };
    let ben = of(1, Some("ben@example.com"));
    assert_eq!(totals(at(50)).await, [(ben.clone(), 1, 15), (dims.clone(), 1, 15)]);
    assert_eq!(requests(at(50)).await, [(dims, at(50), 15), (ben, at(51), 15)]);
}

pub(crate) async fn usage_of_one_person(bed: &Bed) {
    let hour = |n: u64| at(0).after(std::time::Duration::from_hours(n));
    let of = |user, row: UsageRow| UsageRow { user_id: Some(user_id(user)), ..row };
    let elsewhere = UsageRow { tenant_id: slug("team-alpha"), ..usage(4, 3, hour(2)) };
    let rows = [
        of(1, usage(1, 1, hour(0))),
        of(1, usage(2, 1, hour(2))),
        of(1, UsageRow { model: "other".parse().unwrap(), ..usage(3, 2, hour(2)) }),
        of(1, elsewhere),
        // Another person, nobody, and beyond either end.
        of(2, usage(5, 4, hour(1))),
        usage(6, 5, hour(1)),
        of(1, usage(7, 1, hour(0).before(std::time::Duration::from_micros(1)))),
        of(1, usage(8, 1, hour(3))),
    ];
    bed.add_key(&key(1)).await;
    bed.store.append_usage(&rows).await.unwrap();
    let own = UsageScope { user: Some(user_id(1)), ..UsageScope::of(Reach::Everywhere) };
    let in_default = UsageScope { tenant: Some(slug("default")), ..own.clone() };
    let nowhere = UsageScope { reach: Reach::Nowhere, ..own.clone() };
    for (scope, per_hour, per_key) in [
        (&own, [1, 0, 3], vec![(1, Some("key 1"), 2), (2, None, 1), (3, None, 1)]),
        (&in_default, [1, 0, 2], vec![(1, Some("key 1"), 2), (2, None, 1)]),
        (&nowhere, [0, 0, 0], vec![]),
    ] {
        // From within the first hour on: bars are whole.
        let bars = bed.store.usage_bars(scope, at(600), BarLength::Hour, 3).await.unwrap();
        let starts: Vec<_> = bars.iter().map(|bar| bar.start).collect();
        assert_eq!(starts, [0, 1, 2].map(hour));
        assert_eq!(bars.iter().map(|bar| bar.totals.requests).collect::<Vec<_>>(), per_hour);
        let keys = bed.store.usage_by_key(scope, hour(0), hour(3), 10).await.unwrap();
        let keys: Vec<_> =
            keys.iter().map(|used| (used.key_id, used.name.as_deref(), used.totals.requests)).collect();
        let expected: Vec<_> = per_key.iter().map(|(n, name, count)| (key_id(*n), *name, *count)).collect();
        assert_eq!(keys, expected);
    }
    let first = bed.store.usage_by_key(&own, hour(0), hour(3), 1).await.unwrap();
    assert_eq!(first.iter().map(|used| used.key_id).collect::<Vec<_>>(), [key_id(1)]);
    let models = bed.store.usage_by_model(&own, hour(0), hour(3), 10).await.unwrap();
    let models: Vec<_> = models.iter().map(|used| (used.model.as_str(), used.totals.requests)).collect();
    assert_eq!(models, [("echo", 3), ("other", 1)]);
    // All tenants' hours are there added up already.
    let all = UsageScope::of(Reach::Everywhere);
    let bars = bed.store.usage_bars(&all, hour(0), BarLength::Hour, 3).await.unwrap();
    assert_eq!(bars.iter().map(|bar| bar.totals.requests).collect::<Vec<_>>(), [1, 2, 3]);
}
