//! Anthropic's turns as the messages of a chat completion.

use super::results;
use crate::translate::Untranslatable;
use crate::translate::chat::{Content, File, ImageUrl, Message, Part, ToolCall};
use crate::translate::fields::{At, Fields, is_object};
use serde_json::value::RawValue;

/// Reads `system` and `messages`.
pub(super) fn read(fields: &mut Fields<'_, '_>) -> Result<Vec<Message>, Untranslatable> {
    let mut messages = Vec::new();
    let system = texts(fields, "system")?;
    if !system.is_empty() {
        messages.push(Message::System { content: system.join("\n\n") });
    }
    let turns: Vec<&RawValue> = fields.need("messages")?;
    let at = At::Field(&At::Body, "messages");
    for (index, raw) in turns.into_iter().enumerate() {
        let at = At::Item(&at, index);
        let mut turn = Fields::read(raw.get(), &at)?;
        let role: String = turn.need("role")?;
        match role.as_str() {
            "user" => user(&mut turn, &mut messages)?,
            "assistant" => assistant(&mut turn, &mut messages)?,
            "system" => messages.push(Message::System { content: texts(&mut turn, "content")?.join("\n\n") }),
            _ => return Err(turn.refused("role", "Use user or assistant.")),
        }
        turn.done()?;
    }
    Ok(messages)
}

/// A field that is a text or a list of content blocks, each handed to `block` with its type.
pub(super) fn each_block<'a>(
    fields: &mut Fields<'a, '_>,
    name: &str,
    mut block: impl FnMut(&str, &mut Fields<'a, '_>) -> Result<(), Untranslatable>,
) -> Result<Option<String>, Untranslatable> {
    let Some(raw) = fields.raw(name) else { return Ok(None) };
    if raw.get().starts_with('"') {
        let text = serde_json::from_str(raw.get());
        return text.map(Some).map_err(|_| fields.refused(name, "The text must be valid Unicode."));
    }
    let blocks: Vec<&'a RawValue> = serde_json::from_str(raw.get())
        .map_err(|_| fields.refused(name, "This must be a text or a list of content blocks."))?;
    let at = At::Field(fields.at(), name);
    for (index, raw) in blocks.into_iter().enumerate() {
        let at = At::Item(&at, index);
        let mut part = Fields::read(raw.get(), &at)?;
        let kind: String = part.need("type")?;
        part.ignore(&["cache_control"]);
        block(&kind, &mut part)?;
        part.done()?;
    }
    Ok(None)
}

/// A field that is a text or text blocks.
fn texts(fields: &mut Fields<'_, '_>, name: &str) -> Result<Vec<String>, Untranslatable> {
    let mut texts = Vec::new();
    let whole = each_block(fields, name, |kind, block| match kind {
        "text" => {
            texts.push(text(block)?);
            Ok(())
        }
        _ => Err(block.refused("type", "This can only be text.")),
    })?;
    texts.extend(whole);
    texts.retain(|text| !text.is_empty());
    Ok(texts)
}

/// The text of a text block. What it cites belongs to an earlier answer and is left out with the citations.
pub(super) fn text(block: &mut Fields<'_, '_>) -> Result<String, Untranslatable> {
    block.ignore(&["citations"]);
    block.need("text")
}

fn user(turn: &mut Fields<'_, '_>, messages: &mut Vec<Message>) -> Result<(), Untranslatable> {
    let (mut parts, mut answers) = (Vec::new(), results::Results::default());
    let whole = each_block(turn, "content", |kind, block| {
        if kind == "tool_result" {
            answers.add(block)
        } else {
            part(kind, block).map(|part| parts.push(part))
        }
    })?;
    parts.extend(whole.map(|text| Part::Text { text }));
    messages.append(&mut answers.messages);
    answers.images.append(&mut parts);
    if let Some(content) = content(answers.images) {
        messages.push(Message::User { content });
    }
    Ok(())
}

