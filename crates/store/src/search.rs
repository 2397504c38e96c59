//! The search text of a list: from what was typed to ranges, patterns and trigrams.

use crate::dialect::Dialect;
use crate::sql::{Parameter, Sql};
use model::key::{Environment, KeyKind};
use model::key_token::redact_search;
use model::user::fold;

/// Longer than anything that is searched; more would only cost time (and SQLite refuses patterns over 50,000 bytes).
const MAX_CHARS: usize = 400;

/// What a list is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// One or two characters: at the start of a column.
    Start(String),
    /// More: anywhere in a column.
    Anywhere(String),
    /// What no column can hold.
    Nothing,
}

/// How what was typed can be the start of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenStart<'a> {
    /// Not at all.
    No,
    /// `rk`, `sk_pr`: every key of these kinds.
    Kinds(Vec<(KeyKind, Environment)>),
    /// `rk_prod_7hq2`: keys whose folded public id begins like this.
    Id(&'a str),
}

impl Search {
    /// `None` when there is nothing to search for. A whole key is cut to its public id first: the secret goes no
    /// further, not even into the database's own statement log.
    pub(crate) fn parse(q: Option<&str>) -> Option<Self> {
        let text = fold(&redact_search(q?));
        match text.chars().count() {
            0 => None,
            // What columns are joined by.
            _ if text.contains('\n') => Some(Self::Nothing),
            1..=2 => Some(Self::Start(text)),
            3..=MAX_CHARS => Some(Self::Anywhere(text)),
            _ => Some(Self::Nothing),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Start(text) | Self::Anywhere(text) => text,
            Self::Nothing => "",
        }
    }

    /// `AND (…)`: one of the folded `columns` matches. For tables that are read whole.
    pub(crate) fn push(&self, sql: &mut Sql, columns: &'static [&'static str]) {
        let pattern = match self {
            Self::Start(text) => format!("{}%", escape_like(text)),
            Self::Anywhere(text) => format!("%{}%", escape_like(text)),
            Self::Nothing => {
                sql.push(" AND 1 = 0");
                return;
            }
        };
        let pattern = sql.parameter(pattern.as_str());
        for (nth, column) in columns.iter().enumerate() {
            sql.push(if nth == 0 { " AND (" } else { " OR " });
            push_like(sql, column, pattern);
        }
        sql.push(")");
    }

    /// The pattern of what holds the text.
    pub(crate) fn pattern(&self, sql: &mut Sql) -> Parameter {
        sql.parameter(format!("%{}%", escape_like(self.text())).as_str())
    }

    /// What begins with the text: from the first, up to the second.
    pub(crate) fn range(&self, sql: &mut Sql) -> (Parameter, Parameter) {
        range(sql, self.text())
    }

    /// ` FROM`, the table that is read and ` WHERE`: its rows that hold the text somewhere. `table` has a short name
    /// of one letter and a trigram index.
    pub(crate) fn push_holders(&self, sql: &mut Sql, dialect: &Dialect, of: &Trigrams) {
        match dialect {
            Dialect::Sqlite { .. } => {
                // CROSS JOIN: in this order.
                sql.push(" FROM ").push(of.index).push(" CROSS JOIN ").push(of.table).push(" WHERE ");
                sql.push(of.index).push(" MATCH ").bind(trigrams(self.text()).as_str());
                sql.push(" AND ").push(of.search_id).push(" = ").push(of.index).push(".rowid AND ");
            }
            Dialect::Postgres => {
                sql.push(" FROM ").push(of.table).push(" WHERE ");
            }
        }
        let pattern = self.pattern(sql);
        push_like(sql, of.text, pattern);
    }

    pub(crate) fn token_start(&self) -> TokenStart<'_> {
        let text = self.text();
        let mut kinds = Vec::new();
        for kind in [KeyKind::Standard, KeyKind::Restricted] {
            for environment in [Environment::Sandbox, Environment::Production] {
                let start = format!("{}_{}_", kind.token_prefix(), environment.token_part());
                match text.strip_prefix(start.as_str()) {
                    Some("") => return TokenStart::Kinds(vec![(kind, environment)]),
                    Some(id) => return TokenStart::Id(id),
                    None if start.starts_with(text) => kinds.push((kind, environment)),
                    None => {}
                }
            }
        }
        if kinds.is_empty() { TokenStart::No } else { TokenStart::Kinds(kinds) }
    }
}

