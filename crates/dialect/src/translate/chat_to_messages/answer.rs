//! An Anthropic answer as a chat completion.

use super::finish_reason;
use crate::Shape;
use crate::translate::BadAnswer;
use crate::translate::chat::{Answered, Choice, Completion, ToolCall};
use crate::translate::messages::Incoming;

/// Translates a plain answer. `client_model` is the name that the client called; `created` is in seconds since 1970.
pub fn answer(
    anthropic_json: &[u8],
    client_model: &str,
    id: &str,
    created: i64,
) -> Result<Vec<u8>, BadAnswer> {
    let incoming: Incoming<'_> = serde_json::from_slice(anthropic_json)?;
    match &*incoming.kind {
        "message" => {}
        "error" => return Err(BadAnswer::upstream(anthropic_json)),
        _ => return Err(BadAnswer::unreadable("it is not a message")),
    }
    let (mut text, mut reasoning_content, mut tool_calls) = (None::<String>, String::new(), Vec::new());
    for block in incoming.content.ok_or_else(|| BadAnswer::unreadable("it has no content"))? {
        match &*block.kind {
            "text" => text.get_or_insert_default().push_str(&block.text.unwrap_or_default()),
            "thinking" => reasoning_content.push_str(&block.thinking.unwrap_or_default()),
            // Encrypted: nobody but the provider can read it.
            "redacted_thinking" => {}
            "tool_use" => {
                let (Some(id), Some(name)) = (block.id, block.name) else {
                    return Err(BadAnswer::unreadable("a tool call lacks its id or name"));
                };
                let arguments = block.input.map_or("{}", |input| input.get()).to_owned();
                tool_calls.push(ToolCall::new(id, name, arguments));
            }
            _ => return Err(BadAnswer::unreadable("it has a content block of an unknown type")),
        }
    }
    let message = Answered { role: "assistant", content: text, refusal: None, reasoning_content, tool_calls };
    let finish_reason = finish_reason(incoming.stop_reason.as_deref());
    let completion = Completion {
        id,
        object: "chat.completion",
        created,
        model: client_model,
        choices: [Choice { index: 0, message, logprobs: None, finish_reason }],
        usage: incoming.usage.and_then(|usage| usage.counts(Shape::Messages)).map(Into::into),
    };
    Ok(serde_json::to_vec(&completion)?)
}
