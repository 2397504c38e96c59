//! The JSON body of a call: read once, borrowed, and forwarded as the bytes that came.
//!
//! Only what decides something here is looked at ([`Fields`]).

use super::fields::Fields;
use super::prompts;
use super::stream_options::{INCLUDE_USAGE, StreamOptions};
use crate::endpoint::Endpoint;
use crate::error::ApiError;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// What to do instead of each of the last fields.
const REFUSED: [(&str, &str); 4] = [
    ("models", "name one model in model"),
    ("route", "name one model in model"),
    ("max_length", "use max_completion_tokens"),
    ("background", "leave it out and stream the answer instead"),
];
/// Longest name of a model in bytes.
pub(super) const MAX_MODEL: usize = 200;
/// Most output tokens that a request can name.
const MOST_TOKENS: u64 = 10_000_000;
/// Most choices.
const MOST_CHOICES: u64 = 128;

/// A whole number from 1 to `most`, written as such: `1e5`, `7.0` and `"7"` are read differently by different servers.
fn whole(field: &'static str, raw: Option<&RawValue>, most: u64) -> Result<Option<u64>, ApiError> {
    match raw.map(RawValue::get) {
        None | Some("null") => Ok(None),
        Some(text) => match text.parse::<u64>() {
            Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
            _ => Err(ApiError::invalid(field, format!("{field} must be a whole number from 1 to {most}."))),
        },
    }
}

