//! The list of models as its page shows it.

use super::list;
use crate::{Actor, Control, Error};
use model::catalog::ModelDetail;
use model::page::{Page, PageRequest};

/// The models with the state of their targets, by name. Needs `models:read`.
pub async fn overview(
    control: &Control,
    actor: &Actor,
    q: Option<&str>,
    page: &PageRequest,
) -> Result<Page<ModelDetail>, Error> {
    let Page { items, next_cursor, total, hidden } = list(control, actor, q, page).await?;
    let items = items.into_iter().map(|model| {
        let health = control.0.probe.target_health(&model.name);
        ModelDetail { model, health }
    });
    Ok(Page { items: items.collect(), next_cursor, total, hidden })
}
