//! API keys and the hashes of their secrets.

use super::words::{COST_CENTERS, PURPOSES, REASONS, SERVICES, STAGES};
use super::{BATCH, Cast, KnownKey, Seeding, TRANSACTION, token_start};
use crate::error::Result;
use crate::fields::to_json;
use crate::sql::Value;
use model::id::UserPath;
use model::key::{ApiKey, Environment, KeyKind, KeyOwner, KeyScope, KeyState, Tags};
use model::user::fold;
use model::{KeyId, TenantId, Timestamp, UserId};
use std::collections::HashSet;
use std::time::Duration;

const CHUNK: usize = 250;
/// Most keys that requests are drawn from.
const BUSY: usize = 20_000;
const DAY: Duration = Duration::from_hours(24);

const INTO: &str = "INSERT INTO api_keys (id, name, name_folded, token_folded, description, kind, environment, tenant_id,
                                          owner_id, user_path, tags, scope, expires_at, created_at, creator_id, created_by,
                                          last_used_at, revoked_at, revoked_by, revoke_reason) VALUES ";
const INTO_SECRETS: &str =
    "INSERT INTO key_secrets (key_id, generation, hash, created_at, last_used_at) VALUES ";

/// What a usage row takes over from its key.
pub(super) struct Busy {
    pub(super) key: ApiKey,
    pub(super) user_id: Option<UserId>,
}

