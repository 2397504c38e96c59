//! What was admitted in the last 60 seconds, and in this UTC day.

use super::{DAY, MINUTE};
use model::Timestamp;
use std::collections::VecDeque;
use std::time::Duration;

/// An empty window gives memory back that a burst of more milliseconds than this left behind.
const KEPT_BUCKETS: usize = 256;

/// What was admitted within a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) requests: u64,
    /// Tokens of settled requests.
    pub(super) used: u64,
    /// Tokens of running requests.
    pub(super) reserved: u64,
}

impl Figures {
    /// A request that is about to run.
    pub(super) const fn running(tokens: u64) -> Self {
        Self { requests: 1, used: 0, reserved: tokens }
    }

    /// Tokens that nobody else can have.
    pub(super) const fn held(self) -> u64 {
        self.used.saturating_add(self.reserved)
    }

    pub(super) fn add(&mut self, more: Self) {
        self.requests = self.requests.saturating_add(more.requests);
        self.used = self.used.saturating_add(more.used);
        self.reserved = self.reserved.saturating_add(more.reserved);
    }

    fn remove(&mut self, gone: Self) {
        self.requests = self.requests.saturating_sub(gone.requests);
        self.used = self.used.saturating_sub(gone.used);
        self.reserved = self.reserved.saturating_sub(gone.reserved);
    }

    fn settle(&mut self, reserved: u64, used: u64) {
        self.reserved = self.reserved.saturating_sub(reserved);
        self.used = self.used.saturating_add(used);
    }
}

/// A span of time over which something is limited.
pub(super) trait Span {
    fn figures(&self) -> Figures;

    /// How long until the figures are `enough`, when nothing else is admitted; they aren't at present.
    fn wait(&self, now: Timestamp, enough: &dyn Fn(Figures) -> bool) -> Duration;

    /// How long until nothing is left of what was admitted.
    fn reset(&self, now: Timestamp) -> Duration;
}

/// The last 60 seconds.
#[derive(Default)]
pub(super) struct Window {
    /// Oldest first. At most one for each millisecond.
    buckets: VecDeque<Bucket>,
    /// The first bucket's number; the others follow without gaps. Numbers are never used twice, so a reservation can't
    /// mistake a later bucket for its own, whatever the clock does.
    first: i64,
    /// Of all buckets.
    sum: Figures,
}

/// What was admitted within one millisecond.
struct Bucket {
    /// Its latest admission.
    last: Timestamp,
    figures: Figures,
}

impl Window {
    /// Drops what has left the window.
    pub(super) fn roll(&mut self, now: Timestamp) {
        while let Some(bucket) = self.buckets.front()
            && bucket.last.after(MINUTE) <= now
        {
            self.sum.remove(bucket.figures);
            self.buckets.pop_front();
            self.first += 1;
        }
        if self.buckets.is_empty() && self.buckets.capacity() > KEPT_BUCKETS {
            self.buckets = VecDeque::new();
        }
    }

    /// Counts an admission and gives its bucket's number.
    pub(super) fn admit(&mut self, now: Timestamp, figures: Figures) -> i64 {
        let at = self.not_before_last(now);
        self.sum.add(figures);
        match self.buckets.back_mut() {
            Some(bucket) if millis(bucket.last) == millis(at) => {
                bucket.last = at;
                bucket.figures.add(figures);
            }
            _ => self.buckets.push_back(Bucket { last: at, figures }),
        }
        self.number(self.buckets.len()) - 1
    }

    /// Replaces reserved tokens by real ones; nothing is to do once the bucket has left the window.
    pub(super) fn settle(&mut self, number: i64, reserved: u64, used: u64) {
        let index = usize::try_from(number - self.first).ok();
        if let Some(bucket) = index.and_then(|index| self.buckets.get_mut(index)) {
            bucket.figures.settle(reserved, used);
            self.sum.settle(reserved, used);
        }
    }

