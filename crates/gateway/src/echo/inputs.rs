//! The inputs of a call that takes one or many: a string, a list of them, tokens, a list of those, or parts.

use super::heard::Text;
use crate::error::ApiError;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use std::fmt;

/// Most inputs of a call.
const MOST: usize = 2_048;

/// What was given; at least one.
pub(super) struct Inputs {
    each: Vec<Text>,
    /// Whether it is one input, given in parts.
    in_parts: bool,
}

impl Inputs {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.each.len()
    }

    /// The inputs where they may not be given in parts; `field` is the request's.
    pub(super) fn texts(self, field: &'static str) -> Result<Vec<Text>, ApiError> {
        if self.in_parts {
            Err(ApiError::invalid(field, format!("{field} must be text.")))
        } else {
            Ok(self.each)
        }
    }
}

impl<'de> Deserialize<'de> for Inputs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Inputs;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Inputs, E> {
                Ok(Inputs { each: vec![text.into()], in_parts: false })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Inputs, A::Error> {
                let mut each: Vec<Text> = Vec::new();
                // Tokens and parts stand in the list itself and are one input together.
                let mut together = Text::default();
                let (mut tokens, mut parts) = (false, false);
                while let Some(element) = list.next_element()? {
                    match element {
                        Element::Whole(text) => each.push(text),
                        Element::Token(token) => {
                            tokens = true;
                            together.add_token(token);
                        }
                        Element::Part(part) => {
                            parts = true;
                            together.words += part.words;
                        }
                    }
                    let kinds = u8::from(!each.is_empty()) + u8::from(tokens) + u8::from(parts);
                    if kinds > 1 || each.len() > MOST {
                        return Err(A::Error::custom("too many or mixed inputs"));
                    }
                }
                if tokens || parts {
                    each.push(together);
                }
                if each.is_empty() {
                    return Err(A::Error::custom("no input"));
                }
                Ok(Inputs { each, in_parts: parts })
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

/// What a list has.
enum Element {
    Whole(Text),
    Token(u64),
    Part(Text),
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Element;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, a token, a list of tokens or a part")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Element, E> {
                Ok(Element::Whole(text.into()))
            }
            fn visit_u64<E: Error>(self, token: u64) -> Result<Element, E> {
                Ok(Element::Token(token))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut tokens: A) -> Result<Element, A::Error> {
                let mut text = Text::default();
                while let Some(token) = tokens.next_element::<u64>()? {
                    text.add_token(token);
                }
                Ok(Element::Whole(text))
            }
            fn visit_map<A: MapAccess<'de>>(self, part: A) -> Result<Element, A::Error> {
                Text::deserialize(MapAccessDeserializer::new(part)).map(Element::Part)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(json: &str) -> Option<Vec<String>> {
        let inputs: Inputs = serde_json::from_str(json).ok()?;
        Some(inputs.texts("input").ok()?.into_iter().map(|text| text.head).collect())
    }

    #[test]
    fn one_or_many() {
        let strings = |expected: &[&str]| Some(expected.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(heads(r#""a b""#), strings(&["a b"]));
        assert_eq!(heads(r#"["a","","b"]"#), strings(&["a", "", "b"]));
        assert_eq!(heads("[15496,11]"), strings(&["15496 11"]));
        assert_eq!(heads("[[1,2],[3]]"), strings(&["1 2", "3"]));
        let parts: Inputs = serde_json::from_str(
            r#"[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"x"}}]"#,
        )
        .unwrap();
        assert_eq!(parts.count(), 1);
        assert!(parts.texts("input").is_err());
    }

    #[test]
    fn what_is_no_input_is_refused() {
        for odd in [
            "[]",
            "{}",
            "1",
            "true",
            "[null]",
            "[\"a\",1]",
            "[1,\"a\"]",
            "[1.5]",
            "[-1]",
            "[[\"a\"]]",
            "[[[1]]]",
        ] {
            assert_eq!(heads(odd), None, "{odd}");
        }
        let many = |count| format!("[{}\"\"]", "\"\",".repeat(count - 1));
        assert_eq!(heads(&many(MOST)).map(|all| all.len()), Some(MOST));
        assert_eq!(heads(&many(MOST + 1)), None);
        assert_eq!(heads(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))), None);
        assert_eq!(heads(&format!("[{}1]", "1,".repeat(1_000_000))).map(|all| all.len()), Some(1));
    }
}
