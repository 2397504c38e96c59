//! A control plane on a temporary database, with a clock that the test moves and a broadcast that remembers.

use control::catalog::{ProbeFuture, UpstreamProbe};
use control::sign_in::{
    FirstRun, FirstStep, SetupForm, SignedIn, Subject, complete_setup, prepare, presence_of,
};
use control::{Actor, Broadcast, Client, Control, Parts, second_factor};
use identity::oidc::{Answer, Http, Outgoing, RelyingParty, Sending, Unreachable};
use identity::password::{Hasher, Password};
use identity::seal::SealingKey;
use identity::totp::TotpSecret;
use model::catalog::{BreakerState, ProbeResult, TargetHealth};
use model::change::{Change, Epoch};
use model::key::CutReceipt;
use model::membership::NewMembership;
use model::role::{BuiltInRole, NewAssignment, NewRole, RoleName, RoleOfUser};
use model::second_factor::SecondFactorRule;
use model::tenant::NewTenant;
use model::time::{Entropy, ManualClock};
use model::user::NewUser;
use model::{KeyId, ModelName, ProviderName, ScimClientId, TenantId, Timestamp};
use sqlx::Row;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::Store;
use testdb::Database;
use testidp::TestProvider;
use tokio_util::task::TaskTracker;

/// The password of every account that the bench makes.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A provider's credential that must show up nowhere.
pub(crate) const CREDENTIAL: &str = "canary-credential-9c1d";

pub(crate) struct Bench {
    pub(crate) control: Control,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) published: Arc<Remember>,
    pub(crate) providers: Arc<Providers>,
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

/// The identity providers that there are, by their issuer.
pub(crate) type Providers = Mutex<Vec<Arc<TestProvider>>>;

/// How they are reached: without a wire.
struct Wire(Arc<Providers>);

