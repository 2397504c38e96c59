//! Responses: the last message of the user comes back as the one message of the output.

use super::Labels;
use super::asked::Asked;
use super::form::Form;
use super::speech::Speech;
use crate::error::ApiError;
use bytes::Bytes;
use serde_json::{Value, json};

pub(super) struct Responses;

/// Events before the first chunk.
const OPENING: u64 = 4;

pub(super) fn speech(asked: &Asked<'_>, labels: &Labels<'_>, chunks: u32) -> Result<Speech, ApiError> {
    let heard = asked.items()?;
    let words = heard.words + asked.instructions()?;
    let mut speech = Speech::new(labels, heard.last, words, asked.max_output_tokens, chunks);
    // A stream, too, ends by the whole text.
    speech.fit();
    Ok(speech)
}

fn item_id(speech: &Speech) -> String {
    format!("msg_{}", speech.id)
}

fn end_status(speech: &Speech) -> &'static str {
    if speech.is_cut_short() { "incomplete" } else { "completed" }
}

fn text_part(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}

/// The message of the output; `text` is `None` before its first chunk.
fn item(speech: &Speech, text: Option<&str>) -> Value {
    let status = if text.is_some() { end_status(speech) } else { "in_progress" };
    let content: Vec<_> = text.map(text_part).into_iter().collect();
    json!({
        "id": item_id(speech), "type": "message", "role": "assistant", "status": status, "content": content,
    })
}

fn usage(speech: &Speech) -> Value {
    let (input, output) = (speech.prompt_tokens, speech.said());
    json!({
        "input_tokens": input, "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": output, "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": input + output,
    })
}

/// The response as it stands before the first chunk, or with its whole text.
fn response(speech: &Speech, text: Option<&str>) -> Value {
    let is_over = text.is_some();
    let cut = is_over && speech.is_cut_short();
    let output: Vec<_> = text.map(|text| item(speech, Some(text))).into_iter().collect();
    json!({
        "id": format!("resp_{}", speech.id),
        "object": "response",
        "created_at": speech.created,
        "status": if is_over { end_status(speech) } else { "in_progress" },
        "background": false,
        "error": null,
        "incomplete_details": cut.then(|| json!({"reason": "max_output_tokens"})),
        "instructions": null,
        "max_output_tokens": speech.most,
        "metadata": {},
        "model": speech.model,
        "output": output,
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "reasoning": {"effort": null, "summary": null},
        "store": false,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": is_over.then(|| usage(speech)),
        "user": null,
    })
}

/// What an event says beside its name and number.
enum About {
    /// The response.
    Response,
    /// Its one item of output.
    Item,
    /// The item's one part.
    Part,
}

fn event(speech: &Speech, name: &str, number: u64, about: About, mut data: Value) -> Bytes {
    data["type"] = name.into();
    data["sequence_number"] = number.into();
    if !matches!(about, About::Response) {
        data["output_index"] = 0.into();
    }
    if matches!(about, About::Part) {
        data["item_id"] = item_id(speech).into();
        data["content_index"] = 0.into();
    }
    format!("event: {name}\ndata: {data}\n\n").into()
}

impl Form for Responses {
    fn opening(&self, speech: &Speech, number: u64) -> Option<Bytes> {
        let (name, about, data) = match number {
            0 => ("response.created", About::Response, json!({"response": response(speech, None)})),
            1 => ("response.in_progress", About::Response, json!({"response": response(speech, None)})),
            2 => ("response.output_item.added", About::Item, json!({"item": item(speech, None)})),
            3 => ("response.content_part.added", About::Part, json!({"part": text_part("")})),
            OPENING.. => return None,
        };
        Some(event(speech, name, number, about, data))
    }

    fn chunk(&self, speech: &Speech, number: u64) -> Bytes {
        let data = json!({"delta": speech.chunk(number), "logprobs": []});
        event(speech, "response.output_text.delta", OPENING + number, About::Part, data)
    }

    fn closing(&self, speech: &Speech, number: u64) -> Option<Bytes> {
        if number > 3 {
            return None;
        }
        let text = speech.whole();
        let (name, about, data) = match number {
            0 => ("response.output_text.done", About::Part, json!({"text": text, "logprobs": []})),
            1 => ("response.content_part.done", About::Part, json!({"part": text_part(&text)})),
            2 => ("response.output_item.done", About::Item, json!({"item": item(speech, Some(&text))})),
            _ => {
                let name = if speech.is_cut_short() { "response.incomplete" } else { "response.completed" };
                (name, About::Response, json!({"response": response(speech, Some(&text))}))
            }
        };
        Some(event(speech, name, OPENING + speech.chunks() + number, about, data))
    }

    fn plain(&self, speech: &Speech) -> Value {
        response(speech, Some(&speech.whole()))
    }
}
