//! The end of every mutation: permission denied and written down, or committed and carried to the nodes.

use crate::audit::Target;
use crate::{Actor, Control, Error};
use model::TenantId;
use model::audit::{AuditEntry, AuditResult};
use model::change::{Change, Epoch};
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
    /// key alive until the next poll of the feed. A request that is to be done once is remembered with it.
    pub(crate) async fn commit(
        &self,
        tx: Tx,
        entry: AuditEntry,
        changes: Vec<Change>,
    ) -> Result<CutReceipt, Error> {
        let tx = self.claimed(tx, &entry).await?;
        let control = self.clone();
        self.finish(async move {
            let epoch = control.commit_claimed(tx, &entry, &changes).await?;
            if changes.is_empty() {
                return Ok(CutReceipt::default());
            }
            Ok(control.0.broadcast.publish(epoch, changes).await)
        })
        .await?
    }

    /// Commits a row that no request did: it was refused, or it is about something that was done already.
    pub(crate) async fn write(&self, entry: AuditEntry) -> Result<(), Error> {
        let tx = self.store().begin().await?;
        self.finish(async move { tx.commit(&entry, &[]).await.map(drop) }).await?.map_err(Error::from)
    }

    /// `tx` with the claim of a request that is to be done once.
    pub(crate) async fn claimed(&self, tx: Tx, entry: &AuditEntry) -> Result<Tx, Error> {
        match &self.1 {
            Some(claim) => claim.take(self, tx, entry).await,
            None => Ok(tx),
        }
    }

    /// Commits what [`Control::claimed`] gave.
    pub(crate) async fn commit_claimed(
        &self,
        tx: Tx,
        entry: &AuditEntry,
        changes: &[Change],
    ) -> Result<Epoch, Error> {
        let epoch = tx.commit(entry, changes).await?;
        if let Some(claim) = &self.1 {
            claim.taken(entry.action);
        }
        Ok(epoch)
    }

    /// Runs `work` to its end even if the caller goes away; a shutdown waits for it.
    pub async fn finish<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Error> {
        self.0.tasks.spawn(work).await.map_err(|_| Error::ShuttingDown)
    }
}
