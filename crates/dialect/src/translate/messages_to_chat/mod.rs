//! An Anthropic client, a model that speaks OpenAI's dialect.
//!
//! What changes on the way, beyond the words:
//! - results of tools become messages of their own, ahead of what else the user said in that turn; the result of a
//!   tool that failed begins with `Error: `; images in a result follow as a message of the user that names the call,
//!   since OpenAI's tools answer in text;
//! - thinking in earlier answers is left out: another provider signed it, this one can't read it. What this one
//!   reasons doesn't come back, for want of a signature;
//! - `thinking` becomes `reasoning_effort`: a budget below 2048 tokens is low, below 8192 medium, else high; an
//!   `effort` given in `output_config` goes before it. Disabled or adaptive thinking is the model's own default;
//! - a user id of more than 64 bytes, which OpenAI refuses, becomes a short hash of it;
//! - hints are left out: `cache_control`, `eager_input_streaming`, edits of the context that only clear thinking.

mod answer;
mod events;
mod history;
mod request;
mod results;
mod tools;

pub use answer::answer;
pub use events::Events;
pub use request::{MaxTokens, request};

use super::BadAnswer;
use super::messages::Role;

const ASSISTANT: Role = Role::Assistant;

/// Anthropic's word for why an answer ended. Some servers say `stop` after a tool call too.
fn stop_reason(finish_reason: Option<&str>, has_calls: bool, refused: bool) -> &'static str {
    match finish_reason {
        Some("length") => "max_tokens",
        Some("content_filter") => "refusal",
        Some("tool_calls") => "tool_use",
        _ if refused => "refusal",
        _ if has_calls => "tool_use",
        _ => "end_turn",
    }
}

fn legacy_call() -> BadAnswer {
    BadAnswer::unreadable("it calls a function in the way that OpenAI has given up")
}

#[cfg(test)]
mod tests;
