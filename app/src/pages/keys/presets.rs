//! Views of the list of keys that are asked for again and again.

use crate::query::{Query, use_goto};
use leptos::prelude::*;

/// A view: its name, and what the address holds for it.
struct Preset {
    name: &'static str,
    parts: &'static [(&'static str, &'static str)],
}

/// Keys that work and weren't used for as long as the dashboard counts by, `model::key::STALE`.
const STALE: Preset =
    Preset { name: "Stale keys", parts: &[("status", "active"), ("unused", "90"), ("sort", "last_used_at")] };
/// Keys that end within `model::key::EXPIRES_SOON`.
const EXPIRING: Preset = Preset { name: "Expiring", parts: &[("expiring", "7"), ("sort", "expires_at")] };
const PRESETS: [Preset; 4] = [
    Preset { name: "All keys", parts: &[] },
    STALE,
    EXPIRING,
    Preset { name: "Owner inactive", parts: &[("owner_status", "inactive")] },
];

/// The address of the stale keys, in the scope that `now` has.
pub fn stale(now: &Query) -> String {
    STALE.query(now).href(KEYS)
}

/// The address of the keys that end soon, in the scope that `now` has.
pub fn expiring(now: &Query) -> String {
    EXPIRING.query(now).href(KEYS)
}

const KEYS: &str = "/admin/api-keys";
/// What a view leaves as it is: whose and which tenant's keys are looked at.
const KEPT: &[&str] = &["tenant", "owner"];

impl Preset {
    fn query(&self, now: &Query) -> Query {
        self.parts.iter().fold(now.only(KEPT), |query, (name, value)| query.with(name, Some(value)))
    }

    /// Whether this view is open: its parts are there, and no other one's. What narrows it further doesn't matter.
    fn is_open(&self, query: &Query) -> bool {
        let views = ["unused", "expiring", "owner_status"];
        let wants = |name: &str| self.parts.iter().any(|(part, _)| *part == name);
        views.iter().all(|name| query.get(name).is_some() == wants(name))
    }
}

/// Links to the views.
#[component]
pub fn Presets() -> impl IntoView {
    let goto = use_goto();
    let links = PRESETS
        .iter()
        .map(|preset| {
            let open = Memo::new(move |_| goto.query().with(|query| preset.is_open(query)));
            view! {
                <a
                    href=move || goto.href(|query| preset.query(query))
                    aria-current=move || open.get().then_some("page")
                    data-noscroll=""
                >
                    {preset.name}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label="Views">
            {links}
        </nav>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_view_is_open_and_the_tenant_stays() {
        let here = Query::default().with("tenant", Some("team-alpha")).with("q", Some("x"));
        for (nth, preset) in PRESETS.iter().enumerate() {
            let there = preset.query(&here);
            assert_eq!((there.get("tenant"), there.get("q")), (Some("team-alpha"), None));
            let open: Vec<_> = PRESETS.iter().map(|preset| preset.is_open(&there)).collect();
            assert_eq!(open.iter().position(|open| *open), Some(nth));
            assert_eq!(open.iter().filter(|open| **open).count(), 1);
        }
    }
}
