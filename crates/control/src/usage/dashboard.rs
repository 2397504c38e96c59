//! The dashboard's figures.

use crate::{Actor, Control, Error};
use model::dashboard::Dashboard;
use model::id::TenantId;
use model::role::{Action, Permission, Reach, Resource};
use std::time::Duration;
use store::UsageScope;

const READ: Permission = Permission::new(Resource::Usage, Action::Read);
const CHART_DAYS: u16 = 30;

/// The figures of all tenants in which `actor` holds `usage:read`, or of one of them.
pub async fn dashboard(
    control: &Control,
    actor: &Actor,
    tenant: Option<&TenantId>,
) -> Result<Dashboard, Error> {
    let reach = actor.reach_or_refuse(READ)?;
    let store = control.store();
    let now = control.now();
    let day = Duration::from_hours(24);
    let everywhere = reach == Reach::Everywhere;
    let scope = UsageScope { tenant: tenant.cloned(), ..UsageScope::of(reach) };
    let first_day = now.before(day * u32::from(CHART_DAYS - 1)).utc_day_start();
    let keys = store.key_counts(tenant, &scope.reach, now).await?;
    Ok(Dashboard {
        last_24h: store.usage_totals(&scope, now.before(day), now).await?,
        previous_24h: store.usage_totals(&scope, now.before(day * 2), now.before(day)).await?,
        daily: store.daily_usage(&scope, first_day, CHART_DAYS).await?,
        active_keys: keys.active,
        stale_keys: keys.stale,
        expiring_keys: keys.expiring,
        live_requests: everywhere.then(|| control.0.broadcast.live_requests()),
    })
}
