//! What OpenAI and Anthropic say on the wire, and how one is put in the words of the other.
//!
//! No I/O and no clock: bytes in, bytes out. What comes in is hostile, from clients and from providers alike, so
//! everything is bounded, nothing panics, and what can't be said in the other dialect is refused by name instead of
//! being lost.

pub mod errors;
pub mod sse;
pub mod tokens;
pub mod translate;
pub mod usage;

/// What kind of answer bytes are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// `/v1/chat/completions`.
    ChatCompletions,
    /// `/v1/completions`.
    Completions,
    /// `/v1/responses`.
    Responses,
    /// `/v1/embeddings`.
    Embeddings,
    /// Anthropic's `/v1/messages`.
    Messages,
    /// Anthropic's `/v1/messages/count_tokens`.
    CountTokens,
    /// Images, audio, moderations.
    Other,
}
