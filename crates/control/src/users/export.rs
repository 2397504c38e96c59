//! Taking the list of accounts out: written down before the first row leaves, and read in pages.

use super::READ;
use crate::audit::{Target, fit};
use crate::{Actor, Control, Error};
use model::audit::AuditResult;
use model::page::{PageRequest, SortDirection};
use model::role::Reach;
use model::user::{User, UserFilter, UserSort, UserSortField};
use serde_json::json;

const ACTION: &str = "user.export";

/// In the order of creation, which nothing changes while the rows are read.
const ORDER: UserSort = UserSort { field: UserSortField::CreatedAt, direction: SortDirection::Ascending };

/// An export under way.
pub struct Export {
    control: Control,
    filter: UserFilter,
    reach: Reach,
    /// The next page; `None`: that was all.
    next: Option<PageRequest>,
}

/// Begins an export of the accounts that match: of all that [`super::list`] shows to `actor`. Needs `users:read`.
pub async fn export(control: &Control, actor: &Actor, filter: &UserFilter) -> Result<Export, Error> {
    let target = Target { kind: "user", id: "", name: "users", tenant_id: None };
    let reach = match actor.reach_or_refuse(READ) {
        Ok(reach) => reach,
        Err(error) => return Err(control.refuse(actor, READ, ACTION, &target, error).await),
    };
    let filter = UserFilter { q: filter.q.as_deref().map(fit), ..filter.clone() };
    let detail = json!({ "format": "csv", "filter": &filter });
    let entry = control.entry(actor, ACTION, &target, AuditResult::Success, detail);
    let tx = control.store().begin().await?;
    control.commit(tx, entry, Vec::new()).await?;
    let next = Some(PageRequest { cursor: None, limit: PageRequest::MAX_LIMIT });
    Ok(Export { control: control.clone(), filter, reach, next })
}

impl Export {
    /// The next accounts, without what belongs to tenants beyond reach; none: that was all.
    pub async fn next(&mut self) -> Result<Vec<User>, Error> {
        let Some(page) = self.next.take() else { return Ok(Vec::new()) };
        let (store, now) = (self.control.store(), self.control.now());
        let found = store.list_users(&self.filter, ORDER, &page, &self.reach, now).await?;
        self.next = found.next_cursor.map(|cursor| PageRequest { cursor: Some(cursor), ..page });
        Ok(found.items.into_iter().map(|user| user.seen_within(&self.reach)).collect())
    }
}
