//! What is wrong with the fields of a key by themselves, without looking anything up.

use super::{KeyKind, KeyScope, NewKey, Tags};
use crate::error::FieldError;

pub(super) fn check_fields(errors: &mut Vec<FieldError>, name: &str, description: Option<&str>, tags: &Tags) {
    check_text(errors, "name", name, 1, NewKey::MAX_NAME);
    if let Some(description) = description {
        check_prose(errors, "description", description, 0, NewKey::MAX_DESCRIPTION);
    }
    check_tags(errors, tags);
}

pub(super) fn check_scope(errors: &mut Vec<FieldError>, kind: KeyKind, scope: &KeyScope) {
    let lists = [
        ("allowed_actions", scope.allowed_actions.as_ref().map(Vec::len)),
        ("allowed_models", scope.allowed_models.as_ref().map(Vec::len)),
        ("denied_models", Some(scope.denied_models.len()).filter(|count| *count > 0)),
        ("allowed_model_labels", scope.allowed_model_labels.as_ref().map(Vec::len)),
        ("allowed_providers", scope.allowed_providers.as_ref().map(Vec::len)),
    ];
    for (field, count) in lists {
        let Some(count) = count else { continue };
        if kind == KeyKind::Standard {
            errors.push(FieldError::new(
                field,
                "a standard key reaches everything of its tenant; leave this out or make the key restricted",
            ));
        }
        check_count(errors, field, count);
    }
    check_count(errors, "allowed_ips", scope.allowed_ips.as_ref().map_or(0, Vec::len));
    errors.extend(scope.rate_limits.check("rate_limits"));
    errors.extend(scope.identity.check("identity"));
}

fn check_count(errors: &mut Vec<FieldError>, field: &'static str, count: usize) {
    if count > NewKey::MAX_ENTRIES {
        errors.push(FieldError::new(field, format!("must be at most {}", NewKey::MAX_ENTRIES)));
    }
}

fn check_tags(errors: &mut Vec<FieldError>, tags: &Tags) {
    if tags.len() > NewKey::MAX_TAGS {
        errors.push(FieldError::new("tags", format!("must be at most {}", NewKey::MAX_TAGS)));
    }
    for (name, value) in tags {
        if !is_tag_name(name) {
            errors.push(FieldError::new(
                "tags",
                "tag names must be 1 to 64 letters, digits and - _ . characters",
            ));
        }
        if !is_tag_value(value) {
            errors.push(FieldError::new(
                format!("tags.{name}"),
                "must be 1 to 256 characters without control characters",
            ));
        }
    }
}

/// Whether a tag, of a key or of a request, may have this name.
pub fn is_tag_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// Whether a tag may have this value.
pub fn is_tag_value(value: &str) -> bool {
    !value.is_empty() && value.chars().count() <= 256 && !value.chars().any(char::is_control)
}

/// Turns the direction of what follows, or isn't seen: a name with them is read as another one.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Pushes an error unless `text` is one line of `shortest..=longest` characters, all of them seen, with no space at its
/// ends.
pub(crate) fn check_text(
    errors: &mut Vec<FieldError>,
    field: &'static str,
    text: &str,
    shortest: usize,
    longest: usize,
) {
    if text.contains('\n') {
        errors.push(FieldError::new(field, "must be one line"));
    } else {
        check_prose(errors, field, text, shortest, longest);
    }
}

/// The same of several lines.
pub(crate) fn check_prose(
    errors: &mut Vec<FieldError>,
    field: &'static str,
    text: &str,
    shortest: usize,
    longest: usize,
) {
    let count = text.chars().count();
    if count < shortest || text.trim().len() != text.len() {
        errors.push(FieldError::new(field, "must not be empty, nor begin or end with a space"));
    } else if count > longest {
        errors.push(FieldError::new(field, format!("must be at most {longest} characters")));
    } else if text.chars().any(|c| c.is_control() && c != '\n') {
        errors.push(FieldError::new(field, "must not contain control characters"));
    } else if text.chars().any(is_unseen) {
        errors.push(FieldError::new(field, "must not contain invisible characters"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_line_that_is_seen_whole() {
        let wrong = |check: fn(&mut Vec<FieldError>, &'static str, &str, usize, usize), text: &str| {
            let mut errors = Vec::new();
            check(&mut errors, "name", text, 1, 100);
            !errors.is_empty()
        };
        for text in
            ["a\nrevoked rk_prod_x", "a\u{202e}b", "a\u{200b}b", "a\u{2066}b", "\u{feff}a", "a\u{7}b", "a "]
        {
            assert!(wrong(check_text, text), "{text:?}");
        }
        assert!(wrong(check_prose, "a\u{202e}b") && !wrong(check_prose, "two\nlines"));
        for text in ["Zoë", "می\u{200c}خواهم", "👩\u{200d}💻 bot", "a – b"] {
            assert!(!wrong(check_text, text), "{text:?}");
        }
    }
}