    /// Adds what was admitted at an earlier moment. Rows come latest first.
    pub(super) fn seed(&mut self, at: Timestamp, figures: Figures) {
        let index = self.buckets.partition_point(|bucket| bucket.last < at);
        match self.buckets.get_mut(index) {
            None => {
                self.admit(at, figures);
                return;
            }
            Some(bucket) if index > 0 || millis(bucket.last) == millis(at) => bucket.figures.add(figures),
            Some(_) => {
                self.buckets.push_front(Bucket { last: at, figures });
                self.first -= 1;
            }
        }
        self.sum.add(figures);
    }

    /// Kept in order, also when the clock was set back, or a thread read it earlier than the one that came first.
    fn not_before_last(&self, now: Timestamp) -> Timestamp {
        self.buckets.back().map_or(now, |bucket| now.max(bucket.last))
    }

    fn number(&self, index: usize) -> i64 {
        self.first.saturating_add(i64::try_from(index).unwrap_or(i64::MAX))
    }
}

impl Span for Window {
    fn figures(&self) -> Figures {
        self.sum
    }

    fn wait(&self, now: Timestamp, enough: &dyn Fn(Figures) -> bool) -> Duration {
        let mut left = self.sum;
        let leaves = self.buckets.iter().find(|bucket| {
            left.remove(bucket.figures);
            enough(left)
        });
        leaves.map_or(MINUTE, |bucket| bucket.last.after(MINUTE).since(self.not_before_last(now)))
    }

    fn reset(&self, now: Timestamp) -> Duration {
        let last = self.buckets.back();
        last.map_or(Duration::ZERO, |bucket| bucket.last.after(MINUTE).since(self.not_before_last(now)))
    }
}

const fn millis(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(1_000)
}

/// This UTC day.
#[derive(Default)]
pub(super) struct Day {
    start: Timestamp,
    figures: Figures,
}

impl Day {
    pub(super) fn roll(&mut self, now: Timestamp) {
        // Not backwards: a clock that is set back must not give yesterday's figures again.
        if now.utc_day_start() > self.start {
            *self = Self { start: now.utc_day_start(), figures: Figures::default() };
        }
    }

    /// Counts an admission and gives its day.
    pub(super) fn admit(&mut self, figures: Figures) -> Timestamp {
        self.figures.add(figures);
        self.start
    }

    /// Replaces reserved tokens by real ones. A request that ran over midnight counts for the day in which it began,
    /// which is over.
    pub(super) fn settle(&mut self, start: Timestamp, reserved: u64, used: u64) {
        if self.start == start {
            self.figures.settle(reserved, used);
        }
    }
}

impl Span for Day {
    fn figures(&self) -> Figures {
        self.figures
    }

    fn wait(&self, now: Timestamp, _: &dyn Fn(Figures) -> bool) -> Duration {
        self.start.after(DAY).since(now.max(self.start))
    }

