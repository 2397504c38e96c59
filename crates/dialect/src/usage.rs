//! Usage as providers report it, and text as far as it must be estimated.

use crate::Shape;
use crate::tokens::TokenCounts;
use memchr::{memchr, memchr2, memmem};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// No answer has more tokens.
const MOST: u64 = 1_000_000_000_000;

/// A number of tokens; `None`: one that no answer can have. Servers write them as whole numbers, as floats and, broken,
/// below zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Count(Option<u64>);

impl Count {
    /// The number, zero when there is none.
    pub(crate) fn number(self) -> u64 {
        self.0.unwrap_or(0)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Count;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of tokens")
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Count, E> {
                Ok(Count(Some(number).filter(|number| *number <= MOST)))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Count, E> {
                Ok(Count(u64::try_from(number).ok()))
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "the range was looked at before"
            )]
            fn visit_f64<E: Error>(self, number: f64) -> Result<Count, E> {
                Ok(Count((0.0..=MOST as f64).contains(&number).then_some(number as u64)))
            }
        }
        deserializer.deserialize_any(Number)
    }
}

/// What stands where an object is expected, if it is one. A list would be read as a struct's fields in their order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object<T>(pub(crate) Option<T>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Any<T> {
            type Value = Object<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|object| Object(Some(object)))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Object<T>, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Object(None))
            }
            fn visit_unit<E: Error>(self) -> Result<Object<T>, E> {
                Ok(Object(None))
            }
            fn visit_bool<E: Error>(self, _: bool) -> Result<Object<T>, E> {
                Ok(Object(None))
            }
            fn visit_i64<E: Error>(self, _: i64) -> Result<Object<T>, E> {
                Ok(Object(None))
            }
            fn visit_u64<E: Error>(self, _: u64) -> Result<Object<T>, E> {
                Ok(Object(None))
            }
            fn visit_f64<E: Error>(self, _: f64) -> Result<Object<T>, E> {
                Ok(Object(None))
            }
            fn visit_str<E: Error>(self, _: &str) -> Result<Object<T>, E> {
                Ok(Object(None))
            }
        }
        deserializer.deserialize_any(Any(PhantomData))
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct InputDetails {
    cached_tokens: Option<Count>,
    cache_write_tokens: Option<Count>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct OutputDetails {
    reasoning_tokens: Option<Count>,
    // Anthropic's word for it.
    thinking_tokens: Option<Count>,
}

/// A `usage` object in any of the namings in use.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reported {
    prompt_tokens: Option<Count>,
    completion_tokens: Option<Count>,
    prompt_tokens_details: Object<InputDetails>,
    completion_tokens_details: Object<OutputDetails>,
    // DeepSeek's word for the cached part.
    prompt_cache_hit_tokens: Option<Count>,
    input_tokens: Option<Count>,
    output_tokens: Option<Count>,
    input_tokens_details: Object<InputDetails>,
    output_tokens_details: Object<OutputDetails>,
    cache_read_input_tokens: Option<Count>,
    cache_creation_input_tokens: Option<Count>,
}

fn number(count: Option<Count>) -> u64 {
    count.map_or(0, Count::number)
}

/// A figure that must make sense; zero when it is missing.
fn figure(count: Option<Count>) -> Option<u64> {
    count.map_or(Some(0), |Count(number)| number)
}

impl Reported {
    /// The figures in one naming, if there are any: a `usage` that says nothing, or nothing possible, isn't a report.
    pub(crate) fn counts(&self, shape: Shape) -> Option<TokenCounts> {
        let input = self.prompt_tokens.or(self.input_tokens);
        let output = self.completion_tokens.or(self.output_tokens);
        if input.is_none() && output.is_none() {
            return None;
        }
        let counts = if shape == Shape::Messages {
            let (cached_input, cache_write) =
                (figure(self.cache_read_input_tokens)?, figure(self.cache_creation_input_tokens)?);
            TokenCounts {
                // Anthropic counts what its cache touched beside `input_tokens`, OpenAI within it.
                input: figure(self.input_tokens)?.saturating_add(cached_input).saturating_add(cache_write),
                cached_input,
                cache_write,
                output: figure(self.output_tokens)?,
                reasoning: number(self.thinking_tokens()),
            }
        } else {
            let details = self.prompt_tokens_details.0.or(self.input_tokens_details.0);
            let cached = details.and_then(|details| details.cached_tokens).or(self.prompt_cache_hit_tokens);
            let cache_write = details.and_then(|details| details.cache_write_tokens);
            let details = self.completion_tokens_details.0.or(self.output_tokens_details.0);
            TokenCounts {
                input: figure(input)?,
                cached_input: number(cached),
                cache_write: number(cache_write),
                output: figure(output)?,
                reasoning: number(details.and_then(|details| details.reasoning_tokens)),
            }
        };
        Some(counts.bounded())
    }

