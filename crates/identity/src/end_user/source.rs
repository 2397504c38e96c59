//! An issuer's key set, kept: when it is fresh, when to ask again, and what holds while the issuer can't be reached.
//!
//! No I/O here: the caller brings the answer. Old keys go on verifying for a day when the issuer is down, so its loss
//! neither opens a door (nothing is believed unsigned) nor shuts one at once. After that day they are forgotten, since a
//! key that was withdrawn meanwhile would be believed for ever.

use super::jwks::{Error, KeySet, Match, VerificationKey};
use model::identity::JwtAlgorithm;
use model::time::{Clock, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Older than this, the set is fetched again, beside the requests that still use it.
const FRESH: Duration = Duration::from_mins(10);
/// Older than this, the set is no longer used.
const USABLE: Duration = Duration::from_hours(24);
/// Least time between two fetches that succeed: made-up key ids can't make us flood the issuer.
const FETCH_EVERY: Duration = Duration::from_secs(30);
/// Least time after a fetch that failed.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The key set of one URL. Shared by all rules that name it.
pub struct KeySource {
    url: String,
    allow_private_addresses: bool,
    state: Mutex<State>,
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// Changes whenever what verifies changes; what was verified before counts no longer.
    generation: u64,
    attempt: Option<Attempt>,
}

struct Held {
    keys: KeySet,
    fetched_at: Timestamp,
}

#[derive(Clone, Copy)]
struct Attempt {
    at: Timestamp,
    succeeded: bool,
}

/// What a source says to a token.
pub(crate) enum Lookup {
    /// Verify with this.
    Key { key: Arc<VerificationKey>, generation: u64 },
    /// Not known, but the issuer may be asked now.
    Fetch,
    /// Not known, and the issuer was asked a moment ago.
    Unknown,
    /// Known not to be for this token.
    Refused,
}

impl KeySource {
    fn new(url: String, allow_private_addresses: bool) -> Self {
        Self { url, allow_private_addresses, state: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }

    /// Where the set is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether the host may resolve to private and loopback addresses.
    pub fn allow_private_addresses(&self) -> bool {
        self.allow_private_addresses
    }

    /// Fetches the set with `fetch`, unless that was done a moment ago; one at a time, the others wait for it.
    ///
    /// `fetch` gives the body of a 200 answer (no redirects followed, at most [`super::MAX_JWKS_BYTES`]), or `None`.
    /// Run this on a task of its own: one that ends with its client would let clients ask the issuer without limit.
    /// An error is for the log.
    pub async fn refresh(
        &self,
        clock: &dyn Clock,
        fetch: impl Future<Output = Option<Vec<u8>>> + Send,
    ) -> Result<(), Error> {
        let _turn = self.turn.lock().await;
        if !self.state().may_fetch(clock.now()) {
            return Ok(());
        }
        let body = fetch.await;
        self.fetched(body.as_deref(), clock.now())
    }

    /// Takes over what a fetch gave. A failure leaves everything as it was, a set without usable keys does not.
    fn fetched(&self, body: Option<&[u8]>, now: Timestamp) -> Result<(), Error> {
        let parsed = body.ok_or(Error::NotFetched).and_then(KeySet::parse);
        let mut state = self.state();
        state.attempt = Some(Attempt { at: now, succeeded: parsed.is_ok() });
        let keys = parsed?;
        if state.held.as_ref().is_none_or(|held| held.keys != keys) {
            state.generation += 1;
        }
        state.held = Some(Held { keys, fetched_at: now });
        Ok(())
    }

    pub(crate) fn lookup(&self, id: Option<&str>, algorithm: JwtAlgorithm, now: Timestamp) -> Lookup {
        let state = self.state();
        match state.usable(now).map_or(Match::None, |keys| keys.find(id, algorithm)) {
            Match::One(key) => Lookup::Key { key, generation: state.generation },
            Match::Refused => Lookup::Refused,
            Match::None if state.may_fetch(now) => Lookup::Fetch,
            Match::None => Lookup::Unknown,
        }
    }

    /// Names the set that verifies at `now`; `None`: there is none.
    pub(super) fn generation(&self, now: Timestamp) -> Option<u64> {
        let state = self.state();
        state.usable(now).map(|_| state.generation)
    }

    /// Whether the set is old and nobody is fetching it.
    pub(crate) fn refresh_due(&self, now: Timestamp) -> bool {
        let state = self.state();
        let old = state.held.as_ref().is_some_and(|held| now.since(held.fetched_at) >= FRESH);
        old && state.may_fetch(now) && self.turn.try_lock().is_ok()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding it; and if so, what it holds was whole before.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn usable(&self, now: Timestamp) -> Option<&KeySet> {
        self.held.as_ref().filter(|held| now.since(held.fetched_at) < USABLE).map(|held| &held.keys)
    }

    fn may_fetch(&self, now: Timestamp) -> bool {
        self.attempt.is_none_or(|attempt| {
            now.since(attempt.at) >= if attempt.succeeded { FETCH_EVERY } else { RETRY_AFTER }
        })
    }
}

/// How many keys of a set can verify; `None`: it is no set.
pub(crate) fn count_keys(body: &[u8]) -> Option<usize> {
    KeySet::parse(body).ok().map(|keys| keys.len())
}

/// Every [`KeySource`] in use. Outlives the rules of keys, so that editing a key doesn't ask its issuer again.
#[derive(Default)]
pub struct KeySources(Mutex<HashMap<(String, bool), Arc<KeySource>>>);

/// From here on, sources that no rules hold make room.
const KEPT: usize = 1_000;

impl KeySources {
    /// The source of `url`. One that may reach private addresses is another one: what it fetched is not for those that
    /// may not.
    pub(crate) fn get(&self, url: &str, allow_private_addresses: bool) -> Arc<KeySource> {
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (url.to_owned(), allow_private_addresses);
        if let Some(source) = sources.get(&name) {
            return Arc::clone(source);
        }
        if sources.len() >= KEPT {
            sources.retain(|_, source| Arc::strong_count(source) > 1);
        }
        let source = Arc::new(KeySource::new(url.to_owned(), allow_private_addresses));
        sources.insert(name, Arc::clone(&source));
        source
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::ManualClock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const OLD: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"old","x":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"}]}"#;
    const NEW: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"new","x":"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"}]}"#;

    fn source() -> KeySource {
        KeySource::new("https://issuer.example/keys".into(), false)
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_micros(1_800_000_000_000_000).after(Duration::from_secs(seconds))
    }

    fn look(source: &KeySource, id: &str, seconds: u64) -> &'static str {
        match source.lookup(Some(id), JwtAlgorithm::EdDsa, at(seconds)) {
            Lookup::Key { .. } => "key",
            Lookup::Fetch => "fetch",
            Lookup::Unknown => "unknown",
            Lookup::Refused => "refused",
        }
    }

    #[test]
    fn an_unknown_id_asks_again_at_most_every_thirty_seconds() {
        let source = source();
        assert_eq!(look(&source, "old", 0), "fetch");
        source.fetched(Some(OLD.as_bytes()), at(0)).unwrap();
        assert_eq!(look(&source, "old", 0), "key");
        assert_eq!(look(&source, "new", 0), "unknown");
        assert_eq!(look(&source, "new", 29), "unknown");
        assert_eq!(look(&source, "new", 30), "fetch");
        source.fetched(Some(NEW.as_bytes()), at(30)).unwrap();
        assert_eq!(look(&source, "new", 30), "key");
        assert_eq!(look(&source, "old", 31), "unknown", "withdrawn");
    }

    #[test]
    fn old_keys_hold_for_a_day_when_the_issuer_is_down() {
        let source = source();
        source.fetched(Some(OLD.as_bytes()), at(0)).unwrap();
        assert!(!source.refresh_due(at(599)));
        assert!(source.refresh_due(at(600)));
        assert_eq!(source.fetched(None, at(600)), Err(Error::NotFetched));
        assert!(!source.refresh_due(at(604)));
        assert!(source.refresh_due(at(605)));
        assert_eq!(source.fetched(Some(b"<html>"), at(605)), Err(Error::Malformed));
        assert_eq!(look(&source, "old", 86_399), "key");
        assert!(source.generation(at(86_399)).is_some());
        assert_eq!(look(&source, "old", 86_400), "fetch");
        assert_eq!(source.generation(at(86_400)), None);
        source.fetched(None, at(86_400)).unwrap_err();
        assert_eq!(look(&source, "old", 86_401), "unknown");
    }

    #[test]
    fn the_generation_changes_with_the_keys_only() {
        let source = source();
        source.fetched(Some(OLD.as_bytes()), at(0)).unwrap();
        let first = source.generation(at(0));
        source.fetched(Some(OLD.as_bytes()), at(600)).unwrap();
        assert_eq!(source.generation(at(600)), first);
        source.fetched(Some(br#"{"keys":[]}"#), at(1200)).unwrap();
        assert_ne!(source.generation(at(1200)), first);
        assert_eq!(look(&source, "old", 1201), "unknown", "an issuer without keys has none");
    }

    #[tokio::test]
    async fn many_at_once_ask_once() {
        let (source, clock, asked) = (source(), ManualClock::at(at(0)), AtomicUsize::new(0));
        let fetch = || async {
            asked.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Some(OLD.as_bytes().to_vec())
        };
        let one = || source.refresh(&clock, fetch());
        let (a, b, c) = tokio::join!(one(), one(), one());
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert_eq!(look(&source, "old", 0), "key");
    }

    #[test]
    fn rules_of_one_url_share_a_source_unless_they_may_reach_other_addresses() {
        let sources = KeySources::default();
        let one = sources.get("https://a.example", false);
        assert!(Arc::ptr_eq(&one, &sources.get("https://a.example", false)));
        assert!(!Arc::ptr_eq(&one, &sources.get("https://a.example", true)));
        assert!(!Arc::ptr_eq(&one, &sources.get("https://b.example", false)));
        for n in 0..2 * KEPT {
            sources.get(&format!("https://{n}.example"), false);
        }
        assert!(sources.0.lock().unwrap().len() <= KEPT);
        assert!(Arc::ptr_eq(&one, &sources.get("https://a.example", false)), "in use, so kept");
    }
}
