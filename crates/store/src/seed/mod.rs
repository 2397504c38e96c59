//! Invented people, keys and usage, to see the product at its full size: `gatehouse dev seed`.
//!
//! Written past the control plane: no audit rows (their hash chain runs through [`crate::Tx::commit`], one at a time)
//! and no change feed, so no node may serve the database meanwhile. Everything else is as the control plane would have
//! left it: counters, tags, search. The same plan on the same database gives the same rows, but for times, which count
//! back from now.

mod dice;
mod keys;
mod people;
mod requests;
mod words;

use crate::error::{Error, Result};
use crate::fields::Fields;
use crate::pool::Store;
use crate::sql::{Sql, Value};
use dice::Dice;
use model::key::{Environment, KeyKind};
use model::{KeyId, TenantId, Timestamp, UserId};
use sqlx::{Any, Transaction};

/// Rows made up at a time.
const BATCH: u64 = 10_000;
/// Rows in one transaction. Each transaction writes most pages of an index that begins with something random.
const TRANSACTION: u64 = 250_000;

/// How much is wanted.
#[derive(Clone, Debug)]
pub struct SeedPlan {
    /// People.
    pub users: u64,
    /// Keys.
    pub keys: u64,
    /// Tenants.
    pub tenants: u64,
    /// Days of usage, up to now.
    pub days: u16,
    /// Requests on a working day.
    pub requests_per_day: u64,
    /// What the draws begin with.
    pub seed: u64,
    /// The moment that the data is as of.
    pub now: Timestamp,
}

/// A key whose secret somebody knows: it is active, doesn't expire, and belongs to its tenant.
#[derive(Clone, Copy, Debug)]
pub struct KnownKey {
    /// Its public id.
    pub id: KeyId,
    /// SHA-256 of its secret.
    pub secret_hash: [u8; 32],
}

/// How far the seeding has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeedProgress {
    /// What is written: `tenants`, `users`, `keys` or `requests`.
    pub what: &'static str,
    /// How many there are so far.
    pub done: u64,
    /// How many there will be.
    pub of: u64,
}

/// Somebody that keys are made for.
struct Owner {
    id: UserId,
    email: String,
    tenants: Vec<u32>,
    inactive: bool,
    created_at: Timestamp,
}

/// What later rows are drawn from.
struct Cast {
    tenants: Vec<TenantId>,
    owners: Vec<Owner>,
    /// Some of the keys that are in use, busiest first.
    busy: Vec<keys::Busy>,
}

/// The work: one transaction after the other.
struct Seeding<'a> {
    store: &'a Store,
    plan: &'a SeedPlan,
    dice: Dice,
    progress: &'a mut (dyn FnMut(SeedProgress) + Send),
    /// Rows that were there: numbers in e-mail addresses and slugs go on from there.
    before: Before,
}

struct Before {
    users: u64,
    keys: u64,
    tenants: u64,
}

impl Store {
    /// Whether there are more people than the first one, or any keys.
    pub async fn is_in_use(&self) -> Result<bool> {
        let keys = self.counter("keys").await? + self.counter("revoked_keys").await?;
        Ok(self.counter("users").await? > 1 || keys > 0)
    }

    /// Fills the database. `known` come first of the keys, with all that the key `like` has if that is given. Hold the
    /// node's lock meanwhile.
    pub async fn seed(
        &self,
        plan: &SeedPlan,
        known: &[KnownKey],
        like: Option<&KeyId>,
        progress: &mut (dyn FnMut(SeedProgress) + Send),
    ) -> Result<()> {
        let before = Before {
            users: self.counter("users").await?,
            keys: self.counter("keys").await? + self.counter("revoked_keys").await?,
            tenants: self.counter("tenants").await?,
        };
        // What is added to a seeded database is different from what is there.
        let dice = Dice::new(plan.seed ^ (before.users << 40) ^ (before.keys << 8) ^ before.tenants);
        let mut seeding = Seeding { store: self, plan, dice, progress, before };
        let like = match like {
            Some(id) => Some(self.begin().await?.key(id).await?.ok_or(Error::Conflict { what: "key" })?),
            None => None,
        };
        for statement in self.dialect().bulk() {
            sqlx::query(*statement).execute(self.writer()).await?;
        }
        let mut cast = Cast { tenants: Vec::new(), owners: Vec::new(), busy: Vec::new() };
        seeding.tenants(&mut cast).await?;
        seeding.people(&mut cast).await?;
        seeding.keys(&mut cast, known, like.as_ref()).await?;
        seeding.requests(&cast).await?;
        self.analyse().await
    }

    /// Lets the database learn what is in it now: without, PostgreSQL plans for empty tables.
    pub(crate) async fn analyse(&self) -> Result<()> {
        for statement in self.dialect().analyse() {
            sqlx::query(*statement).execute(self.writer()).await?;
        }
        Ok(())
    }
}

impl Seeding<'_> {
    async fn begin(&self) -> Result<Transaction<'static, Any>> {
        let mut tx = self.store.writer().begin_with(self.store.dialect().begin()).await?;
        if let Some(statement) = self.store.dialect().patience() {
            sqlx::query(statement).execute(&mut *tx).await?;
        }
        Ok(tx)
    }

    /// A moment in the past: `days` ago at the most, at least `at_least`, more of them recently.
    fn days_ago(&mut self, at_least: u64, days: u64) -> Timestamp {
        const DAY: u64 = 86_400_000_000;
        let micros = self.dice.low((days.saturating_sub(at_least)).max(1) * DAY) + at_least * DAY;
        self.plan.now.before(std::time::Duration::from_micros(micros))
    }

    fn tell(&mut self, what: &'static str, done: u64, of: u64) {
        (self.progress)(SeedProgress { what, done, of });
    }

    /// Writes rows with one statement for `CHUNK` of them.
    async fn insert<const N: usize>(
        &self,
        tx: &mut Transaction<'static, Any>,
        into: &'static str,
        chunk: usize,
        rows: Vec<[Value; N]>,
    ) -> Result<()> {
        let mut rows = rows.into_iter();
        loop {
            let some: Vec<_> = rows.by_ref().take(chunk).collect();
            if some.is_empty() {
                return Ok(());
            }
            let whole = some.len() == chunk;
            let mut sql = Sql::new(into);
            sql.rows(self.store.dialect(), some);
            if whole {
                sql.execute(&mut **tx).await?;
            } else {
                sql.execute_once(&mut **tx).await?;
            }
        }
    }

    async fn count(&self, tx: &mut Transaction<'static, Any>, name: &'static str, more: u64) -> Result<()> {
        sqlx::query("UPDATE counters SET value = value + $2 WHERE name = $1 RETURNING value")
            .bind(name)
            .bind(crate::sql::stored(more))
            .fetch_one(&mut **tx)
            .await?
            .get::<i64>("value")?;
        Ok(())
    }
}

/// How a key of this kind and environment begins.
fn token_start(kind: KeyKind, environment: Environment) -> String {
    format!("{}_{}_", kind.token_prefix(), environment.token_part())
}
