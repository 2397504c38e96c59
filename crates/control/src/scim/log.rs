//! The provisioning log: each change that a client asked for, with what came of it.

use super::{Caller, Error, READ};
use crate::{Actor, Control};
use model::ProvisioningId;
use model::page::{Page, PageRequest};
use model::scim::{
    ProvisionedResource, ProvisioningEntry, ProvisioningFilter, ProvisioningOperation, ProvisioningResult,
};
use std::time::Duration;

/// How long lines are kept.
const KEPT: Duration = Duration::from_hours(24 * 90);
/// Most lines that are kept.
const MOST: u64 = 100_000;
/// Longest text of a line, in characters.
const LONGEST: usize = 300;

/// The lines of the provisioning log that match, newest first. Needs `sso:read`.
pub async fn provisioning_log(
    control: &Control,
    actor: &Actor,
    filter: &ProvisioningFilter,
    page: &PageRequest,
) -> Result<Page<ProvisioningEntry>, crate::Error> {
    if !actor.may(READ) {
        return Err(crate::Error::Forbidden(READ));
    }
    Ok(control.store().provisioning_log(filter, page).await?)
}

/// What a client asked for.
pub(super) struct Asked {
    pub(super) operation: ProvisioningOperation,
    pub(super) resource: ProvisionedResource,
    /// The resource's id, as far as it is known.
    pub(super) id: String,
    /// Its name, as far as it is known.
    pub(super) name: String,
}

/// What was done.
pub(super) struct Done<T> {
    pub(super) answer: T,
    /// The resource's id.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    /// What it came to, in words.
    pub(super) said: String,
}

/// Does `work` and adds a line on what came of it. The line is no part of the change: that it can't be written is no
/// reason to tell the client that nothing was done.
pub(super) async fn logged<T>(
    control: &Control,
    caller: &Caller,
    asked: Asked,
    work: impl Future<Output = Result<Done<T>, Error>>,
) -> Result<T, Error> {
    let done = work.await;
    let (id, name, result, status, detail) = match &done {
        Ok(done) => {
            let status = match asked.operation {
                ProvisioningOperation::Create => 201,
                ProvisioningOperation::Delete => 204,
                ProvisioningOperation::Replace | ProvisioningOperation::Patch => 200,
            };
            (done.id.clone(), done.name.clone(), ProvisioningResult::Success, status, done.said.clone())
        }
        Err(error) => {
            let seen = error.to_scim("see the server's log");
            (asked.id, asked.name, ProvisioningResult::Failure, seen.status, seen.detail.into_owned())
        }
    };
    let short = |text: String| -> String { text.chars().filter(|c| !c.is_control()).take(LONGEST).collect() };
    let entry = ProvisioningEntry {
        id: ProvisioningId::generate(|bytes| control.entropy().fill(bytes)),
        at: control.now(),
        client_id: caller.id().clone(),
        client_name: caller.client.name.clone(),
        operation: asked.operation,
        resource: asked.resource,
        resource_id: short(id),
        resource_name: short(name),
        result,
        status,
        detail: short(detail),
    };
    if let Err(error) = write(control, &entry).await {
        tracing::error!(%error, client = entry.client_id.as_str(), "a line of the provisioning log can't be written");
    }
    done.map(|done| done.answer)
}

async fn write(control: &Control, entry: &ProvisioningEntry) -> Result<(), store::Error> {
    control.store().add_provisioning_entry(entry).await?;
    // Now and then is enough: the log may be a little too long.
    let mut dice = [0];
    control.entropy().fill(&mut dice);
    if dice == [0] {
        control.store().trim_provisioning_log(entry.at.before(KEPT), MOST).await?;
    }
    Ok(())
}