/// A call, as far as it matters here.
pub(crate) struct JsonCall<'a> {
    text: &'a str,
    endpoint: Endpoint,
    pub(crate) model: Cow<'a, str>,
    model_at: Range<usize>,
    pub(crate) stream: bool,
    stream_options: Option<StreamOptions<'a>>,
    /// How many prompts it has: a list of them is as many requests.
    pub(crate) prompts: u64,
    /// How many answers it asks for over all prompts.
    pub(crate) answers: u64,
    /// Most output tokens over all answers, if the request names a maximum.
    pub(crate) most_output: Option<u64>,
    /// A field by which some upstreams choose a model or a provider themselves.
    pub(crate) routing: Option<&'static str>,
    /// The client's own notes, as JSON text.
    pub(crate) metadata: Option<&'a str>,
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> JsonCall<'a> {
    pub(crate) fn parse(endpoint: Endpoint, text: &'a str) -> Result<Self, ApiError> {
        let fields = Fields::read(text)?;
        if let Some(field) = fields.twice {
            return Err(ApiError::invalid(field, format!("{field} must be given once, in lower case.")));
        }
        let [
            model,
            messages,
            prompt,
            input,
            stream,
            stream_options,
            metadata,
            numbers @ ..,
            models,
            route,
            max_length,
            background,
        ] = fields.values;
        // An image's is another one.
        let background =
            background.filter(|value| value.get() != "false" && endpoint != Endpoint::ImageGenerations);
        for (value, (field, instead)) in [models, route, max_length, background].into_iter().zip(REFUSED) {
            if value.is_some_and(|value| value.get() != "null") {
                return Err(ApiError::invalid(field, format!("{field} is not supported: {instead}.")));
            }
        }
        let model =
            model.ok_or_else(|| ApiError::invalid("model", "model is missing: name the model to call."))?;
        let Text(name) = serde_json::from_str(model.get())
            .map_err(|_| ApiError::invalid("model", "model must be a string."))?;
        check_prompt(endpoint, messages, prompt, input)?;
        let stream = match stream.map(RawValue::get) {
            None | Some("false" | "null") => false,
            Some("true") => true,
            Some(_) => return Err(ApiError::invalid("stream", "stream must be true or false.")),
        };
        let stream_options = match stream_options {
            Some(raw) if stream => Some(StreamOptions::read(raw, range(text, raw))?),
            _ => None,
        };
        let [max_tokens, max_completion_tokens, max_output_tokens, n_predict, n, best_of] = numbers;
        let max_tokens = whole("max_tokens", max_tokens, MOST_TOKENS)?
            .max(whole("max_completion_tokens", max_completion_tokens, MOST_TOKENS)?)
            .max(whole("max_output_tokens", max_output_tokens, MOST_TOKENS)?)
            .max(whole("n_predict", n_predict, MOST_TOKENS)?);
        let choices = whole("n", n, MOST_CHOICES)?.max(whole("best_of", best_of, MOST_CHOICES)?).unwrap_or(1);
        let (field, listed) = match endpoint {
            Endpoint::Completions => ("prompt", prompt),
            Endpoint::Embeddings | Endpoint::Moderations => ("input", input),
            _ => ("", None),
        };
        let prompts = listed
            .map_or(Some(1), prompts::count)
            .ok_or_else(|| ApiError::invalid(field, format!("{field} can't be read.")))?;
        let answers = prompts.saturating_mul(choices);
        Ok(Self {
            text,
            endpoint,
            model: name,
            model_at: range(text, model),
            stream,
            stream_options,
            prompts,
            answers,
            most_output: if endpoint.generates_text() {
                max_tokens.map(|most| most.saturating_mul(answers))
            } else {
                Some(0)
            },
            routing: fields.routing,
            metadata: metadata.map(RawValue::get),
        })
    }

    /// Whether the usage of a stream must be asked for, and is an event that can be hidden.
    const fn asks_for_usage(&self) -> bool {
        matches!(self.endpoint, Endpoint::ChatCompletions | Endpoint::Completions)
    }

    /// Whether the usage event of a stream is hidden from the client, who didn't ask for it.
    pub(crate) fn hides_usage(&self) -> bool {
        self.stream && self.asks_for_usage() && !self.wants_usage()
    }

    /// Whether the client asked for the usage of a stream, and so sees it.
    pub(crate) fn wants_usage(&self) -> bool {
        self.stream_options.as_ref().is_some_and(StreamOptions::include_usage)
    }

    /// What goes upstream: `body` itself unless the upstream calls the model differently (`upstream_model`) or usage
    /// must be asked for.
    pub(crate) fn outgoing(
        &self,
        body: &Bytes,
        upstream_model: Option<&str>,
    ) -> Result<Bytes, serde_json::Error> {
        let mut edits: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
        if let Some(name) = upstream_model {
            edits.push((self.model_at.clone(), serde_json::to_vec(name)?));
        }
        if self.stream && self.asks_for_usage() {
            match &self.stream_options {
                // Anything else is written anew, so that what was read here is what the upstream reads.
                Some(options) if self.text[options.at.clone()] != *INCLUDE_USAGE => {
                    edits.push((options.at.clone(), options.outgoing()?));
                }
                Some(_) => {}
                None => {
                    // Parsed as an object with fields: the first character that isn't space is its brace.
                    let at = self.text.find('{').map_or(0, |brace| brace + 1);
                    edits.push((at..at, format!(r#""stream_options":{INCLUDE_USAGE},"#).into_bytes()));
                }
            }
        }
        if edits.is_empty() {
            return Ok(body.clone());
        }
        edits.sort_by_key(|(at, _)| at.start);
        let mut out = Vec::with_capacity(body.len() + edits.iter().map(|(_, new)| new.len()).sum::<usize>());
        let mut from = 0;
        for (at, new) in edits {
            out.extend_from_slice(&body[from..at.start]);
            out.extend_from_slice(&new);
            from = at.end;
        }
        out.extend_from_slice(&body[from..]);
        Ok(out.into())
    }
}

/// The field from which an endpoint makes its answer must be there.
fn check_prompt(
    endpoint: Endpoint,
    messages: Option<&RawValue>,
    prompt: Option<&RawValue>,
    input: Option<&RawValue>,
) -> Result<(), ApiError> {
    let (field, value, is_array) = match endpoint {
        Endpoint::ChatCompletions | Endpoint::Messages | Endpoint::CountTokens => {
            ("messages", messages, true)
        }
        Endpoint::Completions | Endpoint::ImageGenerations => ("prompt", prompt, false),
        // A response can go on from a stored prompt or an earlier response alone.
        Endpoint::Responses => return Ok(()),
        _ => ("input", input, false),
    };
    let value = value.map(RawValue::get).filter(|raw| *raw != "null");
    match value {
        Some(raw) if !is_array || raw.starts_with('[') => Ok(()),
        Some(_) => Err(ApiError::invalid(field, format!("{field} must be an array."))),
        None => Err(ApiError::invalid(field, format!("{field} is missing."))),
    }
}

/// Where `part`, which borrows from `text`, stands in it.
fn range(text: &str, part: &RawValue) -> Range<usize> {
    let start = part.get().as_ptr().addr() - text.as_ptr().addr();
    start..start + part.get().len()
}

impl fmt::Debug for JsonCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the messages: no prompt ends up in a log.
        f.debug_struct("JsonCall").field("stream", &self.stream).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let response =
            JsonCall::parse(Endpoint::ChatCompletions, text).err().unwrap_or_else(|| panic!("taken: {text}"));
        format!("{} {response:?}", response.code.as_str())
    }

    fn sent(text: &str, upstream: Option<&str>) -> String {
        let body = Bytes::copy_from_slice(text.as_bytes());
        let out =
            JsonCall::parse(Endpoint::ChatCompletions, text).unwrap().outgoing(&body, upstream).unwrap();
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn what_is_wrong_is_named() {
        for broken in ["", "{", "{\"model\":\"m\",}", "{} {}", "{'a':1}", "{\"a\":01}"] {
            assert!(refused(broken).starts_with("invalid_json"), "{broken}");
        }
        for (text, param) in [
            ("[]", ""),
            ("1", ""),
            (r#"{"messages":[]}"#, "model"),
            (r#"{"model":1,"messages":[]}"#, "model"),
            (r#"{"model":"m"}"#, "messages"),
            (r#"{"model":"m","messages":{}}"#, "messages"),
            (r#"{"model":"m","messages":[],"stream":"yes"}"#, "stream"),
            (r#"{"model":"m","messages":[],"stream":true,"stream_options":[1]}"#, "stream_options"),
        ] {
            let shown = refused(text);
            assert!(shown.starts_with("invalid_request_error") && shown.contains(param), "{text}: {shown}");
        }
    }

    #[test]
    fn a_field_that_two_parsers_read_differently_is_refused() {
        for text in [
            r#"{"model":"cheap","messages":[],"model":"dear"}"#,
            r#"{"model":"cheap","messages":[],"mod\u0065l":"dear"}"#,
            r#"{"model":"cheap","messages":[],"Model":"dear"}"#,
            r#"{"model":"m","messages":[],"stream":true,"stream":false}"#,
            r#"{"model":"m","messages":[],"max_tokens":1,"max_tokens":100000}"#,
        ] {
            assert!(refused(text).starts_with("invalid_request_error"), "{text}");
        }
        assert!(
            JsonCall::parse(
                Endpoint::ChatCompletions,
                r#"{"model":"m","messages":[{"model":"x","model":"y"}]}"#
            )
            .is_ok()
        );
    }

    #[test]
    fn bytes_go_on_as_they_came() {
        let plain = "{ \"model\" : \"m\", \"x\":1.50e3, \"messages\":[ {\"a\":\"\\u00e9\"} ] }";
        assert_eq!(sent(plain, None), plain);
        assert_eq!(sent(plain, Some("a\"b")), plain.replace("\"m\"", "\"a\\\"b\""));
        let asked = r#"{"stream":true,"stream_options":{"include_usage":true},"model":"m","messages":[]}"#;
        assert_eq!(sent(asked, None), asked);
    }

    #[test]
    fn usage_is_always_asked_for_in_streams() {
        assert_eq!(
            sent("\n {\"stream\":true,\"model\":\"m\",\"messages\":[]}", Some("n")),
            "\n {\"stream_options\":{\"include_usage\":true},\"stream\":true,\"model\":\"n\",\"messages\":[]}"
        );
        let other = r#"{"stream":true,"stream_options":{"x":[1, 2],"include_usage":false},"model":"m","messages":[]}"#;
        let expected =
            r#"{"stream":true,"stream_options":{"include_usage":true,"x":[1, 2]},"model":"m","messages":[]}"#;
        assert_eq!(sent(other, None), expected);
        let null = r#"{"stream":true,"stream_options":null,"model":"m","messages":[]}"#;
        assert!(sent(null, None).contains(r#""stream_options":{"include_usage":true}"#));
    }

    #[test]
    fn the_most_output_counts_every_choice() {
        let most = |text: &str| JsonCall::parse(Endpoint::ChatCompletions, text).unwrap().most_output;
        assert_eq!(most(r#"{"model":"m","messages":[],"max_tokens":5,"n":3}"#), Some(15));
        assert_eq!(most(r#"{"model":"m","messages":[],"max_tokens":5,"max_completion_tokens":7}"#), Some(7));
        assert_eq!(most(r#"{"model":"m","messages":[],"n":3}"#), None);
        assert_eq!(most(r#"{"model":"m","messages":[],"n_predict":5,"best_of":4}"#), Some(20));
        assert_eq!(most(r#"{"model":"m","messages":[],"max_tokens":null,"n":null}"#), None);
    }

    #[test]
    fn numbers_that_two_parsers_read_differently_are_refused() {
        for field in ["max_tokens", "max_completion_tokens", "n", "n_predict", "best_of"] {
            for odd in ["1e2", "100.0", "\"100\"", "-1", "0", "true", "[1]", "18446744073709551615"] {
                let text = format!(r#"{{"model":"m","messages":[],"{field}":{odd}}}"#);
                let shown = refused(&text);
                assert!(shown.starts_with("invalid_request_error"), "{text}");
                assert!(shown.contains(&format!("param: Some(\"{field}\")")), "{shown}");
            }
            let most = if matches!(field, "n" | "best_of") { MOST_CHOICES } else { MOST_TOKENS };
            let with = |number| format!(r#"{{"model":"m","messages":[],"{field}":{number}}}"#);
            assert!(JsonCall::parse(Endpoint::ChatCompletions, &with(most)).is_ok());
            assert!(refused(&with(most + 1)).contains(&most.to_string()));
        }
    }

    #[test]
    fn fields_that_change_the_model_or_only_look_like_ours_are_refused() {
        for field in [
            "models",
            "route",
            "max_length",
            "MAX_TOKENS",
            "max_to\u{212a}ens",
            "me\u{17f}\u{17f}ages",
            "max_complet\u{131}on_tokens",
            "\u{fb06}ream",
        ] {
            let text = format!(r#"{{"model":"m","messages":[],"{field}":["x"]}}"#);
            assert!(refused(&text).starts_with("invalid_request_error"), "{text}");
        }
        for (field, instead) in REFUSED {
            let text = format!(r#"{{"model":"m","messages":[],"{field}":["x"]}}"#);
            let shown = refused(&text);
            assert!(
                shown.contains(instead) && shown.contains(&format!("param: Some(\"{field}\")")),
                "{shown}"
            );
            assert!(JsonCall::parse(Endpoint::ChatCompletions, &text.replace(r#"["x"]"#, "null")).is_ok());
        }
    }

    #[test]
    fn a_deep_body_takes_no_stack() {
        let deep = format!(r#"{{"model":"m","messages":[{}{}]}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert!(JsonCall::parse(Endpoint::ChatCompletions, &deep).is_ok());
    }
}
