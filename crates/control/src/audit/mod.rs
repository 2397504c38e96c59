//! The audit log: how operations write it, and the operations that read it.
//!
//! Written: every mutation, sign-in and sign-out, every refused attempt at one, every export. Rows that others than
//! operators can cause without end (refused attempts) are bounded, see `refusals`.

mod entry;
mod explain;
mod export;
mod list;
mod read;
mod refusals;
mod verify;

pub(crate) use entry::{Target, difference};
pub use explain::explain;
pub use export::{Export, ExportFormat, export};
pub use list::list;
pub use read::{detail, read};
pub use refusals::Refusals;
pub use verify::{verify, verify_part, was_head};

use model::audit::AuditFilter;
use model::key_token::redact_search;
use model::role::{Action, Permission, Resource};

const READ: Permission = Permission::new(Resource::Audit, Action::Read);
const EXPORT: Permission = Permission::new(Resource::Audit, Action::Export);

/// Longest text of a filter that is looked at, in characters.
const MAX_TEXT: usize = 200;

/// A filter's text without what it can't hold: an export writes it down, so a pasted key must not stay in it.
pub(crate) fn fit(text: &str) -> String {
    redact_search(text.trim()).chars().take(MAX_TEXT).collect()
}

fn tidy(asked: &AuditFilter) -> AuditFilter {
    let fit = |text: &Option<String>| text.as_deref().map(fit);
    AuditFilter {
        actor: fit(&asked.actor),
        action: fit(&asked.action),
        target_type: fit(&asked.target_type),
        target_id: fit(&asked.target_id),
        ..asked.clone()
    }
}
