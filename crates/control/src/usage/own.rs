//! What the Console shows a developer of themselves.

use crate::{Actor, Control, Error};
use model::dashboard::OwnUsage;
use model::role::Reach;
use std::time::Duration;
use store::UsageScope;

const CHART_DAYS: u16 = 30;

/// Usage of the signed-in user's keys.
pub async fn own(control: &Control, actor: &Actor) -> Result<OwnUsage, Error> {
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    let store = control.store();
    let now = control.now();
    let day = Duration::from_hours(24);
    let scope = UsageScope { user: Some(user.id.clone()), ..UsageScope::of(Reach::Everywhere) };
    let first_day = now.before(day * u32::from(CHART_DAYS - 1)).utc_day_start();
    Ok(OwnUsage {
        last_24h: store.usage_totals(&scope, now.before(day), now).await?,
        last_30d: store.usage_totals(&scope, first_day, now).await?,
        daily: store.daily_usage(&scope, first_day, CHART_DAYS).await?,
    })
}
