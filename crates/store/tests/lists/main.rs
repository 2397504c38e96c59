//! How long each list takes: every filter, order, page and search, on SQLite and on PostgreSQL. With
//! `GATEHOUSE_PROVE=1` over a hundred thousand people and a million keys, and each must keep its bound; else over a
//! few thousand rows, to see that all of it works. `bench/lists` writes the table to docs/benchmarks.md.
//!
//! `GATEHOUSE_LISTS_CALLS=n` measures each case n times instead of 200 (or as often as
//! two seconds allow), `GATEHOUSE_LISTS_ONLY=text` only
//! the cases whose name has that text in it, `GATEHOUSE_LISTS_ON=sqlite` or `postgres` only one of them, and
//! `GATEHOUSE_LISTS_POSTGRES` names a PostgreSQL database to seed and keep. The seeded SQLite file stays in the target folder.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement is a test: it may stop at the first surprise, and prints what it saw"
)]

mod cases;
mod measure;

use measure::{Case, Measured, measure};
use model::Timestamp;
use std::path::Path;
use std::time::Duration;
use store::{SeedPlan, Store};
use testdb::Database;

/// The moment that everything is as of: the same rows at each run.
fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-07-15T12:00:00Z").unwrap()
}

struct Size {
    plan: SeedPlan,
    calls: usize,
    whole: bool,
}

impl Size {
    fn wanted() -> Self {
        let whole = std::env::var_os("GATEHOUSE_PROVE").is_some_and(|value| value == "1");
        let calls = std::env::var("GATEHOUSE_LISTS_CALLS").ok().map(|calls| calls.parse().unwrap());
        let plan = SeedPlan {
            users: if whole { 100_000 } else { 300 },
            keys: if whole { 1_000_000 } else { 4_000 },
            tenants: if whole { 200 } else { 10 },
            days: if whole { 90 } else { 2 },
            requests_per_day: if whole { 20_000 } else { 200 },
            seed: 1,
            now: now(),
        };
        Self { plan, calls: calls.unwrap_or(if whole { 200 } else { 1 }), whole }
    }
}

async fn seeded(url: &str, size: &Size) -> Store {
    let store = Store::open(url).await.unwrap();
    if !store.is_in_use().await.unwrap() {
        let start = std::time::Instant::now();
        store.seed(&size.plan, &[], None, &mut |_| {}).await.unwrap();
        eprintln!("seeded in {:.0} s", start.elapsed().as_secs_f64());
    }
    store
}

async fn run(name: &'static str, store: &Store, size: &Size) -> Vec<Measured> {
    let mut all = Vec::new();
    let only = std::env::var("GATEHOUSE_LISTS_ONLY").unwrap_or_default();
    for case in cases::all(store, now()).await {
        if !case.name().contains(&only) {
            continue;
        }
        let measured = measure(store, &case, size.calls, now()).await;
        if size.whole {
            let Measured { p50, p99, found, .. } = &measured;
            eprintln!("{name} | {} | {p50:?} | {p99:?} | {found}", case.name());
        }
        all.push(measured);
    }
    store.close().await;
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_list_is_quick() {
    let size = Size::wanted();
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lists-1/gatehouse.db");
    let (mut sqlite, mut postgres) = (Vec::new(), Vec::new());
    let on = std::env::var("GATEHOUSE_LISTS_ON").unwrap_or_default();
    if on != "postgres" {
        let database = Database::sqlite();
        let url = if size.whole { format!("sqlite://{}", kept.display()) } else { database.url().to_owned() };
        sqlite = run("SQLite", &seeded(&url, &size).await, &size).await;
    }
    if on != "sqlite" {
        let url = std::env::var("GATEHOUSE_LISTS_POSTGRES").ok();
        let database = if url.is_none() { Database::postgres() } else { None };
        if let Some(url) = url.or_else(|| database.as_ref().map(|database| database.url().to_owned())) {
            postgres = run("PostgreSQL", &seeded(&url, &size).await, &size).await;
        }
    }
    if size.whole {
        measure::table(&sqlite, &postgres);
        let late: Vec<_> = sqlite.iter().chain(&postgres).filter(|case| case.p99 > case.bound()).collect();
        assert!(late.is_empty(), "too slow: {:#?}", late.iter().map(|case| case.name()).collect::<Vec<_>>());
    }
}

/// What a case may take: a page in 50 ms; a search for any part of a word, or together with a filter, in 150 ms.
fn bound(case: &Case) -> Duration {
    Duration::from_millis(if case.is_substring() || case.is_combined() { 150 } else { 50 })
}
