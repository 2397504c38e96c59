//! Each rule by itself, with the clock in hand.

use super::*;
use crate::error::ApiError;
use crate::error::Dialect;
use http::HeaderMap;
use model::Timestamp;
use model::limits::RateLimits;
use std::sync::Arc;

pub(super) const NONE: RateLimits = RateLimits {
    requests_per_minute: None,
    requests_per_day: None,
    tokens_per_minute: None,
    tokens_per_day: None,
    concurrent_requests: None,
};

pub(super) fn noon() -> Timestamp {
    Timestamp::parse_rfc3339("2026-03-18T12:00:00Z").unwrap()
}

pub(super) fn at(seconds: u64) -> Timestamp {
    noon().after(Duration::from_secs(seconds))
}

pub(super) fn ask(input: u64, output: Option<u64>) -> Demand {
    Demand { input, named_output: output, default_output: 1_000 }
}

pub(super) fn key(n: u8) -> KeyId {
    KeyId::generate(|bytes| bytes.fill(n))
}

pub(super) fn rule(n: u8) -> AccessRuleId {
    AccessRuleId::generate(|bytes| bytes.fill(n))
}

/// One scope and its limits.
pub(super) struct One(pub(super) Arc<Scope>, RateLimits);

impl One {
    fn new(limits: RateLimits) -> Self {
        Self::of(&Counters::default(), ScopeId::Key(key(1)), limits)
    }

    pub(super) fn of(counters: &Counters, id: ScopeId, limits: RateLimits) -> Self {
        Self(counters.of(id, &limits).unwrap(), limits)
    }

    fn limited(&self) -> Limited<'_> {
        Limited { scope: &self.0, limits: self.1 }
    }

    pub(super) fn take(&self, demand: Demand, now: Timestamp) -> Result<Reservation, ApiError> {
        reserve(&[self.limited()], demand, now)
    }

    /// One request that is over at once.
    pub(super) fn passes(&self, now: Timestamp) -> bool {
        self.take(ask(1, Some(1)), now).is_ok()
    }

    pub(super) fn refused(&self, demand: Demand, now: Timestamp) -> Refused {
        Refused::from(self.take(demand, now))
    }
}

#[derive(Debug)]
pub(super) struct Refused {
    code: &'static str,
    text: String,
    headers: HeaderMap,
}

impl Refused {
    fn from(result: Result<Reservation, ApiError>) -> Self {
        let error = result.err().unwrap();
        let (code, text) = (error.code.as_str(), format!("{error:?}"));
        let response = error.into_response(Dialect::OpenAi);
        assert_eq!(response.status(), 429);
        Self { code, text, headers: response.headers().clone() }
    }

    pub(super) fn retry_after(&self) -> u64 {
        number(&self.headers, "retry-after")
    }
}

fn number(headers: &HeaderMap, name: &str) -> u64 {
    headers[name].to_str().unwrap().parse().unwrap()
}

pub(super) fn rate(headers: &HeaderMap, of: &str) -> (u64, u64, String) {
    let reset = headers[&format!("x-ratelimit-reset-{of}")].to_str().unwrap().to_owned();
    let number = |what: &str| number(headers, &format!("x-ratelimit-{what}-{of}"));
    (number("limit"), number("remaining"), reset)
}

#[test]
fn the_window_slides_exactly() {
    let one = One::new(RateLimits { requests_per_minute: Some(2), ..NONE });
    assert!(one.passes(at(0)) && one.passes(at(59)));
    assert!(!one.passes(at(59)));
    assert!(one.passes(at(60)), "the first one left the window");
    assert!(!one.passes(at(118)));
    assert!(one.passes(at(119)));
    let refused = one.refused(ask(1, None), at(119));
    assert_eq!((refused.code, refused.retry_after()), ("rate_limit_exceeded", 1));
    assert_eq!(rate(&refused.headers, "requests"), (2, 0, "60s".into()));
    assert!(refused.text.contains("requests a minute of this API key"), "{refused:?}");
    assert!(!refused.headers.contains_key("x-ratelimit-limit-tokens"));
}

#[test]
fn retry_after_is_rounded_up_and_true() {
    let one = One::new(RateLimits { requests_per_minute: Some(1), ..NONE });
    assert!(one.passes(noon()));
    let later = noon().after(Duration::from_millis(10_500));
    let wait = one.refused(ask(1, None), later).retry_after();
    assert_eq!(wait, 50, "49.5 seconds are left");
    assert!(!one.passes(later.after(Duration::from_secs(wait - 1))));
    assert!(one.passes(later.after(Duration::from_secs(wait))));
}

