//! The way from an object to what the audit log says of it.

use crate::components::allowed::Allowed;
use crate::query::{Query, use_scope};
use crate::viewer::AUDIT_READ;
use leptos::prelude::*;

/// A link to the rows about one object, for those who may read the log.
#[component]
pub fn HistoryLink(
    /// The kind of object, as the log calls it: `key`.
    kind: &'static str,
    /// Its id.
    #[prop(into)]
    id: String,
) -> impl IntoView {
    // Of these, rows have a tenant; all others would be hidden by the one that was chosen.
    let scope = if ["key", "tenant"].contains(&kind) { use_scope() } else { Query::default() };
    let href = scope.with("target_type", Some(kind)).with("target_id", Some(&id)).href("/admin/audit");
    view! {
        <Allowed permission=AUDIT_READ>
            <p>
                <a class="btn" href=href.clone()>
                    "History in the audit log"
                </a>
            </p>
        </Allowed>
    }
}
