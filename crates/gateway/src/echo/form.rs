//! How a speech is put in an endpoint's words.

use super::speech::Speech;
use bytes::Bytes;
use serde_json::Value;

/// An endpoint's shapes. Events are made one at a time, as they are taken.
pub(super) trait Form: Sync {
    /// An event before the first chunk, counted from 0.
    fn opening(&self, speech: &Speech, number: u64) -> Option<Bytes>;
    /// The event of a chunk.
    fn chunk(&self, speech: &Speech, number: u64) -> Bytes;
    /// An event after the last chunk, counted from 0.
    fn closing(&self, speech: &Speech, number: u64) -> Option<Bytes>;
    /// The answer in one piece.
    fn plain(&self, speech: &Speech) -> Value;
}
