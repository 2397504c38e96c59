//! Accounts whose role the role mapping decides.

use crate::components::allowed::Allowed;
use crate::components::when::When;
use crate::viewer::SSO_READ;
use leptos::prelude::*;
use model::Timestamp;
use model::mapping::{Decision, Managed};

/// "Managed by rule 3 of okta".
pub fn manager(managed: &Managed) -> String {
    let source = if managed.source == Managed::SCIM { "SCIM" } else { &managed.source };
    match managed.decided_by {
        Decision::Rule { number } => format!("Managed by rule {number} of {source}"),
        Decision::Otherwise | Decision::MissingClaim | Decision::NoRules => {
            format!("Managed by the role mapping of {source}")
        }
    }
}

/// A lock with what decided, and when.
#[component]
pub fn ManagedMark(
    /// What decided.
    managed: Managed,
    /// The server's time at which it was read.
    now: Timestamp,
) -> impl IntoView {
    view! {
        <span class="managed">
            <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
                <path d="M4 7V5a4 4 0 0 1 8 0v2h1v7H3V7zm2 0h4V5a2 2 0 0 0-4 0z" fill="currentColor" />
            </svg>
            <span>{manager(&managed)} ", " <When at=managed.at now /></span>
            <Allowed permission=SSO_READ>
                <a href="/admin/sso?tab=mapping">"Role mapping"</a>
            </Allowed>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decided_is_named() {
        let by = |source: &str, decided_by| {
            manager(&Managed { source: source.to_owned(), decided_by, at: Timestamp::from_micros(0) })
        };
        assert_eq!(by("okta", Decision::Rule { number: 3 }), "Managed by rule 3 of okta");
        assert_eq!(by(Managed::SCIM, Decision::Otherwise), "Managed by the role mapping of SCIM");
    }
}
