//! A chat completion as a call of `/v1/messages`.

use super::{history, tools};
use crate::translate::fields::{At, Fields, is_object};
use crate::translate::messages::{Choice, Metadata, OutputConfig, OutputFormat, Request, Thinking};
use crate::translate::{EFFORTS, Untranslatable};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Fields that only mean something to OpenAI's models, and what to do without them.
const REFUSED: [(&str, &str); 8] = [
    ("audio", "This model gives no audio: leave it out."),
    ("function_call", "Use tool_choice."),
    ("functions", "Use tools."),
    ("logit_bias", "This model takes no biases: leave it out."),
    ("prediction", "This model takes no predicted output: leave it out."),
    ("seed", "This model takes no seed: leave it out."),
    ("moderation", "This model has no such moderation: leave it out."),
    ("web_search_options", "This model has no web search: leave it out."),
];

/// Translates the body of a chat completion. `upstream_model` replaces its model; `default_max_tokens` is the maximum
/// of output when the client names none, which Anthropic requires.
pub fn request(
    body: &[u8],
    upstream_model: &str,
    default_max_tokens: u64,
) -> Result<Vec<u8>, Untranslatable> {
    let mut fields = Fields::of_body(body)?;
    let conversation = history::read(&mut fields)?;
    let (tools, tool_choice) = tools::read(&mut fields)?;
    let max_tokens = max_tokens(&mut fields)?.unwrap_or(default_max_tokens);
    let temperature =
        number_to_one(&mut fields, "temperature", "This model takes a temperature from 0 to 1.")?;
    let top_p = number_to_one(&mut fields, "top_p", "top_p is a number from 0 to 1.")?;
    let budget = budget(&mut fields)?;
    if let Some(budget) = budget {
        if max_tokens <= budget {
            let advice =
                format!("This effort takes up to {budget} tokens: set max_completion_tokens above that.");
            return Err(fields.refused("reasoning_effort", advice));
        }
        if temperature.is_some_and(|temperature| temperature < 1.0) {
            return Err(fields.refused("temperature", "This model reasons only at 1: leave it out."));
        }
        if top_p.is_some_and(|top_p| top_p < 0.95) {
            return Err(fields.refused("top_p", "This model reasons only from 0.95 to 1: leave it out."));
        }
        if matches!(&tool_choice, Some(tools) if matches!(tools.choice, Choice::Any | Choice::Tool { .. })) {
            return Err(
                fields.refused("tool_choice", "This model can't be forced to a tool while it reasons.")
            );
        }
    }
    let stream = fields.take("stream")?.unwrap_or(false);
    let stop_sequences = stop(&mut fields)?;
    let metadata = user(&mut fields)?;
    let output_config = output_config(&mut fields)?;
    drop_what_says_nothing(&mut fields)?;
    fields.done()?;
    let request = Request {
        model: upstream_model,
        max_tokens,
        system: conversation.system,
        messages: conversation.turns,
        tools,
        tool_choice,
        temperature,
        top_p,
        stop_sequences,
        metadata,
        thinking: budget
            .filter(|_| !conversation.ends_with_result)
            .map(|budget_tokens| Thinking::Enabled { budget_tokens }),
        output_config,
        stream,
    };
    serde_json::to_vec(&request).map_err(|_| At::Body.refused("This request can't be written."))
}

fn max_tokens(fields: &mut Fields<'_, '_>) -> Result<Option<u64>, Untranslatable> {
    let new: Option<u64> = fields.take("max_completion_tokens")?;
    let old: Option<u64> = fields.take("max_tokens")?;
    if new.is_some() && old.is_some() && new != old {
        return Err(fields.refused("max_tokens", "Give max_completion_tokens alone."));
    }
    Ok(new.or(old))
}

fn number_to_one(
    fields: &mut Fields<'_, '_>,
    name: &str,
    advice: &str,
) -> Result<Option<f64>, Untranslatable> {
    let number: Option<f64> = fields.take(name)?;
    if number.is_some_and(|number| !(0.0..=1.0).contains(&number)) {
        return Err(fields.refused(name, advice));
    }
    Ok(number)
}