impl Seeding<'_> {
    pub(super) async fn keys(
        &mut self,
        cast: &mut Cast,
        known: &[KnownKey],
        like: Option<&ApiKey>,
    ) -> Result<()> {
        let mut standard = HashSet::new();
        let mut known = known.iter();
        let mut done = 0;
        let mut tx = self.begin().await?;
        while done < self.plan.keys {
            let some = BATCH.min(self.plan.keys - done);
            let (mut keys, mut secrets, mut revoked) = (Vec::new(), Vec::new(), 0);
            for number in self.before.keys + done..self.before.keys + done + some {
                let (key, last_used_at, hash) = match known.next() {
                    Some(known) => (self.known_key(known, like, number), None, known.secret_hash),
                    None => self.unknown_key(number, cast, &mut standard),
                };
                revoked += u64::from(matches!(key.state, KeyState::Revoked { .. }));
                secrets.push([
                    Value::from(key.id.as_str()),
                    1.into(),
                    hash.as_slice().into(),
                    key.created_at.into(),
                    last_used_at.map(Timestamp::as_micros).into(),
                ]);
                keys.push(columns(&key, last_used_at)?);
                self.note_busy(cast, key, last_used_at);
            }
            self.insert(&mut tx, INTO, CHUNK, keys).await?;
            self.insert(&mut tx, INTO_SECRETS, CHUNK, secrets).await?;
            self.count(&mut tx, "keys", some - revoked).await?;
            self.count(&mut tx, "revoked_keys", revoked).await?;
            done += some;
            self.tell("keys", done, self.plan.keys);
            if done.is_multiple_of(TRANSACTION) {
                tx.commit().await?;
                tx = self.begin().await?;
            }
        }
        // Counted from what is there, whatever was before.
        sqlx::query(
            "INSERT INTO tenant_keys (tenant_id, live)
             SELECT tenant_id, COUNT(*) FROM api_keys WHERE revoked_at IS NULL GROUP BY tenant_id
             ON CONFLICT (tenant_id) DO UPDATE SET live = excluded.live",
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "UPDATE api_keys SET owner_inactive = 1
             WHERE owner_inactive = 0 AND owner_id IN (SELECT id FROM users WHERE status = 'inactive')",
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    fn known_key(&mut self, known: &KnownKey, like: Option<&ApiKey>, number: u64) -> ApiKey {
        let name = format!("known-{number}");
        let created_at = self.plan.now;
        match like {
            Some(like) => ApiKey { id: known.id, name, created_at, ..like.clone() },
            None => ApiKey { id: known.id, name, ..plain_key(known.id, created_at) },
        }
    }

    fn unknown_key(
        &mut self,
        number: u64,
        cast: &Cast,
        standard: &mut HashSet<(u32, Environment)>,
    ) -> (ApiKey, Option<Timestamp>, [u8; 32]) {
        let id = KeyId::generate(|bytes| self.dice.fill(bytes));
        // Nobody knows what this is the hash of.
        let mut hash = [0; 32];
        self.dice.fill(&mut hash);
        let environment = if self.dice.chance(22) { Environment::Sandbox } else { Environment::Production };
        let (owner, tenant) = self.owner(cast);
        let tenant_id = cast.tenants[tenant as usize].clone();
        let made = self.issued(number - self.before.keys);
        let made = owner.map_or(made, |owner| made.max(owner.created_at));
        let mut key = ApiKey {
            name: self.key_name(number, environment),
            environment,
            tags: self.tags(),
            creator_id: owner.map(|owner| owner.id.clone()),
            created_by: owner.map_or("platform@example.com", |owner| owner.email.as_str()).to_owned(),
            owner: owner.map_or(KeyOwner::Tenant, |owner| KeyOwner::User(owner.id.clone())),
            user_path: self.user_path(&tenant_id),
            tenant_id,
            ..plain_key(id, made)
        };
        key.expires_at = self.expiry(key.created_at);
        key.scope = self.scope();
        if owner.is_none() && self.dice.below(400) == 0 {
            key.kind = KeyKind::Standard;
            key.scope = KeyScope::default();
        }
        let leaver = owner.is_some_and(|owner| owner.inactive);
        // A leaver's keys are revoked with the account, but for accounts that were only switched off.
        let revoked = self.dice.chance(if leaver { 85 } else { 22 })
            || (key.kind == KeyKind::Standard && !standard.insert((tenant, environment)));
        let last_used_at = self.last_use(&key);
        if revoked {
            key.state = KeyState::Revoked {
                at: self.between(last_used_at.unwrap_or(key.created_at)),
                by: key.created_by.clone(),
                reason: (if leaver { "employee left" } else { self.dice.one(REASONS) }).to_owned(),
            };
        }
        (key, last_used_at, hash)
    }

    /// Whose the key is, and in which tenant: of two in five, the tenant's own.
    fn owner<'c>(&mut self, cast: &'c Cast) -> (Option<&'c super::Owner>, u32) {
        if !cast.owners.is_empty() && self.dice.chance(60) {
            let owner = &cast.owners[self.dice.early_place(cast.owners.len())];
            return (Some(owner), owner.tenants[self.dice.place(owner.tenants.len())]);
        }
        (None, u32::try_from(self.dice.early_place(cast.tenants.len())).unwrap_or(0))
    }

    fn key_name(&mut self, number: u64, environment: Environment) -> String {
        let (service, purpose) = (self.dice.one(SERVICES), self.dice.one(PURPOSES));
        match self.dice.below(10) {
            0..=5 => format!("{service}-{purpose}-{}", environment.token_part()),
            6 | 7 => format!("{service}-{purpose}-{number}"),
            8 => format!("{service} ({purpose}) {}", number % 97),
            _ => format!("{purpose} key {number}"),
        }
    }

    fn tags(&mut self) -> Tags {
        let mut tags = Tags::new();
        if self.dice.chance(50) {
            tags.insert("cost-center".to_owned(), self.dice.one(COST_CENTERS).to_owned());
        }
        if self.dice.chance(25) {
            tags.insert("stage".to_owned(), self.dice.one(STAGES).to_owned());
        }
        if self.dice.chance(5) {
            tags.insert("project".to_owned(), format!("P-{:04}", self.dice.below(5_000)));
        }
        tags
    }

    fn user_path(&mut self, tenant: &TenantId) -> Option<UserPath> {
        let service = self.dice.one(SERVICES);
        self.dice.chance(30).then(|| format!("/{tenant}/{service}").parse().ok()).flatten()
    }

    fn scope(&mut self) -> KeyScope {
        let mut scope = KeyScope::default();
        if self.dice.chance(40) {
            let names = super::words::MODELS.iter().take(1 + self.dice.place(4)).map(|(name, ..)| *name);
            scope.allowed_models = Some(names.filter_map(|name| name.parse().ok()).collect());
        }
        if self.dice.chance(30) {
            scope.rate_limits.requests_per_minute =
                Some(60 * (1 + u32::try_from(self.dice.below(10)).unwrap_or(0)));
        }
        scope
    }

    fn expiry(&mut self, created_at: Timestamp) -> Option<Timestamp> {
        let days = match self.dice.below(100) {
            0..=44 => return None,
            45..=49 => 7,
            50..=59 => 30,
            60..=79 => 90,
            80..=89 => 180,
            _ => 365,
        };
        Some(created_at.after(DAY * days))
    }

    /// One in twenty was never used, and one in five not for 90 days.
    fn last_use(&mut self, key: &ApiKey) -> Option<Timestamp> {
        let at = match self.dice.below(100) {
            0..=4 => return None,
            5..=24 => self.days_ago(90, 600),
            25..=44 => self.days_ago(7, 90),
            _ => self.days_ago(0, 7),
        };
        let end = key.expires_at.map_or(self.plan.now, |end| end.min(self.plan.now));
        Some(at.max(key.created_at).min(end))
    }

    /// When the nth key was issued: one after the other over two years, in the end three times as many a day as at
    /// first.
    fn issued(&mut self, nth: u64) -> Timestamp {
        const STEPS: u64 = 1_000;
        let all = u128::from(self.plan.keys * STEPS);
        let left = all - u128::from(nth * STEPS + self.dice.below(STEPS));
        let age = 730 * DAY.as_micros() * left * (all + left) / (2 * all * all);
        self.plan.now.before(Duration::from_micros(u64::try_from(age).unwrap_or(u64::MAX)))
    }

    /// A moment from `start` to now.
    fn between(&mut self, start: Timestamp) -> Timestamp {
        let span = u64::try_from(self.plan.now.since(start).as_micros()).unwrap_or(0);
        start.after(Duration::from_micros(self.dice.below(span + 1)))
    }

    fn note_busy(&mut self, cast: &mut Cast, key: ApiKey, last_used_at: Option<Timestamp>) {
        let recently = last_used_at.is_some_and(|at| at > self.plan.now.before(DAY));
        if cast.busy.len() < BUSY && recently && key.state == KeyState::Active {
            let user_id = key.owner.user_id().cloned();
            cast.busy.push(Busy { key, user_id });
        }
    }
}

