//! Which counters are kept, and until when.

use super::super::tests::{NONE, One, ask, at, key, noon};
use super::*;
use std::sync::Arc;

#[test]
fn counters_are_the_same_until_they_are_at_rest() {
    let counters = Counters::default();
    let limits = RateLimits { requests_per_minute: Some(1), ..NONE };
    let id = |n: u32| ScopeId::Identity(key(1), format!("{n}@example.com").into());
    for n in 0..1_000 {
        assert!(One::of(&counters, id(n), limits).passes(at(0)));
    }
    let sweep = |now| (0..64).for_each(|_| counters.sweep(now));
    sweep(at(59));
    assert_eq!(counters.len(), 1_000);
    assert!(!One::of(&counters, id(7), limits).passes(at(59)));
    let held = One::of(&counters, id(1), limits);
    let concurrent = RateLimits { concurrent_requests: Some(1), ..NONE };
    let running = One::of(&counters, id(2), concurrent).take(ask(1, None), at(59)).unwrap();
    sweep(at(60));
    assert_eq!(counters.len(), 2, "one is held, one has a request");
    assert!(Arc::ptr_eq(&held.0, &counters.of(id(1), &limits).unwrap()));
    drop((held, running));
    sweep(at(60));
    assert_eq!(counters.len(), 0);
}

#[test]
fn identities_that_are_made_up_share_what_memory_there_is() {
    let counters = Counters::default();
    let limits = RateLimits { requests_per_minute: Some(1), ..NONE };
    let passes = |key_number: u8, n: u32| {
        let id = ScopeId::Identity(key(key_number), format!("{n}@example.com").into());
        One::of(&counters, id, limits).passes(noon())
    };
    let many = IDENTITIES;
    assert!((0..many).all(|n| passes(1, n)), "each has its own");
    assert!(passes(1, many), "the first of those that share");
    assert!((many + 1..many + 100).all(|n| !passes(1, n)));
    assert_eq!(counters.len(), usize::try_from(many).unwrap() + 1);
    assert!(!passes(1, 7), "who was there before is counted as before");
    assert!(passes(2, many), "another key has its own");
    for _ in 0..32 {
        counters.sweep(at(60));
    }
    assert_eq!(counters.len(), 0);
    assert!(passes(1, many) && passes(1, many + 1), "there is room again");
}
