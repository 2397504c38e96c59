//! A control plane on a temporary database, with a clock that the test moves and a broadcast that remembers.

use control::catalog::{ProbeFuture, UpstreamProbe};
use control::sign_in::{FirstRun, SetupForm, Subject, complete_setup, prepare};
use control::{Actor, Broadcast, Client, Control, Parts};
use identity::password::{Hasher, Password};
use identity::seal::SealingKey;
use model::catalog::{BreakerState, ProbeResult, TargetHealth};
use model::change::{Change, Epoch};
use model::key::CutReceipt;
use model::role::BuiltInRole;
use model::time::{Entropy, ManualClock};
use model::user::NewUser;
use model::{KeyId, ModelName, ProviderName, Timestamp};
use sqlx::Row;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use store::Store;
use testdb::Database;
use tokio_util::task::TaskTracker;

/// The password of every account that the bench makes.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A provider's credential that must show up nowhere.
pub(crate) const CREDENTIAL: &str = "canary-credential-9c1d";

pub(crate) struct Bench {
    pub(crate) control: Control,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) published: Arc<Remember>,
    database: Database,
}

#[derive(Default)]
pub(crate) struct Remember(pub(crate) Mutex<Vec<Change>>);

impl Broadcast for Remember {
    fn publish(&self, _: Epoch, changes: Vec<Change>) -> Pin<Box<dyn Future<Output = CutReceipt> + Send>> {
        self.0.lock().unwrap().extend(changes);
        Box::pin(async { CutReceipt { requests_cut: 3, nodes_acknowledged: 1, nodes: 1, milliseconds: 2 } })
    }

    fn live_requests(&self) -> u64 {
        7
    }

    fn running_of(&self, _: &KeyId) -> u64 {
        2
    }
}

/// A data plane whose upstreams quote the credential that they were sent.
struct Quoting;

impl UpstreamProbe for Quoting {
    fn probe(&self, provider: ProviderName) -> ProbeFuture {
        let message = format!("{provider} says: wrong key {CREDENTIAL}\r\n");
        Box::pin(async { ProbeResult { ok: false, status: Some(401), milliseconds: 3, message } })
    }

    fn target_health(&self, model: &ModelName) -> Vec<TargetHealth> {
        vec![TargetHealth {
            provider: "one".parse().unwrap(),
            upstream_model: model.to_string(),
            breaker: BreakerState::Open,
            failures: 5,
            retry_in_seconds: Some(9),
        }]
    }
}

/// Distinct bytes at every call; not random, which no test here needs.
struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            *byte = u8::try_from((state ^ (state >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 56).unwrap();
        }
    }
}

impl Bench {
    pub(crate) async fn new() -> Self {
        let database = Database::sqlite();
        let store = Store::open(database.url()).await.unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::parse_rfc3339("2026-03-18T17:00:00Z").unwrap()));
        let published = Arc::new(Remember::default());
        let control = Control::new(Parts {
            store,
            hasher: Hasher::new(2).unwrap(),
            sealing_key: SealingKey::new(&[9; 32]),
            clock: clock.clone(),
            entropy: Arc::new(Counter(AtomicU64::new(1))),
            broadcast: published.clone(),
            probe: Arc::new(Quoting),
            configuration_file: "gatehouse.yaml".to_owned(),
            tasks: TaskTracker::new(),
            sign_in_gate: tokio::sync::Mutex::new(()),
        });
        Self { control, clock, published, database }
    }

    /// Sets up the first `super_admin` through the one-time link.
    pub(crate) async fn admin(&self) -> Actor {
        let FirstRun::Setup(token) = prepare(&self.control, None).await.unwrap() else { unreachable!() };
        let form = SetupForm {
            token: token.expose().to_owned(),
            name: "Ada".to_owned(),
            email: "admin@example.com".to_owned(),
            password: Password::new(PASSWORD.to_owned()),
        };
        let signed_in = complete_setup(&self.control, form, &Client::default()).await.unwrap();
        self.actor(&signed_in.user.id).await
    }

    /// A signed-in account with this role.
    pub(crate) async fn account(&self, email: &str, role: BuiltInRole) -> Actor {
        let new = NewUser { name: email.to_owned(), email: email.to_owned(), role, organization_unit: None };
        let password = Some(Password::new(PASSWORD.to_owned()));
        let user =
            control::users::create(&self.control, &Actor::command_line(), new, password).await.unwrap();
        self.actor(&user.id).await
    }

    pub(crate) async fn actor(&self, id: &model::UserId) -> Actor {
        let credential_version = self.control.store().credential_version(id).await.unwrap().unwrap();
        let subject = Subject { user_id: id.clone(), credential_version };
        control::sign_in::actor_for(&self.control, &subject, Client::default()).await.unwrap().unwrap()
    }

    /// Rows of the audit log: action and result, oldest first.
    pub(crate) async fn audit(&self) -> Vec<(String, String)> {
        let pool = sqlx::AnyPool::connect(self.database.url()).await.unwrap();
        let rows =
            sqlx::query("SELECT action, result FROM audit_log ORDER BY seq").fetch_all(&pool).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    /// The target's name in the newest row of the audit log.
    pub(crate) async fn last_audit_target(&self) -> String {
        let pool = sqlx::AnyPool::connect(self.database.url()).await.unwrap();
        let row = sqlx::query("SELECT target_name FROM audit_log ORDER BY seq DESC LIMIT 1").fetch_one(&pool);
        row.await.unwrap().get(0)
    }

    /// The newest row of the audit log with this action: its detail.
    pub(crate) async fn detail(&self, action: &str) -> serde_json::Value {
        let pool = sqlx::AnyPool::connect(self.database.url()).await.unwrap();
        let row = sqlx::query("SELECT detail FROM audit_log WHERE action = $1 ORDER BY seq DESC LIMIT 1")
            .bind(action)
            .fetch_one(&pool)
            .await
            .unwrap();
        serde_json::from_str(row.get(0)).unwrap()
    }

    /// Everything that the audit log says, in one text.
    pub(crate) async fn audit_text(&self) -> String {
        let pool = sqlx::AnyPool::connect(self.database.url()).await.unwrap();
        let rows = sqlx::query(
            "SELECT action, target_type, target_id, target_name, detail FROM audit_log ORDER BY seq",
        );
        let rows = rows.fetch_all(&pool).await.unwrap();
        let line =
            |row: &sqlx::any::AnyRow| (0..5).map(|at| row.get::<String, _>(at)).collect::<Vec<_>>().join(" ");
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn changes(&self) -> Vec<Change> {
        self.published.0.lock().unwrap().clone()
    }
}
