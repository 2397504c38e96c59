//! The JSON body of a call: read once, borrowed, and forwarded as the bytes that came.
//!
//! Only what decides something here is looked at. A field that does is refused when it comes twice, or spelled in
//! another case: parsers differ in which one they take, and what was authorised must be what the upstream reads.

use crate::endpoint::Endpoint;
use crate::error::{ApiError, Code};
use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

const FIELDS: [&str; 17] = [
    "model",
    // What the answer is made from, depending on the endpoint.
    "messages",
    "prompt",
    "input",
    "stream",
    "stream_options",
    "metadata",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    // Other servers' words for the most output and for the number of choices: counted like OpenAI's.
    "n_predict",
    "n",
    "best_of",
    // They would let the upstream choose another model than the one that was authorised, or another length.
    "models",
    "route",
    "max_length",
    // The answer would be made when nobody counts any more.
    "background",
];
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

#[derive(Default)]
struct Fields<'a> {
    values: [Option<&'a RawValue>; FIELDS.len()],
    twice: Option<&'static str>,
}

/// Which of [`FIELDS`] a key is; `exact` is false for another spelling of it.
enum Key {
    Known { at: usize, exact: bool },
    Other,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = Key;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field name")
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<Key, E> {
                // Nearly all names are ASCII, which folds onto nothing but its other case.
                let at = if name.is_ascii() {
                    FIELDS.iter().position(|field| field.eq_ignore_ascii_case(name))
                } else {
                    FIELDS.iter().position(|field| folds_onto(name, field))
                };
                Ok(at.map_or(Key::Other, |at| Key::Known { at, exact: FIELDS[at] == name }))
            }
        }
        deserializer.deserialize_str(Name)
    }
}

/// Whether some parser could take `name` for `field`: in any case, also where Unicode folds onto ASCII, which it does
/// in either direction (the Kelvin sign is a `k` in lower case, the long s an `S` in upper case).
fn folds_onto(name: &str, field: &str) -> bool {
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).eq(field.chars())
}

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

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Fields::default();
                while let Some(key) = map.next_key()? {
                    let Key::Known { at, exact } = key else {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    let value = map.next_value()?;
                    if !exact || fields.values[at].replace(value).is_some() {
                        fields.twice = Some(FIELDS[at]);
                    }
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// A call, as far as it matters here.
pub(crate) struct JsonCall<'a> {
    text: &'a str,
    endpoint: Endpoint,
    pub(crate) model: Cow<'a, str>,
    model_at: Range<usize>,
    pub(crate) stream: bool,
    stream_options: Option<(StreamOptions, Range<usize>)>,
    /// Most output tokens over all choices, if the request names a maximum.
    pub(crate) most_output: Option<u64>,
    /// The client's own notes, as JSON text.
    pub(crate) metadata: Option<&'a str>,
}

type StreamOptions = BTreeMap<String, Box<RawValue>>;

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> JsonCall<'a> {
    pub(crate) fn parse(endpoint: Endpoint, text: &'a str) -> Result<Self, ApiError> {
        let fields: Fields<'a> = serde_json::from_str(text).map_err(|error: serde_json::Error| {
            if error.is_data() {
                ApiError::from(Code::InvalidRequest).message("The request body must be a JSON object.")
            } else {
                let (line, column) = (error.line(), error.column());
                ApiError::from(Code::InvalidJson)
                    .message(format!("The request body is not valid JSON: see line {line}, column {column}."))
            }
        })?;
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
        let background = background.filter(|value| value.get() != "false");
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
            Some(raw) if stream && raw.get() != "null" => {
                let options = serde_json::from_str(raw.get())
                    .map_err(|_| ApiError::invalid("stream_options", "stream_options must be an object."))?;
                Some((options, range(text, raw)))
            }
            Some(raw) if stream => Some((StreamOptions::new(), range(text, raw))),
            _ => None,
        };
        let [max_tokens, max_completion_tokens, max_output_tokens, n_predict, n, best_of] = numbers;
        let max_tokens = whole("max_tokens", max_tokens, MOST_TOKENS)?
            .max(whole("max_completion_tokens", max_completion_tokens, MOST_TOKENS)?)
            .max(whole("max_output_tokens", max_output_tokens, MOST_TOKENS)?)
            .max(whole("n_predict", n_predict, MOST_TOKENS)?);
        let choices = whole("n", n, MOST_CHOICES)?.max(whole("best_of", best_of, MOST_CHOICES)?).unwrap_or(1);
        Ok(Self {
            text,
            endpoint,
            model: name,
            model_at: range(text, model),
            stream,
            stream_options,
            most_output: if endpoint.generates_text() {
                max_tokens.map(|most| most.saturating_mul(choices))
            } else {
                Some(0)
            },
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
        let asked = self.stream_options.as_ref().and_then(|(options, _)| options.get("include_usage"));
        asked.is_some_and(|value| value.get() == "true")
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
        if self.stream && self.asks_for_usage() && !self.wants_usage() {
            edits.push(if let Some((options, at)) = &self.stream_options {
                let mut options = options.clone();
                options.insert("include_usage".into(), RawValue::from_string("true".into())?);
                (at.clone(), serde_json::to_vec(&options)?)
            } else {
                // Parsed as an object with fields: the first character that isn't space is its brace.
                let at = self.text.find('{').map_or(0, |brace| brace + 1);
                (at..at, br#""stream_options":{"include_usage":true},"#.to_vec())
            });
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