    fn reset(&self, now: Timestamp) -> Duration {
        if self.figures == Figures::default() { Duration::ZERO } else { self.wait(now, &|_| true) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::storm::Dice;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(1_000_000_000_000 + micros)
    }

    /// Every admission by itself: what the buckets are measured against.
    #[derive(Default)]
    struct Naive(Vec<(Timestamp, Option<i64>, u64)>);

    impl Naive {
        fn figures(&self, now: Timestamp) -> Figures {
            let mut sum = Figures::default();
            for (_, running, tokens) in self.0.iter().filter(|(at, ..)| at.after(MINUTE) > now) {
                let (used, reserved) = if running.is_some() { (0, *tokens) } else { (*tokens, 0) };
                sum.add(Figures { requests: 1, used, reserved });
            }
            sum
        }
    }

    #[test]
    fn the_buckets_never_hold_less_than_a_list_and_at_most_a_millisecond_longer() {
        for seed in 0..40 {
            let mut dice = Dice(seed);
            let (mut window, mut list, mut now) = (Window::default(), Naive::default(), 0);
            let step = [300, 5_000, 400_000, 9_000_000][dice.place(4)];
            let most = 1 + dice.below(60);
            for _ in 0..1_500 {
                now += i64::try_from(dice.below(step)).unwrap();
                // Often to the very moment when some admission leaves, give or take two milliseconds.
                if dice.below(20) == 0 && !list.0.is_empty() {
                    let leaves = list.0[dice.place(list.0.len())].0.after(MINUTE).as_micros();
                    let near = i64::try_from(dice.below(4_000)).unwrap() - 2_000;
                    now = now.max(leaves - at(0).as_micros() + near);
                }
                window.roll(at(now));
                let (exact, earlier) = (list.figures(at(now)), list.figures(at(now - 1_000)));
                let got = window.figures();
                assert!(got.requests >= exact.requests && got.held() >= exact.held(), "{got:?} {exact:?}");
                assert!(
                    got.requests <= earlier.requests && got.held() <= earlier.held(),
                    "{got:?} {earlier:?}"
                );
                if got.requests < most {
                    let tokens = dice.below(1_000);
                    let number = window.admit(at(now), Figures::running(tokens));
                    list.0.push((at(now), Some(number), tokens));
                } else {
                    let wait = window.wait(at(now), &|left| left.requests < most);
                    let exact = list.figures(at(now).after(wait));
                    assert!(wait > Duration::ZERO && wait <= MINUTE && exact.requests < most, "{wait:?}");
                }
                // Some settle, also long after they left the window.
                if let Some((_, running, tokens)) = {
                    let length = list.0.len().max(1);
                    list.0.get_mut(dice.place(length))
                } && let Some(number) = running.take()
                {
                    let used = dice.below(2_000);
                    window.settle(number, *tokens, used);
                    *tokens = used;
                }
            }
            let end = at(now + 60_000_000);
            window.roll(end);
            assert_eq!((window.figures(), window.reset(end)), (Figures::default(), Duration::ZERO));
        }
    }

    #[test]
    fn its_memory_is_bounded_and_given_back() {
        let mut window = Window::default();
        for micros in 0..600_000 {
            window.roll(at(micros * 200));
            window.admit(at(micros * 200), Figures::running(1));
        }
        assert!(window.buckets.len() <= 60_001, "{}", window.buckets.len());
        assert_eq!(window.figures().requests, 300_000);
        window.roll(at(600_000 * 200 + 60_000_000));
        assert_eq!(window.buckets.capacity(), 0);
    }

    #[test]
    fn a_bucket_of_another_time_is_never_taken_for_one_s_own() {
        let mut window = Window::default();
        let old = window.admit(at(0), Figures::running(10));
        window.roll(at(60_000_000));
        // The clock is set back to the same millisecond.
        window.admit(at(0), Figures::running(7));
        window.settle(old, 10, 10);
        assert_eq!(window.figures(), Figures::running(7));
    }

    #[test]
    fn seeds_go_where_they_belong_in_any_state() {
        let seeds = [50_000_000, 40_000_400, 40_000_000, 10_000_000];
        for already in [None, Some(20_000_000), Some(45_000_000), Some(55_000_000)] {
            let mut window = Window::default();
            let own = already.map(|micros| window.admit(at(micros), Figures::running(5)));
            for micros in seeds {
                window.seed(at(micros), Figures { requests: 1, used: 2, reserved: 0 });
            }
            let requests = 4 + u64::from(already.is_some());
            assert_eq!(window.figures().requests, requests);
            if let Some(number) = own {
                window.settle(number, 5, 1);
            }
            assert_eq!((window.figures().used, window.figures().reserved), (8 + u64::from(own.is_some()), 0));
            assert!(window.buckets.iter().is_sorted_by_key(|bucket| bucket.last));
            window.roll(at(70_000_000));
            assert_eq!(window.figures().requests, requests - 1, "only the oldest has left");
            window.roll(at(115_000_000));
            assert_eq!(window.figures(), Figures::default());
        }
    }
}
