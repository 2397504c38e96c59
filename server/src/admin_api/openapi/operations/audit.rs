//! `/audit`.

use super::{Export, Needs, Operation, Read, Resource, get};
use crate::admin_api::audit::{Record, Verified};
use model::audit::{AuditResult, AuditRow};
use model::{TenantId, Timestamp};
use serde_json::json;

const READ: Needs = (Resource::Audit, Read);

pub(super) fn operations() -> Vec<Operation> {
    vec![
        filtered(get("/audit", "list_audit", READ, "Lists the audit log, newest first"))
            .sorted(&["at"], "`at`: oldest first.")
            .paged()
            .lists::<AuditRow>(),
        filtered(get("/audit/export", "export_audit", (Resource::Audit, Export), "Exports the audit log, oldest first"))
            .says("Itself a row of the log, written before the first byte. Cells of a CSV that begin like a formula get an apostrophe.")
            .plain("format", "`csv` when left out.", json!({ "type": "string", "enum": ["csv", "jsonl"] }))
            .streams(&["text/csv", "application/x-ndjson"]),
        get("/audit/verify", "verify_audit", READ, "Walks the whole log along its chain of hashes")
            .gives::<Verified>(),
        get("/audit/{seq}", "read_audit", READ, "Reads a row with its facts").gives::<Record>(),
    ]
}

fn filtered(operation: Operation) -> Operation {
    let text = || json!({ "type": "string" });
    let address = json!({ "type": "string", "anyOf": [{ "format": "ipv4" }, { "format": "ipv6" }] });
    operation
        .plain("actor", "An actor's id, or a part of a user's name or e-mail address.", text())
        .plain("action", "Exactly this action, e.g. `key.revoke`.", text())
        .plain("target_type", "Objects of this kind, e.g. `key`.", text())
        .plain("target_id", "The object with this id.", text())
        .filter::<AuditResult>("result", "With this result.")
        .filter::<TenantId>("tenant_id", "Objects of this tenant.")
        .plain("ip", "From exactly this address.", address)
        .filter::<Timestamp>("from", "At this moment or later.")
        .filter::<Timestamp>("to", "Before this moment.")
}
