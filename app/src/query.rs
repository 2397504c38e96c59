//! Addresses: the query of a page is its state, and every link is built from it.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use model::PageRequest;
use std::fmt::Write as _;

/// Parts of an address that open a drawer, and how far one has read in it.
const DRAWERS: [&str; 11] =
    ["key", "user", "slug", "provider", "model", "rule", "callers", "row", "open", "tab", "after"];

/// How far one has read in a drawer.
const READ_ON: [&str; 2] = ["callers", "after"];

/// The parts of an address after `?`, in their order, each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// The page of a list that it asks for.
    pub fn page(&self) -> PageRequest {
        PageRequest { cursor: self.get("cursor").map(ToOwned::to_owned), ..PageRequest::default() }
    }

    /// The value of `name`; an empty value counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| &**value)
            .filter(|value| !value.is_empty())
    }

    /// The same with `name` set, or removed.
    #[must_use]
    pub fn with(&self, name: &str, value: Option<&str>) -> Self {
        let mut parts: Vec<_> = self.0.iter().filter(|(key, _)| key != name).cloned().collect();
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            parts.push((name.to_owned(), value.to_owned()));
        }
        Self(parts)
    }

    /// The same with a filter or the order changed: back on the first page.
    #[must_use]
    pub fn filtered(&self, name: &str, value: Option<&str>) -> Self {
        self.with("cursor", None).with(name, value)
    }

    /// The same with the drawer `name` open for `value`: what was read on in another one begins anew.
    #[must_use]
    pub fn opened(&self, name: &str, value: &str) -> Self {
        READ_ON.iter().fold(self.clone(), |query, part| query.with(part, None)).with(name, Some(value))
    }

    /// The same with no drawer open.
    #[must_use]
    pub fn closed(&self) -> Self {
        Self(self.0.iter().filter(|(key, _)| !DRAWERS.contains(&&**key)).cloned().collect())
    }

    /// Only the parts with these names.
    #[must_use]
    pub fn only(&self, names: &[&str]) -> Self {
        Self(self.0.iter().filter(|(key, _)| names.contains(&&**key)).cloned().collect())
    }

    /// The address of `path` with this query.
    pub fn href(&self, path: &str) -> String {
        let mut out = path.to_owned();
        let filled = self.0.iter().filter(|(_, value)| !value.is_empty());
        for (position, (name, value)) in filled.enumerate() {
            out.push(if position == 0 { '?' } else { '&' });
            encode(name, &mut out);
            out.push('=');
            encode(value, &mut out);
        }
        out
    }
}

/// A text as it stands in an address.
pub fn encoded(text: &str) -> String {
    let mut out = String::new();
    encode(text, &mut out);
    out
}

/// Percent-encodes all but RFC 3986's unreserved characters; the same in the server and the browser.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// The present query, reactive.
pub fn use_query() -> Memo<Query> {
    let map = use_query_map();
    Memo::new(move |_| {
        map.with(|map| {
            let mut parts: Vec<(String, String)> = Vec::new();
            for (name, value) in map.clone() {
                if !parts.iter().any(|(key, _)| *key == name) {
                    parts.push((name.into_owned(), value));
                }
            }
            Query(parts)
        })
    })
}

/// What a link from one page to another keeps: the tenant that the pages are about. Read once.
pub fn use_scope() -> Query {
    use_query().with_untracked(|query| query.only(&["tenant"]))
}

/// Changes the query of the page that is open. Callable from event handlers.
#[derive(Clone, Copy)]
pub struct Goto {
    query: Memo<Query>,
    path: Memo<String>,
    navigate: StoredValue<Navigate>,
}

type Navigate = std::sync::Arc<dyn Fn(&str, NavigateOptions) + Send + Sync>;

/// For changing the query of the page that is open.
pub fn use_goto() -> Goto {
    let navigate: Navigate = std::sync::Arc::new(use_navigate());
    Goto { query: use_query(), path: use_location().pathname, navigate: StoredValue::new(navigate) }
}

impl Goto {
    /// The present query.
    pub fn query(&self) -> Memo<Query> {
        self.query
    }

    /// The address of this page with its query changed. Reactive.
    pub fn href(&self, change: impl FnOnce(&Query) -> Query) -> String {
        self.query.with(|query| self.path.with(|path| change(query).href(path)))
    }

    /// The same, read once and not reactive.
    pub fn href_now(&self, change: impl FnOnce(&Query) -> Query) -> String {
        untrack(|| self.href(change))
    }

    /// Goes there, as if a link had been followed.
    pub fn push(&self, change: impl FnOnce(&Query) -> Query) {
        self.go(change, false);
    }

    /// Goes there without a step for Back: for searches, where each letter would be one.
    pub fn replace(&self, change: impl FnOnce(&Query) -> Query) {
        self.go(change, true);
    }

    /// Goes to another address of this site.
    pub fn to(&self, href: &str) {
        let options = NavigateOptions { resolve: false, ..NavigateOptions::default() };
        self.navigate.with_value(|navigate| navigate(href, options));
    }

    fn go(&self, change: impl FnOnce(&Query) -> Query, replace: bool) {
        let href = self.href_now(change);
        let options =
            NavigateOptions { resolve: false, replace, scroll: false, ..NavigateOptions::default() };
        self.navigate.with_value(|navigate| navigate(&href, options));
    }
}

/// Where to go after signing in: `next` if it is a path on this very site, else nothing.
///
/// Browsers read `//host`, `/\host` and paths with tabs or line breaks inside as other sites, so only `/`, or `/` and
/// something that is neither a slash nor a backslash, then visible ASCII without backslashes passes. What is no
/// visible ASCII couldn't stand in a `Location` header either.
pub fn safe_next(next: &str) -> Option<&str> {
    let bytes = next.as_bytes();
    let local = bytes.first() == Some(&b'/') && bytes.get(1) != Some(&b'/');
    let plain = bytes.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'\\');
    (local && plain && next.len() <= 2_000).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_next() {
        for good in ["/", "/console", "/admin/api-keys?q=a%20b&key=7Hq2xV9mLw4T", "/a//b"] {
            assert_eq!(safe_next(good), Some(good));
        }
        for bad in [
            "",
            "console",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/a\nb",
            "/a\\b",
            "https:evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            " /console",
            "/ä",
            "/a\u{7f}",
        ] {
            assert_eq!(safe_next(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_changed_filter_goes_back_to_the_first_page() {
        let query = Query(vec![("cursor".into(), "c".into()), ("q".into(), "a".into())]);
        assert_eq!(query.filtered("q", Some("ä &b")).href("/x"), "/x?q=%C3%A4%20%26b");
        assert_eq!(query.with("key", Some("k")).href("/x"), "/x?cursor=c&q=a&key=k");
        assert_eq!(query.filtered("q", None).href("/x"), "/x");
    }
}
