//! What was entered into a form, by the names of its controls.

use crate::browser::find;
use crate::components::form::{THESE, ways_name};
use crate::components::tokens::{entry_name, words};
use crate::form::Reading;
use std::fmt::Display;
use std::str::FromStr;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FormData, HtmlFormElement};

/// Names and values as the browser would send them: in their order, a name as often as it has values.
#[derive(Clone, Debug, Default)]
pub struct Entered(Vec<(String, String)>);

impl Entered {
    /// From the form inside a dialog.
    pub fn in_dialog(id: &str) -> Self {
        let form = find(&format!("#{id} > form")).and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
        let data = form.and_then(|form| FormData::new_with_form(&form).ok());
        let entries = data.and_then(|data| js_sys::try_iter(&data).ok().flatten());
        let pair = |entry: Result<JsValue, _>| {
            let entry = js_sys::Array::from(&entry.ok()?);
            Some((entry.get(0).as_string()?, entry.get(1).as_string()?))
        };
        Self(entries.into_iter().flatten().filter_map(pair).collect())
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// The text of a control, without spaces around it; `None` when it is empty or not there.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Whether a box is ticked.
    pub fn ticked(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// The word of the chosen radio button beside a field.
    pub fn way(&self, field: &str) -> Option<&str> {
        self.text(&ways_name(field))
    }

    /// The words of a list, whether they became tokens yet or not; each once.
    pub fn words(&self, field: &str) -> Vec<String> {
        let mut all: Vec<String> = self.all(field).map(ToOwned::to_owned).collect();
        for word in self.all(&entry_name(field)).flat_map(words) {
            if !all.iter().any(|known| known == word) {
                all.push(word.to_owned());
            }
        }
        all
    }

    /// A list; a word that doesn't fit is an error on its field.
    pub fn list<T: FromStr<Err: Display>>(&self, reading: &mut Reading, field: &'static str) -> Vec<T> {
        let mut list = Vec::new();
        for word in self.words(field) {
            match word.parse() {
                Ok(value) => list.push(value),
                Err(error) => reading.wrong(field, format!("“{word}” {error}")),
            }
        }
        list
    }

    /// An allow-list; `None`: everything.
    pub fn allowed<T: FromStr<Err: Display>>(
        &self,
        reading: &mut Reading,
        field: &'static str,
    ) -> Option<Vec<T>> {
        (self.way(field) == Some(THESE)).then(|| self.list(reading, field))
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Entered {
    fn from(entries: [(&str, &str); N]) -> Self {
        Self(entries.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ModelPattern;

    #[test]
    fn tokens_and_what_is_still_being_typed_are_one_list() {
        let entered = Entered::from([("m", "a, b"), ("m", "c"), ("m:entry", "d, c\ne"), ("m:ways", "these")]);
        assert_eq!(entered.words("m"), ["a, b", "c", "d", "e"]);
        let mut reading = Reading::default();
        let list: Vec<ModelPattern> = entered.allowed(&mut reading, "m").unwrap();
        assert_eq!(list.len(), 3);
        let problem = reading.done(Some(())).unwrap_err();
        assert_eq!(problem.errors.len(), 1, "{problem}");
        assert!(problem.errors[0].message.starts_with("“a, b” must be a model's name"), "{problem}");
    }

    #[test]
    fn all_is_no_list_and_these_may_be_none() {
        let mut reading = Reading::default();
        let all = Entered::from([("m", "left over"), ("m:ways", "all")]);
        assert_eq!(all.allowed::<ModelPattern>(&mut reading, "m"), None);
        let none = Entered::from([("m:ways", "these")]);
        assert_eq!(none.allowed::<ModelPattern>(&mut reading, "m"), Some(vec![]));
        assert!(reading.done(Some(())).is_ok());
    }
}
