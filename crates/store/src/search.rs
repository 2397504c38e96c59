//! The search text of a list: from what was typed to a LIKE pattern.

use crate::sql::Sql;
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

impl Search {
    /// `None` when there is nothing to search for. A whole key is cut to its public id first: the secret goes no
    /// further, not even into the database's own statement log.
    pub(crate) fn parse(q: Option<&str>) -> Option<Self> {
        let text = fold(&redact_search(q?));
        match text.chars().count() {
            0 => None,
            1..=2 => Some(Self::Start(text)),
            3..=MAX_CHARS => Some(Self::Anywhere(text)),
            _ => Some(Self::Nothing),
        }
    }

    /// `AND (…)`: one of the folded `columns` matches.
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
            sql.push(column).push(" LIKE ").push_parameter(pattern).push(r" ESCAPE '\'");
        }
        sql.push(")");
    }
}

/// Makes `%`, `_` and `\` plain characters under `ESCAPE '\'`.
fn escape_like(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
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
}