#[test]
fn a_clock_set_back_admits_no_more() {
    let one = One::new(RateLimits { requests_per_minute: Some(1), ..NONE });
    assert!(one.passes(at(100)));
    assert_eq!(one.refused(ask(1, None), at(10)).retry_after(), 60);
    let limits = RateLimits { requests_per_day: Some(2), tokens_per_day: Some(100), ..NONE };
    let one = One::new(limits);
    assert!(one.passes(at(0)));
    assert!(one.passes(at(24 * 3600)));
    assert!(one.passes(at(0)), "counts for the later day");
    assert!(!one.passes(at(0)) && !one.passes(at(24 * 3600)));
    assert_eq!(one.refused(ask(1, None), at(0)).retry_after(), 24 * 3600);
}

#[test]
fn limits_change_under_running_counters() {
    let mut one = One::new(RateLimits { requests_per_minute: Some(10), ..NONE });
    for second in 0..10 {
        assert!(one.passes(at(second)));
    }
    one.1.requests_per_minute = Some(3);
    let refused = one.refused(ask(1, None), at(10));
    assert_eq!(refused.retry_after(), 57, "until two are left, the last of the others left at 67");
    assert!(!one.passes(at(66)) && one.passes(at(67)));
    one.1.requests_per_minute = Some(100);
    assert!(one.passes(at(67)));
    // A limit that is added later begins to count then, but requests that run do run.
    one.1.requests_per_day = Some(1);
    assert!(one.passes(at(67)) && !one.passes(at(67)));
    one.1.requests_per_day = None;
    let _running = one.take(ask(1, None), at(67)).unwrap();
    one.1.concurrent_requests = Some(1);
    assert_eq!(one.refused(ask(1, None), at(67)).code, "concurrency_limit_exceeded");
}

#[test]
fn a_day_of_requests_is_the_utc_day() {
    let one = One::new(RateLimits { requests_per_day: Some(2), ..NONE });
    let first = one.take(ask(1, None), at(0)).unwrap();
    assert_eq!(rate(&first.headers, "requests"), (2, 1, "43200s".into()));
    assert!(one.passes(at(100)));
    let refused = one.refused(ask(1, None), at(100));
    assert_eq!(refused.retry_after(), 12 * 3600 - 100);
    assert!(refused.text.contains("requests a day of this API key"));
    assert!(one.passes(at(12 * 3600)));
}

#[test]
fn tokens_of_a_day_are_reserved_settled_and_given_back() {
    let one = One::new(RateLimits { tokens_per_day: Some(100), ..NONE });
    let mut first = one.take(ask(10, Some(50)), at(0)).unwrap();
    assert_eq!(rate(&first.headers, "tokens"), (100, 40, "43200s".into()));
    let held = one.refused(ask(10, Some(50)), at(0));
    assert_eq!(held.retry_after(), 1, "held by a running request");
    assert!(held.text.contains("reserved by running requests"));
    first.settle(20);
    first.settle(70);
    drop(one.take(ask(10, Some(70)), at(0)).unwrap());
    let mut all = one.take(ask(10, None), at(0)).unwrap();
    assert_eq!(all.tokens, 80, "no maximum named: what is left");
    all.settle(80);
    assert_eq!(one.refused(ask(1, Some(1)), at(0)).retry_after(), 12 * 3600, "until midnight");
    assert!(one.passes(at(12 * 3600)), "a new day");
}

#[test]
fn a_reservation_of_yesterday_leaves_today_alone() {
    let one = One::new(RateLimits { tokens_per_day: Some(100), ..NONE });
    let mut late = one.take(ask(10, Some(50)), at(12 * 3600 - 1)).unwrap();
    let today = one.take(ask(10, Some(50)), at(12 * 3600)).unwrap();
    late.settle(60);
    let all = one.take(ask(10, Some(30)), at(12 * 3600)).unwrap();
    assert_eq!(rate(&all.headers, "tokens").1, 0);
    drop((today, all));
    assert!(one.take(ask(50, Some(50)), at(12 * 3600)).is_ok());
}