/// Many servers know content only as text, so a single text is written as one.
fn content(mut parts: Vec<Part>) -> Option<Content> {
    match parts.pop()? {
        Part::Text { text } if parts.is_empty() => Some(Content::Text(text)),
        last => {
            parts.push(last);
            Some(Content::Parts(parts))
        }
    }
}

fn part(kind: &str, block: &mut Fields<'_, '_>) -> Result<Part, Untranslatable> {
    match kind {
        "text" => Ok(Part::Text { text: text(block)? }),
        "image" => image(block),
        "document" => document(block),
        _ => Err(block.refused("type", "This model reads text, images, PDF documents and results of tools.")),
    }
}

/// An image block as a part.
pub(super) fn image(block: &mut Fields<'_, '_>) -> Result<Part, Untranslatable> {
    let source: &RawValue = block.need("source")?;
    let at = At::Field(block.at(), "source");
    let mut source = Fields::read(source.get(), &at)?;
    let kind: String = source.need("type")?;
    let url = match kind.as_str() {
        "url" => source.need("url")?,
        "base64" => {
            let (media_type, data): (String, String) = (source.need("media_type")?, source.need("data")?);
            format!("data:{media_type};base64,{data}")
        }
        _ => return Err(source.refused("type", "This provider doesn't have that file: use base64 or url.")),
    };
    source.done()?;
    Ok(Part::ImageUrl { image_url: ImageUrl { url } })
}

fn document(block: &mut Fields<'_, '_>) -> Result<Part, Untranslatable> {
    block.refuse("context", "Put the context into a text block.")?;
    if let Some(raw) = block.raw("citations") {
        let at = At::Field(block.at(), "citations");
        let mut citations = Fields::read(raw.get(), &at)?;
        citations.allow_only("enabled", |enabled: bool| !enabled, "This model gives no citations.")?;
        citations.done()?;
    }
    let title: Option<String> = block.take("title")?;
    let source: &RawValue = block.need("source")?;
    let at = At::Field(block.at(), "source");
    let mut source = Fields::read(source.get(), &at)?;
    let kind: String = source.need("type")?;
    let media_type: String = source.need("media_type")?;
    let part = match (kind.as_str(), media_type.as_str()) {
        ("base64", "application/pdf") => {
            let file_data = format!("data:application/pdf;base64,{}", source.need::<String>("data")?);
            let filename = title.unwrap_or_else(|| "document.pdf".to_owned());
            Part::File { file: File { filename, file_data } }
        }
        ("text", "text/plain") => {
            let data: String = source.need("data")?;
            Part::Text { text: title.map_or_else(|| data.clone(), |title| format!("{title}\n\n{data}")) }
        }
        _ => return Err(source.refused("type", "Use text, or base64 of application/pdf.")),
    };
    source.done()?;
    Ok(part)
}

fn assistant(turn: &mut Fields<'_, '_>, messages: &mut Vec<Message>) -> Result<(), Untranslatable> {
    let (mut texts, mut tool_calls) = (String::new(), Vec::new());
    let whole = each_block(turn, "content", |kind, block| {
        match kind {
            "text" => texts.push_str(&text(block)?),
            "thinking" => block.ignore(&["thinking", "signature"]),
            "redacted_thinking" => block.ignore(&["data"]),
            "tool_use" => {
                let input: &RawValue = block.need("input")?;
                if !is_object(input) {
                    return Err(block.refused("input", "This must be a JSON object."));
                }
                block.ignore(&["caller"]);
                tool_calls.push(ToolCall::new(
                    block.need("id")?,
                    block.need("name")?,
                    input.get().to_owned(),
                ));
            }
            _ => return Err(block.refused("type", "This model reads text and tool_use of earlier answers.")),
        }
        Ok(())
    })?;
    texts.extend(whole);
    let content = Some(texts).filter(|text| !text.is_empty());
    if content.is_some() || !tool_calls.is_empty() {
        messages.push(Message::Assistant { content, tool_calls });
    }
    Ok(())
}
