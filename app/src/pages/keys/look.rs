//! Which columns the list of keys shows, and how tight: kept in this browser, read on the server too, so that nothing
//! jumps.

use crate::browser::keep_cookie;
use leptos::prelude::*;

/// A column beside the name, which is always there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Whose key it is.
    Owner,
    /// The first characters.
    Prefix,
    /// Standard or restricted.
    Kind,
    /// Sandbox or production.
    Environment,
    /// User path.
    UserPath,
    /// Tags.
    Tags,
    /// When it was made.
    Created,
    /// When it ends.
    Expires,
    /// When it was last used.
    LastUsed,
    /// Active, Expired, Revoked, and what else keeps it from working.
    Status,
}

impl Column {
    /// All, in the order in which they stand.
    pub const ALL: [Self; 10] = [
        Self::Owner,
        Self::Prefix,
        Self::Kind,
        Self::Environment,
        Self::UserPath,
        Self::Tags,
        Self::Created,
        Self::Expires,
        Self::LastUsed,
        Self::Status,
    ];

    /// The word in the cookie.
    const fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Prefix => "prefix",
            Self::Kind => "kind",
            Self::Environment => "environment",
            Self::UserPath => "user_path",
            Self::Tags => "tags",
            Self::Created => "created_at",
            Self::Expires => "expires_at",
            Self::LastUsed => "last_used_at",
            Self::Status => "status",
        }
    }

    /// The column's name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Prefix => "Key Prefix",
            Self::Kind => "Kind",
            Self::Environment => "Environment",
            Self::UserPath => "User Path",
            Self::Tags => "Tags",
            Self::Created => "Created",
            Self::Expires => "Expires",
            Self::LastUsed => "Last Used",
            Self::Status => "Status",
        }
    }

    /// What the list is sorted by, if it can be by this.
    pub const fn sort(self) -> Option<&'static str> {
        match self {
            Self::Created | Self::Expires | Self::LastUsed => Some(self.word()),
            _ => None,
        }
    }
}

/// How the list looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLook {
    columns: Vec<Column>,
    /// Rows stand closer.
    pub compact: bool,
}

impl Default for KeyLook {
    fn default() -> Self {
        use Column::{Created, LastUsed, Owner, Prefix, Status};
        Self { columns: vec![Owner, Prefix, Created, LastUsed, Status], compact: false }
    }
}

impl KeyLook {
    /// The cookie that keeps it. It holds no secret, and scripts write it.
    const COOKIE: &'static str = "key_columns";
    const COMPACT: &'static str = "compact";

    /// The default without owners: those of one's own keys are known.
    pub fn own() -> Self {
        let mut look = Self::default();
        look.columns.retain(|column| *column != Column::Owner);
        look
    }

    /// What this browser chose.
    pub fn of_request() -> Self {
        #[cfg(feature = "ssr")]
        let kept = crate::edge::cookie(Self::COOKIE);
        #[cfg(not(feature = "ssr"))]
        let kept = crate::browser::cookie(Self::COOKIE);
        kept.map(|text| Self::parse(&text)).unwrap_or_default()
    }

    /// Words that are unknown are left out.
    fn parse(text: &str) -> Self {
        let words: Vec<_> = text.split('.').collect();
        let columns = Column::ALL.into_iter().filter(|column| words.contains(&column.word())).collect();
        Self { columns, compact: words.contains(&Self::COMPACT) }
    }

    fn to_text(&self) -> String {
        let words = self.columns.iter().map(|column| column.word());
        let words: Vec<_> = words.chain(self.compact.then_some(Self::COMPACT)).collect();
        // An empty cookie would be none.
        if words.is_empty() { "none".to_owned() } else { words.join(".") }
    }

    /// Whether a column is shown.
    pub fn shows(&self, column: Column) -> bool {
        self.columns.contains(&column)
    }

    /// The columns in their order.
    pub fn columns(&self) -> impl Iterator<Item = Column> + Clone + use<> {
        let shown = self.columns.clone();
        Column::ALL.into_iter().filter(move |column| shown.contains(column))
    }

    fn set(&mut self, column: Column, shown: bool) {
        self.columns.retain(|held| *held != column);
        if shown {
            self.columns.push(column);
        }
    }
}

/// The menu that chooses columns and density.
#[component]
pub fn LookMenu(
    /// How the list looks.
    look: RwSignal<KeyLook>,
) -> impl IntoView {
    let change = move |change: &dyn Fn(&mut KeyLook)| {
        look.update(|look| change(look));
        keep_cookie(KeyLook::COOKIE, &look.read_untracked().to_text());
    };
    let ticks = Column::ALL
        .map(|column| {
            view! {
                <label class="check">
                    <input
                        type="checkbox"
                        autocomplete="off"
                        checked=look.read_untracked().shows(column)
                        prop:checked=move || look.read().shows(column)
                        on:change=move |event| {
                            let shown = event_target_checked(&event);
                            change(&move |look| look.set(column, shown));
                        }
                    />
                    {column.label()}
                </label>
            }
        })
        .collect_view();
    view! {
        <details class="menu with-scripts">
            <summary class="btn">"Columns"</summary>
            <div class="menu-panel">
                <fieldset>
                    <legend>"Columns"</legend>
                    {ticks}
                </fieldset>
                <label class="check">
                    <input
                        type="checkbox"
                        autocomplete="off"
                        checked=look.read_untracked().compact
                        prop:checked=move || look.read().compact
                        on:change=move |event| {
                            let compact = event_target_checked(&event);
                            change(&move |look| look.compact = compact);
                        }
                    />
                    "Compact rows"
                </label>
            </div>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_unknown_words_are_left_out() {
        let mut look = KeyLook::default();
        look.set(Column::Tags, true);
        look.set(Column::Owner, false);
        look.compact = true;
        let again = KeyLook::parse(&look.to_text());
        assert!(again.columns().eq(look.columns()) && again.compact);
        assert_eq!(KeyLook::parse("status.price.<script>").columns().collect::<Vec<_>>(), [Column::Status]);
        let bare = KeyLook { columns: Vec::new(), compact: false };
        assert_eq!(KeyLook::parse(&bare.to_text()), bare);
    }
}