/// A table's index of trigrams.
pub(crate) struct Trigrams {
    /// `users u`.
    pub(crate) table: &'static str,
    /// SQLite's index.
    pub(crate) index: &'static str,
    /// `u.search_id`: the row in SQLite's index.
    pub(crate) search_id: &'static str,
    /// `u.search_text`.
    pub(crate) text: &'static str,
}

/// The bounds of what begins with `text`.
pub(crate) fn range(sql: &mut Sql, text: &str) -> (Parameter, Parameter) {
    // Nothing sorts behind the last character.
    (sql.parameter(text), sql.parameter(format!("{text}\u{10FFFF}").as_str()))
}

pub(crate) fn push_like(sql: &mut Sql, column: &'static str, pattern: Parameter) {
    sql.push(column).push(" LIKE ").push_parameter(pattern).push(r" ESCAPE '\'");
}

/// `column >= … AND column < …`.
pub(crate) fn push_range(sql: &mut Sql, column: &'static str, (from, to): (Parameter, Parameter)) {
    sql.push(column)
        .push(" >= ")
        .push_parameter(from)
        .push(" AND ")
        .push(column)
        .push(" < ")
        .push_parameter(to);
}

/// Makes `%`, `_` and `\` plain characters under `ESCAPE '\'`.
fn escape_like(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}

/// The trigrams that a row with this text must hold, as FTS5 asks for them. Side by side instead of one at each
/// character: the row is checked anyway.
fn trigrams(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let last = chars.len().saturating_sub(3);
    let starts = (0..last).step_by(3).chain([last]);
    let quoted = starts.map(|at| {
        let trigram: String = chars.iter().skip(at).take(3).collect();
        format!("\"{}\"", trigram.replace('"', "\"\""))
    });
    quoted.collect::<Vec<_>>().join(" AND ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_decides() {
        assert_eq!(Search::parse(None), None);
        assert_eq!(Search::parse(Some("  ")), None);
        assert_eq!(Search::parse(Some(" Ä ")), Some(Search::Start("ä".to_owned())));
        assert_eq!(Search::parse(Some("ab")), Some(Search::Start("ab".to_owned())));
        assert_eq!(Search::parse(Some("abc")), Some(Search::Anywhere("abc".to_owned())));
        assert_eq!(Search::parse(Some(&"a".repeat(401))), Some(Search::Nothing));
        assert_eq!(Search::parse(Some("a\nb")), Some(Search::Nothing));
    }

    #[test]
    fn a_pasted_key_loses_its_secret() {
        let pasted = format!("rk_prod_{}", "a".repeat(50));
        assert_eq!(
            Search::parse(Some(&pasted)),
            Some(Search::Anywhere(format!("rk_prod_{}", "a".repeat(12))))
        );
    }

    #[test]
    fn wildcards_are_escaped() {
        assert_eq!(escape_like(r"a%b_c\d"), r"a\%b\_c\\d");
    }

    #[test]
    fn trigrams_cover_the_text() {
        assert_eq!(trigrams("abc"), r#""abc""#);
        assert_eq!(trigrams("abcd"), r#""abc" AND "bcd""#);
        assert_eq!(trigrams("abcdef"), r#""abc" AND "def""#);
        assert_eq!(trigrams(r#"a"bÄx"#), r#""a""b" AND """bÄ" AND "bÄx""#.replace(r#""""bÄ" AND "#, ""));
    }

    #[test]
    fn the_start_of_a_key() {
        let kinds = |text: &str| match Search::parse(Some(text)).unwrap().token_start() {
            TokenStart::Kinds(kinds) => kinds.len(),
            TokenStart::Id(id) => panic!("{id}"),
            TokenStart::No => 0,
        };
        assert_eq!(
            [kinds("r"), kinds("rk"), kinds("SK_"), kinds("rk_s"), kinds("rk_prod_")],
            [2, 2, 2, 1, 1]
        );
        assert_eq!([kinds("x"), kinds("rk-"), kinds("prod")], [0, 0, 0]);
        let search = Search::parse(Some("rk_prod_7Hq2")).unwrap();
        assert_eq!(search.token_start(), TokenStart::Id("7hq2"));
    }
}
