//! An answer on its way: one upstream chunk at a time, only when the client takes it.
//!
//! It ends in one of four ways, and is settled before the client can see that it ended: the upstream's end, the
//! upstream's failure, a cut, or the client going away (then this is dropped). A client that goes away ends the upstream's
//! work, unless the text is over and only its usage is missing: that is waited for, within bounds.

use super::passing::Relay;
use crate::answer::{BoxError, PIECE};
use crate::believe::Seen;
use crate::catalog::Upstream;
use crate::error::{ApiError, Code, Dialect};
use crate::inflight::FlightGuard;
use crate::settle::{Attempt, Tokens};
use crate::upstream::UpstreamBody;
use bytes::Bytes;
use dialect::sse::Meter;
use dialect::tokens::TokenCounts;
use dialect::translate::BadAnswer;
use http_body::Body as _;
use model::usage::Outcome;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until};

/// How much is read, and for how long, after an answer's last event: its connection can serve again when it ends.
const AFTER_END: (usize, Duration) = (64 * 1024, Duration::from_secs(1));
/// The same for the usage of an answer whose client went away when it had the text.
const FOR_USAGE: (usize, Duration) = (256 * 1024, Duration::from_secs(5));

/// Where an answer comes from.
pub(super) struct Source {
    pub(super) body: UpstreamBody,
    pub(super) upstream: Arc<Upstream>,
    /// How long the upstream may be silent.
    pub(super) idle: Duration,
}

pub(crate) struct AnswerStream {
    /// `None` once the stream has ended: dropping it drops the upstream's connection, unless it was read to its end.
    body: Option<UpstreamBody>,
    upstream: Arc<Upstream>,
    relay: Relay,
    ready: VecDeque<Bytes>,
    /// Ends the answer without its proper end.
    broken: bool,
    /// Settled once it is known how the answer ended, and `None` once its last bytes were given out.
    attempt: Option<Box<Attempt>>,
    guard: Option<FlightGuard>,
    dialect: Dialect,
    idle: Idle,
    /// What the upstream may still say, once that is bounded.
    rest: Option<Rest>,
    /// The client went away.
    gone: bool,
}

impl AnswerStream {
    pub(super) fn new(
        source: Source,
        relay: Relay,
        attempt: Box<Attempt>,
        guard: Option<FlightGuard>,
        dialect: Dialect,
    ) -> Self {
        Self {
            body: Some(source.body),
            upstream: source.upstream,
            relay,
            ready: VecDeque::with_capacity(4),
            broken: false,
            attempt: Some(attempt),
            guard,
            dialect,
            idle: Idle::new(source.idle),
            rest: None,
            gone: false,
        }
    }