/// Tokens of thinking; `None` for no thinking.
fn budget(fields: &mut Fields<'_, '_>) -> Result<Option<u64>, Untranslatable> {
    let effort: Option<String> = fields.take("reasoning_effort")?;
    let Some(effort) = effort.filter(|effort| !matches!(effort.as_str(), "none" | "minimal")) else {
        return Ok(None);
    };
    let found = EFFORTS.iter().find(|(name, _)| *name == effort).map(|(_, budget)| *budget);
    found.map(Some).ok_or_else(|| {
        fields.refused("reasoning_effort", "Use one of none, minimal, low, medium, high and xhigh.")
    })
}

fn stop(fields: &mut Fields<'_, '_>) -> Result<Vec<String>, Untranslatable> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stop {
        One(String),
        Some(Vec<String>),
    }
    Ok(match fields.take("stop")? {
        None => Vec::new(),
        Some(Stop::One(word)) => vec![word],
        Some(Stop::Some(words)) => words,
    })
}

/// The end user: `safety_identifier`, or `user`, which it replaces.
fn user(fields: &mut Fields<'_, '_>) -> Result<Option<Metadata>, Untranslatable> {
    let new: Option<String> = fields.take("safety_identifier")?;
    let old: Option<String> = fields.take("user")?;
    if new.is_some() && old.is_some() && new != old {
        return Err(fields.refused("user", "Give safety_identifier alone."));
    }
    Ok(new.or(old).map(|user_id| Metadata { user_id }))
}

fn output_config<'a>(fields: &mut Fields<'a, '_>) -> Result<Option<OutputConfig<'a>>, Untranslatable> {
    let Some(raw) = fields.raw("response_format") else { return Ok(None) };
    let at = At::Field(&At::Body, "response_format");
    let mut format = Fields::read(raw.get(), &at)?;
    let kind: String = format.need("type")?;
    let config = match kind.as_str() {
        "text" => None,
        "json_schema" => {
            let raw: &RawValue = format.need("json_schema")?;
            let at = At::Field(&at, "json_schema");
            let mut named = Fields::read(raw.get(), &at)?;
            named.ignore(&["name", "strict"]);
            named.refuse("description", "Put the description into the schema.")?;
            let schema: &RawValue = named.need("schema")?;
            if !is_object(schema) {
                return Err(named.refused("schema", "This must be a JSON object."));
            }
            named.done()?;
            Some(OutputConfig { format: OutputFormat::JsonSchema { schema } })
        }
        "json_object" => return Err(format.refused("type", "Use json_schema, with a schema.")),
        _ => return Err(format.refused("type", "Use text or json_schema.")),
    };
    format.done()?;
    Ok(config)
}

/// Takes the fields that have no counterpart, and refuses those whose value would be missed.
fn drop_what_says_nothing(fields: &mut Fields<'_, '_>) -> Result<(), Untranslatable> {
    // `model` is replaced, `metadata` is this gateway's tags, the others are hints to a cache.
    fields.ignore(&["model", "metadata", "prompt_cache_key", "prompt_cache_retention"]);
    for (name, advice) in REFUSED {
        fields.refuse(name, advice)?;
    }
    fields.allow_only("n", |n: u64| n == 1, "This model gives one choice: call it several times.")?;
    fields.allow_only("store", |store: bool| !store, "This model's answers aren't stored: leave it out.")?;
    fields.allow_only("logprobs", |wanted: bool| !wanted, "This model gives no logprobs: leave it out.")?;
    fields.allow_only(
        "top_logprobs",
        |most: u64| most == 0,
        "This model gives no logprobs: leave it out.",
    )?;
    for name in ["presence_penalty", "frequency_penalty"] {
        fields.allow_only(
            name,
            |penalty: f64| penalty == 0.0,
            "This model takes no penalties: leave it out.",
        )?;
    }
    fields.allow_only(
        "modalities",
        |modalities: Vec<String>| modalities.iter().all(|modality| modality == "text"),
        "This model gives text alone.",
    )?;
    fields.allow_only(
        "verbosity",
        |verbosity: String| verbosity == "medium",
        "This model has no verbosity: say in the prompt how long the answer should be.",
    )?;
    fields.allow_only(
        "service_tier",
        |tier: String| matches!(tier.as_str(), "auto" | "default"),
        "This provider has no such tier: leave it out.",
    )?;
    if let Some(raw) = fields.raw("stream_options") {
        let at = At::Field(&At::Body, "stream_options");
        let mut options = Fields::read(raw.get(), &at)?;
        options.ignore(&["include_usage", "include_obfuscation"]);
        options.done()?;
    }
    Ok(())
}
