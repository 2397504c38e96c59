//! What the palette offers without asking the server: pages, tenants, actions.

use crate::layout::sidebar::{admin_pages, console_pages};
use crate::pages::keys::presets;
use crate::query::Query;
use crate::viewer::{
    ACCESS_RULES_WRITE, KEYS_READ, KEYS_WRITE, MANAGEMENT_KEYS_WRITE, MODELS_WRITE, PROVIDERS_WRITE,
    ROLES_WRITE, SSO_READ, SSO_WRITE, TENANTS_WRITE, Theme, USERS_WRITE, Viewer,
};

/// What taking an entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Goes to an address of this site.
    Go(String),
    /// Changes how light the page is.
    Theme(Theme),
    /// Shows the keyboard's keys.
    Keys,
    /// Ends the session.
    SignOut,
}

/// A line of the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) group: &'static str,
    pub(super) name: String,
    pub(super) hint: String,
    pub(super) step: Step,
}

impl Entry {
    pub(super) fn go(group: &'static str, name: &str, hint: &str, href: String) -> Self {
        Self { group, name: name.to_owned(), hint: hint.to_owned(), step: Step::Go(href) }
    }

    fn action(name: &str, step: Step) -> Self {
        Self { group: "Actions", name: name.to_owned(), hint: String::new(), step }
    }
}

/// Everything that doesn't depend on what is typed.
pub(super) fn standing(viewer: &Viewer) -> Vec<Entry> {
    let admin = admin_pages(viewer).map(|(path, name)| Entry::go("Pages", name, "Admin", path.to_owned()));
    let console = console_pages().map(|(path, name)| Entry::go("Pages", name, "Console", path.to_owned()));
    let mut entries: Vec<_> = admin.chain(console).collect();
    let creating = [
        (Some(KEYS_WRITE), "Issue an API key", "/admin/api-keys#create"),
        (None, "Create an API key of your own", "/console/settings/api-keys#create"),
        (Some(MANAGEMENT_KEYS_WRITE), "Create management key", "/admin/management-keys#create"),
        (Some(MODELS_WRITE), "Create model", "/admin/models#create"),
        (Some(TENANTS_WRITE), "Create tenant", "/admin/tenants#create"),
        (Some(PROVIDERS_WRITE), "Create provider", "/admin/providers#create"),
        (Some(ACCESS_RULES_WRITE), "Create access rule", "/admin/access-rules#create"),
        (Some(USERS_WRITE), "Create user", "/admin/users#create"),
        (Some(ROLES_WRITE), "Create role", "/admin/roles#create"),
        (Some(SSO_WRITE), "Create identity provider", "/admin/sso#create"),
        (Some(SSO_READ), "Map roles of identity providers", "/admin/sso?tab=mapping"),
    ];
    let may = |needed: Option<_>| needed.is_none_or(|permission| viewer.may(permission));
    entries.extend(
        creating
            .into_iter()
            .filter(|(needed, ..)| may(*needed))
            .map(|(_, name, href)| Entry::action(name, Step::Go(href.to_owned()))),
    );
    if viewer.may(KEYS_READ) {
        let name = "Keys unused for 90 days";
        entries.push(Entry::action(name, Step::Go(presets::stale(&Query::default()))));
    }
    for theme in Theme::ALL {
        entries.push(Entry::action(&format!("Appearance: {}", theme.label()), Step::Theme(theme)));
    }
    entries.push(Entry::action("Keyboard shortcuts", Step::Keys));
    entries.push(Entry::action("Sign out", Step::SignOut));
    if viewer.may(KEYS_READ) {
        entries.extend(viewer.tenants.iter().map(|tenant| {
            let scoped = Query::default().with("tenant", Some(tenant.id.as_str()));
            Entry::go("Tenants", &tenant.name, tenant.id.as_str(), scoped.href("/admin/api-keys"))
        }));
    }
    entries
}

/// Those that hold every word that was typed, in any order. Tenants are many: they appear when asked for.
pub(super) fn matching(entries: &[Entry], typed: &str) -> Vec<Entry> {
    let words: Vec<_> = typed.split_whitespace().map(str::to_lowercase).collect();
    let fits = |entry: &&Entry| {
        let text = format!("{} {} {}", entry.name, entry.hint, entry.group).to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    };
    let standing = |entry: &&Entry| !words.is_empty() || entry.group != "Tenants";
    entries.iter().filter(standing).filter(fits).take(40).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_be_there_in_any_order() {
        let entries = [
            Entry::go("Pages", "API keys", "Admin", "/a".into()),
            Entry::go("Tenants", "Team Alpha", "team-alpha", "/t".into()),
        ];
        let names = |typed| matching(&entries, typed).into_iter().map(|entry| entry.name).collect::<Vec<_>>();
        assert_eq!(names("keys admin"), ["API keys"]);
        assert_eq!(names(" ALPHA "), ["Team Alpha"]);
        assert_eq!(names(""), ["API keys"], "tenants wait for a word");
        assert!(names("keys alpha").is_empty());
    }
}
