//! Objects of a request, read strictly: every field is asked for by name, and what nobody asked for is refused.

use super::Untranslatable;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// Most bytes of a path in a refusal.
const LONGEST_PATH: usize = 256;

/// Where in the body something stands.
#[derive(Clone, Copy)]
pub(super) enum At<'p> {
    Body,
    Field(&'p At<'p>, &'p str),
    Item(&'p At<'p>, usize),
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body => f.write_str("body"),
            Self::Field(Self::Body, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

impl At<'_> {
    pub(super) fn refused(&self, message: impl Into<String>) -> Untranslatable {
        let mut field = self.to_string();
        // A name can be as long as the body.
        field.truncate(field.floor_char_boundary(LONGEST_PATH));
        Untranslatable { field, message: message.into() }
    }
}

/// The fields of one object that weren't asked for yet.
pub(super) struct Fields<'a, 'p> {
    at: &'p At<'p>,
    values: BTreeMap<Cow<'a, str>, &'a RawValue>,
}

struct Object<'a> {
    values: BTreeMap<Cow<'a, str>, &'a RawValue>,
    twice: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Object<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut object = Object { values: BTreeMap::new(), twice: None };
                while let Some((Name(name), value)) = map.next_entry()? {
                    if object.values.insert(name.clone(), value).is_some() {
                        object.twice = Some(name);
                    }
                }
                Ok(object)
            }
        }
        deserializer.deserialize_map(Map)
    }
}

impl<'a> Fields<'a, 'static> {
    /// The fields of a whole body.
    pub(super) fn of_body(body: &'a [u8]) -> Result<Self, Untranslatable> {
        let text = std::str::from_utf8(body).map_err(|_| At::Body.refused("The body must be UTF-8."))?;
        Fields::read(text, &At::Body)
    }
}

impl<'a, 'p> Fields<'a, 'p> {
    /// The fields of the object in `json`.
    pub(super) fn read(json: &'a str, at: &'p At<'p>) -> Result<Self, Untranslatable> {
        let object: Object<'a> =
            serde_json::from_str(json).map_err(|_| at.refused("This must be a JSON object."))?;
        if let Some(name) = object.twice {
            // Parsers differ in which one they take.
            return Err(At::Field(at, &name).refused("Give this field once."));
        }
        Ok(Self { at, values: object.values })
    }

    /// Where this object stands.
    pub(super) fn at(&self) -> &'p At<'p> {
        self.at
    }

    /// A refusal of the field `name`.
    pub(super) fn refused(&self, name: &str, message: impl Into<String>) -> Untranslatable {
        At::Field(self.at, name).refused(message)
    }

    /// The value of `name` as it stands there; null is as good as absent.
    pub(super) fn raw(&mut self, name: &str) -> Option<&'a RawValue> {
        self.values.remove(name).filter(|raw| raw.get() != "null")
    }

    /// The value of `name`, if there is one.
    pub(super) fn take<T: Deserialize<'a>>(&mut self, name: &str) -> Result<Option<T>, Untranslatable> {
        // The parser's message would quote the value, and refusals may be logged.
        self.raw(name)
            .map(|raw| serde_json::from_str(raw.get()))
            .transpose()
            .map_err(|_| self.refused(name, "The value has the wrong type or is out of range."))
    }

    /// The value of `name`, which must be there.
    pub(super) fn need<T: Deserialize<'a>>(&mut self, name: &str) -> Result<T, Untranslatable> {
        self.take(name)?.ok_or_else(|| self.refused(name, "This field is missing."))
    }

    /// Leaves out fields that mean nothing to the other side, or only hint.
    pub(super) fn ignore(&mut self, names: &[&str]) {
        for name in names {
            self.values.remove(*name);
        }
    }

    /// Refuses `name` unless it says nothing: null, or an empty list, object or text.
    pub(super) fn refuse(&mut self, name: &str, advice: &str) -> Result<(), Untranslatable> {
        match self.raw(name) {
            Some(raw) if !is_empty(raw) => Err(self.refused(name, advice)),
            _ => Ok(()),
        }
    }

    /// Refuses `name` unless its value is as good as none.
    pub(super) fn allow_only<T: Deserialize<'a>>(
        &mut self,
        name: &str,
        says_nothing: impl FnOnce(T) -> bool,
        advice: &str,
    ) -> Result<(), Untranslatable> {
        if self.take(name)?.is_none_or(says_nothing) { Ok(()) } else { Err(self.refused(name, advice)) }
    }

    /// Refuses what nobody asked for.
    pub(super) fn done(mut self) -> Result<(), Untranslatable> {
        self.values.retain(|_, raw| raw.get() != "null");
        match self.values.keys().next() {
            None => Ok(()),
            Some(name) => Err(self.refused(name, "This field has no translation: leave it out.")),
        }
    }
}

/// Whether a value is an empty list, object or text.
pub(super) fn is_empty(raw: &RawValue) -> bool {
    let text = raw.get().as_bytes();
    text == b"\"\"" || matches!(text, [b'[' | b'{', inner @ .., b']' | b'}'] if inner.trim_ascii().is_empty())
}

/// Whether a value is an object.
pub(super) fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

/// JSON text as a value, if it is an object; empty text is an empty one, which is how models call without arguments.
pub(super) fn object(text: String) -> Option<Box<RawValue>> {
    let text = if text.trim_ascii().is_empty() { "{}".to_owned() } else { text };
    RawValue::from_string(text).ok().filter(|raw| is_object(raw))
}
