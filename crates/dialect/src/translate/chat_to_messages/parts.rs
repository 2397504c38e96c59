//! The content of a message as content blocks.

use crate::translate::Untranslatable;
use crate::translate::fields::{At, Fields};
use crate::translate::messages::{Block, Source};
use serde_json::value::RawValue;

/// Images that Anthropic reads.
const IMAGES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/// Reads `content`: null, a text or parts. Only a user's has `media`.
pub(super) fn read(message: &mut Fields<'_, '_>, media: bool) -> Result<Vec<Block>, Untranslatable> {
    let Some(raw) = message.raw("content") else { return Ok(Vec::new()) };
    if raw.get().starts_with('"') {
        let text = serde_json::from_str(raw.get())
            .map_err(|_| message.refused("content", "The text must be valid Unicode."))?;
        return Ok(text_block(text).into_iter().collect());
    }
    let parts: Vec<&RawValue> = serde_json::from_str(raw.get())
        .map_err(|_| message.refused("content", "This must be a text or a list of parts."))?;
    let at = At::Field(message.at(), "content");
    let mut blocks = Vec::with_capacity(parts.len());
    for (index, raw) in parts.into_iter().enumerate() {
        let at = At::Item(&at, index);
        let mut part = Fields::read(raw.get(), &at)?;
        blocks.extend(block(&mut part, media)?);
        part.done()?;
    }
    Ok(blocks)
}

fn text_block(text: String) -> Option<Block> {
    (!text.is_empty()).then_some(Block::Text { text })
}

fn block(part: &mut Fields<'_, '_>, media: bool) -> Result<Option<Block>, Untranslatable> {
    let kind: String = part.need("type")?;
    match kind.as_str() {
        "text" => Ok(text_block(part.need("text")?)),
        "refusal" => Ok(text_block(part.need("refusal")?)),
        "image_url" if media => image(part).map(Some),
        "file" if media => file(part).map(Some),
        "image_url" | "file" => Err(part.refused("type", "Only a message of the user can have this.")),
        "input_audio" => Err(part.refused("type", "This model reads no audio: send a transcript as text.")),
        _ => Err(part.refused("type", "Use text, image_url or file.")),
    }
}

fn image(part: &mut Fields<'_, '_>) -> Result<Block, Untranslatable> {
    let raw: &RawValue = part.need("image_url")?;
    let at = At::Field(part.at(), "image_url");
    let mut image = Fields::read(raw.get(), &at)?;
    let url: String = image.need("url")?;
    image.ignore(&["detail"]);
    let source = if url.starts_with("https://") || url.starts_with("http://") {
        Source::Url { url }
    } else {
        data_url(&url, &IMAGES).ok_or_else(|| {
            image.refused("url", "Use an https URL, or a base64 data URL of a JPEG, PNG, GIF or WebP image.")
        })?
    };
    image.done()?;
    Ok(Block::Image { source })
}

fn file(part: &mut Fields<'_, '_>) -> Result<Block, Untranslatable> {
    let raw: &RawValue = part.need("file")?;
    let at = At::Field(part.at(), "file");
    let mut file = Fields::read(raw.get(), &at)?;
    file.refuse("file_id", "This provider doesn't have that file: send it as file_data.")?;
    let url: String = file.need("file_data")?;
    let source = data_url(&url, &["application/pdf"])
        .ok_or_else(|| file.refused("file_data", "Use a base64 data URL of application/pdf."))?;
    let title = file.take("filename")?;
    file.done()?;
    Ok(Block::Document { source, title })
}

/// `data:image/png;base64,…`, if it is of one of the `types`.
fn data_url(url: &str, types: &[&str]) -> Option<Source> {
    let (media_type, data) = url.strip_prefix("data:")?.split_once(";base64,")?;
    let media_type = if media_type == "image/jpg" { "image/jpeg" } else { media_type };
    types
        .contains(&media_type)
        .then(|| Source::Base64 { media_type: media_type.to_owned(), data: data.to_owned() })
}
