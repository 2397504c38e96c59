//! Races that only a hook can win every time.

use super::*;
use crate::admit::authenticate;
use crate::error::Code;
use crate::policy::{PolicyRecord, SourceUnavailable};
use crate::socket::Connection;
use crate::spool::SinkUnavailable;
use futures_util::future::{BoxFuture, FutureExt};
use http::{HeaderMap, Response};
use http_body_util::Full;
use model::key::{ApiKey, Environment, KeyKind, KeyState};
use model::key_token::{KeySecret, assemble};
use model::tenant::TenantStatus;
use model::time::ManualClock;
use model::{KeyId, Timestamp};

struct Zeroes;

impl Entropy for Zeroes {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

struct Nowhere;

impl UsageSink for Nowhere {
    fn append(&self, _: Arc<[model::usage::UsageRow]>) -> BoxFuture<'static, Result<(), SinkUnavailable>> {
        async { Ok(()) }.boxed()
    }
}

/// The store, with one key.
#[derive(Clone)]
struct Store(Arc<Mutex<PolicyRecord>>);

impl PolicySource for Store {
    fn load(&self, _: KeyId) -> BoxFuture<'static, Result<Option<PolicyRecord>, SourceUnavailable>> {
        let record = lock(&self.0).clone();
        async { Ok(Some(record)) }.boxed()
    }
}

/// The narrowest race there is: the key is revoked after a request looked it up, and before the request could be
/// found among the running ones.
#[tokio::test]
async fn a_request_between_look_up_and_registration_is_not_missed() {
    let now = Timestamp::parse_rfc3339("2026-03-18T12:00:00Z").unwrap();
    let (id, secret) = (KeyId::generate(|bytes| bytes.fill(7)), KeySecret::generate(|bytes| bytes.fill(8)));
    let store = Store(Arc::new(Mutex::new(PolicyRecord {
        key: ApiKey {
            id,
            name: "test".into(),
            description: None,
            kind: KeyKind::Restricted,
            environment: Environment::Production,
            tenant_id: "default".parse().unwrap(),
            owner: model::key::KeyOwner::Tenant,
            user_path: None,
            tags: model::key::Tags::new(),
            scope: model::key::KeyScope::default(),
            expires_at: None,
            created_at: now,
            creator_id: None,
            created_by: "test".into(),
            state: KeyState::Active,
        },
        secrets: vec![crate::PolicySecret {
            hash: identity::secret::hash_key_secret(secret.expose()),
            generation: 1,
            expires_at: None,
        }],
        tenant_status: TenantStatus::Active,
        owner: None,
        epoch: Epoch(1),
    })));
    let dir = tempfile::tempdir().unwrap();
    let config = GatewayConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        threads: 1,
        spool_dir: dir.path().join("spool"),
        ..GatewayConfig::default()
    };
    let nobody = tower::service_fn(async |_| Ok(Response::new(Full::<bytes::Bytes>::default())));
    let deps = Deps {
        clock: Arc::new(ManualClock::at(now)),
        entropy: Arc::new(Zeroes),
        policies: Arc::new(store.clone()),
        sink: Arc::new(Nowhere),
        fallback: Fallback::new(tokio::runtime::Handle::current(), nobody),
    };
    let gateway = Gateway::start(config, deps).await.unwrap();
    gateway.confirm(Epoch(1));
    let worker = Arc::new(Worker {
        shared: Arc::clone(&gateway.shared),
        index: 0,
        metrics: Arc::new(Metrics::new()),
        spool: Writer::new(Arc::clone(&gateway.spool)).unwrap(),
        upstreams: Upstreams::new(&gateway.shared.config, &tls().unwrap()),
    });
    let mut headers = HeaderMap::new();
    let token = assemble(KeyKind::Restricted, Environment::Production, id, &secret);
    headers.insert("x-api-key", token.parse().unwrap());
    let connection = Connection::new(([127, 0, 0, 1], 1).into());
    assert!(authenticate(&worker, &headers, &connection).await.is_ok(), "without a race");

    let barrier = gateway.shared.looked_up.get_or_init(|| tokio::sync::Barrier::new(2));
    let revocation = async {
        barrier.wait().await;
        let mut record = lock(&store.0).clone();
        record.key.state = KeyState::Revoked { at: now, by: "test".into(), reason: "test".into() };
        record.epoch = Epoch(2);
        *lock(&store.0) = record;
        let receipt = gateway.apply(Epoch(2), &[Change::KeyRevoked { id }]).await;
        assert_eq!(receipt.requests_cut, 0, "nothing to be found yet");
        barrier.wait().await;
    };
    let (request, ()) = tokio::join!(authenticate(&worker, &headers, &connection), revocation);
    assert_eq!(request.err().map(|error| error.code), Some(Code::KeyRevoked));
    assert_eq!(gateway.live_requests(), 0);
}
