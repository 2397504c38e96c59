//! A gateway in a test: its store and ledger in memory, a client, and upstreams that follow a script.

use crate::script::Upstream;
use gateway::{
    BoxFuture, Catalog, CatalogProvider, ClientBody, Deps, Fallback, Gateway, GatewayConfig, PeerAddr,
    PolicyOwner, PolicyRecord, PolicySecret, PolicySource, SinkUnavailable, SourceUnavailable, UsageSink,
};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use model::catalog::{Model, Prices, Provider, ProviderKind, ProviderOptions, Target};
use model::change::{Change, Epoch};
use model::key::{ApiKey, Environment, KeyKind, KeyOwner, KeyScope, KeyState, Tags};
use model::key_token::{KeySecret, assemble};
use model::tenant::TenantStatus;
use model::time::{Entropy, ManualClock};
use model::usage::UsageRow;
use model::user::UserStatus;
use model::{KeyId, Timestamp, UserId};
use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

pub(crate) fn noon() -> Timestamp {
    Timestamp::parse_rfc3339("2026-03-18T12:00:00Z").unwrap()
}

/// Different bytes at each call, the same in each run.
pub(crate) struct Seed(pub(crate) AtomicU64);

impl Entropy for Seed {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let mut x = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, SeqCst);
            x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = ((x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33).to_le_bytes()[0];
        }
    }
}

/// The store. A closed gate holds loads after they were read.
pub(crate) struct Source {
    pub(crate) records: Mutex<HashMap<KeyId, PolicyRecord>>,
    pub(crate) epoch: AtomicI64,
    pub(crate) loads: AtomicUsize,
    pub(crate) gated: AtomicBool,
    pub(crate) gate: Semaphore,
    pub(crate) down: AtomicBool,
}

struct Store(Arc<Source>);

impl PolicySource for Store {
    fn load(&self, id: KeyId) -> BoxFuture<'static, Result<Option<PolicyRecord>, SourceUnavailable>> {
        let source = Arc::clone(&self.0);
        Box::pin(async move {
            let epoch = Epoch(source.epoch.load(SeqCst));
            let record = source.records.lock().unwrap().get(&id).cloned();
            source.loads.fetch_add(1, SeqCst);
            if source.gated.load(SeqCst) {
                source.gate.acquire().await.unwrap().forget();
            }
            if source.down.load(SeqCst) {
                return Err(SourceUnavailable);
            }
            Ok(record.map(|record| PolicyRecord { epoch, ..record }))
        })
    }
}

/// The ledger.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) rows: Mutex<Vec<UsageRow>>,
    pub(crate) down: AtomicBool,
}

struct Sink(Arc<Ledger>);

impl UsageSink for Sink {
    fn append(&self, rows: Arc<[UsageRow]>) -> BoxFuture<'static, Result<(), SinkUnavailable>> {
        let ledger = Arc::clone(&self.0);
        Box::pin(async move {
            if ledger.down.load(SeqCst) {
                return Err(SinkUnavailable);
            }
            let mut known = ledger.rows.lock().unwrap();
            for row in rows.iter().cloned() {
                if !known.iter().any(|old| old.request_id == row.request_id && old.attempt == row.attempt) {
                    known.push(row);
                }
            }
            Ok(())
        })
    }
}

pub(crate) struct World {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) source: Arc<Source>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) entropy: Arc<Seed>,
    pub(crate) dir: tempfile::TempDir,
}

/// An answer in pieces that never ends.
pub(crate) const ENDLESS: &str = "/endless";
/// An answer in one piece that no buffer of the kernel takes whole.
pub(crate) const LARGE: &str = "/large";

