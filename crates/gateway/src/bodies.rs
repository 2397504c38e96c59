//! What the bodies of requests take of the process's memory.
//!
//! A body is read before anything can be decided about its model, so it can't wait for the limits. What bounds it: a key
//! reads as many large bodies at a time as it may have requests running, the bodies of all keys of one owner (a person, or a
//! tenant) get a quarter of the memory for bodies, and those of all get no more than all of it, for as long as their requests hold them. Bodies
//! up to [`SMALL`] aren't counted: they weigh less than the connection that they come on.

use crate::error::{ApiError, Code};
use crate::inflight::lock;
use crate::policy::{KeyPolicy, OwnPart};
use http::{HeaderValue, header};
use model::{KeyId, UserId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// In bytes.
pub(crate) const SMALL: usize = 16 * 1024;
/// Bodies that a key without a limit of concurrent requests reads at a time.
const MOST_READING: u32 = 256;
/// One owner gets at most such a part.
const SHARE: usize = 4;

/// The large bodies of all keys.
pub(crate) struct Bodies {
    /// Bytes that all of them can have.
    most: usize,
    /// Bytes that one owner's can have.
    share: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    bytes: usize,
    keys: HashMap<KeyId, OfKey>,
    shares: HashMap<Share, usize>,
}

/// Who shares a part of the memory. People make themselves as many keys as they like; a tenant's keys are an operator's.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Share {
    Person(UserId),
    Key(KeyId),
}

impl Share {
    fn of(key: &OwnPart) -> Self {
        key.owner.user_id().map_or(Self::Key(key.id), |owner| Self::Person(owner.clone()))
    }
}

#[derive(Default)]
struct OfKey {
    /// Places taken; the key is forgotten with the last of them.
    places: u32,
    reading: u32,
}

impl Bodies {
    /// `most`: bytes of all bodies; `largest`: of one, which every key can have in any case.
    pub(crate) fn new(most: usize, largest: usize) -> Arc<Self> {
        let most = most.max(largest);
        Arc::new(Self { most, share: (most / SHARE).max(largest), held: Mutex::default() })
    }

    /// For a body that is about to be read.
    pub(crate) fn place(self: &Arc<Self>, policy: &KeyPolicy) -> Result<Place, ApiError> {
        let key = &policy.key;
        let most = policy.shape.scope.rate_limits.concurrent_requests.unwrap_or(MOST_READING);
        let mut held = lock(&self.held);
        let of_key = held.keys.entry(key.id).or_default();
        if of_key.reading >= most {
            return Err(shortly(ApiError::from(Code::ConcurrencyLimitExceeded)));
        }
        of_key.reading += 1;
        of_key.places += 1;
        Ok(Place { bodies: Arc::clone(self), key: key.id, share: Share::of(key), bytes: 0, reading: true })
    }
}

/// A body's part of the memory; given back when it is dropped.
pub(crate) struct Place {
    bodies: Arc<Bodies>,
    key: KeyId,
    share: Share,
    bytes: usize,
    reading: bool,
}

impl Place {
    /// Before the body takes `bytes` in all.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), ApiError> {
        let more = bytes.saturating_sub(self.bytes);
        let mut held = lock(&self.bodies.held);
        if held.bytes + more > self.bodies.most {
            return Err(shortly(Code::Overloaded.into()));
        }
        let bytes = held.shares.get(&self.share).copied().unwrap_or_default() + more;
        if bytes > self.bodies.share {
            return Err(shortly(ApiError::from(Code::ConcurrencyLimitExceeded).message(
                "The bodies of the running requests of this API key, or of its owner's, are too large together. Try again shortly.",
            )));
        }
        held.shares.insert(self.share.clone(), bytes);
        held.bytes += more;
        self.bytes += more;
        Ok(())
    }

    /// The body is here.
    pub(crate) fn read(&mut self) {
        if std::mem::replace(&mut self.reading, false)
            && let Some(of_key) = lock(&self.bodies.held).keys.get_mut(&self.key)
        {
            of_key.reading -= 1;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.read();
        let mut held = lock(&self.bodies.held);
        held.bytes -= self.bytes;
        if let Some(of_key) = held.keys.get_mut(&self.key) {
            of_key.places -= 1;
            if of_key.places == 0 {
                held.keys.remove(&self.key);
            }
        }
        if let Some(bytes) = held.shares.get_mut(&self.share) {
            *bytes -= self.bytes;
            if *bytes == 0 {
                held.shares.remove(&self.share);
            }
        }
    }
}

fn shortly(error: ApiError) -> ApiError {
    error.header(header::RETRY_AFTER, HeaderValue::from_static("1"))
}
