//! Many threads at once: what is admitted is exact, and nothing stays behind.

use super::window::{Figures, Span};
use super::*;
use crate::inflight::lock;
use model::Timestamp;
use model::limits::RateLimits;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

/// Numbers that look random and are the same in each run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % most
    }

    /// In a list of `length`.
    pub(super) fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }
}

fn noon() -> Timestamp {
    Timestamp::parse_rfc3339("2026-03-18T12:00:00Z").unwrap()
}

fn key(n: u8) -> KeyId {
    KeyId::generate(|bytes| bytes.fill(n))
}

const DEMAND: Demand = Demand { input: 1, named_output: Some(1), default_output: 0 };

/// 2,000 requests from 8 threads that begin together and of which none ends: how many pass.
fn hammer(limits: RateLimits) -> usize {
    let counters = Counters::default();
    let barrier = Barrier::new(8);
    thread::scope(|threads| {
        let all: Vec<_> = (0..8)
            .map(|nth| {
                let (counters, barrier) = (&counters, &barrier);
                threads.spawn(move || {
                    barrier.wait();
                    let tries = (0..250).map(|n| {
                        let scope = counters.of(ScopeId::Key(key(1)), &limits).unwrap();
                        // Clocks of threads differ by a little, in both directions.
                        let now = noon().after(Duration::from_micros((n * 7 + nth * 13) % 900));
                        reserve(&[Limited { scope: &scope, limits }], DEMAND, now)
                    });
                    tries.filter_map(Result::ok).collect::<Vec<_>>()
                })
            })
            .collect();
        let held: Vec<_> = all.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        held.len()
    })
}

#[test]
fn of_2000_at_once_exactly_100_pass() {
    let none = RateLimits::default();
    for limits in [
        RateLimits { requests_per_minute: Some(100), ..none },
        RateLimits { requests_per_day: Some(100), ..none },
        RateLimits { tokens_per_minute: Some(201), ..none },
        RateLimits { tokens_per_day: Some(200), ..none },
        RateLimits { concurrent_requests: Some(100), ..none },
        RateLimits { requests_per_minute: Some(100), tokens_per_day: Some(900), ..none },
    ] {
        assert_eq!(hammer(limits), 100, "{limits:?}");
    }
}

#[test]
fn after_a_storm_nothing_is_held_and_every_token_is_counted() {
    let counters = Counters::default();
    let ids: Vec<ScopeId> = (0..3)
        .flat_map(|n| {
            let rule = AccessRuleId::generate(|bytes| bytes.fill(n));
            [ScopeId::Key(key(n)), ScopeId::Rule(rule), ScopeId::Identity(key(n), "anna".into())]
        })
        .collect();
    let limits = RateLimits {
        requests_per_minute: Some(40_000),
        requests_per_day: Some(50_000),
        tokens_per_minute: Some(4_000_000),
        tokens_per_day: Some(5_000_000),
        // Fewer than one thread keeps running: some are refused even where threads run one after another.
        concurrent_requests: Some(3),
    };
    let settled: Vec<AtomicU64> = ids.iter().map(|_| AtomicU64::new(0)).collect();
    let admitted: Vec<AtomicU64> = ids.iter().map(|_| AtomicU64::new(0)).collect();
    let refused = AtomicU64::new(0);
    let barrier = Barrier::new(6);
    thread::scope(|threads| {
        for nth in 0..6 {
            let (counters, ids, settled, admitted) = (&counters, &ids, &settled, &admitted);
            let (refused, barrier) = (&refused, &barrier);
            threads.spawn(move || {
                let mut dice = Dice(nth);
                let mut running = Vec::new();
                barrier.wait();
                for n in 0..8_000 {
                    // Some scopes in any order, doubled ones too.
                    let mine: Vec<usize> = (0..=dice.below(4)).map(|_| dice.place(9)).collect();
                    let scopes: Vec<_> =
                        mine.iter().map(|id| counters.of(ids[*id].clone(), &limits).unwrap()).collect();
                    let scopes: Vec<_> = scopes.iter().map(|scope| Limited { scope, limits }).collect();
                    let named = (dice.below(2) == 0).then(|| dice.below(500));
                    let demand = Demand { input: dice.below(100), named_output: named, default_output: 200 };
                    match reserve(&scopes, demand, noon().after(Duration::from_micros(n * 500))) {
                        Ok(reservation) => {
                            let mut mine = mine;
                            mine.sort_unstable();
                            mine.dedup();
                            for id in &mine {
                                admitted[*id].fetch_add(1, Ordering::Relaxed);
                            }
                            running.push((mine, reservation));
                        }
                        Err(_) => _ = refused.fetch_add(1, Ordering::Relaxed),
                    }
                    if running.len() > 3 {
                        let (mine, mut reservation) = running.swap_remove(dice.place(running.len()));
                        if dice.below(3) > 0 {
                            let tokens = dice.below(700);
                            reservation.settle(tokens);
                            for id in mine {
                                settled[id].fetch_add(tokens, Ordering::Relaxed);
                            }
                        }
                    }
                    if dice.below(50) == 0 {
                        counters.sweep(noon().after(Duration::from_micros(n * 500)));
                    }
                }
            });
        }
    });
    for ((id, settled), admitted) in ids.iter().zip(settled).zip(admitted) {
        let scope: Arc<Scope> = counters.of(id.clone(), &limits).unwrap();
        let state = lock(&scope.state);
        let (requests, used) = (admitted.into_inner(), settled.into_inner());
        assert!(requests > 100, "{requests}");
        let all = Figures { requests, used, reserved: 0 };
        assert_eq!((state.running, state.day.figures(), state.minute.figures()), (0, all, all), "{id:?}");
    }
    assert!(refused.into_inner() > 0);
}