fn plain_key(id: KeyId, created_at: Timestamp) -> ApiKey {
    ApiKey {
        id,
        name: String::new(),
        description: None,
        kind: KeyKind::Restricted,
        environment: Environment::Production,
        tenant_id: TenantId::default_tenant(),
        owner: KeyOwner::Tenant,
        user_path: None,
        tags: Tags::new(),
        scope: KeyScope::default(),
        expires_at: None,
        created_at,
        creator_id: None,
        created_by: "dev seed".to_owned(),
        state: KeyState::Active,
    }
}

fn columns(key: &ApiKey, last_used_at: Option<Timestamp>) -> Result<[Value; 20]> {
    let token = format!("{}{}", token_start(key.kind, key.environment), key.id);
    let (revoked_at, revoked_by, reason) = match &key.state {
        KeyState::Active => (None, None, None),
        KeyState::Revoked { at, by, reason } => {
            (Some(at.as_micros()), Some(by.as_str()), Some(reason.as_str()))
        }
    };
    Ok([
        key.id.as_str().into(),
        key.name.as_str().into(),
        fold(&key.name).as_str().into(),
        fold(&token).as_str().into(),
        key.description.as_deref().into(),
        key.kind.as_str().into(),
        key.environment.as_str().into(),
        key.tenant_id.as_str().into(),
        key.owner.user_id().map(UserId::as_str).into(),
        key.user_path.as_ref().map(UserPath::as_str).into(),
        to_json(&key.tags, "tags")?.as_str().into(),
        to_json(&key.scope, "scope")?.as_str().into(),
        key.expires_at.map(Timestamp::as_micros).into(),
        key.created_at.into(),
        key.creator_id.as_ref().map(UserId::as_str).into(),
        key.created_by.as_str().into(),
        last_used_at.map(Timestamp::as_micros).into(),
        revoked_at.into(),
        revoked_by.into(),
        reason.into(),
    ])
}
