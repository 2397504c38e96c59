//! Building audit rows: the actor's part is the same in all of them.

use crate::{Actor, Client, Control};
use model::audit::{AuditEntry, AuditResult};
use model::id::TenantId;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The object of an audit row.
pub(crate) struct Target<'a> {
    pub(crate) kind: &'static str,
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) tenant_id: Option<&'a TenantId>,
}

impl Control {
    pub(crate) fn entry(
        &self,
        actor: &Actor,
        action: &'static str,
        target: &Target<'_>,
        result: AuditResult,
        detail: Value,
    ) -> AuditEntry {
        self.entry_by(actor.id(), actor.label(), actor.client(), action, target, result, detail)
    }

    /// For the moments when there is no actor yet: sign-in and set-up.
    #[expect(clippy::too_many_arguments, reason = "an audit row has that many parts, and two callers")]
    pub(crate) fn entry_by(
        &self,
        actor_id: &str,
        actor: &str,
        client: &Client,
        action: &'static str,
        target: &Target<'_>,
        result: AuditResult,
        detail: Value,
    ) -> AuditEntry {
        AuditEntry {
            actor_id: actor_id.to_owned(),
            actor: actor.to_owned(),
            action,
            target_type: target.kind,
            target_id: target.id.to_owned(),
            target_name: shortened(target.name),
            tenant_id: target.tenant_id.cloned(),
            result,
            ip: client.ip.map(|ip| ip.to_string()),
            detail: detail.to_string(),
            at: self.now(),
        }
    }
}

/// `{before, after}` with the fields that differ.
pub(crate) fn difference<T: Serialize>(before: &T, after: &T) -> Value {
    let (Value::Object(before), Value::Object(after)) = (json!(before), json!(after)) else {
        return json!({});
    };
    let differing = |these: &Map<String, Value>, those: &Map<String, Value>| -> Map<String, Value> {
        let differing = these.iter().filter(|(name, value)| those.get(*name) != Some(value));
        differing.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    json!({ "before": differing(&before, &after), "after": differing(&after, &before) })
}

/// Names in denied attempts come from strangers, unchecked: cut, and without what could dress up a log.
fn shortened(name: &str) -> String {
    name.chars().filter(|c| !c.is_control() && !is_invisible(*c)).take(200).collect()
}

/// Marks that change the direction of text or have no width.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
