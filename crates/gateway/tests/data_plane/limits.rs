//! Limits under concurrency, and what their headers say.

use crate::script::{SSE, Step, Upstream, chunk, delta, say};
use crate::support::{ECHO, STREAM, World};
use gateway::UsageSeed;
use model::change::Change;
use model::limits::RateLimits;
use model::usage::{UsageDims, UsageOfRequest, UsageTotal};
use std::time::Duration;

fn per_minute(count: u32) -> RateLimits {
    RateLimits { requests_per_minute: Some(count), ..RateLimits::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_the_limit_pass_however_many_try() {
    let world = World::new().await;
    let (key, _) = world.key(|record| record.key.scope.rate_limits = per_minute(20));
    let replies = futures_util::future::join_all((0..100).map(|_| world.chat(&key, ECHO))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 20);
    let refused = replies.iter().find(|reply| reply.status == 429).unwrap();
    assert_eq!(refused.code(), "rate_limit_exceeded");
    assert_eq!(refused.headers["retry-after"], "60");
    assert_eq!(refused.headers["x-ratelimit-limit-requests"], "20");
    assert_eq!(refused.headers["x-ratelimit-remaining-requests"], "0");
    assert_eq!(refused.headers["x-ratelimit-reset-requests"], "60s");
    world.clock.advance(Duration::from_mins(1));
    let reply = world.chat(&key, ECHO).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.headers["x-ratelimit-remaining-requests"]),
        (200, &"19".parse().unwrap())
    );
    assert_eq!(world.rows(21).await.len(), 21, "refused requests leave no row");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_never_overspent() {
    let world = World::new().await;
    let limits = RateLimits { tokens_per_day: Some(60), ..RateLimits::default() };
    let (key, _) = world.key(|record| record.key.scope.rate_limits = limits);
    let body = ECHO.replacen('{', r#"{"max_tokens":3,"#, 1);
    let replies = futures_util::future::join_all((0..40).map(|_| world.chat(&key, &body))).await;
    let passed = replies.iter().filter(|reply| reply.status == 200).count() as u64;
    let rows = world.rows(usize::try_from(passed).unwrap()).await;
    let spent: u64 = rows.iter().map(|row| row.input_tokens + row.output_tokens).sum();
    assert_eq!(spent, passed * 6);
    assert!(passed >= 1 && spent <= 60, "{passed} passed");
    // One at a time, exactly what fits passes: the reservation is larger than what is settled.
    let mut left = 60 - spent;
    loop {
        let reply = world.chat(&key, &body).await;
        if reply.status == 429 {
            assert_eq!(reply.headers["retry-after"], (12 * 3600).to_string().as_str());
            assert_eq!(reply.headers["x-ratelimit-remaining-tokens"], left.to_string().as_str());
            break;
        }
        left -= 6;
    }
    assert!(left < body.len().div_ceil(4) as u64 + 3);
    world.clock.advance(Duration::from_hours(12));
    assert_eq!(world.chat(&key, &body).await.status, 200, "a new UTC day");
}

#[tokio::test]
async fn counters_survive_their_snapshot_and_are_seeded() {
    let world = World::new().await;
    let of = |key_id| UsageDims {
        key_id,
        tenant_id: "default".parse().unwrap(),
        user_id: None,
        user_path: None,
        identity: None,
    };
    let (key, id) = world.key(|record| record.key.scope.rate_limits = per_minute(3));
    let now = crate::support::noon();
    let sent = |at| UsageOfRequest { of: of(id), at, tokens: 6 };
    let minute = vec![sent(now.before(Duration::from_secs(61))), sent(now)];
    world.gateway.seed_counters(&UsageSeed { minute, ..UsageSeed::default() });
    assert_eq!(world.chat(&key, ECHO).await.status, 200);
    let epoch = world.commit(id, |record| record.key.name = "renamed".into());
    world.gateway.apply(epoch, &[Change::Key { id }]).await;
    assert_eq!(world.chat(&key, ECHO).await.status, 200);
    assert_eq!(world.chat(&key, ECHO).await.status, 429);

    let limits =
        RateLimits { requests_per_day: Some(5), tokens_per_day: Some(1_000), ..RateLimits::default() };
    for (requests, tokens) in [(5, 0), (1, 1_000)] {
        let (key, id) = world.key(|record| record.key.scope.rate_limits = limits);
        let today = vec![UsageTotal { of: of(id), requests, tokens }];
        world.gateway.seed_counters(&UsageSeed { today, ..UsageSeed::default() });
        let reply = world.chat(&key, ECHO).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (429, "rate_limit_exceeded"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_run_at_the_same_time() {
    let upstream = Upstream::start(vec![say(SSE), chunk(delta("hi").as_bytes()), Step::Hang]).await;
    let world = World::new().await;
    world.upstream(&upstream);
    let limits = RateLimits { concurrent_requests: Some(2), ..RateLimits::default() };
    let (key, id) = world.key(|record| record.key.scope.rate_limits = limits);
    let first = world.open_chat(&key, STREAM).await;
    let second = world.open_chat(&key, STREAM).await;
    assert!(!first.headers().contains_key("x-ratelimit-limit-requests"));
    let refused = world.chat(&key, STREAM).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "concurrency_limit_exceeded"));
    assert_eq!(refused.headers["retry-after"], "1");

    // The place of a client that went away is free.
    drop(first);
    world.rows(1).await;
    let third = world.open_chat(&key, STREAM).await;
    assert_eq!(third.status(), 200);
    assert_eq!(world.chat(&key, STREAM).await.code(), "concurrency_limit_exceeded");

    // A higher limit counts those that run already.
    let epoch = world.commit(id, |record| record.key.scope.rate_limits.concurrent_requests = Some(3));
    world.gateway.apply(epoch, &[Change::Key { id }]).await;
    let fourth = world.open_chat(&key, STREAM).await;
    assert_eq!(fourth.status(), 200);
    assert_eq!(world.chat(&key, STREAM).await.code(), "concurrency_limit_exceeded");
    drop((second, third, fourth));
}

#[tokio::test]
async fn a_request_that_can_never_fit_is_told_so() {
    let world = World::new().await;
    let limits = RateLimits { tokens_per_minute: Some(50), ..RateLimits::default() };
    let (key, _) = world.key(|record| record.key.scope.rate_limits = limits);
    let refused = world.chat(&key, &ECHO.replacen('{', r#"{"max_tokens":100,"#, 1)).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "rate_limit_exceeded"));
    assert_eq!(refused.headers["x-should-retry"], "false");
    assert!(refused.body.contains("more than the whole limit of tokens a minute of this API key"));
    let reply = world.chat(&key, ECHO).await;
    assert_eq!(reply.status, 200, "the default maximum alone is no reason");
    assert_eq!(reply.headers["x-ratelimit-limit-tokens"], "50");
    assert_eq!(reply.headers["x-ratelimit-reset-tokens"], "60s");
}

#[tokio::test]
async fn what_is_refused_earlier_costs_nothing() {
    let world = World::new().await;
    let (key, _) = world.key(|record| record.key.scope.rate_limits = per_minute(1));
    assert_eq!(world.chat(&key, "{").await.status, 400);
    assert_eq!(world.chat(&key, r#"{"model":"nothing","messages":[]}"#).await.status, 404);
    assert_eq!(world.chat(&key, ECHO).await.status, 200);
    assert_eq!(world.chat(&key, ECHO).await.status, 429);
}
