//! From text to a filter: `or` binds least, then `and`, then `not`.

use super::{DEEPEST, Filter, LONGEST, MOST_TERMS, Operator, invalid};
use crate::scim::ScimError;
use crate::scim::path::Scope;
use serde_json::Value;

pub(super) fn whole(text: &str, scope: Scope) -> Result<Filter, ScimError> {
    if text.len() > LONGEST {
        return Err(invalid(format!("the filter is too long: {LONGEST} bytes at most")));
    }
    let mut parser = Parser { rest: text.trim(), scope, depth: 0, terms: 0 };
    let filter = parser.either()?;
    if parser.rest.is_empty() { Ok(filter) } else { Err(parser.unexpected()) }
}

struct Parser<'a> {
    rest: &'a str,
    scope: Scope,
    depth: usize,
    terms: usize,
}

impl<'a> Parser<'a> {
    fn either(&mut self) -> Result<Filter, ScimError> {
        let mut all = vec![self.both()?];
        while self.takes_word("or") {
            all.push(self.both()?);
        }
        Ok(if all.len() == 1 { all.swap_remove(0) } else { Filter::Or(all) })
    }

    fn both(&mut self) -> Result<Filter, ScimError> {
        let mut all = vec![self.term()?];
        while self.takes_word("and") {
            all.push(self.term()?);
        }
        Ok(if all.len() == 1 { all.swap_remove(0) } else { Filter::And(all) })
    }

    fn term(&mut self) -> Result<Filter, ScimError> {
        self.terms += 1;
        if self.terms > MOST_TERMS {
            return Err(invalid(format!("the filter has too many conditions: {MOST_TERMS} at most")));
        }
        let before = self.rest;
        if self.takes_word("not") {
            if self.rest.starts_with('(') {
                return Ok(Filter::Not(Box::new(self.group('(', ')')?)));
            }
            // An attribute could have that name.
            self.rest = before;
        }
        if self.rest.starts_with('(') { self.group('(', ')') } else { self.comparison() }
    }

    fn group(&mut self, open: char, close: char) -> Result<Filter, ScimError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(invalid(format!("the filter is nested too deeply: {DEEPEST} levels at most")));
        }
        self.expect(open)?;
        let filter = self.either()?;
        self.expect(close)?;
        self.depth -= 1;
        Ok(filter)
    }

    fn comparison(&mut self) -> Result<Filter, ScimError> {
        let name = self.word();
        if name.is_empty() || !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$') {
            return Err(self.unexpected());
        }
        let place = self.scope.find(name);
        if self.rest.starts_with('[') {
            let outer =
                place.filter(|place| place.sub.is_none()).and_then(|place| Some((place, place.attribute?)));
            let nested = outer.filter(|(_, attribute)| {
                matches!(self.scope, Scope::Resource(_)) && !attribute.sub_attributes().is_empty()
            });
            let Some((place, attribute)) = nested else {
                return Err(invalid(format!("{name} has no values with parts")));
            };
            let scope = std::mem::replace(&mut self.scope, Scope::Value(attribute));
            let mut inner = self.group('[', ']')?;
            // Not in the grammar, but what Entra asks: emails[type eq "work"].value eq "a@b".
            if self.rest.starts_with('.') {
                self.rest = &self.rest[1..];
                inner = Filter::And(vec![inner, self.comparison()?]);
            }
            self.scope = scope;
            return Ok(Filter::Within(place, Box::new(inner)));
        }
        self.skip_spaces();
        let word = self.word();
        if word.eq_ignore_ascii_case("pr") {
            self.skip_spaces();
            return Ok(Filter::Present(place));
        }
        let Some(operator) = Operator::parse(word) else {
            return Err(invalid(format!("after {name} there must be an operator such as eq, not {word:?}")));
        };
        self.skip_spaces();
        let value = self.value()?;
        if operator.orders() && !matches!(value, Value::String(_) | Value::Number(_)) {
            return Err(invalid(format!("{value} has no order")));
        }
        self.skip_spaces();
        Ok(Filter::Compare(place, operator, value))
    }

    fn value(&mut self) -> Result<Value, ScimError> {
        let wrong = || invalid("a value must be a JSON string, a number, true, false or null");
        if self.rest.starts_with('"') {
            let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<String>();
            let text = values.next().and_then(Result::ok).ok_or_else(wrong)?;
            self.rest = &self.rest[values.byte_offset()..];
            return Ok(Value::String(text));
        }
        let word = self.word().to_ascii_lowercase();
        let scalar =
            serde_json::from_str(&word).ok().filter(|value: &Value| !value.is_object() && !value.is_array());
        scalar.ok_or_else(wrong)
    }

    /// Up to a space, a parenthesis or a bracket.
    fn word(&mut self) -> &'a str {
        let end = self.rest.find(|c: char| c.is_whitespace() || "()[]\"".contains(c));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    /// Whether `word` is next, in any case; then it is passed.
    fn takes_word(&mut self, word: &str) -> bool {
        self.skip_spaces();
        let before = self.rest;
        if self.word().eq_ignore_ascii_case(word) {
            self.skip_spaces();
            return true;
        }
        self.rest = before;
        false
    }

    fn expect(&mut self, wanted: char) -> Result<(), ScimError> {
        self.skip_spaces();
        self.rest = self.rest.strip_prefix(wanted).ok_or_else(|| self.unexpected())?;
        // After a bracket a part may follow at once.
        if wanted != ']' || !self.rest.starts_with('.') {
            self.skip_spaces();
        }
        Ok(())
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn unexpected(&self) -> ScimError {
        match self.rest.chars().next() {
            None => invalid("the filter ends too soon"),
            Some(_) => invalid(format!(
                "the filter can't be read from here: {}",
                self.rest.chars().take(30).collect::<String>()
            )),
        }
    }
}

impl Operator {
    fn parse(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "eq" => Self::Eq,
            "ne" => Self::Ne,
            "co" => Self::Co,
            "sw" => Self::Sw,
            "ew" => Self::Ew,
            "gt" => Self::Gt,
            "ge" => Self::Ge,
            "lt" => Self::Lt,
            "le" => Self::Le,
            _ => return None,
        })
    }

    const fn orders(self) -> bool {
        matches!(self, Self::Gt | Self::Ge | Self::Lt | Self::Le)
    }
}
