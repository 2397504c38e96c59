//! The messages of a chat completion as Anthropic's turns.

use super::parts;
use crate::translate::Untranslatable;
use crate::translate::fields::{At, Fields, object};
use crate::translate::messages::{Block, Role, Turn};
use serde_json::value::RawValue;

/// Messages, sorted.
#[derive(Default)]
pub(super) struct Conversation {
    pub(super) system: Vec<Block>,
    pub(super) turns: Vec<Turn>,
    /// Whether the model is in the middle of a tool's turn.
    pub(super) ends_with_result: bool,
}

pub(super) fn read(fields: &mut Fields<'_, '_>) -> Result<Conversation, Untranslatable> {
    let messages: Vec<&RawValue> = fields.need("messages")?;
    let at = At::Field(&At::Body, "messages");
    let mut conversation = Conversation::default();
    for (index, raw) in messages.into_iter().enumerate() {
        let at = At::Item(&at, index);
        let mut message = Fields::read(raw.get(), &at)?;
        conversation.add(&mut message)?;
        message.done()?;
    }
    if conversation.turns.is_empty() {
        return Err(at.refused("There must be a message of the user with a text, an image or a file."));
    }
    Ok(conversation)
}

impl Conversation {
    fn add(&mut self, message: &mut Fields<'_, '_>) -> Result<(), Untranslatable> {
        let role: String = message.need("role")?;
        if role != "tool" {
            message.refuse("name", "This model knows no names: put the name into the text.")?;
        }
        self.ends_with_result = role == "tool";
        match role.as_str() {
            "system" | "developer" => self.system.append(&mut parts::read(message, false)?),
            "user" => {
                let blocks = parts::read(message, true)?;
                self.say(Role::User, blocks);
            }
            "assistant" => {
                let blocks = assistant(message)?;
                self.say(Role::Assistant, blocks);
            }
            "tool" => {
                // The name is the function's, which the id says already.
                message.ignore(&["name"]);
                let tool_use_id = message.need("tool_call_id")?;
                let content = parts::read(message, false)?;
                self.say(Role::User, vec![Block::ToolResult { tool_use_id, content }]);
            }
            "function" => return Err(message.refused("role", "Use tool, with a tool_call_id.")),
            _ => return Err(message.refused("role", "Use system, developer, user, assistant or tool.")),
        }
        Ok(())
    }

    /// Adds to the last turn if it has the same role: results of parallel calls must be in one.
    fn say(&mut self, role: Role, mut content: Vec<Block>) {
        if content.is_empty() {
            return;
        }
        match self.turns.last_mut() {
            Some(turn) if turn.role == role => turn.content.append(&mut content),
            _ => self.turns.push(Turn { role, content }),
        }
    }
}

fn assistant(message: &mut Fields<'_, '_>) -> Result<Vec<Block>, Untranslatable> {
    let mut blocks = parts::read(message, false)?;
    if let Some(text) = message.take::<String>("refusal")?.filter(|text| !text.is_empty()) {
        blocks.push(Block::Text { text });
    }
    // Of an answer that the client sends back: about its text, not part of it.
    message.ignore(&["annotations", "reasoning_content"]);
    message.refuse("audio", "This model reads no audio: send its transcript as text.")?;
    message.refuse("function_call", "Use tool_calls.")?;
    let calls: Vec<&RawValue> = message.take("tool_calls")?.unwrap_or_default();
    let at = message.at();
    let at = At::Field(at, "tool_calls");
    for (index, raw) in calls.into_iter().enumerate() {
        let at = At::Item(&at, index);
        let mut call = Fields::read(raw.get(), &at)?;
        // `index` is left over from a stream.
        call.ignore(&["index"]);
        call.allow_only("type", |kind: String| kind == "function", "Only functions can be called.")?;
        let id = call.need("id")?;
        let function: &RawValue = call.need("function")?;
        call.done()?;
        let at = At::Field(&at, "function");
        let mut function = Fields::read(function.get(), &at)?;
        let name = function.need("name")?;
        let arguments = function.take::<String>("arguments")?.unwrap_or_default();
        let input = object(arguments)
            .ok_or_else(|| function.refused("arguments", "This must be a JSON object, as text."))?;
        function.done()?;
        blocks.push(Block::ToolUse { id, name, input });
    }
    Ok(blocks)
}
