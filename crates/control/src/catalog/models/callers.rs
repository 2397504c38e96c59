//! Who may call a model. There can be a million keys, and whether one may call takes more than SQL: each answer looks at
//! a bounded number of them, in order, and says where it stopped.

use super::READ;
use crate::{Actor, Control, Error};
use model::access::{AccessRule, AccessScope, Asking, Verdict, may_call};
use model::catalog::{CallingKey, Model, ModelCallers, Provider, RuleEffect};
use model::key::{KeyScope, KeyView};
use model::page::PageRequest;
use model::role::{Action, Permission, Reach, Resource};
use model::{KeyId, ModelName, ProviderName, Total};
use store::ScannedKey;

const KEYS: Permission = Permission::new(Resource::Keys, Action::Read);
const RULES: Permission = Permission::new(Resource::AccessRules, Action::Read);

/// Keys read at a time.
const BATCH: u16 = 500;
/// Most keys looked at for one page.
const PAGE_SCAN: usize = 5_000;
/// Most keys looked at for the count.
const COUNT_SCAN: usize = 10_000;

/// The rules that narrow a model and the keys that may call it. Needs `models:read`; keys are shown as far as
/// `keys:read` reaches, rules as far as `access_rules:read` does.
pub async fn who_may_call(
    control: &Control,
    actor: &Actor,
    name: &ModelName,
    page: &PageRequest,
) -> Result<ModelCallers, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    let after = page.cursor.as_deref().map(str::parse::<KeyId>).transpose();
    let after = after.map_err(|_| Error::InvalidCursor)?;
    let catalog = control.store().catalog().await?;
    let model = catalog.models.into_iter().find(|model| model.name == *name).ok_or(Error::NotFound)?;
    let providers: Vec<Provider> = catalog.providers.into_iter().map(|stored| stored.provider).collect();
    let (rules, _) = control.store().access_rules().await?;
    let model = Question { control, model, providers, effects: Vec::new() };
    let effects = rules.into_iter().filter_map(|rule| model.effect(rule)).collect();
    let model = Question { effects, ..model };

    let (keys, seen_rules) = (actor.reach(KEYS), actor.reach(RULES));
    let withheld = [(KEYS, &keys), (RULES, &seen_rules)].into_iter();
    let withheld = withheld.filter(|(_, reach)| **reach == Reach::Nowhere).map(|(permission, _)| permission);
    let sees = |effect: &&RuleEffect| match &effect.rule.scope {
        AccessScope::Tenant(tenant) => seen_rules.covers(tenant),
        AccessScope::User(_) | AccessScope::UserPath(_) => seen_rules == Reach::Everywhere,
    };
    let mut answer = ModelCallers {
        own_bounds_permit: None,
        rules: model.effects.iter().filter(sees).cloned().collect(),
        items: Vec::new(),
        next_cursor: None,
        withheld: withheld.map(|permission| permission.to_string()).collect(),
    };
    if after.is_none() {
        answer.own_bounds_permit = Some(model.count().await?);
    }
    if keys != Reach::Nowhere {
        let limit = usize::from(page.limit.clamp(1, PageRequest::MAX_LIMIT));
        let (items, next) = model.page(after, limit, &keys).await?;
        answer.items = items;
        answer.next_cursor = next.map(|id| id.to_string());
    }
    Ok(answer)
}

/// A model with all that decides who may call it.
struct Question<'a> {
    control: &'a Control,
    model: Model,
    providers: Vec<Provider>,
    effects: Vec<RuleEffect>,
}

impl Question<'_> {
    /// What `rule` does to this model; `None`: nothing.
    fn effect(&self, rule: AccessRule) -> Option<RuleEffect> {
        // A production key without bounds of its own shows what the rule alone does.
        let unbounded = KeyScope::default();
        let asking = Asking { environment: model::key::Environment::Production, scope: &unbounded };
        let left = |rules: &[AccessRule]| -> Vec<ProviderName> {
            match may_call(asking, rules, &self.model, &self.providers) {
                Verdict::Permitted(left) => left,
                Verdict::Refused { .. } => Vec::new(),
            }
        };
        let providers = left(std::slice::from_ref(&rule));
        (!rule.permits_model(self.model.name.as_str()) || providers != left(&[]))
            .then_some(RuleEffect { rule, providers })
    }

    fn own_bounds_permit(&self, key: &KeyView) -> bool {
        let asking = Asking { environment: key.environment, scope: &key.scope };
        matches!(may_call(asking, [], &self.model, &self.providers), Verdict::Permitted(_))
    }

    /// The providers that may answer this key; `None`: it may not call.
    fn permitted(&self, key: &KeyView) -> Option<Vec<ProviderName>> {
        let rules =
            self.effects.iter().map(|effect| &effect.rule).filter(|rule| {
                rule.scope.covers(&key.tenant_id, key.owner_id.as_ref(), key.user_path.as_ref())
            });
        let asking = Asking { environment: key.environment, scope: &key.scope };
        match may_call(asking, rules, &self.model, &self.providers) {
            Verdict::Permitted(left) => Some(left),
            Verdict::Refused { .. } => None,
        }
    }

    async fn scan(&self, after: Option<&KeyId>, limit: u16, reach: &Reach) -> Result<Vec<ScannedKey>, Error> {
        Ok(self.control.store().scan_keys(after, limit, reach, self.control.now()).await?)
    }

    /// How many working keys permit the model by their own bounds, among the first ones.
    async fn count(&self) -> Result<Total, Error> {
        let (mut count, mut looked_at, mut after) = (0, 0, None);
        while looked_at < COUNT_SCAN {
            let batch = self.scan(after.as_ref(), BATCH, &Reach::Everywhere).await?;
            looked_at += batch.len();
            after = batch.last().map(|scanned| scanned.key.id);
            let permitted =
                batch.iter().filter(|scanned| scanned.works && self.own_bounds_permit(&scanned.key));
            count += u64::try_from(permitted.count()).unwrap_or(u64::MAX);
            if batch.len() < usize::from(BATCH) {
                return Ok(Total { count, capped: false });
            }
        }
        let more = self.scan(after.as_ref(), 1, &Reach::Everywhere).await?;
        Ok(Total { count, capped: !more.is_empty() })
    }

    /// The next keys that may call, and the last one that was looked at unless it was the very last.
    async fn page(
        &self,
        mut after: Option<KeyId>,
        limit: usize,
        reach: &Reach,
    ) -> Result<(Vec<CallingKey>, Option<KeyId>), Error> {
        let (mut items, mut looked_at) = (Vec::new(), 0);
        while looked_at < PAGE_SCAN {
            let batch = self.scan(after.as_ref(), BATCH, reach).await?;
            let last = batch.len() < usize::from(BATCH);
            looked_at += batch.len();
            for scanned in batch {
                // Full, and there is one more: the page ends at the key before it.
                if items.len() == limit {
                    return Ok((items, after));
                }
                after = Some(scanned.key.id);
                if let Some(providers) = scanned.works.then(|| self.permitted(&scanned.key)).flatten() {
                    items.push(CallingKey::new(scanned.key, providers));
                }
            }
            if last {
                return Ok((items, None));
            }
        }
        Ok((items, after))
    }
}