async fn pages(request: Request<ClientBody>) -> Result<Response<BoxBody<Bytes, Infallible>>, Infallible> {
    let piece = Bytes::from_static(&[b'x'; 16_384]);
    match request.uri().path() {
        ENDLESS => {
            let frames = futures_util::stream::repeat_with(move || Ok(Frame::data(piece.clone())));
            return Ok(Response::new(BodyExt::boxed(StreamBody::new(frames))));
        }
        LARGE => return Ok(Response::new(Full::new(piece.repeat(4_096).into()).boxed())),
        _ => {}
    }
    let peer = request.extensions().get::<PeerAddr>().map(|peer| peer.0.ip().to_string()).unwrap_or_default();
    let path = request.uri().path().to_owned();
    let thread = std::thread::current().name().unwrap_or_default().to_owned();
    let text = match request.into_body().collect().await {
        Ok(body) => format!("{path} {peer} {} {}", thread.starts_with("data-"), body.to_bytes().len()),
        Err(error) => format!("the body didn't come: {error}"),
    };
    Ok(Response::new(Full::new(text.into()).boxed()))
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut GatewayConfig)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self::in_dir(dir, Arc::default(), change).await
    }

    pub(crate) async fn in_dir(
        dir: tempfile::TempDir,
        ledger: Arc<Ledger>,
        change: impl FnOnce(&mut GatewayConfig),
    ) -> Self {
        let source = Arc::new(Source {
            records: Mutex::default(),
            epoch: AtomicI64::new(1),
            loads: AtomicUsize::new(0),
            gated: AtomicBool::new(false),
            gate: Semaphore::new(0),
            down: AtomicBool::new(false),
        });
        let clock = Arc::new(ManualClock::at(noon()));
        let entropy = Arc::new(Seed(AtomicU64::new(1)));
        let mut config = GatewayConfig {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            threads: 2,
            spool_dir: dir.path().join("spool"),
            state_bound: Duration::from_mins(10),
            ..GatewayConfig::default()
        };
        change(&mut config);
        let deps = Deps {
            clock: clock.clone(),
            entropy: entropy.clone(),
            policies: Arc::new(Store(source.clone())),
            sink: Arc::new(Sink(ledger.clone())),
            fallback: Fallback::new(tokio::runtime::Handle::current(), tower::service_fn(pages)),
        };
        let gateway = Arc::new(Gateway::start(config, deps).await.unwrap());
        let world = Self { gateway, source, ledger, clock, entropy, dir };
        world.catalog(
            vec![echo("echo", ProviderOptions::default())],
            vec![model("echo", &[("echo", "echo")])],
        );
        world.gateway.confirm(Epoch(1));
        world
    }

    pub(crate) fn catalog(&self, providers: Vec<CatalogProvider>, models: Vec<Model>) {
        let (catalog, problems) = Catalog::compile(providers, models);
        assert_eq!(problems, []);
        self.gateway.set_catalog(catalog);
    }

    /// One model `m` at one upstream.
    pub(crate) fn upstream(&self, upstream: &Upstream) {
        self.catalog(vec![upstream.provider("up")], vec![model("m", &[("up", "m-upstream")])]);
    }

    /// A working production key of the default tenant, changed by `change` before it is stored.
    pub(crate) fn key(&self, change: impl FnOnce(&mut PolicyRecord)) -> (String, KeyId) {
        let id = KeyId::generate(|bytes| self.entropy.fill(bytes));
        let secret = KeySecret::generate(|bytes| self.entropy.fill(bytes));
        let mut record = PolicyRecord {
            key: ApiKey {
                id,
                name: "test".into(),
                description: None,
                kind: KeyKind::Restricted,
                environment: Environment::Production,
                tenant_id: "default".parse().unwrap(),
                owner: KeyOwner::Tenant,
                user_path: None,
                tags: Tags::new(),
                scope: KeyScope::default(),
                expires_at: None,
                created_at: noon(),
                creator_id: None,
                created_by: "test".into(),
                state: KeyState::Active,
            },
            secrets: vec![PolicySecret {
                hash: identity::secret::hash_key_secret(secret.expose()),
                generation: 1,
                expires_at: None,
            }],
            tenant_status: TenantStatus::Active,
            owner: None,
            epoch: Epoch(1),
        };
        change(&mut record);
        let token = assemble(record.key.kind, record.key.environment, id, &secret);
        self.source.records.lock().unwrap().insert(id, record);
        (token, id)
    }

    pub(crate) fn plain_key(&self) -> (String, KeyId) {
        self.key(|_| {})
    }

    /// What the control plane does: change the record, move the feed on.
    pub(crate) fn commit(&self, id: KeyId, change: impl FnOnce(&mut PolicyRecord)) -> Epoch {
        change(self.source.records.lock().unwrap().get_mut(&id).unwrap());
        Epoch(self.source.epoch.fetch_add(1, SeqCst) + 1)
    }

    pub(crate) async fn revoke(&self, id: KeyId) -> gateway::CutReceipt {
        let epoch = self.commit(id, |record| record.key.state = revoked());
        self.gateway.apply(epoch, &[Change::KeyRevoked { id }]).await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        Reply::read(self.open(method, path, headers, body).await).await
    }

    /// Sends a request; gives the answer with its body still to come.
    pub(crate) async fn open(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<Incoming> {
        let stream = TcpStream::connect(self.gateway.local_addr()).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        background(async move {
            let _ = connection.await;
        });
        let mut request = Request::builder().method(method).uri(path).header("host", "gateway.test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        sender
            .send_request(request.body(Full::new(Bytes::copy_from_slice(body.as_bytes()))).unwrap())
            .await
            .unwrap()
    }

    pub(crate) async fn chat(&self, key: &str, body: &str) -> Reply {
        self.call("POST", CHAT, &[("x-api-key", key)], body).await
    }

    pub(crate) async fn open_chat(&self, key: &str, body: &str) -> Response<Incoming> {
        self.open("POST", CHAT, &[("x-api-key", key)], body).await
    }

    /// The ledger's rows once there are `count`.
    pub(crate) async fn rows(&self, count: usize) -> Vec<UsageRow> {
        until("ledger rows", || self.ledger.rows.lock().unwrap().len() >= count).await;
        self.ledger.rows.lock().unwrap().clone()
    }
}

pub(crate) const CHAT: &str = "/v1/chat/completions";
pub(crate) const ECHO: &str = r#"{"model":"echo","messages":[{"role":"user","content":"one two three"}]}"#;
pub(crate) const PLAIN: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;
pub(crate) const STREAM: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true}"#;

