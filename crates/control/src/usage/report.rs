//! What somebody used themselves, by hour or day and by model or key.

use crate::{Actor, Control, Error};
use model::role::Reach;
use model::usage_report::{UsageBy, UsageLine, UsageOf, UsageQuestion, UsageReport};
use store::UsageScope;

/// Usage of the signed-in user's keys. Whose it is comes from the session: nothing in `question` can name somebody else,
/// and a tenant in it only narrows.
pub async fn report(
    control: &Control,
    actor: &Actor,
    question: &UsageQuestion,
) -> Result<UsageReport, Error> {
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    let store = control.store();
    let scope = UsageScope {
        user: Some(user.id.clone()),
        tenant: question.tenant_id.clone(),
        ..UsageScope::of(Reach::Everywhere)
    };
    let (length, count) = question.period.bars();
    let (from, to) = question.period.span(control.now());
    let bars = store.usage_bars(&scope, from, length, count).await?;
    let most = UsageReport::MAX_LINES;
    let line = |of, totals| UsageLine { of, totals };
    let lines = match question.by {
        UsageBy::Model => {
            let models = store.usage_by_model(&scope, from, to, most).await?.into_iter();
            models.map(|one| line(UsageOf::Model { name: one.model }, one.totals)).collect()
        }
        UsageBy::Key => {
            let keys = store.usage_by_key(&scope, from, to, most).await?.into_iter();
            keys.map(|one| line(UsageOf::Key { id: one.key_id, name: one.name }, one.totals)).collect()
        }
    };
    Ok(UsageReport { total: bars.iter().map(|bar| bar.totals).sum(), bars, lines })
}
