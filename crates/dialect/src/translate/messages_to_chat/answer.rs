//! A chat completion as an Anthropic answer.

use super::{ASSISTANT, legacy_call, stop_reason};
use crate::Shape;
use crate::translate::BadAnswer;
use crate::translate::chat::{Incoming, IncomingCall};
use crate::translate::fields::object;
use crate::translate::messages::{Block, Message};

/// Translates a plain answer. `client_model` is the name that the client called.
pub fn answer(openai_json: &[u8], client_model: &str, id: &str) -> Result<Vec<u8>, BadAnswer> {
    let incoming: Incoming<'_> = serde_json::from_slice(openai_json)?;
    if incoming.error.is_some() {
        return Err(BadAnswer::upstream(openai_json));
    }
    let choice = incoming.choices.unwrap_or_default().into_iter().next();
    let Some(choice) = choice else { return Err(BadAnswer::unreadable("it has no choice")) };
    let message = choice.message.ok_or_else(|| BadAnswer::unreadable("its choice has no message"))?;
    if message.function_call.is_some() {
        return Err(legacy_call());
    }
    let refused = message.refusal.is_some();
    let texts = [message.content, message.refusal].into_iter().flatten();
    let mut content: Vec<_> =
        texts.filter(|text| !text.is_empty()).map(|text| Block::Text { text }).collect();
    let calls = message.tool_calls.unwrap_or_default();
    let has_calls = !calls.is_empty();
    for call in calls {
        content.push(tool_use(call)?);
    }
    let message = Message {
        id,
        kind: "message",
        role: ASSISTANT,
        model: client_model,
        content,
        stop_reason: Some(stop_reason(choice.finish_reason.as_deref(), has_calls, refused)),
        stop_sequence: None,
        usage: incoming
            .usage
            .and_then(|usage| usage.counts(Shape::ChatCompletions))
            .unwrap_or_default()
            .into(),
    };
    Ok(serde_json::to_vec(&message)?)
}

fn tool_use(call: IncomingCall) -> Result<Block, BadAnswer> {
    let (Some(id), Some(function)) = (call.id, call.function) else {
        return Err(BadAnswer::unreadable("a tool call lacks its id or function"));
    };
    let name = function.name.ok_or_else(|| BadAnswer::unreadable("a tool call lacks its name"))?;
    let input = object(function.arguments.unwrap_or_default())
        .ok_or_else(|| BadAnswer::unreadable("the arguments of a tool call are not a JSON object"))?;
    Ok(Block::ToolUse { id, name, input })
}
