//! An answer on its way: one upstream chunk at a time, only when the client takes it.
//!
//! It ends in one of four ways, and is settled before the client can see that it ended: the upstream's end, the
//! upstream's failure, a cut, or the client going away (then this is dropped).

use crate::answer::BoxError;
use crate::error::{ApiError, Code, Dialect};
use crate::inflight::FlightGuard;
use crate::settle::{Attempt, Tokens};
use crate::upstream::UpstreamBody;
use bytes::Bytes;
use dialect::Shape;
use dialect::sse::{Meter, Splitter};
use dialect::translate::{BadAnswer, chat_to_messages, messages_to_chat};
use http_body::Body as _;
use model::usage::Outcome;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// How an upstream's bytes become the client's.
pub(super) enum Relay {
    /// As they come, unread.
    Raw,
    /// Events, as they come.
    Events(Meter),
    /// Events, told in the other dialect.
    Translated { meter: Meter, splitter: Splitter, tale: Tale },
}

/// The two translations.
pub(super) enum Tale {
    /// For an `OpenAI` client, from Anthropic's events.
    Chat(Box<chat_to_messages::Events>),
    /// For an Anthropic client, from `OpenAI`'s.
    Messages(Box<messages_to_chat::Events>),
}

impl Tale {
    fn push(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        match self {
            Self::Chat(events) => events.push(data, out),
            Self::Messages(events) => events.push(data, out),
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        match self {
            Self::Chat(events) => events.finish(out),
            Self::Messages(events) => events.finish(out),
        }
    }
}

impl Relay {
    pub(super) fn events(shape: Shape, hide_usage: bool) -> Self {
        Self::Events(Meter::new(shape, hide_usage))
    }

    pub(super) fn chat(events: chat_to_messages::Events) -> Self {
        Self::translated(Shape::Messages, Tale::Chat(Box::new(events)))
    }

    pub(super) fn messages(events: messages_to_chat::Events) -> Self {
        Self::translated(Shape::ChatCompletions, Tale::Messages(Box::new(events)))
    }

    fn translated(shape: Shape, tale: Tale) -> Self {
        Self::Translated { meter: Meter::new(shape, false), splitter: Splitter::new(), tale }
    }

    fn meter(&self) -> Option<&Meter> {
        match self {
            Self::Raw => None,
            Self::Events(meter) | Self::Translated { meter, .. } => Some(meter),
        }
    }

    /// Takes a chunk; what may go on is added to `ready`.
    fn push(&mut self, chunk: Bytes, ready: &mut VecDeque<Bytes>) -> Result<(), BadAnswer> {
        match self {
            Self::Raw => ready.push_back(chunk),
            Self::Events(meter) => meter.push(chunk, ready),
            Self::Translated { meter, splitter, tale } => {
                splitter.push(&chunk);
                meter.push(chunk, &mut VecDeque::new());
                tell(splitter, tale, ready)?;
            }
        }
        Ok(())
    }

