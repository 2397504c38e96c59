//! Refused attempts: strangers can make them without end, so that the log could be flooded until nobody reads it.
//!
//! Of one actor (of strangers: of one network) and one action, 20 rows are written in a minute. The rest of that minute
//! is counted, and written as one row with `suppressed: n` when it is over. What a process that is killed had counted
//! and not written yet is lost: at most a minute's attempts, after twenty that are there.

use crate::sign_in::network;
use crate::{Control, Error};
use model::Timestamp;
use model::audit::AuditEntry;
use serde_json::json;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Rows that are written of the same in one span.
const ROWS: u32 = 20;
/// How long a span is.
const SPAN: Duration = Duration::from_mins(1);
/// Most spans that are followed at a time; past that, new ones share one for each action.
const SPANS: usize = 10_000;

/// The spans that are under way.
#[derive(Default)]
pub struct Refusals(Mutex<HashMap<Key, Span>>);

/// What counts as the same.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    /// `None`: those for whom there was no room.
    source: Option<(String, Option<String>)>,
    action: &'static str,
}

struct Span {
    began: Timestamp,
    written: u32,
    held_back: u32,
    /// The newest attempt that wasn't written.
    newest: Option<AuditEntry>,
}

impl Refusals {
    /// Whether this attempt gets a row of its own; and the row about an earlier span of the same, if one is due.
    fn admit(&self, entry: &AuditEntry) -> (bool, Option<AuditEntry>) {
        let mut spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let network = entry.ip.as_deref().and_then(|ip| ip.parse::<IpAddr>().ok()).map(network);
        let mut key = Key { source: Some((entry.actor_id.clone(), network)), action: entry.action };
        if spans.len() >= SPANS && !spans.contains_key(&key) {
            key.source = None;
        }
        let ended = spans.get(&key).is_some_and(|span| span.ended(entry.at));
        let due = if ended { spans.remove(&key).and_then(|span| span.summary(&key, entry.at)) } else { None };
        let span =
            spans.entry(key).or_insert(Span { began: entry.at, written: 0, held_back: 0, newest: None });
        if span.written < ROWS {
            span.written += 1;
            return (true, due);
        }
        span.held_back = span.held_back.saturating_add(1);
        span.newest = Some(entry.clone());
        (false, due)
    }

    /// Forgets the spans that have ended, or all; the rows about them.
    fn due(&self, now: Timestamp, all: bool) -> Vec<AuditEntry> {
        let mut spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = spans.extract_if(|_, span| all || span.ended(now));
        ended.filter_map(|(key, span)| span.summary(&key, now)).collect()
    }
}

impl Span {
    fn ended(&self, now: Timestamp) -> bool {
        now.since(self.began) >= SPAN
    }

    /// The row about what was held back, if anything was.
    fn summary(self, key: &Key, now: Timestamp) -> Option<AuditEntry> {
        let newest = self.newest?;
        let detail = json!({ "suppressed": self.held_back, "since": self.began, "newest": newest.at });
        let (actor_id, actor, ip) = match key.source {
            Some(_) => (newest.actor_id, newest.actor, newest.ip),
            None => ("anonymous".to_owned(), "many".to_owned(), None),
        };
        Some(AuditEntry {
            actor_id,
            actor,
            ip,
            // They may have been about many objects.
            target_id: String::new(),
            target_name: String::new(),
            tenant_id: None,
            detail: detail.to_string(),
            at: now,
            ..newest
        })
    }
}

impl Control {
    /// Writes a refused or failed attempt down, unless too many of the same were.
    pub(crate) async fn record_refusal(&self, entry: AuditEntry) -> Result<(), Error> {
        let (write, due) = self.0.refusals.admit(&entry);
        if let Some(due) = due {
            self.write(due).await?;
        }
        if write {
            self.write(entry).await?;
        }
        Ok(())
    }

    /// Writes what was held back and whose time has come. To be called every few seconds.
    pub async fn write_suppressed(&self) -> Result<(), Error> {
        self.write_due(false).await
    }

    /// Writes everything that was held back, before the end.
    pub(crate) async fn write_due(&self, all: bool) -> Result<(), Error> {
        for due in self.0.refusals.due(self.now(), all) {
            self.write(due).await?;
        }
        Ok(())
    }
}
