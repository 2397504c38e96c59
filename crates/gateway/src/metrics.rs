//! Counters of the data plane: plain atomics, one set for each thread, added up when read.

use crate::error::Code;
use http::StatusCode;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// One thread's counters.
pub(crate) struct Metrics {
    by_class: [AtomicU64; 5],
    refused: [AtomicU64; Code::ALL.len()],
    pub(crate) upstream_errors: AtomicU64,
    pub(crate) directory_hits: AtomicU64,
    pub(crate) directory_misses: AtomicU64,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            by_class: Default::default(),
            refused: std::array::from_fn(|_| AtomicU64::new(0)),
            upstream_errors: AtomicU64::new(0),
            directory_hits: AtomicU64::new(0),
            directory_misses: AtomicU64::new(0),
        }
    }

    pub(crate) fn answered(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        self.by_class[class].fetch_add(1, Relaxed);
    }

    pub(crate) fn refused(&self, code: Code) {
        self.refused[code as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn add_to(&self, sum: &mut MetricsSnapshot) {
        for (total, own) in sum.requests_by_status_class.iter_mut().zip(&self.by_class) {
            *total += own.load(Relaxed);
        }
        for (total, own) in sum.refused_by_code.iter_mut().zip(&self.refused) {
            total.1 += own.load(Relaxed);
        }
        sum.upstream_errors += self.upstream_errors.load(Relaxed);
        sum.directory_hits += self.directory_hits.load(Relaxed);
        sum.directory_misses += self.directory_misses.load(Relaxed);
    }
}

/// What was counted since the start, and what is there now.
#[derive(Clone, Debug)]
pub struct MetricsSnapshot {
    /// Requests under `/v1` by the first digit of their status: 1xx, 2xx, 3xx, 4xx, 5xx.
    pub requests_by_status_class: [u64; 5],
    /// Requests refused or failed, by error code; every code is there.
    pub refused_by_code: Vec<(&'static str, u64)>,
    /// Requests running now.
    pub live_requests: u64,
    /// Requests cut by a change or by expiry.
    pub requests_cut: u64,
    /// Attempts that failed at the upstream.
    pub upstream_errors: u64,
    /// Ledger rows that the sink hasn't taken yet.
    pub spool_backlog: u64,
    /// Keys kept compiled.
    pub directory_entries: u64,
    /// Keys found compiled.
    pub directory_hits: u64,
    /// Keys that had to be loaded.
    pub directory_misses: u64,
}

impl MetricsSnapshot {
    pub(crate) fn zero() -> Self {
        Self {
            requests_by_status_class: [0; 5],
            refused_by_code: Code::ALL.iter().map(|code| (code.as_str(), 0)).collect(),
            live_requests: 0,
            requests_cut: 0,
            upstream_errors: 0,
            spool_backlog: 0,
            directory_entries: 0,
            directory_hits: 0,
            directory_misses: 0,
        }
    }
}
