//! A call of `/v1/messages` as a chat completion.

use super::{history, tools};
use crate::translate::chat::{JsonSchema, Request, ResponseFormat, StreamOptions};
use crate::translate::fields::{At, Fields, is_object};
use crate::translate::{EFFORTS, Untranslatable};
use serde_json::value::RawValue;

/// Which word a server knows for the maximum of output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MaxTokens {
    /// `max_completion_tokens`, OpenAI's word.
    #[default]
    MaxCompletionTokens,
    /// `max_tokens`, which many compatible servers know alone.
    MaxTokens,
}

/// Fields that only mean something to Anthropic's models, and what to do without them.
const REFUSED: [(&str, &str); 4] = [
    ("container", "This model has no containers: leave it out."),
    ("inference_geo", "This provider lets nobody choose: leave it out."),
    ("mcp_servers", "This model calls no MCP servers: declare their tools in tools."),
    ("top_k", "This model takes no top_k: use top_p."),
];

/// Longer ids of users are refused by OpenAI; coding agents send longer ones.
const LONGEST_USER: usize = 64;

/// Translates the body of a call of `/v1/messages`. `upstream_model` replaces its model.
pub fn request(body: &[u8], upstream_model: &str, max_tokens: MaxTokens) -> Result<Vec<u8>, Untranslatable> {
    let mut fields = Fields::of_body(body)?;
    let messages = history::read(&mut fields)?;
    let tools = tools::read(&mut fields)?;
    let most: u64 = fields.need("max_tokens")?;
    let stop: Vec<String> = fields.take("stop_sequences")?.unwrap_or_default();
    if stop.len() > 4 {
        return Err(fields.refused("stop_sequences", "This model takes at most 4."));
    }
    let temperature = fields.take("temperature")?;
    let top_p = fields.take("top_p")?;
    let stream = fields.take("stream")?.unwrap_or(false);
    let user = user(&mut fields)?;
    let thinking = thinking(&mut fields)?;
    let (effort, response_format) = output_config(&mut fields)?;
    let service_tier = service_tier(&mut fields)?;
    context_management(&mut fields)?;
    fields.ignore(&["model", "cache_control"]);
    for (name, advice) in REFUSED {
        fields.refuse(name, advice)?;
    }
    fields.done()?;
    let (max_completion_tokens, max_tokens) = match max_tokens {
        MaxTokens::MaxCompletionTokens => (Some(most), None),
        MaxTokens::MaxTokens => (None, Some(most)),
    };
    let request = Request {
        model: upstream_model,
        messages,
        max_completion_tokens,
        max_tokens,
        tools: tools.tools,
        tool_choice: tools.choice,
        parallel_tool_calls: tools.parallel,
        temperature,
        top_p,
        stop,
        user,
        reasoning_effort: effort.or(thinking),
        response_format,
        service_tier,
        stream,
        stream_options: stream.then_some(StreamOptions { include_usage: true }),
    };
    serde_json::to_vec(&request).map_err(|_| At::Body.refused("This request can't be written."))
}

fn user(fields: &mut Fields<'_, '_>) -> Result<Option<String>, Untranslatable> {
    let Some(raw) = fields.raw("metadata") else { return Ok(None) };
    let at = At::Field(&At::Body, "metadata");
    let mut metadata = Fields::read(raw.get(), &at)?;
    let user: Option<String> = metadata.take("user_id")?;
    metadata.done()?;
    Ok(user.map(|user| if user.len() > LONGEST_USER { short(&user) } else { user }))
}

/// A short name for a long id, always the same one: FNV-1a with 128 bits. Providers only compare it.
fn short(id: &str) -> String {
    let hash = id.bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b)
    });
    format!("{hash:032x}")
}

/// The effort that a budget of thinking allows.
fn thinking(fields: &mut Fields<'_, '_>) -> Result<Option<&'static str>, Untranslatable> {
    let Some(raw) = fields.raw("thinking") else { return Ok(None) };
    let at = At::Field(&At::Body, "thinking");
    let mut thinking = Fields::read(raw.get(), &at)?;
    let kind: String = thinking.need("type")?;
    thinking.ignore(&["display"]);
    let effort = match kind.as_str() {
        "disabled" | "adaptive" => None,
        "enabled" => {
            let budget: u64 = thinking.need("budget_tokens")?;
            let next = EFFORTS.iter().position(|(_, tokens)| budget < *tokens).unwrap_or(EFFORTS.len());
            // `xhigh` is for those who ask for it by name: few models have it.
            Some(EFFORTS[next.saturating_sub(1).min(2)].0)
        }
        _ => return Err(thinking.refused("type", "Use enabled, disabled or adaptive.")),
    };
    thinking.done()?;
    Ok(effort)
}

type Output<'a> = (Option<&'static str>, Option<ResponseFormat<'a>>);

fn output_config<'a>(fields: &mut Fields<'a, '_>) -> Result<Output<'a>, Untranslatable> {
    let Some(raw) = fields.raw("output_config") else { return Ok((None, None)) };
    let at = At::Field(&At::Body, "output_config");
    let mut config = Fields::read(raw.get(), &at)?;
    let effort = match config.take::<String>("effort")?.as_deref() {
        None => None,
        Some("max") => Some("xhigh"),
        Some(effort) => match EFFORTS.iter().find(|(name, _)| *name == effort) {
            Some((name, _)) => Some(*name),
            None => return Err(config.refused("effort", "Use low, medium, high, xhigh or max.")),
        },
    };
    let format = match config.raw("format") {
        None => None,
        Some(raw) => {
            let at = At::Field(&at, "format");
            let mut format = Fields::read(raw.get(), &at)?;
            if format.need::<String>("type")? != "json_schema" {
                return Err(format.refused("type", "Use json_schema."));
            }
            let schema: &RawValue = format.need("schema")?;
            if !is_object(schema) {
                return Err(format.refused("schema", "This must be a JSON object."));
            }
            format.done()?;
            Some(ResponseFormat::JsonSchema {
                json_schema: JsonSchema { name: "answer", schema, strict: true },
            })
        }
    };
    config.done()?;
    Ok((effort, format))
}

fn service_tier(fields: &mut Fields<'_, '_>) -> Result<Option<&'static str>, Untranslatable> {
    match fields.take::<String>("service_tier")?.as_deref() {
        None | Some("auto") => Ok(None),
        Some("standard_only") => Ok(Some("default")),
        Some(_) => Err(fields.refused("service_tier", "Use auto or standard_only.")),
    }
}

/// Thinking is left out anyway, so edits that clear it change nothing.
fn context_management(fields: &mut Fields<'_, '_>) -> Result<(), Untranslatable> {
    let Some(raw) = fields.raw("context_management") else { return Ok(()) };
    let at = At::Field(&At::Body, "context_management");
    let mut management = Fields::read(raw.get(), &at)?;
    let edits: Vec<&RawValue> = management.take("edits")?.unwrap_or_default();
    management.done()?;
    let at = At::Field(&at, "edits");
    for (index, raw) in edits.into_iter().enumerate() {
        let at = At::Item(&at, index);
        let mut edit = Fields::read(raw.get(), &at)?;
        if !edit.need::<String>("type")?.starts_with("clear_thinking_") {
            return Err(edit.refused("type", "This provider can't edit the context: leave it out."));
        }
    }
    Ok(())
}
