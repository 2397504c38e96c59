//! Filters (RFC 7644 §3.4.2.2).
//!
//! Parsed by hand: the grammar is small, and what must be bounded (length, depth, number of terms) and how clients
//! depart from it are ours to say.

mod matches;
mod parse;

use super::path::{Place, Scope};
use super::schema::Schema;
use super::{ScimError, ScimType};
use serde_json::Value;

/// Longest filter that is read, in bytes.
pub const LONGEST: usize = 4_096;
/// Deepest nesting of parentheses and brackets.
const DEEPEST: usize = 12;
/// Most comparisons in one filter.
const MOST_TERMS: usize = 64;

/// A condition on a resource.
#[derive(Clone, Debug)]
pub enum Filter {
    /// All of these.
    And(Vec<Filter>),
    /// One of these.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// An attribute has a value that isn't empty.
    Present(Option<Place>),
    /// An attribute compares to this value. `None`: there is no such attribute, so it never has a value.
    Compare(Option<Place>, Operator, Value),
    /// One value of an attribute fulfils this.
    Within(Place, Box<Filter>),
}

/// How values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Begins with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
}

impl Filter {
    /// Reads a filter on resources of this type.
    pub fn parse(text: &str, schema: &'static Schema) -> Result<Self, ScimError> {
        parse::whole(text, Scope::Resource(schema))
    }

    /// Reads a filter on the values of an attribute.
    pub fn parse_within(text: &str, scope: Scope) -> Result<Self, ScimError> {
        parse::whole(text, scope)
    }

    /// Whether it asks about this attribute of the resource.
    pub fn mentions(&self, attribute: &str) -> bool {
        let names = |place: &Place| place.attribute.is_some_and(|known| known.name == attribute);
        match self {
            Self::And(all) | Self::Or(all) => all.iter().any(|filter| filter.mentions(attribute)),
            Self::Not(filter) => filter.mentions(attribute),
            Self::Present(place) | Self::Compare(place, ..) => place.as_ref().is_some_and(names),
            Self::Within(place, _) => names(place),
        }
    }

    /// The text that this attribute must equal for the filter to hold, if the filter demands one: what an index can find.
    pub fn demanded(&self, attribute: &str) -> Option<&str> {
        match self {
            Self::And(all) => all.iter().find_map(|filter| filter.demanded(attribute)),
            Self::Compare(Some(place), Operator::Eq, Value::String(text)) => {
                let at = place.attribute.filter(|_| place.extension.is_none() && place.sub.is_none())?;
                (at.name == attribute).then_some(text)
            }
            _ => None,
        }
    }
}

fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> ScimError {
    ScimError::of(ScimType::InvalidFilter, detail)
}
