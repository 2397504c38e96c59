//! One attempt to reach a provider: recorded before it is sent, settled however it ends.

use crate::believe::{Belief, Seen};
use crate::caller::Caller;
use crate::catalog::{Route, Target};
use crate::endpoint::Endpoint;
use crate::error::{ApiError, Code};
use crate::inflight::{End, Flight};
use crate::limits::{Demand, Reservation};
use crate::media::Media;
use crate::service::Worker;
use dialect::tokens::TokenCounts;
use model::RequestId;
use model::catalog::{Prices, Quantities};
use model::usage::{Outcome, TokenSource, UsageRow};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio_util::task::TaskTracker;

/// The status that is recorded for a client that went away without one.
const CLIENT_CLOSED: u16 = 499;

/// Most tokens that a row can have. Whatever an upstream reports, sums of rows stay within the ledger's numbers.
const MOST_TOKENS: u64 = 1_000_000_000_000;

/// Keeps a row's figures within bounds.
pub(crate) fn clamp(row: &mut UsageRow) {
    let tokens = [
        &mut row.input_tokens,
        &mut row.cached_input_tokens,
        &mut row.cache_write_tokens,
        &mut row.output_tokens,
        &mut row.reasoning_tokens,
    ];
    for tokens in tokens {
        *tokens = (*tokens).min(MOST_TOKENS);
    }
}

/// Token figures of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) count: TokenCounts,
    pub(crate) source: TokenSource,
}

impl Tokens {
    pub(crate) const NONE: Self = Self::estimated(0, 0);

    pub(crate) const fn estimated(input: u64, output: u64) -> Self {
        let count = TokenCounts { input, cached_input: 0, cache_write: 0, output, reasoning: 0 };
        Self { count, source: TokenSource::Estimated }
    }

    pub(crate) const fn reported(count: TokenCounts) -> Self {
        Self { count, source: TokenSource::Reported }
    }
}

/// What a request holds over all its attempts. Dropped, it counts what the attempts that failed have used.
pub(crate) struct Hold {
    reservation: Reservation,
    spent: u64,
}

impl Hold {
    pub(crate) fn new(reservation: Reservation) -> Self {
        Self { reservation, spent: 0 }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.reservation.settle(self.spent);
    }
}

/// What is known of an attempt before it is sent.
pub(crate) struct Plan<'a> {
    pub(crate) request_id: &'a RequestId,
    /// From 1.
    pub(crate) number: u16,
    pub(crate) caller: &'a Caller,
    pub(crate) endpoint: Endpoint,
    pub(crate) route: &'a Route,
    pub(crate) target: &'a Target,
    pub(crate) streamed: bool,
    pub(crate) demand: Demand,
    pub(crate) received: Instant,
}

/// A sent attempt. Dropped unsettled it settles itself: as cut when it was cut, otherwise as left by the client.
pub(crate) struct Attempt {
    worker: Arc<Worker>,
    flight: Arc<Flight>,
    row: UsageRow,
    prices: Prices,
    /// `None` once it was handed to the next attempt.
    hold: Option<Hold>,
    received: Instant,
    pub(crate) input_estimate: u64,
    belief: Belief,
    pub(crate) media: Media,
    /// Whether the client has a status already.
    begun: bool,
    settled: bool,
}

impl Attempt {
    /// Records the attempt at its reservation. Without a record nothing is sent. Boxed, because it is handed from
    /// future to future, and each of them has room for what it is handed.
    pub(crate) fn open(
        worker: &Arc<Worker>,
        flight: &Arc<Flight>,
        plan: Plan<'_>,
        hold: Hold,
    ) -> Result<Box<Self>, ApiError> {
        let key = &flight.policy.key;
        let output = hold.reservation.tokens.saturating_sub(plan.demand.input);
        let row = UsageRow {
            request_id: plan.request_id.clone(),
            attempt: plan.number,
            started_at: worker.shared.clock.now(),
            key_id: key.id,
            tenant_id: key.tenant_id.clone(),
            user_id: key.owner.user_id().cloned(),
            user_path: key.user_path.clone(),
            secret_generation: flight.secret.generation,
            identity: plan.caller.identity.clone(),
            conversation_id: plan.caller.conversation_id.clone(),
            endpoint: plan.endpoint.action(),
            model: plan.route.name.clone(),
            provider: plan.target.upstream.name.clone(),
            upstream_model: plan.target.upstream_model.clone(),
            streamed: plan.streamed,
            status: 500,
            outcome: Outcome::Interrupted,
            input_tokens: plan.demand.input,
            cached_input_tokens: 0,
            cache_write_tokens: 0,
            output_tokens: output,
            reasoning_tokens: 0,
            token_source: TokenSource::Estimated,
            cost_usd: plan.route.prices.cost(&Quantities {
                input: plan.demand.input,
                output,
                ..Quantities::default()
            }),
            first_byte_micros: None,
            total_micros: 0,
            key_tags: flight.policy.shape.tags.clone(),
            request_tags: plan.caller.request_tags.clone(),
        };
        worker.spool.open(&row).map_err(|error| {
            tracing::error!(%error, "the usage spool can't be written; requests are refused");
            Code::StateUnavailable
        })?;
        Ok(Box::new(Self {
            worker: Arc::clone(worker),
            flight: Arc::clone(flight),
            row,
            prices: plan.route.prices,
            hold: Some(hold),
            received: plan.received,
            media: Media::default(),
            belief: Belief::new(plan.endpoint, plan.route.context_length, &plan.demand),
            input_estimate: plan.demand.input,
            begun: false,
            settled: false,
        }))
    }

