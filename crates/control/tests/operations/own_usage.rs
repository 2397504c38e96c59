//! One's own usage: of nobody else, whatever is asked.

use crate::support::Bench;
use control::{Actor, Client, Error, usage};
use model::UserId;
use model::api_action::ApiAction;
use model::dashboard::UsageTotals;
use model::key::Tags;
use model::money::Usd;
use model::role::BuiltInRole;
use model::usage::{Outcome, TokenSource, UsageRow};
use model::usage_report::{UsageBy, UsageOf, UsagePeriod, UsageQuestion, UsageReport};
use serde_json::json;
use std::time::Duration;

fn id(actor: &Actor) -> UserId {
    actor.user().unwrap().id.clone()
}

/// A request that was answered, so many hours ago.
fn row(bench: &Bench, n: u32, user: Option<UserId>, tenant: &str, hours_ago: u64) -> UsageRow {
    UsageRow {
        request_id: format!("req_{n:022}").parse().unwrap(),
        attempt: 1,
        started_at: bench.control.now().before(Duration::from_hours(hours_ago)),
        key_id: format!("{:012}", n % 2).parse().unwrap(),
        tenant_id: tenant.parse().unwrap(),
        user_id: user,
        user_path: None,
        secret_generation: 1,
        identity: None,
        conversation_id: None,
        endpoint: ApiAction::ChatCompletions,
        model: format!("model-{}", n % 3).parse().unwrap(),
        provider: "echo".parse().unwrap(),
        upstream_model: "echo".to_owned(),
        streamed: false,
        status: 200,
        outcome: Outcome::Completed,
        input_tokens: 10,
        cached_input_tokens: 4,
        cache_write_tokens: 0,
        output_tokens: 5,
        reasoning_tokens: 0,
        token_source: TokenSource::Reported,
        cost_usd: Usd::from_micros(100),
        first_byte_micros: None,
        total_micros: 1_000,
        key_tags: Tags::new(),
        request_tags: Tags::new(),
    }
}

async fn asked(bench: &Bench, actor: &Actor, period: UsagePeriod, tenant: Option<&str>) -> UsageReport {
    let tenant_id = tenant.map(|slug| slug.parse().unwrap());
    let question = UsageQuestion { period, by: UsageBy::Model, tenant_id };
    usage::report(&bench.control, actor, &question).await.unwrap()
}

#[tokio::test]
async fn nobody_but_an_account_has_usage_of_their_own() {
    let bench = Bench::new().await;
    for actor in [Actor::command_line(), Actor::configuration(), Actor::master_key(Client::default())] {
        let refused = usage::report(&bench.control, &actor, &UsageQuestion::default()).await;
        assert!(matches!(refused, Err(Error::Unauthenticated)));
    }
}

#[tokio::test]
async fn what_others_used_is_never_in_it() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let other = bench.account("other@example.com", BuiltInRole::User).await;
    bench.tenant("alpha").await;
    let theirs = [
        row(&bench, 1, Some(id(&other)), "default", 1),
        row(&bench, 2, Some(id(&other)), "alpha", 1),
        // A service key's: nobody's.
        row(&bench, 3, None, "default", 1),
    ];
    bench.control.store().append_usage(&theirs).await.unwrap();
    for actor in [&dev, &admin] {
        for tenant in [None, Some("default"), Some("alpha"), Some("nowhere")] {
            for period in UsagePeriod::ALL {
                let report = asked(&bench, actor, period, tenant).await;
                assert_eq!((report.total, report.lines), (UsageTotals::default(), vec![]));
                assert!(report.bars.iter().all(|bar| bar.totals == UsageTotals::default()));
            }
        }
    }
    // Who asks can't say who they are.
    for field in ["user_id", "user", "owner_id", "key_id"] {
        let question = serde_json::from_value(json!({ "period": "24h", field: id(&other) })).unwrap();
        let report = usage::report(&bench.control, &dev, &question).await.unwrap();
        assert_eq!(report.total.requests, 0, "{field}");
    }
}

#[tokio::test]
async fn ones_own_by_period_tenant_model_and_key() {
    let bench = Bench::new().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    bench.tenant("alpha").await;
    let mine = |n, tenant, hours| row(&bench, n, Some(id(&dev)), tenant, hours);
    let failed = UsageRow { status: 502, outcome: Outcome::UpstreamError, ..mine(2, "alpha", 30) };
    let rows = [mine(1, "default", 0), failed, mine(3, "default", 24 * 20), mine(4, "default", 24 * 80)];
    bench.control.store().append_usage(&rows).await.unwrap();
    for (period, bars, requests, errors) in [
        (UsagePeriod::Day, 24, 1, 0),
        (UsagePeriod::Week, 7, 2, 1),
        (UsagePeriod::Month, 30, 3, 1),
        (UsagePeriod::Quarter, 90, 4, 1),
    ] {
        let report = asked(&bench, &dev, period, None).await;
        assert_eq!((report.bars.len(), report.total.requests, report.total.errors), (bars, requests, errors));
        assert_eq!(report.bars[bars - 1].totals.requests, 1, "the bar of this moment is the last");
        assert_eq!(report.total, report.lines.iter().map(|line| line.totals).sum());
        assert_eq!(report.total.input_tokens, 10 * requests);
    }
    assert_eq!(asked(&bench, &dev, UsagePeriod::Quarter, Some("alpha")).await.total.requests, 1);

    let named = |name: &str| UsageOf::Model { name: name.parse().unwrap() };
    let report = asked(&bench, &dev, UsagePeriod::Quarter, None).await;
    let models: Vec<_> = report.lines.into_iter().map(|line| (line.of, line.totals.requests)).collect();
    assert_eq!(models, [(named("model-1"), 2), (named("model-0"), 1), (named("model-2"), 1)]);
    let question = UsageQuestion { by: UsageBy::Key, ..UsageQuestion::default() };
    let report = usage::report(&bench.control, &dev, &question).await.unwrap();
    let keys: Vec<_> = report.lines.into_iter().map(|line| (line.of, line.totals.errors)).collect();
    let key = |n: u32| UsageOf::Key { id: format!("{n:012}").parse().unwrap(), name: None };
    assert_eq!(keys, [(key(0), 1), (key(1), 0)]);
}