#[test]
fn tokens_of_a_minute_count_from_their_admission() {
    let one = One::new(RateLimits { tokens_per_minute: Some(100), ..NONE });
    one.take(ask(10, Some(20)), at(0)).unwrap().settle(30);
    one.take(ask(10, Some(30)), at(20)).unwrap().settle(40);
    let mut running = one.take(ask(10, Some(20)), at(30)).unwrap();
    assert_eq!(rate(&running.headers, "tokens"), (100, 0, "60s".into()));
    let refused = one.refused(ask(10, Some(20)), at(31));
    assert_eq!(refused.retry_after(), 1, "70 are used, 30 held");
    let refused = one.refused(ask(10, Some(40)), at(31));
    assert_eq!(refused.retry_after(), 29, "until the first 30 have left");
    let refused = one.refused(ask(10, Some(80)), at(31));
    assert_eq!(refused.retry_after(), 49, "until both have left");
    assert!(refused.text.contains("tokens a minute of this API key"));
    running.settle(10);
    assert!(one.take(ask(10, Some(10)), at(59)).is_ok(), "what it didn't need is free at once");
    assert!(one.take(ask(10, Some(40)), at(59)).is_err());
    assert!(one.take(ask(10, Some(40)), at(60)).is_ok());
}

#[test]
fn a_settlement_after_the_minute_changes_nothing() {
    let one = One::new(RateLimits { tokens_per_minute: Some(100), ..NONE });
    let mut slow = one.take(ask(10, Some(90)), at(0)).unwrap();
    let next = one.take(ask(10, Some(80)), at(60)).unwrap();
    slow.settle(5_000);
    assert!(one.take(ask(1, Some(10)), at(60)).is_err() && one.take(ask(1, Some(9)), at(60)).is_ok());
    drop(next);
}

#[test]
fn the_default_alone_is_never_a_reason() {
    let counters = Counters::default();
    let daily = One::of(&counters, ScopeId::Key(key(1)), RateLimits { tokens_per_day: Some(500), ..NONE });
    let minutely =
        One::of(&counters, ScopeId::Rule(rule(1)), RateLimits { tokens_per_minute: Some(60), ..NONE });
    let both = [daily.limited(), minutely.limited()];
    let all = reserve(&both, ask(10, None), at(0)).unwrap();
    assert_eq!(all.tokens, 60, "what is left of the tightest");
    assert!(reserve(&both, ask(1, None), at(0)).is_err(), "nothing is left");
    drop(all);
    assert_eq!(reserve(&both, ask(59, None), at(0)).unwrap().tokens, 60);
    let refused = Refused::from(reserve(&both, ask(60, None), at(0)));
    assert_eq!(refused.headers["x-should-retry"], "false");
    let unlimited = One::new(RateLimits { requests_per_day: Some(5), ..NONE });
    assert_eq!(unlimited.take(ask(10, None), at(0)).unwrap().tokens, 1_010);
}

#[test]
fn what_can_never_fit_says_so() {
    let limits = RateLimits { tokens_per_minute: Some(50), tokens_per_day: Some(5_000), ..NONE };
    let one = One::new(RateLimits { concurrent_requests: Some(1), ..limits });
    let _running = one.take(ask(1, Some(1)), at(0)).unwrap();
    for output in [50, 1_000_000_000_000_000, u64::MAX] {
        let refused = one.refused(ask(1, Some(output)), at(0));
        assert_eq!(
            (refused.code, &refused.headers["x-should-retry"]),
            ("rate_limit_exceeded", &"false".parse().unwrap())
        );
        assert!(refused.text.contains("more than the whole limit of tokens"), "{refused:?}");
        assert!(refused.headers.contains_key("retry-after"));
    }
    let refused = one.refused(ask(1, Some(49)), at(0));
    assert!(!refused.headers.contains_key("x-should-retry"));

    let one = One::new(RateLimits { tokens_per_minute: Some(50), requests_per_day: Some(1), ..NONE });
    assert!(one.passes(at(0)));
    let refused = one.refused(ask(50, Some(1)), at(0));
    assert!(
        refused.text.contains("more than the whole limit"),
        "also when another limit makes it wait longer"
    );
    assert_eq!(one.refused(ask(1, Some(1)), at(0)).retry_after(), 12 * 3600);
}

#[test]
fn so_many_at_the_same_time_and_no_more() {
    let one = One::new(RateLimits { concurrent_requests: Some(2), ..NONE });
    let mut first = one.take(ask(1, None), at(0)).unwrap();
    let second = one.take(ask(1, None), at(0)).unwrap();
    assert!(first.headers.is_empty());
    let refused = one.refused(ask(1, None), at(0));
    assert_eq!((refused.code, refused.retry_after()), ("concurrency_limit_exceeded", 1));
    assert!(refused.text.contains("concurrent requests of this API key"));
    first.settle(10);
    let third = one.take(ask(1, None), at(0)).unwrap();
    first.settle(10);
    drop(first);
    assert!(!one.passes(at(0)), "settled twice is ended once");
    drop(second);
    assert!(one.passes(at(90)));
    drop(third);
}