impl Http for Wire {
    fn send(&self, request: Outgoing) -> Sending {
        let providers = self.0.lock().unwrap();
        let found = providers.iter().find_map(|provider| {
            let path = request.url.strip_prefix(provider.issuer())?;
            let text = |text: &Option<zeroize::Zeroizing<String>>| text.as_ref().map(|text| text.to_string());
            let (authorization, form) = (text(&request.authorization), text(&request.form));
            Some(provider.respond(path, authorization.as_deref(), form.as_deref()))
        });
        let answer = found.map(|found| Answer { status: found.status, body: found.body.into_bytes() });
        Box::pin(async move { answer.ok_or(Unreachable::NoAnswer) })
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

/// A sign-in that one step is enough for.
pub(crate) fn whole(step: FirstStep) -> SignedIn {
    match step {
        FirstStep::SignedIn(signed_in) => *signed_in,
        FirstStep::HalfWay(_) => unreachable!("there is no second factor"),
    }
}

/// Somebody's authenticator.
pub(crate) struct Authenticator(TotpSecret);

impl Authenticator {
    /// What it shows at this moment.
    pub(crate) fn code(&self, at: Timestamp) -> String {
        self.0.code_at(at).to_string()
    }

    /// What it shows next; good already, since clocks may be off by that much.
    pub(crate) fn next(&self, now: Timestamp) -> String {
        self.code(now.after(Duration::from_secs(30)))
    }
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::on(Database::sqlite()).await
    }

    /// On PostgreSQL; `None` only where the environment says to do without.
    pub(crate) async fn postgres() -> Option<Self> {
        match Database::postgres() {
            Some(database) => Some(Self::on(database).await),
            None => None,
        }
    }

    /// On an installation that asks these people for a second factor.
    pub(crate) async fn requiring(rule: SecondFactorRule) -> Self {
        Self::with(Database::sqlite(), rule).await
    }

    async fn on(database: Database) -> Self {
        Self::with(database, SecondFactorRule::Off).await
    }

    async fn with(database: Database, rule: SecondFactorRule) -> Self {
        let store = Store::open(database.url()).await.unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::parse_rfc3339("2026-03-18T17:00:00Z").unwrap()));
        let published = Arc::new(Remember::default());
        let providers = Arc::new(Providers::default());
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
            second_factor_rule: rule,
            refusals: control::audit::Refusals::default(),
            relying_party: RelyingParty::new(Arc::new(Wire(Arc::clone(&providers))), clock.clone()),
        });
        Self { control, clock, published, providers, database }
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
        let (name, email) = (email.to_owned(), email.to_owned());
        let new = NewUser { name, email, role: role.into(), organization_unit: None };
        let password = Some(Password::new(PASSWORD.to_owned()));
        let user =
            control::users::create(&self.control, &Actor::command_line(), new, password).await.unwrap();
        self.actor(&user.id).await
    }

    /// A tenant, for as often as it takes.
    pub(crate) async fn tenant(&self, slug: &str) -> TenantId {
        let new = NewTenant { id: slug.parse().unwrap(), name: slug.to_owned() };
        control::tenants::create(&self.control, &Actor::command_line(), new).await.unwrap().id
    }

    /// A custom role with these permissions.
    pub(crate) async fn role(&self, name: &str, permissions: &[&str]) -> RoleName {
        let permissions = serde_json::from_value(serde_json::json!(permissions)).unwrap();
        let (title, description) = (name.to_owned(), String::new());
        let new = NewRole { name: name.parse().unwrap(), title, description, permissions };
        control::roles::create(&self.control, &Actor::command_line(), new).await.unwrap().name
    }

    /// An account that is a member of these tenants only, with these roles in them.
    pub(crate) async fn member(&self, email: &str, tenants: &[(&str, Option<&str>)]) -> Actor {
        let (control, hand) = (&self.control, Actor::command_line());
        let user_id = self.account(email, BuiltInRole::User).await.user().unwrap().id.clone();
        for (tenant, role) in tenants {
            let tenant_id: TenantId = tenant.parse().unwrap();
            let new = NewMembership { user_id: user_id.clone(), tenant_id: tenant_id.clone() };
            control::memberships::add(control, &hand, new).await.unwrap();
            if let Some(role) = role {
                let new = NewAssignment { tenant_id, role: role.parse().unwrap() };
                control::roles::assign(control, &hand, &user_id, new).await.unwrap();
            }
        }
        if tenants.iter().all(|(tenant, _)| *tenant != "default") {
            let default = TenantId::default_tenant();
            control::memberships::end(control, &hand, &user_id, &default, None).await.unwrap();
        }
        self.actor(&user_id).await
    }

    /// The same account with its rights of this moment.
    pub(crate) async fn again(&self, actor: &Actor) -> Actor {
        self.actor(&actor.user().unwrap().id).await
    }

    /// Gives an account a global role, as the installation's own hand.
    pub(crate) async fn set_role(&self, actor: &Actor, role: &str) -> Actor {
        let change = RoleOfUser { role: role.parse().unwrap(), reason: None };
        let id = &actor.user().unwrap().id;
        control::roles::set_role(&self.control, &Actor::command_line(), id, change).await.unwrap();
        self.again(actor).await
    }

    pub(crate) async fn actor(&self, id: &model::UserId) -> Actor {
        let credential_version = self.control.store().credential_version(id).await.unwrap().unwrap();
        let subject = Subject::new(id.clone(), credential_version);
        let present = presence_of(&self.control, &subject, Client::default()).await.unwrap().unwrap();
        present.person().clone()
    }

    /// Turns on a second factor: the authenticator, the recovery codes, and who enrolled, in their new session.
    pub(crate) async fn enrol(&self, actor: &Actor) -> (Authenticator, Vec<String>, Actor) {
        let new = second_factor::begin(&self.control, actor).unwrap();
        let authenticator = Authenticator(TotpSecret::parse(&new.secret).unwrap());
        let (password, code) = (Password::new(PASSWORD.to_owned()), authenticator.code(self.control.now()));
        let enrolled = second_factor::enrol(&self.control, actor, &new.ticket, password, &code).await;
        (authenticator, enrolled.unwrap().1.0, self.again(actor).await)
    }

    /// A SCIM client, made by the installation's own hand, and who presents its token.
    pub(crate) async fn scim_client(&self, new: serde_json::Value) -> (ScimClientId, control::scim::Caller) {
        let new = serde_json::from_value(new).unwrap();
        let made = control::scim::create(&self.control, &Actor::command_line(), new).await.unwrap();
        (made.client.id, self.scim_caller(&made.secret).await)
    }

    /// Who presents this token.
    pub(crate) async fn scim_caller(&self, token: &str) -> control::scim::Caller {
        control::scim::authenticate(&self.control, token, Client::default()).await.unwrap()
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

    /// Runs SQL past the store.
    pub(crate) async fn raw(&self, sql: &'static str) {
        let pool = sqlx::AnyPool::connect(self.database.url()).await.unwrap();
        sqlx::query(sql).execute(&pool).await.unwrap();
    }

    /// A number, read past the store.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        let pool = sqlx::AnyPool::connect(self.database.url()).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap()
    }

    /// Every row of every table, but for what is written down whether or not anything is done: attempts to sign in, and the
    /// log of what SCIM clients asked for.
    pub(crate) async fn everything(&self) -> Vec<String> {
        let pool = sqlx::AnyPool::connect(self.database.url()).await.unwrap();
        let texts = async |sql: String| -> Vec<String> {
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&pool).await.unwrap()
        };
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('login_buckets', 'provisioning_log')";
        let mut everything = Vec::new();
        for table in texts(tables.to_owned()).await {
            let columns = texts(format!("SELECT name FROM pragma_table_info('{table}')")).await;
            let quoted: Vec<String> = columns.iter().map(|column| format!("quote({column})")).collect();
            let rows = texts(format!("SELECT {} FROM {table} ORDER BY 1", quoted.join(" || ',' || "))).await;
            everything.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
        }
        everything
    }

    pub(crate) fn changes(&self) -> Vec<Change> {
        self.published.0.lock().unwrap().clone()
    }
}
