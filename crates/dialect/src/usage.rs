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
mod tests;
