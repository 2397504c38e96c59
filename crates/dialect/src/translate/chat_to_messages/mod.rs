//! An OpenAI client, a model that speaks Anthropic's dialect.
//!
//! What changes on the way, beyond the words:
//! - system and developer messages all go to the front, in their order: there is one `system`;
//! - empty texts are left out, since Anthropic refuses them;
//! - `reasoning_effort` is a budget of thinking: low 1024 tokens, medium 2048, high 8192, xhigh 16384. In the middle of
//!   a tool's turn there is none: the thinking before the call was signed, and an OpenAI client can't bring it back;
//! - hints are left out: an image's `detail`, `prompt_cache_key`, `prompt_cache_retention`, a schema's name. A schema is
//!   always strict;
//! - `reasoning_content` of earlier answers is left out, for want of a signature.

mod answer;
mod events;
mod history;
mod parts;
mod request;
mod tools;

pub use answer::answer;
pub use events::Events;
pub use request::request;

/// OpenAI's word for why an answer ended.
fn finish_reason(stop_reason: Option<&str>) -> &'static str {
    match stop_reason {
        Some("max_tokens" | "model_context_window_exceeded") => "length",
        Some("tool_use") => "tool_calls",
        Some("refusal") => "content_filter",
        _ => "stop",
    }
}

#[cfg(test)]
mod tests;
