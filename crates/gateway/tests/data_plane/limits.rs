//! Limits under concurrency, and what their headers say.

use crate::support::{ECHO, World};
use model::change::Change;
use model::limits::RateLimits;
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
    let (key, id) = world.key(|record| record.key.scope.rate_limits = per_minute(3));
    let now = crate::support::noon();
    world.gateway.seed_counters(vec![], vec![(id, now), (id, now.before(Duration::from_secs(61)))]);
    assert_eq!(world.chat(&key, ECHO).await.status, 200);
    let epoch = world.commit(id, |record| record.key.name = "renamed".into());
    world.gateway.apply(epoch, &[Change::Key { id }]).await;
    assert_eq!(world.chat(&key, ECHO).await.status, 200);
    assert_eq!(world.chat(&key, ECHO).await.status, 429);

    let limits = RateLimits { tokens_per_day: Some(1_000), ..RateLimits::default() };
    let (key, id) = world.key(|record| record.key.scope.rate_limits = limits);
    world.gateway.seed_counters(vec![(id, 1_000)], vec![]);
    assert_eq!(world.chat(&key, ECHO).await.status, 429);
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
