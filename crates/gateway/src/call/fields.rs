//! The top-level fields of a JSON body, found without reading what is in them.
//!
//! A field that decides something is refused when it comes twice, or spelled in another case: parsers differ in which
//! one they take, and what was authorised must be what the upstream reads.

use crate::error::{ApiError, Code};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// What decides something. The order is that of [`Fields::values`].
pub(super) const FIELDS: [&str; 17] = [
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
/// By these some upstreams, routers most of all, choose a model, a provider or an address themselves. They go through
/// for a key that may call everything, and are refused for one that may not.
pub(super) const ROUTING: [&str; 7] =
    ["fallbacks", "model_list", "preset", "provider", "api_base", "base_url", "extra_body"];
/// Most fields of a body; each is looked at.
const MOST_FIELDS: usize = 1_000;
const TOO_MANY_FIELDS: &str = "too many fields";

/// The fields of a body.
#[derive(Default)]
pub(super) struct Fields<'a> {
    pub(super) values: [Option<&'a RawValue>; FIELDS.len()],
    /// A field that was there twice, or in another spelling.
    pub(super) twice: Option<&'static str>,
    /// One of [`ROUTING`], if there is any.
    pub(super) routing: Option<&'static str>,
}

/// Which of [`FIELDS`] a key is (`exact` is false for another spelling of it), or which of [`ROUTING`].
enum Key {
    Known { at: usize, exact: bool },
    Routing(&'static str),
    Other,
}

impl Key {
    fn of(name: &str, is: impl Fn(&str) -> bool) -> Self {
        if let Some(at) = FIELDS.iter().position(|field| is(field)) {
            return Self::Known { at, exact: FIELDS[at] == name };
        }
        ROUTING.into_iter().find(|field| is(field)).map_or(Self::Other, Self::Routing)
    }
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
                Ok(if name.is_ascii() {
                    Key::of(name, |field| field.eq_ignore_ascii_case(name))
                } else {
                    Key::of(name, |field| folds_onto(name, field))
                })
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

impl<'a> Fields<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, ApiError> {
        serde_json::from_str(text).map_err(|error: serde_json::Error| {
            if error.is_data() && error.to_string().starts_with(TOO_MANY_FIELDS) {
                ApiError::from(Code::InvalidJson)
                    .message(format!("The request body must have at most {MOST_FIELDS} fields."))
            } else if error.is_data() {
                ApiError::from(Code::InvalidRequest).message("The request body must be a JSON object.")
            } else {
                let (line, column) = (error.line(), error.column());
                ApiError::from(Code::InvalidJson)
                    .message(format!("The request body is not valid JSON: see line {line}, column {column}."))
            }
        })
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
                let mut count = 0;
                while let Some(key) = map.next_key()? {
                    count += 1;
                    if count > MOST_FIELDS {
                        return Err(Error::custom(TOO_MANY_FIELDS));
                    }
                    match key {
                        Key::Known { at, exact } => {
                            let value = map.next_value()?;
                            if !exact || fields.values[at].replace(value).is_some() {
                                fields.twice = Some(FIELDS[at]);
                            }
                        }
                        Key::Routing(field) => {
                            let value: &RawValue = map.next_value()?;
                            if value.get() != "null" {
                                fields.routing = Some(field);
                            }
                        }
                        Key::Other => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Object)
    }
}
