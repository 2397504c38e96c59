//! Results of tools: messages of their own in OpenAI's dialect, and text alone.

use super::history::{each_block, image, text};
use crate::translate::Untranslatable;
use crate::translate::chat::{Message, Part};
use crate::translate::fields::Fields;

/// The results in one turn of the user.
#[derive(Default)]
pub(super) struct Results {
    /// One message for each result.
    pub(super) messages: Vec<Message>,
    /// Images in the results, each call's after a text that names it.
    pub(super) images: Vec<Part>,
}

impl Results {
    /// Takes in a `tool_result` block.
    pub(super) fn add(&mut self, block: &mut Fields<'_, '_>) -> Result<(), Untranslatable> {
        let tool_call_id: String = block.need("tool_use_id")?;
        let failed = block.take("is_error")?.unwrap_or(false);
        let (mut texts, mut images) = (Vec::new(), Vec::new());
        let whole = each_block(block, "content", |kind, part| {
            match kind {
                "text" => texts.push(text(part)?),
                "image" => images.push(image(part)?),
                _ => {
                    return Err(part.refused("type", "This model reads text and images in results of tools."));
                }
            }
            Ok(())
        })?;
        texts.extend(whole);
        if !images.is_empty() {
            texts.push("The images of this result are in the next message of the user.".to_owned());
            let text = format!("Images of the result of the tool call {tool_call_id}:");
            self.images.push(Part::Text { text });
            self.images.append(&mut images);
        }
        let content = texts.join("\n");
        let content = if failed { format!("Error: {content}") } else { content };
        self.messages.push(Message::Tool { tool_call_id, content });
        Ok(())
    }
}