    /// What is left at the end of the upstream's answer.
    fn finish(&mut self, ready: &mut VecDeque<Bytes>) -> Result<(), BadAnswer> {
        match self {
            Self::Raw => {}
            Self::Events(meter) => meter.finish(ready),
            Self::Translated { meter, splitter, tale } => {
                meter.finish(&mut VecDeque::new());
                splitter.finish();
                tell(splitter, tale, ready)?;
                let mut out = Vec::new();
                tale.finish(&mut out)?;
                pass(out, ready);
            }
        }
        Ok(())
    }
}

fn tell(splitter: &mut Splitter, tale: &mut Tale, ready: &mut VecDeque<Bytes>) -> Result<(), BadAnswer> {
    let mut out = Vec::new();
    let too_long = |_| BadAnswer::Unreadable { reason: "an event is too long".to_owned() };
    while let Some(event) = splitter.next().map_err(too_long)? {
        tale.push(&event.data, &mut out)?;
    }
    pass(out, ready);
    Ok(())
}

fn pass(out: Vec<u8>, ready: &mut VecDeque<Bytes>) {
    if !out.is_empty() {
        ready.push_back(out.into());
    }
}

pub(crate) struct AnswerStream {
    /// `None` once the stream has ended: dropping it drops the upstream's connection, unless it was read to its end.
    upstream: Option<UpstreamBody>,
    relay: Relay,
    ready: VecDeque<Bytes>,
    /// Ends the answer without its proper end.
    broken: bool,
    /// `None` once settled.
    attempt: Option<Box<Attempt>>,
    guard: Option<FlightGuard>,
    dialect: Dialect,
    idle: Idle,
}

impl AnswerStream {
    pub(super) fn new(
        upstream: UpstreamBody,
        relay: Relay,
        attempt: Box<Attempt>,
        guard: Option<FlightGuard>,
        dialect: Dialect,
        idle_timeout: Duration,
    ) -> Self {
        Self {
            upstream: Some(upstream),
            relay,
            ready: VecDeque::with_capacity(4),
            broken: false,
            attempt: Some(attempt),
            guard,
            dialect,
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
                let broken = std::mem::take(&mut self.broken);
                return Poll::Ready(broken.then(|| Err("the answer was broken off".into())));
            };
            match Pin::new(upstream).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.idle.stop();
                    if let Ok(chunk) = frame.into_data() {
                        self.take(chunk);
                    }
                }
                Poll::Ready(None) => {
                    self.upstream = None;
                    match self.relay.finish(&mut self.ready) {
                        Ok(()) => self.settle(Outcome::Completed),
                        Err(error) => self.misunderstood(&error),
                    }
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
        if let Err(error) = self.relay.push(chunk, &mut self.ready) {
            return self.misunderstood(&error);
        }
        // After its last event the upstream is only read to its end, so that its connection can serve again.
        if self.relay.meter().is_some_and(Meter::is_done) {
            let failed = self.relay.meter().is_some_and(Meter::saw_error);
            self.settle(if failed { Outcome::UpstreamError } else { Outcome::Completed });
        }
    }

    fn check_cut(&mut self, cx: &mut Context<'_>) {
        let Some(guard) = &self.guard else { return };
        let Poll::Ready(end) = guard.flight.poll_end(cx) else { return };
        if let Some(attempt) = self.attempt.take() {
            let tokens = self.tokens(attempt.input_estimate);
            attempt.abandon(tokens);
            self.ready.clear();
            self.terminate(end.code());
        }
        // An answer that is complete keeps its last bytes; only the upstream isn't waited for any more.
        self.upstream = None;
    }

    /// A translation that can't go on.
    fn misunderstood(&mut self, error: &BadAnswer) {
        tracing::warn!(%error, "an upstream's stream can't be translated");
        self.fail(Code::UpstreamError);
    }

    fn fail(&mut self, code: Code) {
        if self.attempt.is_some() {
            self.settle(Outcome::UpstreamError);
            self.terminate(code);
        } else {
            // Failed after the last event: nobody needs to know.
            self.upstream = None;
        }
    }

    /// Ends the stream by one error event; an answer that has no events is broken off.
    fn terminate(&mut self, code: Code) {
        self.upstream = None;
        match &self.relay {
            Relay::Raw => self.broken = true,
            Relay::Events(meter) if meter.is_torn() => {
                self.ready.push_back(Bytes::from_static(b"\n\n"));
                self.ready.push_back(ApiError::from(code).into_event(self.dialect));
            }
            _ => self.ready.push_back(ApiError::from(code).into_event(self.dialect)),
        }
    }

    fn settle(&mut self, outcome: Outcome) {
        if let Some(attempt) = self.attempt.take() {
            let tokens = self.tokens(attempt.input_estimate);
            attempt.settle(outcome, None, tokens);
        }
    }

    /// What the stream used so far.
    fn tokens(&self, input_estimate: u64) -> Tokens {
        let Some(meter) = self.relay.meter() else { return Tokens::estimated(input_estimate, 0) };
        meter.usage().map_or_else(
            || {
                let seen = meter.partial();
                Tokens::estimated(input_estimate.max(seen.input), meter.estimated_output().max(seen.output))
            },
            Tokens::reported,
        )
    }
}

impl Drop for AnswerStream {
    fn drop(&mut self) {
        self.upstream = None;
        if let Some(attempt) = self.attempt.take() {
            let tokens = self.tokens(attempt.input_estimate);
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
