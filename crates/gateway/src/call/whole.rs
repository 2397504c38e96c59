//! A whole answer on its way: settled before its first byte leaves, and given out in pieces, so that a client which
//! doesn't take it keeps its place among the running requests, and can be cut.

use crate::answer::{BoxError, LAST, piece};
use crate::inflight::FlightGuard;
use crate::settle::Attempt;
use bytes::Bytes;

pub(crate) struct WholeAnswer {
    left: Bytes,
    /// Settled; what the request holds of its limits goes with it. Its box was there before.
    _attempt: Box<Attempt>,
    guard: Option<FlightGuard>,
}

impl WholeAnswer {
    pub(super) fn new(bytes: Bytes, attempt: Box<Attempt>, guard: Option<FlightGuard>) -> Self {
        Self { left: bytes, _attempt: attempt, guard }
    }

    /// How many bytes haven't been given out.
    pub(crate) fn left(&self) -> usize {
        self.left.len()
    }

    /// The next bytes for the client; hyper drops this when it took the last.
    pub(crate) fn next(&mut self) -> Option<Result<Bytes, BoxError>> {
        if self.left.is_empty() {
            return None;
        }
        if let Some(guard) = &self.guard {
            // What is all but over, or never was more than that, may end.
            if self.left.len() > LAST && guard.flight.end().is_some() {
                self.left = Bytes::new();
                guard.flight.break_off();
                return Some(Err("the answer was cut".into()));
            }
            guard.flight.waits_for_client();
        }
        Some(Ok(piece(&mut self.left)))
    }
}
