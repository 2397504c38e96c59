//! What the cases stand on: an empty store, and records to put into it.

use model::api_action::ApiAction;
use model::audit::{AuditEntry, AuditResult};
use model::change::Epoch;
use model::key::{ApiKey, Environment, KeyKind, KeyOwner, KeyScope, KeyState, Tags};
use model::money::Usd;
use model::role::BuiltInRole;
use model::tenant::{Tenant, TenantStatus};
use model::usage::{Outcome, TokenSource, UsageRow};
use model::user::{User, UserSource, UserStatus};
use model::{KeyId, PageRequest, TenantId, Timestamp, UserId};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use std::time::Duration;
use store::{Store, Tx};
use testdb::Database;

/// A store with a database of its own.
pub(crate) struct Bed {
    pub(crate) store: Store,
    database: Database,
}

impl Bed {
    pub(crate) async fn sqlite() -> Self {
        Self::on(Database::sqlite()).await
    }

    pub(crate) async fn postgres() -> Self {
        Self::on(Database::postgres().unwrap()).await
    }

    /// Another one, on the same kind of database.
    pub(crate) async fn like(other: &Self) -> Self {
        if other.url().starts_with("sqlite") { Self::sqlite().await } else { Self::postgres().await }
    }

    async fn on(database: Database) -> Self {
        Self { store: Store::open(database.url()).await.unwrap(), database }
    }

    /// An empty database of the same kind, without any table.
    pub(crate) fn empty_database(&self) -> Database {
        if self.url().starts_with("sqlite") { Database::sqlite() } else { Database::postgres().unwrap() }
    }

    pub(crate) fn url(&self) -> &str {
        self.database.url()
    }

    /// Runs SQL past the store, as somebody with a shell on the database would.
    pub(crate) async fn raw(&self, sql: &str) -> Result<(), sqlx::Error> {
        let mut connection = AnyConnection::connect(self.url()).await?;
        connection.execute(AssertSqlSafe(sql)).await?;
        connection.close().await
    }

    /// A number that SQL past the store gives.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let mut connection = AnyConnection::connect(self.url()).await.unwrap();
        let number = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        number
    }

    pub(crate) async fn begin(&self) -> Tx {
        self.store.begin().await.unwrap()
    }

    pub(crate) async fn add_user(&self, user: &User) {
        let mut tx = self.begin().await;
        tx.insert_user(user, None).await.unwrap();
        commit(tx).await;
    }

    pub(crate) async fn add_tenant(&self, slug: &str) {
        let mut tx = self.begin().await;
        tx.insert_tenant(&tenant(slug)).await.unwrap();
        commit(tx).await;
    }

    pub(crate) async fn add_key(&self, key: &ApiKey) {
        let mut tx = self.begin().await;
        tx.insert_key(key, &[7; 32]).await.unwrap();
        commit(tx).await;
    }
}

pub(crate) async fn commit(tx: Tx) -> Epoch {
    tx.commit(&audit("test.change"), &[]).await.unwrap()
}

pub(crate) fn audit(action: &'static str) -> AuditEntry {
    AuditEntry {
        actor_id: "cli".to_owned(),
        actor: "cli".to_owned(),
        action,
        target_type: "test",
        target_id: "1".to_owned(),
        target_name: "one".to_owned(),
        tenant_id: Some(TenantId::default_tenant()),
        result: AuditResult::Success,
        ip: Some("192.0.2.1".to_owned()),
        detail: "{}".to_owned(),
        at: at(0),
    }
}

/// A moment: `seconds` after noon of a day.
pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::parse_rfc3339("2026-03-18T12:00:00Z").unwrap().after(Duration::from_secs(seconds))
}

pub(crate) const fn days(count: u64) -> Duration {
    Duration::from_hours(24 * count)
}

pub(crate) fn user_id(n: u32) -> UserId {
    format!("usr_{n:016}").parse().unwrap()
}

pub(crate) fn key_id(n: u32) -> KeyId {
    format!("{n:012}").parse().unwrap()
}

pub(crate) fn slug(text: &str) -> TenantId {
    text.parse().unwrap()
}

pub(crate) fn user(n: u32) -> User {
    User {
        id: user_id(n),
        name: format!("User {n}"),
        email: format!("user{n}@example.com"),
        role: BuiltInRole::User.into(),
        organization_unit: None,
        status: UserStatus::Active,
        source: UserSource::Local,
        second_factor: false,
        created_at: at(0),
        last_sign_in_at: None,
        tenant_ids: vec![TenantId::default_tenant()],
        assignments: Vec::new(),
    }
}

pub(crate) fn tenant(id: &str) -> Tenant {
    Tenant {
        id: slug(id),
        name: id.to_uppercase(),
        status: TenantStatus::Active,
        suspension_locked: false,
        self_service_tags: Vec::new(),
        created_at: at(0),
    }
}

pub(crate) fn key(n: u32) -> ApiKey {
    ApiKey {
        id: key_id(n),
        name: format!("key {n}"),
        description: None,
        kind: KeyKind::Restricted,
        environment: Environment::Production,
        tenant_id: TenantId::default_tenant(),
        owner: KeyOwner::Tenant,
        user_path: None,
        tags: Tags::new(),
        scope: KeyScope::default(),
        expires_at: None,
        created_at: at(0),
        creator_id: None,
        created_by: "cli".to_owned(),
        state: KeyState::Active,
    }
}

/// The first attempt of request `n` with key `key`, sent at `started_at`: 10 tokens in, 4 of them cached, 5 out.
pub(crate) fn usage(n: u32, key: u32, started_at: Timestamp) -> UsageRow {
    UsageRow {
        request_id: format!("req_{n:022}").parse().unwrap(),
        attempt: 1,
        started_at,
        key_id: key_id(key),
        tenant_id: TenantId::default_tenant(),
        user_id: None,
        user_path: None,
        secret_generation: 1,
        identity: None,
        conversation_id: None,
        endpoint: ApiAction::ChatCompletions,
        model: "echo".parse().unwrap(),
        provider: "echo".parse().unwrap(),
        upstream_model: "echo".to_owned(),
        streamed: true,
        status: 200,
        outcome: Outcome::Completed,
        input_tokens: 10,
        cached_input_tokens: 4,
        cache_write_tokens: 0,
        output_tokens: 5,
        reasoning_tokens: 0,
        token_source: TokenSource::Reported,
        cost_usd: Usd::from_micros(100),
        first_byte_micros: None,
        total_micros: 1_000,
        key_tags: Tags::new(),
        request_tags: Tags::new(),
    }
}

pub(crate) fn first_page() -> PageRequest {
    PageRequest::default()
}
