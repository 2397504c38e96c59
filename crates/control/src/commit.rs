//! The end of every mutation: permission denied and written down, or committed and carried to the nodes.

use crate::audit::Target;
use crate::{Actor, Control, Error};
use model::TenantId;
use model::audit::{AuditEntry, AuditResult};
use model::change::Change;
use model::key::CutReceipt;
use model::role::{Permission, Reach};
use serde_json::json;
use store::Tx;

impl Control {
    /// Refuses, and writes down that it did, unless `actor` holds `permission`.
    pub(crate) async fn authorise(
        &self,
        actor: &Actor,
        permission: Permission,
        action: &'static str,
        target: &Target<'_>,
    ) -> Result<(), Error> {
        if actor.may(permission) {
            return Ok(());
        }
        Err(self.refuse(actor, permission, action, target, Error::Forbidden(permission)).await)
    }

    /// The same for an object of a tenant; `None`: there is no such object, or it belongs to no tenant. Who may see the
    /// object (`read`) learns what is missing, others get what an unknown id gets. Who can see no object of this kind at
    /// all is told so whatever the id.
    pub(crate) async fn authorise_in(
        &self,
        actor: &Actor,
        permission: Permission,
        read: Permission,
        tenant: Option<&TenantId>,
        action: &'static str,
        target: &Target<'_>,
    ) -> Result<(), Error> {
        let holds = |permission| tenant.is_some_and(|tenant| actor.may_in(permission, tenant));
        if actor.may(permission) || holds(permission) {
            return Ok(());
        }
        let somewhere = [permission, read].iter().any(|held| actor.reach(*held) != Reach::Nowhere);
        let hidden = somewhere && !actor.may(read) && !holds(read);
        let error = if hidden { Error::NotFound } else { Error::Forbidden(permission) };
        Err(self.refuse(actor, permission, action, target, error).await)
    }

    /// Writes down a denied attempt and gives the error that answers it.
    pub(crate) async fn refuse(
        &self,
        actor: &Actor,
        permission: Permission,
        action: &'static str,
        target: &Target<'_>,
        error: Error,
    ) -> Error {
        self.record_denial(actor, permission, action, target).await.err().unwrap_or(error)
    }

    /// Unless many of the same were written down.
    async fn record_denial(
        &self,
        actor: &Actor,
        permission: Permission,
        action: &'static str,
        target: &Target<'_>,
    ) -> Result<(), Error> {
        let detail = json!({ "needs": permission.to_string() });
        let entry = self.entry(actor, action, target, AuditResult::Denied, detail);
        self.record_refusal(entry).await
    }

    /// Commits `tx` with its audit row and change-feed rows, then carries the changes to the nodes.
    ///
    /// Runs to its end even if the caller goes away: a change that is committed but not carried would leave a revoked
    /// key alive until the next poll of the feed.
    pub(crate) async fn commit(
        &self,
        tx: Tx,
        entry: AuditEntry,
        changes: Vec<Change>,
    ) -> Result<CutReceipt, Error> {
        let broadcast = self.0.broadcast.clone();
        let task = self.0.tasks.spawn(async move {
            let epoch = tx.commit(&entry, &changes).await?;
            if changes.is_empty() {
                return Ok::<_, store::Error>(CutReceipt::default());
            }
            Ok(broadcast.publish(epoch, changes).await)
        });
        Ok(task.await.map_err(|_| Error::ShuttingDown)??)
    }
}
