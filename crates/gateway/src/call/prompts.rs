//! How many prompts are in one request.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// A text or a list of tokens is one prompt, a list of such is as many; never less than one. `None`: it can't be read,
/// and whoever reads it otherwise must not get more for it.
pub(super) fn count(raw: &RawValue) -> Option<u64> {
    if !raw.get().starts_with('[') {
        return Some(1);
    }
    serde_json::from_str::<List>(raw.get()).ok().map(|List(count)| count.max(1))
}

struct List(u64);

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = List;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List, A::Error> {
                let mut count = 0;
                while let Some(Part { is_prompt }) = list.next_element()? {
                    count += u64::from(is_prompt);
                }
                Ok(List(count))
            }
        }
        deserializer.deserialize_seq(Parts)
    }
}

/// One of a list: a number is a token, everything else a prompt.
struct Part {
    is_prompt: bool,
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        const TOKEN: Part = Part { is_prompt: false };
        const PROMPT: Part = Part { is_prompt: true };
        impl<'de> Visitor<'de> for Any {
            type Value = Part;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a prompt or a token")
            }
            fn visit_u64<E>(self, _: u64) -> Result<Part, E> {
                Ok(TOKEN)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Part, E> {
                Ok(TOKEN)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Part, E> {
                Ok(TOKEN)
            }
            fn visit_bool<E>(self, _: bool) -> Result<Part, E> {
                Ok(TOKEN)
            }
            fn visit_unit<E>(self) -> Result<Part, E> {
                Ok(TOKEN)
            }
            fn visit_str<E>(self, _: &str) -> Result<Part, E> {
                Ok(PROMPT)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Part, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(PROMPT)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Part, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(PROMPT)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_as_a_prompt() {
        for (text, expected) in [
            (r#""x""#, 1),
            ("[]", 1),
            ("[1,2,3]", 1),
            (r#"["x"]"#, 1),
            (r#"["x","y",[1,[2]],{"a":{"b":[1]}}]"#, 4),
            ("[[1],[2,3],[]]", 3),
            (r#"[1,"x",-1,1e9,null,true,"y"]"#, 2),
        ] {
            assert_eq!(count(&RawValue::from_string(text.into()).unwrap()), Some(expected), "{text}");
        }
        for text in [r#"["\ud800","x"]"#, "[1e999]"] {
            assert_eq!(count(&RawValue::from_string(text.into()).unwrap()), None, "{text}");
        }
    }
}
