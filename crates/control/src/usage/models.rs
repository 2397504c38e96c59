//! The models that somebody may call.

use crate::{Actor, Control, Error};
use model::access::{AccessRule, Asking, Verdict, may_call};
use model::catalog::{Model, OfferedModel, Provider};
use model::key::{Environment, KeyScope};
use model::user::User;
use model::{ModelName, TenantId};

/// The models that a key of the signed-in user may call when it has no bounds of its own, by name: what their tenants'
/// access rules and those about them leave.
pub async fn offered(control: &Control, actor: &Actor) -> Result<Vec<OfferedModel>, Error> {
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    let catalog = control.store().catalog().await?;
    let (rules, _) = control.store().access_rules().await?;
    let providers: Vec<Provider> = catalog.providers.into_iter().map(|stored| stored.provider).collect();
    let offered = catalog.models.into_iter().filter_map(|model| {
        let may = |tenant: &&TenantId| permitted(user, tenant, &rules, &model, &providers);
        let tenants: Vec<_> = user.tenant_ids.iter().filter(may).cloned().collect();
        (!tenants.is_empty()).then(|| OfferedModel::new(model, tenants))
    });
    let mut offered: Vec<_> = offered.collect();
    offered.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(offered)
}

/// Their names alone.
pub async fn models(control: &Control, actor: &Actor) -> Result<Vec<ModelName>, Error> {
    Ok(offered(control, actor).await?.into_iter().map(|model| model.name).collect())
}

fn permitted(
    user: &User,
    tenant: &TenantId,
    rules: &[AccessRule],
    model: &Model,
    providers: &[Provider],
) -> bool {
    let unbounded = KeyScope::default();
    let asking = Asking { environment: Environment::Production, scope: &unbounded };
    let about_them = rules.iter().filter(|rule| rule.scope.covers(tenant, Some(&user.id), None));
    matches!(may_call(asking, about_them, model, providers), Verdict::Permitted(_))
}
