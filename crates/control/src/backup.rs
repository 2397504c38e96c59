//! Backup and restore as operations. Who has a shell on the machine may do both, and nobody else can: no page and no API
//! leads here. They stand on the store alone, since a database that is being restored has no control plane yet.

use crate::Actor;
use model::Timestamp;
use model::audit::{AuditEntry, AuditResult};
use serde_json::{Value, json};
use std::io::{Read, Write};
use store::Store;
use store::backup::{BackupReader, Label, Progress, Restored, Result};

/// Writes a backup to `out` and returns `out`, flushed. Written down before its first row leaves, so that the backup knows
/// of itself.
pub async fn create<W: Write>(
    store: &Store,
    label: Label,
    out: W,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<W> {
    let with_sealing_key = label.sealing.as_ref().is_some_and(|sealing| sealing.key.is_some());
    let entry = entry("backup.create", label.taken_at, json!({ "with_sealing_key": with_sealing_key }));
    store.begin().await?.commit(&entry, &[]).await?;
    store.back_up(label, out, progress).await
}

/// Fills the empty database with the backup's rows, or leaves it empty. The log's next row says so: what happened between
/// the two is not in it.
pub async fn restore<R: Read>(
    store: &Store,
    backup: BackupReader<R>,
    now: Timestamp,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Restored> {
    let of = backup.manifest();
    let detail = json!({
        "taken_at": of.taken_at,
        "version": of.version,
        "database": of.database,
        "audit_seq": of.audit_seq,
        "audit_head": of.audit_head,
    });
    store.restore(backup, &entry("backup.restore", now, detail), progress).await
}

fn entry(action: &'static str, at: Timestamp, detail: Value) -> AuditEntry {
    let actor = Actor::command_line();
    AuditEntry {
        actor_id: actor.id().to_owned(),
        actor: actor.label().to_owned(),
        action,
        target_type: "backup",
        target_id: String::new(),
        target_name: "whole database".to_owned(),
        tenant_id: None,
        result: AuditResult::Success,
        ip: None,
        detail: detail.to_string(),
        at,
    }
}
