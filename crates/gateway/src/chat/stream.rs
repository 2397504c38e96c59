//! A streamed answer on its way: one upstream chunk at a time, only when the client takes it.
//!
//! It ends in one of four ways, and is settled before the client can see that it ended: the upstream's end, the
//! upstream's failure, a cut, or the client going away (then this is dropped).

use super::usage_scan::EventScanner;
use crate::answer::BoxError;
use crate::error::{ApiError, Code};
use crate::inflight::FlightGuard;
use crate::settle::Attempt;
use crate::upstream::UpstreamBody;
use bytes::Bytes;
use http_body::Body as _;
use model::usage::Outcome;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

pub(crate) struct EventStream {
    /// `None` once the stream has ended: dropping it drops the upstream's connection, unless it was read to its end.
    upstream: Option<UpstreamBody>,
    scanner: EventScanner,
    ready: VecDeque<Bytes>,
    /// `None` once settled.
    attempt: Option<Attempt>,
    guard: Option<FlightGuard>,
    idle: Idle,
}

impl EventStream {
    pub(super) fn new(
        upstream: UpstreamBody,
        attempt: Attempt,
        guard: FlightGuard,
        hide_usage: bool,
        idle_timeout: Duration,
    ) -> Self {
        Self {
            upstream: Some(upstream),
            scanner: EventScanner::new(hide_usage),
            ready: VecDeque::with_capacity(4),
            attempt: Some(attempt),
            guard: Some(guard),
            idle: Idle::new(idle_timeout),
        }
    }

    /// The next bytes for the client; `None`: the end.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        loop {
            self.check_cut(cx);
            if let Some(bytes) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(bytes)));
            }
            let Some(upstream) = &mut self.upstream else {
                self.guard = None;
                return Poll::Ready(None);
            };
            match Pin::new(upstream).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.idle.stop();
                    if let Ok(chunk) = frame.into_data() {
                        self.take(chunk);
                    }
                }
                Poll::Ready(None) => {
                    self.scanner.finish(&mut self.ready);
                    self.settle(Outcome::Completed);
                    self.upstream = None;
                }
                Poll::Ready(Some(Err(_))) => self.fail(Code::UpstreamError),
                Poll::Pending => {
                    std::task::ready!(self.idle.poll(cx));
                    self.fail(Code::UpstreamTimeout);
                }
            }
        }
    }

    fn take(&mut self, chunk: Bytes) {
        if let Some(attempt) = &mut self.attempt {
            attempt.first_byte();
        }
        // After [DONE] the upstream is only read to its end, so that its connection can serve again.
        self.scanner.push(chunk, &mut self.ready);
        if self.scanner.is_done() {
            self.settle(Outcome::Completed);
        }
    }

    fn check_cut(&mut self, cx: &mut Context<'_>) {
        let Some(guard) = &self.guard else { return };
        let Poll::Ready(end) = guard.flight.poll_end(cx) else { return };
        if let Some(attempt) = self.attempt.take() {
            let tokens = self.scanner.tokens(attempt.input_estimate);
            attempt.abandon(tokens);
            self.ready.clear();
            self.terminate(end.code());
        }
        // An answer that is complete keeps its last bytes; only the upstream isn't waited for any more.
        self.upstream = None;
    }

    fn fail(&mut self, code: Code) {
        if self.attempt.is_some() {
            self.settle(Outcome::UpstreamError);
            self.terminate(code);
        } else {
            // Failed after [DONE]: nobody needs to know.
            self.upstream = None;
        }
    }

    /// Ends the stream by one error event.
    fn terminate(&mut self, code: Code) {
        self.upstream = None;
        if self.scanner.is_torn() {
            self.ready.push_back(Bytes::from_static(b"\n\n"));
        }
        self.ready.push_back(ApiError::from(code).into_event());
    }

    fn settle(&mut self, outcome: Outcome) {
        if let Some(attempt) = self.attempt.take() {
            let tokens = self.scanner.tokens(attempt.input_estimate);
            attempt.settle(outcome, None, tokens);
        }
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.upstream = None;
        if let Some(attempt) = self.attempt.take() {
            let tokens = self.scanner.tokens(attempt.input_estimate);
            attempt.abandon(tokens);
        }
    }
}

/// Notices an upstream that falls silent, with one timer for the whole stream: it isn't set anew for each chunk.
struct Idle {
    bound: Duration,
    /// Since when the upstream is waited for; time in which the client doesn't read isn't the upstream's.
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Idle {
    fn new(bound: Duration) -> Self {
        Self { bound, since: None, timer: None }
    }

    fn stop(&mut self) {
        self.since = None;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = *self.since.get_or_insert_with(Instant::now) + self.bound;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        while timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}