pub(crate) fn revoked() -> KeyState {
    KeyState::Revoked { at: noon(), by: "test".into(), reason: "test".into() }
}

pub(crate) fn owned_by(record: &mut PolicyRecord, user: &UserId) {
    record.key.owner = KeyOwner::User(user.clone());
    record.owner = Some(PolicyOwner { status: UserStatus::Active, member: true });
}

pub(crate) fn echo(name: &str, options: ProviderOptions) -> CatalogProvider {
    CatalogProvider {
        provider: provider(name, ProviderKind::Echo, String::new(), true, options),
        credential: None,
    }
}

pub(crate) fn provider(
    name: &str,
    kind: ProviderKind,
    base_url: String,
    sandbox: bool,
    options: ProviderOptions,
) -> Provider {
    Provider {
        name: name.parse().unwrap(),
        kind,
        base_url,
        sandbox,
        allow_private_addresses: true,
        options,
        has_credential: true,
        from_configuration: false,
    }
}

pub(crate) fn model(name: &str, targets: &[(&str, &str)]) -> Model {
    let targets = targets.iter().map(|(provider, upstream_model)| Target {
        provider: provider.parse().unwrap(),
        upstream_model: (*upstream_model).into(),
        weight: 1,
    });
    let prices = Prices {
        input_per_million_usd: Some("1".parse().unwrap()),
        output_per_million_usd: Some("2".parse().unwrap()),
        ..Prices::default()
    };
    Model {
        name: name.parse().unwrap(),
        targets: targets.collect(),
        labels: Vec::new(),
        prices,
        max_output_tokens: None,
        context_length: None,
        from_configuration: false,
    }
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    /// Whether the body came to its proper end.
    pub(crate) whole: bool,
}

impl Reply {
    pub(crate) async fn read(response: Response<Incoming>) -> Self {
        let (parts, mut incoming) = response.into_parts();
        let mut body = Vec::new();
        let mut whole = true;
        while let Some(frame) = incoming.frame().await {
            if let Ok(frame) = frame {
                body.extend_from_slice(&frame.into_data().unwrap_or_default());
            } else {
                whole = false;
                break;
            }
        }
        let body = String::from_utf8(body).unwrap();
        Self { status: parts.status, headers: parts.headers, body, whole }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Waits, generously, until something holds.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never came: {what}");
}

#[expect(clippy::disallowed_methods, reason = "a test's tasks end with its runtime")]
pub(crate) fn background(task: impl Future<Output: Send> + Send + 'static) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        task.await;
    })
}