    /// Takes in what a later event of the same Anthropic stream says. Its figures are cumulative, so the greater one
    /// is the later one; some servers repeat what they don't know as 0.
    pub(crate) fn merge(&mut self, later: &Self) {
        self.input_tokens = self.input_tokens.max(later.input_tokens);
        self.output_tokens = self.output_tokens.max(later.output_tokens);
        self.cache_read_input_tokens = self.cache_read_input_tokens.max(later.cache_read_input_tokens);
        self.cache_creation_input_tokens =
            self.cache_creation_input_tokens.max(later.cache_creation_input_tokens);
        if later.thinking_tokens() > self.thinking_tokens() {
            self.output_tokens_details = later.output_tokens_details;
        }
    }

    fn thinking_tokens(&self) -> Option<Count> {
        self.output_tokens_details.0.and_then(|details| details.thinking_tokens)
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    usage: Object<Reported>,
}

/// Usage of a plain answer; `None` if it reports none. Counting tokens uses none, whatever is counted.
pub fn plain(shape: Shape, json: &[u8]) -> Option<TokenCounts> {
    if shape == Shape::CountTokens {
        return Some(TokenCounts::default());
    }
    let answer = match ending(json) {
        Some(ending) => serde_json::from_str::<Object<Answer>>(&ending).ok(),
        None => None,
    };
    answer.or_else(|| serde_json::from_slice(json).ok())?.0?.usage.0?.counts(shape)
}

/// Longest rest of an answer that is read in place of all of it.
const LONGEST_ENDING: usize = 2_048;

/// The answer from its only `"usage"` on, as an object of its own, so that the text before it needn't be parsed. It can
/// be read only if that name stands right in the outermost object: otherwise more braces end in it than begin.
fn ending(json: &[u8]) -> Option<String> {
    let finder = memmem::Finder::new(br#""usage""#);
    let at = finder.find(json)?;
    let (before, rest) = json.split_at(at);
    // After anything else it would be a value, or the end of a text.
    let is_name = matches!(before.trim_ascii_end().last(), Some(b',' | b'{'));
    if !is_name || rest.len() > LONGEST_ENDING || finder.find(&rest[1..]).is_some() {
        return None;
    }
    let mut object = String::with_capacity(1 + rest.len());
    object.push('{');
    object.push_str(std::str::from_utf8(rest).ok()?);
    Some(object)
}

/// Names under which generated text stands.
pub(crate) const TEXT: [&[u8]; 9] = [
    b"content",
    b"reasoning_content",
    b"reasoning",
    b"arguments",
    b"text",
    b"delta",
    b"partial_json",
    b"thinking",
    b"refusal",
];

/// An estimate of the tokens of a plain answer's text whose provider said nothing of them. Cautious: hardly any text has
/// tokens of less than two bytes on average, and what is never billed is worse than what is estimated too high.
pub fn estimated_tokens(text_bytes: u64) -> u64 {
    text_bytes.div_ceil(2)
}

/// Bytes of generated text in a piece of JSON, for estimates. Nothing is parsed and escapes count as written.
pub fn text_bytes(json: &[u8]) -> u64 {
    strings_under(json, &TEXT, &Sign::NONE).0
}

/// A string by whose name, and by whose text unless any will do, an event says that something ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sign {
    pub(crate) name: &'static [u8],
    pub(crate) text: Option<&'static [u8]>,
}

impl Sign {
    /// Never found: no string stands under no name.
    const NONE: Self = Self { name: b"", text: Some(b"\"") };
}

/// Bytes of the strings that stand under one of `names`, and how often `sign` was found.
pub(crate) fn strings_under(json: &[u8], names: &[&[u8]], sign: &Sign) -> (u64, u64) {
    let (mut bytes, mut signs) = (0, 0);
    let mut rest = json;
    while let Some(quote) = memchr(b'"', rest) {
        let (name, after) = string(&rest[quote + 1..]);
        rest = after;
        let Some(value) = after.trim_ascii_start().strip_prefix(b":") else { continue };
        let Some(value) = value.trim_ascii_start().strip_prefix(b"\"") else { continue };
        let (text, after) = string(value);
        rest = after;
        if names.contains(&name) {
            bytes += text.len() as u64;
        } else if name == sign.name && sign.text.is_none_or(|expected| expected == text) {
            signs += 1;
        }
    }
    (bytes, signs)
}

/// A string whose opening quote was read, and what follows its closing one.
fn string(text: &[u8]) -> (&[u8], &[u8]) {
    let mut from = 0;
    while let Some(found) = memchr2(b'"', b'\\', text.get(from..).unwrap_or_default()) {
        let at = from + found;
        if text[at] == b'"' {
            return (&text[..at], &text[at + 1..]);
        }
        from = at + 2;
    }
    (text, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(input: u64, cached_input: u64, cache_write: u64, output: u64, reasoning: u64) -> TokenCounts {
        TokenCounts { input, cached_input, cache_write, output, reasoning }
    }

    #[test]
    fn every_shape_is_read_alike() {
        for (shape, json, expected) in [
            (
                Shape::ChatCompletions,
                r#"{"id":"x","choices":[{"message":{"content":"hi"}}],"usage":{"prompt_tokens":9,"completion_tokens":5,
                "total_tokens":14,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},
                "completion_tokens_details":{"reasoning_tokens":3}}}"#,
                Some(counts(9, 4, 0, 5, 3)),
            ),
            (
                Shape::ChatCompletions,
                r#"{"usage":{"prompt_tokens":9,"completion_tokens":5,"prompt_tokens_details":null,"prompt_cache_hit_tokens":8}}"#,
                Some(counts(9, 8, 0, 5, 0)),
            ),
            (
                Shape::Completions,
                r#"{"usage":{"prompt_tokens":9,"completion_tokens":5}}"#,
                Some(counts(9, 0, 0, 5, 0)),
            ),
            (
                Shape::Responses,
                r#"{"usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":3},
                "output_tokens":5,"output_tokens_details":{"reasoning_tokens":2}}}"#,
                Some(counts(9, 4, 3, 5, 2)),
            ),
            (
                Shape::Embeddings,
                r#"{"data":[],"usage":{"prompt_tokens":9,"total_tokens":9}}"#,
                Some(counts(9, 0, 0, 0, 0)),
            ),
            (
                Shape::Messages,
                r#"{"usage":{"input_tokens":2,"cache_creation_input_tokens":30,"cache_read_input_tokens":400,
                "output_tokens":5,"output_tokens_details":{"thinking_tokens":3},"service_tier":"standard"}}"#,
                Some(counts(432, 400, 30, 5, 3)),
            ),
            (Shape::CountTokens, r#"{"input_tokens":2095}"#, Some(counts(0, 0, 0, 0, 0))),
            (
                Shape::Other,
                r#"{"data":[{"b64_json":"AA"}],"usage":{"input_tokens":7,"output_tokens":1056,"total_tokens":1063,
                "input_tokens_details":{"text_tokens":7,"image_tokens":0}}}"#,
                Some(counts(7, 0, 0, 1056, 0)),
            ),
            (
                Shape::Other,
                r#"{"text":"hi","usage":{"type":"tokens","input_tokens":14,"output_tokens":45,
                "input_token_details":{"audio_tokens":14}}}"#,
                Some(counts(14, 0, 0, 45, 0)),
            ),
            (Shape::Other, r#"{"text":"hi","usage":{"type":"duration","seconds":3}}"#, None),
            (Shape::Other, r#"{"id":"modr-1","results":[{"flagged":false}]}"#, None),
        ] {
            assert_eq!(plain(shape, json.as_bytes()), expected, "{shape:?} {json}");
        }
    }

    #[test]
    fn usage_is_that_of_the_whole_answer_wherever_it_stands() {
        let long = "x".repeat(3_000);
        for (json, input) in [
            (r#"{"id":"x","usage":{"prompt_tokens":1},"tier":"a"}"#.to_owned(), Some(1)),
            (" {\n \"a\" : [ {} ] ,\n \"usage\" : {\"prompt_tokens\":1}\n}\n".to_owned(), Some(1)),
            // Below the outermost object it is somebody else's.
            (r#"{"a":{"usage":{"prompt_tokens":1}}}"#.to_owned(), None),
            (r#"{"a":{"b":1,"usage":{"prompt_tokens":1}},"c":2}"#.to_owned(), None),
            (r#"{"a":[{"usage":{"prompt_tokens":1}}]}"#.to_owned(), None),
            (r#"{"a":{"usage":{"prompt_tokens":2}},"usage":{"prompt_tokens":1}}"#.to_owned(), Some(1)),
            (r#"{"usage":{"prompt_tokens":1},"a":{"usage":{"prompt_tokens":2}}}"#.to_owned(), Some(1)),
            // In a text, or as a value, it is nothing.
            (r#"{"a":"\"usage","b":1,"usage":{"prompt_tokens":1}}"#.to_owned(), Some(1)),
            (r#"{"a":["x","usage"],"b":1}"#.to_owned(), None),
            (r#"{"a":"{\"usage\":{\"prompt_tokens\":7}}"}"#.to_owned(), None),
            (r#"{"a":"x,\"usage":{"prompt_tokens":7}}"#.to_owned(), None),
            (r#"{"us\u0061ge":{"prompt_tokens":1}}"#.to_owned(), Some(1)),
            // Long behind, long before.
            (format!(r#"{{"usage":{{"prompt_tokens":1}},"a":"{long}"}}"#), Some(1)),
            (format!(r#"{{"a":"{long}","usage":{{"prompt_tokens":1}}}}"#), Some(1)),
        ] {
            let found = plain(Shape::ChatCompletions, json.as_bytes());
            assert_eq!(found.map(|counts| counts.input), input, "{json}");
            let whole = serde_json::from_str::<Answer>(&json).ok();
            let whole = whole.and_then(|answer| answer.usage.0?.counts(Shape::ChatCompletions));
            assert_eq!(found, whole, "{json}");
        }
    }

    #[test]
    fn a_stream_s_figures_grow() {
        let read = |json: &str| serde_json::from_str::<Reported>(json).unwrap();
        let mut so_far = read(r#"{"input_tokens":2,"cache_read_input_tokens":400,"output_tokens":1}"#);
        so_far.merge(&read(r#"{"output_tokens":9,"output_tokens_details":{"thinking_tokens":4}}"#));
        so_far.merge(&read(r#"{"input_tokens":0,"output_tokens":9,"output_tokens_details":null}"#));
        assert_eq!(so_far.counts(Shape::Messages), Some(counts(402, 400, 0, 9, 4)));
    }

    #[test]
    fn claims_that_make_no_sense_do_no_harm() {
        let chat = |json: &str| plain(Shape::ChatCompletions, json.as_bytes());
        for silent in [
            "",
            "[]",
            "{",
            "{\"usage\":null}",
            "{\"usage\":{}}",
            "{\"usage\":7}",
            "{\"usage\":{\"prompt_tokens\":\"9\"}}",
            "{\"usage\":{\"prompt_tokens\":1e999}}",
            // A list isn't an object, though its elements could be taken for the fields.
            "{\"usage\":[1,2]}",
            "[{\"prompt_tokens\":1}]",
            // Figures that no answer can have.
            "{\"usage\":{\"prompt_tokens\":-4,\"completion_tokens\":7}}",
            "{\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":-7.5}}",
            "{\"usage\":{\"prompt_tokens\":1e30}}",
            "{\"usage\":{\"prompt_tokens\":18446744073709551615}}",
        ] {
            assert_eq!(chat(silent), None, "{silent}");
        }
        assert_eq!(
            chat(
                r#"{"usage":{"prompt_tokens":4,"completion_tokens":7.9,"prompt_tokens_details":[4],
            "completion_tokens_details":{"reasoning_tokens":-1}}}"#
            ),
            Some(counts(4, 0, 0, 7, 0))
        );
        assert_eq!(
            chat(r#"{"usage":{"prompt_tokens":3,"prompt_tokens_details":{"cached_tokens":9}}}"#),
            Some(counts(3, 3, 0, 0, 0))
        );
        let all = MOST;
        let json = format!(
            r#"{{"usage":{{"input_tokens":{all},"cache_read_input_tokens":{all},"output_tokens":{all}}}}}"#
        );
        let most = plain(Shape::Messages, json.as_bytes()).unwrap();
        assert_eq!((most, most.fresh_input()), (counts(2 * all, all, 0, all, 0), all));
        assert_eq!(
            plain(Shape::Messages, json.replace("read_input_tokens\":", "read_input_tokens\":-").as_bytes()),
            None
        );
        let deep = format!(
            r#"{{"x":{}{},"usage":{{"prompt_tokens":1}}}}"#,
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        assert_eq!(chat(&deep), Some(counts(1, 0, 0, 0, 0)));
        assert_eq!(
            plain(Shape::ChatCompletions, b"{\"x\":\"\xff\",\"usage\":{\"prompt_tokens\":1}}"),
            chat(&deep)
        );
    }

    #[test]
    fn text_is_counted_without_parsing() {
        for (json, expected) in [
            (r#"{"choices":[{"message":{"role":"assistant","content":"ab\"cd"}}]}"#, 6),
            (r#"{"delta": {"content" : "abc", "reasoning_content":"de"}}"#, 5),
            (r#"{"tool_calls":[{"function":{"name":"f","arguments":"{\"a\":1}"}}]}"#, 9),
            (r#"{"type":"response.output_text.delta","delta":"abc"}"#, 3),
            (r#"{"type":"input_json_delta","partial_json":"{\""}"#, 3),
            (r#"{"type":"thinking_delta","thinking":"hm","signature":"zzzz"}"#, 2),
            (r#"{"refusal":"no","content":null,"text":{"format":"text"}}"#, 2),
            (r#"{"content":"\"content\":\"x\""}"#, 17),
            (r#"{"content":"unfinished"#, 10),
            (r#"{"content":"unfinished\"#, 11),
            (r#"{"content":""#, 0),
            (r#"{"content":"#, 0),
            ("", 0),
            ("\"", 0),
        ] {
            assert_eq!(text_bytes(json.as_bytes()), expected, "{json}");
        }
    }
}
