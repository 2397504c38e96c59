//! What the echo provider hears: read without keeping more than it may say again.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Most bytes of a message that are kept.
pub(super) const MOST_BYTES: usize = 64 * 1024;

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default, borrow)]
    role: Cow<'a, str>,
    #[serde(default)]
    content: Text,
}

/// The text in some JSON: a string, the `text` of an object, or those of a list. Nothing else is kept, so that what
/// is small as JSON doesn't become large here.
#[derive(Default)]
pub(super) struct Text {
    /// Its beginning.
    pub(super) head: String,
    /// All its words.
    pub(super) words: u64,
}

impl From<&str> for Text {
    fn from(whole: &str) -> Self {
        let mut text = Self::default();
        text.add(whole);
        text
    }
}

impl Text {
    pub(super) fn add(&mut self, text: &str) {
        self.words += text.split_whitespace().count() as u64;
        self.keep(text);
    }

    /// A token of a prompt that came as numbers; its number is its word.
    pub(super) fn add_token(&mut self, token: u64) {
        self.words += 1;
        if self.head.len() < MOST_BYTES {
            self.keep(&token.to_string());
        }
    }

    fn keep(&mut self, text: &str) {
        if !self.head.is_empty() && self.head.len() < MOST_BYTES {
            self.head.push(' ');
        }
        let room = MOST_BYTES - self.head.len();
        self.head.push_str(&text[..text.floor_char_boundary(room)]);
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut text = Self::default();
        Reader(&mut text).deserialize(deserializer)?;
        Ok(text)
    }
}

struct Reader<'a>(&'a mut Text);

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.add(text);
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Reader(self.0))?.is_some() {}
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(name) = object.next_key::<Cow<'de, str>>()? {
            if name == "text" {
                object.next_value_seed(Reader(self.0))?;
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
}

/// A conversation: how many words it has, and the last message of the user. A string is a message of the user.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) words: u64,
    /// Its beginning.
    pub(super) last: String,
}

impl<'de> Deserialize<'de> for Heard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Heard;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("messages")
            }
            fn visit_str<E>(self, text: &str) -> Result<Heard, E> {
                let said = Text::from(text);
                Ok(Heard { words: said.words, last: said.head })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Heard, A::Error> {
                let mut heard = Heard::default();
                while let Some(Message { role, content }) = list.next_element()? {
                    heard.words += content.words;
                    if role == "user" {
                        heard.last = content.head;
                    }
                }
                Ok(heard)
            }
        }
        deserializer.deserialize_any(List)
    }
}