    /// The answer's first byte is here.
    pub(crate) fn first_byte(&mut self) {
        self.row.first_byte_micros.get_or_insert_with(|| micros(self.received.elapsed()));
    }

    /// The client has this status before it has the answer.
    pub(crate) fn answer_begins(&mut self, status: u16) {
        self.row.status = status;
        self.begun = true;
    }

    /// The token figures of an answer: what the provider `reported` for all of it, if that can be true, else an
    /// estimate by what was `seen` and what the provider `said` on the way.
    pub(crate) fn tokens(&self, reported: Option<TokenCounts>, said: TokenCounts, seen: Seen) -> Tokens {
        self.belief.tokens(reported, said, self.input_estimate, seen)
    }

    /// Whether figures can be true beside so many bytes of text.
    pub(crate) fn believes(&self, counts: TokenCounts, text: u64) -> bool {
        self.belief.takes(counts, text)
    }

    /// Whether images or audio are charged for.
    pub(crate) const fn prices_media(&self) -> bool {
        self.prices.per_image_usd.is_some() || self.prices.per_audio_second_usd.is_some()
    }

    pub(crate) const fn is_settled(&self) -> bool {
        self.settled
    }

    /// Where a task goes that ends an attempt whose client is gone.
    pub(crate) fn tasks(&self) -> TaskTracker {
        self.worker.shared.tasks.clone()
    }

    /// Ends the attempt as it must have ended when nobody said how: cut, or left by the client.
    pub(crate) fn abandon(&mut self, tokens: Tokens) {
        let (outcome, status) = self.abandoned();
        self.settle(outcome, status, tokens);
    }

    /// What an attempt counts whose answer nobody has seen to the end. A plain answer may have been generated, and will
    /// be charged, whether or not somebody waited for it: it counts what was reserved. A stream counts what passed.
    pub(crate) fn lost(&self) -> Tokens {
        let output = if self.row.streamed { 0 } else { self.row.output_tokens };
        Tokens::estimated(self.input_estimate, output)
    }

    fn abandoned(&self) -> (Outcome, Option<u16>) {
        let (outcome, status) = match self.flight.end() {
            Some(End::Cut(cause)) => (Outcome::Cut, Code::from(cause).status().as_u16()),
            Some(End::Shutdown) => (Outcome::Interrupted, Code::ShuttingDown.status().as_u16()),
            None => (Outcome::ClientGone, CLIENT_CLOSED),
        };
        // An answer that had begun keeps the status with which it began.
        (outcome, (!self.begun).then_some(status))
    }

    /// Ends the attempt; `status`: what the client gets, when it isn't the one set before. What the request holds of its
    /// limits is held until this is dropped: the client has yet to take the answer.
    pub(crate) fn settle(&mut self, outcome: Outcome, status: Option<u16>, tokens: Tokens) {
        self.write(outcome, status, tokens);
    }

    /// Ends a failed attempt that another may follow; gives what the request holds.
    pub(crate) fn fail(mut self: Box<Self>, status: u16, tokens: Tokens) -> Option<Hold> {
        self.write(Outcome::UpstreamError, Some(status), tokens);
        self.hold.take()
    }

    fn write(&mut self, outcome: Outcome, status: Option<u16>, tokens: Tokens) {
        if std::mem::replace(&mut self.settled, true) {
            return;
        }
        let guessed = self.prices_media() && !self.media.exact;
        let row = &mut self.row;
        row.outcome = outcome;
        row.status = status.unwrap_or(row.status);
        row.input_tokens = tokens.count.input;
        row.cached_input_tokens = tokens.count.cached_input;
        row.cache_write_tokens = tokens.count.cache_write;
        row.output_tokens = tokens.count.output;
        row.reasoning_tokens = tokens.count.reasoning;
        row.token_source = tokens.source;
        clamp(row);
        if let Some(hold) = &mut self.hold {
            hold.spent += row.input_tokens + row.output_tokens;
        }
        // Providers don't charge for answers that they didn't give.
        let answered = outcome != Outcome::UpstreamError || row.input_tokens + row.output_tokens > 0;
        let prices = if answered { self.prices } else { Prices::default() };
        row.cost_usd = prices.cost(&Quantities {
            input: row.input_tokens,
            cached_input: row.cached_input_tokens,
            cache_write: row.cache_write_tokens,
            output: row.output_tokens,
            reasoning: row.reasoning_tokens,
            images: self.media.images,
            audio_millis: self.media.audio_millis,
        });
        if guessed {
            row.token_source = TokenSource::Estimated;
        }
        row.total_micros = micros(self.received.elapsed());
        if outcome == Outcome::UpstreamError {
            self.worker.metrics.upstream_errors.fetch_add(1, Ordering::Relaxed);
        }
        self.worker.spool.settle(row);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.settled {
            let (outcome, status) = self.abandoned();
            self.write(outcome, status, self.lost());
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