    /// The next bytes for the client; `None`: the end.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        let next = self.poll_ready(cx);
        if let Some(guard) = &self.guard {
            if next.is_ready() {
                guard.flight.waits_for_client();
            } else {
                guard.flight.waits_for_upstream();
            }
        }
        next
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        loop {
            self.check_cut(cx);
            if let Some(bytes) = self.next_ready() {
                return Poll::Ready(Some(Ok(bytes)));
            }
            let Some(body) = &mut self.body else {
                let broken = std::mem::take(&mut self.broken);
                if broken && let Some(guard) = &self.guard {
                    guard.flight.break_off();
                }
                (self.guard, self.attempt) = (None, None);
                return Poll::Ready(broken.then(|| Err("the answer was broken off".into())));
            };
            match Pin::new(body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.idle.stop();
                    let Ok(chunk) = frame.into_data() else { continue };
                    if self.rest.as_mut().is_some_and(|rest| !rest.allows(chunk.len())) {
                        self.leave_upstream();
                    } else {
                        self.take(chunk);
                    }
                }
                Poll::Ready(None) => {
                    self.body = None;
                    match self.relay.finish(&mut self.ready) {
                        Ok(()) => self.settle(Outcome::Completed),
                        Err(error) => self.misunderstood(&error),
                    }
                }
                Poll::Ready(Some(Err(_))) => self.fail(Code::UpstreamError),
                Poll::Pending => {
                    let until = self.rest.as_ref().map(|rest| rest.until);
                    std::task::ready!(self.idle.poll(cx, until));
                    if until.is_some() {
                        self.leave_upstream();
                    } else {
                        self.fail(Code::UpstreamTimeout);
                    }
                }
            }
        }
    }

    fn next_ready(&mut self) -> Option<Bytes> {
        let first = self.ready.front_mut()?;
        let next = if first.len() > PIECE { Some(first.split_to(PIECE)) } else { self.ready.pop_front() };
        // The client is about to have all of it: whoever waits for its place among the requests can have that.
        if self.ready.is_empty() && self.attempt.as_ref().is_some_and(|attempt| attempt.is_settled()) {
            self.attempt = None;
        }
        next
    }

    fn take(&mut self, chunk: Bytes) {
        if let Some(attempt) = &mut self.attempt {
            attempt.first_byte();
        }
        let before = self.ready.len();
        if let Err(error) = self.relay.push(chunk, &mut self.ready) {
            return self.misunderstood(&error);
        }
        let Some(meter) = self.relay.meter() else { return };
        let failed = meter.saw_error();
        if failed && self.ready.range(before..).any(|bytes| self.upstream.leaks(bytes)) {
            tracing::warn!(provider = %self.upstream.name, "an upstream's error quotes the gateway's own credential");
            self.ready.truncate(before);
            return self.fail(Code::UpstreamError);
        }
        // After its last event the upstream is only read to its end, so that its connection can serve again.
        if meter.is_done() || self.gone && meter.usage().is_some() {
            self.settle(if failed { Outcome::UpstreamError } else { Outcome::Completed });
        }
        if self.gone {
            self.ready.clear();
        }
    }

    fn check_cut(&mut self, cx: &mut Context<'_>) {
        let Some(guard) = &self.guard else { return };
        let Poll::Ready(end) = guard.flight.poll_end(cx) else { return };
        if let Some(attempt) = self.unsettled() {
            let tokens = tokens(&self.relay, attempt);
            if let Some(attempt) = &mut self.attempt {
                attempt.abandon(tokens);
            }
            self.ready.clear();
            self.terminate(end.code());
        }
        // An answer that is complete keeps its last bytes; only the upstream isn't waited for any more.
        self.body = None;
    }

    /// A translation that can't go on.
    fn misunderstood(&mut self, error: &BadAnswer) {
        tracing::warn!(%error, "an upstream's stream can't be translated");
        self.fail(Code::UpstreamError);
    }

    fn fail(&mut self, code: Code) {
        if self.unsettled().is_some() {
            self.settle(Outcome::UpstreamError);
            self.terminate(code);
        } else {
            // Failed after the last event: nobody needs to know.
            self.body = None;
        }
    }

    /// The upstream has said enough, or taken long enough over it.
    fn leave_upstream(&mut self) {
        self.body = None;
        self.settle(Outcome::Completed);
    }

    /// Ends the stream by one error event; an answer that has no events is broken off.
    fn terminate(&mut self, code: Code) {
        self.body = None;
        match &self.relay {
            Relay::Raw(_) => self.broken = true,
            Relay::Events(meter) if meter.is_torn() => {
                self.ready.push_back(Bytes::from_static(b"\n\n"));
                self.ready.push_back(ApiError::from(code).into_event(self.dialect));
            }
            _ => self.ready.push_back(ApiError::from(code).into_event(self.dialect)),
        }
    }

    fn unsettled(&self) -> Option<&Attempt> {
        self.attempt.as_deref().filter(|attempt| !attempt.is_settled())
    }

    /// Settles as `outcome`, unless the client is gone: then that is what became of the answer.
    fn settle(&mut self, outcome: Outcome) {
        let Some(tokens) = self.unsettled().map(|attempt| tokens(&self.relay, attempt)) else { return };
        let Some(attempt) = &mut self.attempt else { return };
        if let Relay::Raw(bytes) = self.relay {
            attempt.media = attempt.media.spoken(bytes, outcome == Outcome::Completed && !self.gone);
        }
        if self.gone {
            attempt.abandon(tokens);
        } else {
            attempt.settle(outcome, None, tokens);
        }
        self.rest = self.body.is_some().then(|| Rest::new(AFTER_END));
    }

    /// Reads on for the usage in a task of its own; `None`: there is none to come, or nobody who could read it.
    fn read_on(&mut self) -> Option<()> {
        let flight = &self.guard.as_ref()?.flight;
        let awaits = self.relay.meter().is_some_and(Meter::awaits_usage);
        if self.gone || !awaits || flight.end().is_some() {
            return None;
        }
        flight.waits_for_upstream();
        let tasks = self.unsettled()?.tasks();
        let runtime = Handle::try_current().ok()?;
        let mut rest = Self {
            body: Some(self.body.take()?),
            upstream: Arc::clone(&self.upstream),
            relay: std::mem::replace(&mut self.relay, Relay::Raw(0)),
            ready: VecDeque::new(),
            broken: false,
            attempt: self.attempt.take(),
            guard: self.guard.take(),
            dialect: self.dialect,
            idle: Idle::new(self.idle.bound),
            rest: Some(Rest::new(FOR_USAGE)),
            gone: true,
        };
        let read = async move {
            let end = poll_fn(|cx| rest.poll_ready(cx).map(|next| next.is_none_or(|next| next.is_err())));
            let mut end = std::pin::pin!(end);
            while !end.as_mut().await {}
        };
        tasks.spawn_on(read, &runtime);
        Some(())
    }
}

/// What a stream used so far.
fn tokens(relay: &Relay, attempt: &Attempt) -> Tokens {
    let Some(meter) = relay.meter() else {
        return attempt.tokens(None, TokenCounts::default(), Seen { text: 0, output: 0 });
    };
    let seen = Seen { text: meter.text_bytes(), output: meter.estimated_output() };
    attempt.tokens(meter.usage(), meter.partial(), seen)
}

impl Drop for AnswerStream {
    fn drop(&mut self) {
        if self.read_on().is_some() {
            return;
        }
        self.body = None;
        self.gone = true;
        self.settle(Outcome::ClientGone);
    }
}

/// How much more an upstream may say, and until when.
struct Rest {
    bytes: usize,
    until: Instant,
}

impl Rest {
    fn new((bytes, time): (usize, Duration)) -> Self {
        Self { bytes, until: Instant::now() + time }
    }

    fn allows(&mut self, length: usize) -> bool {
        let enough = self.bytes < length;
        self.bytes = self.bytes.saturating_sub(length);
        !enough && Instant::now() < self.until
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

    /// Ready once the upstream has been silent for too long, or at `until` if that is given.
    fn poll(&mut self, cx: &mut Context<'_>, until: Option<Instant>) -> Poll<()> {
        let deadline = until.unwrap_or_else(|| *self.since.get_or_insert_with(Instant::now) + self.bound);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        while timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}