#[test]
fn all_scopes_or_none() {
    let counters = Counters::default();
    let own = One::of(&counters, ScopeId::Key(key(1)), RateLimits { requests_per_minute: Some(5), ..NONE });
    let shared = One::of(&counters, ScopeId::Rule(rule(1)), RateLimits { requests_per_day: Some(3), ..NONE });
    let person = ScopeId::Identity(key(1), "anna@example.com".into());
    let person = One::of(&counters, person, RateLimits { tokens_per_minute: Some(100), ..NONE });
    let all = || [person.limited(), own.limited(), shared.limited(), own.limited()];
    let take = |tokens, now| reserve(&all(), ask(tokens, Some(0)), now);
    let refused = Refused::from(take(101, at(0)));
    assert!(refused.text.contains("of this identity") && !refused.text.contains("anna"), "{refused:?}");
    for left in [2, 1, 0] {
        let taken = take(10, at(0)).unwrap();
        // The day of the rule has the smallest share left of all limits of requests.
        assert_eq!(rate(&taken.headers, "requests"), (3, left, "43200s".into()));
        assert_eq!(rate(&taken.headers, "tokens"), (100, 90, "60s".into()));
    }
    let refused = Refused::from(take(10, at(0)));
    assert_eq!(refused.retry_after(), 12 * 3600);
    assert!(refused.text.contains("requests a day of an access rule"));
    // Neither the refused ones nor the doubled scope took anything of the key: two of five are left.
    assert!(own.passes(at(0)) && own.passes(at(0)) && !own.passes(at(0)));
    // Both refuse: the longest wait counts.
    assert_eq!(Refused::from(take(10, at(0))).retry_after(), 12 * 3600);
}

#[test]
fn the_headers_show_the_smallest_share_not_the_smallest_number() {
    let one = One::new(RateLimits { requests_per_minute: Some(4), requests_per_day: Some(10), ..NONE });
    for minute in 0..5 {
        assert!(one.passes(at(60 * minute)));
    }
    let shown = rate(&one.take(ask(1, None), at(300)).unwrap().headers, "requests");
    assert_eq!(shown, (10, 4, "42900s".into()), "4 of 10 are less than 3 of 4");
    assert!(one.passes(at(300)));
    let shown = || rate(&one.take(ask(1, None), at(300)).unwrap().headers, "requests");
    assert_eq!(shown(), (10, 2, "42900s".into()), "2 of 10 are less than 1 of 4");
    assert_eq!(shown(), (4, 0, "60s".into()), "0 of 4 are less than 1 of 10");
}

#[test]
fn nothing_limited_costs_nothing() {
    let free = reserve(&[], ask(10, None), at(0)).unwrap();
    assert_eq!((free.tokens, free.headers.capacity()), (1_010, 0));
    let counters = Counters::default();
    assert!(counters.of(ScopeId::Key(key(1)), &NONE).is_none());
    let was = One::of(&counters, ScopeId::Key(key(1)), RateLimits { concurrent_requests: Some(1), ..NONE });
    let free = reserve(&[Limited { scope: &was.0, limits: NONE }], ask(10, None), at(0)).unwrap();
    assert!(was.passes(at(0)) && free.headers.is_empty(), "not counted while not limited");
}

#[test]
fn a_request_that_is_over_at_once_runs_beside_nobody() {
    let counters = Counters::default();
    let limits = RateLimits {
        requests_per_minute: Some(3),
        concurrent_requests: Some(1),
        tokens_per_day: Some(10),
        ..NONE
    };
    let one = One::of(&counters, ScopeId::Key(key(1)), limits);
    let running = one.take(ask(10, Some(0)), noon()).unwrap();
    let headers = count(&[one.limited()], noon()).unwrap();
    assert_eq!(headers["x-ratelimit-remaining-requests"], "1");
    assert_eq!(one.refused(ask(0, Some(0)), noon()).code, "concurrency_limit_exceeded");
    drop(running);
    assert!(one.passes(noon()));
    assert_eq!(count(&[one.limited()], noon()).unwrap_err().code.as_str(), "rate_limit_exceeded");
}
