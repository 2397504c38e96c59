//! Reading what was typed into a form: every field is read, and what is wrong with any of them is told at once.

use model::error::{FieldError, Problem};
use std::fmt::Display;
use std::str::FromStr;

/// A form being read. Texts are trimmed; what can't be read becomes a field error.
#[derive(Debug, Default)]
pub struct Reading(Vec<FieldError>);

impl Reading {
    /// A value that must be there.
    pub fn required<T: FromStr<Err: Display>>(&mut self, field: &str, text: &str) -> Option<T> {
        let read = text.trim().parse();
        read.map_err(|error: T::Err| self.wrong(field, error.to_string())).ok()
    }

    /// A value that may be left out.
    pub fn optional<T: FromStr<Err: Display>>(&mut self, field: &str, text: &str) -> Option<T> {
        if text.trim().is_empty() { None } else { self.required(field, text) }
    }

    /// A whole number that may be left out.
    pub fn number<T: FromStr>(&mut self, field: &str, text: &str) -> Option<T> {
        // `1,000,000` is how these pages write numbers, so it can be pasted back.
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
        if digits.is_empty() {
            return None;
        }
        digits.parse().map_err(|_| self.wrong(field, "must be a whole number")).ok()
    }

    /// Values divided by commas, spaces or line breaks, each once.
    pub fn list<T: FromStr<Err: Display> + PartialEq>(&mut self, field: &str, text: &str) -> Vec<T> {
        let mut list = Vec::new();
        for word in words(text) {
            match word.parse() {
                Ok(value) if list.contains(&value) => {}
                Ok(value) => list.push(value),
                Err(error) => self.wrong(field, format!("{word}: {error}")),
            }
        }
        list
    }

    /// Something else is wrong.
    pub fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError::new(field.to_owned(), message.into()));
    }

    /// What is wrong with the value as a whole, but for fields of which something was told already.
    pub fn also(&mut self, errors: Vec<FieldError>) {
        for error in errors {
            if !self.0.iter().any(|known| known.field == error.field) {
                self.0.push(error);
            }
        }
    }

    /// The value, if nothing was wrong.
    pub fn done<T>(self, value: Option<T>) -> Result<T, Problem> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => {
                let mut problem = Problem::new(422, "validation_failed", "Some fields can't be taken");
                problem.errors = self.0;
                Err(problem)
            }
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty())
}

/// A list as [`Reading::list`] takes it back.
pub fn joined<T: Display>(list: &[T]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A value as a field shows it; nothing when there is none.
pub fn shown<T: Display>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// What of a record is to change: nothing where it stays as it was.
pub fn changed<T: PartialEq>(before: &T, after: T) -> Option<T> {
    (*before != after).then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ModelPattern;

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let mut form = Reading::default();
        assert_eq!(form.number::<u32>("a", " 1,000 "), Some(1_000));
        assert_eq!(form.number::<u32>("a", ""), None);
        assert_eq!(form.number::<u32>("b", "many"), None);
        let patterns: Vec<ModelPattern> = form.list("c", "gpt-4o*,gpt-4o*\n o3  !!");
        assert_eq!(joined(&patterns), "gpt-4o*, o3");
        let problem = form.done(Some(())).unwrap_err();
        assert_eq!(problem.field("b"), Some("must be a whole number"));
        assert!(problem.field("c").is_some_and(|message| message.starts_with("!!: must be")));
        assert_eq!(problem.errors.len(), 2);
    }

    #[test]
    fn only_what_differs_changes() {
        assert_eq!(changed(&1, 1), None);
        assert_eq!(changed(&Some(1), None), Some(None));
    }
}
