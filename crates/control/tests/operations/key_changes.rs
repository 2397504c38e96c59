//! Changing and rotating keys: nobody, the wrong person, the wrong role, then success.

use crate::support::Bench;
use control::{Actor, Error, keys, tenants};
use identity::secret::hash_key_secret;
use model::change::Change;
use model::id::UserPath;
use model::key::{Grace, KeyChange, KeyStatus, NewKey, RotateKey};
use model::key_token::KeyToken;
use model::limits::RateLimits;
use model::role::BuiltInRole;
use model::tenant::TenantChange;
use model::{KeyId, TenantId, Timestamp};
use serde_json::json;
use std::time::Duration;

fn named(name: &str) -> NewKey {
    NewKey { name: name.to_owned(), ..NewKey::default() }
}

fn renamed(name: &str) -> KeyChange {
    KeyChange { name: Some(name.to_owned()), ..KeyChange::default() }
}

fn parsed(change: serde_json::Value) -> KeyChange {
    serde_json::from_value(change).unwrap()
}

fn fields(error: Error) -> Vec<String> {
    match error {
        Error::Invalid(errors) => errors.into_iter().map(|error| error.field.into_owned()).collect(),
        other => vec![format!("{other:?}")],
    }
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    match result {
        Err(Error::Conflict { code, .. }) => code,
        Err(Error::NotFound) => "not_found",
        Err(Error::Forbidden(_)) => "forbidden",
        Err(_) => "another error",
        Ok(_) => "ok",
    }
}

const NOW: RotateKey = RotateKey { grace: Grace::None };
const IN_A_DAY: RotateKey = RotateKey { grace: Grace::Day };

/// Lets the people of `default` set the tag `team`.
async fn self_service(bench: &Bench, admin: &Actor) {
    let change = TenantChange { self_service_tags: Some(vec!["team".to_owned()]), ..TenantChange::default() };
    tenants::change(&bench.control, admin, &TenantId::default_tenant(), change).await.unwrap();
}

#[tokio::test]
async fn who_neither_holds_the_permission_nor_owns_the_key_changes_nothing() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let other = bench.account("other@example.com", BuiltInRole::User).await;
    let reader = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let own = keys::create_own(&bench.control, &dev, named("own")).await.unwrap().key.id;
    let service = keys::create(&bench.control, &admin, named("service")).await.unwrap().key.id;
    let unknown: KeyId = "000000000000".parse().unwrap();
    for (actor, id, expected) in [
        (&other, own, "not_found"),
        (&other, service, "not_found"),
        (&other, unknown, "not_found"),
        (&dev, service, "not_found"),
        (&reader, own, "forbidden"),
        (&reader, unknown, "not_found"),
        (&admin, unknown, "not_found"),
    ] {
        assert_eq!(code(keys::change(&bench.control, actor, &id, renamed("x")).await), expected);
        assert_eq!(code(keys::rotate(&bench.control, actor, &id, NOW).await), expected);
        let seen = code(keys::stats(&bench.control, actor, &id).await);
        assert_eq!(seen, if expected == "forbidden" { "ok" } else { "not_found" });
    }
    assert_eq!(bench.audit().await.last().unwrap(), &("key.rotate".to_owned(), "denied".to_owned()));
    let secrets = keys::read(&bench.control, &admin, &own).await.unwrap().secrets;
    assert_eq!((secrets.len(), secrets[0].generation), (1, 1));
}

#[tokio::test]
async fn an_operator_changes_every_field_and_the_audit_row_says_what_differs() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let key = keys::create(&bench.control, &admin, named("k")).await.unwrap().key;
    let change = parsed(json!({
        "name": "renamed", "description": "what for", "user_path": "/team", "tags": { "team": "alpha" },
        "allowed_models": ["gpt-*"], "denied_models": ["gpt-4"], "allowed_ips": ["10.0.0.0/8"],
        "rate_limits": { "requests_per_minute": 5 }, "require_conversation_id": true,
        "expires_at": "2026-04-01T00:00:00Z",
    }));
    let changed = keys::change(&bench.control, &admin, &key.id, change.clone()).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.description.as_deref()), ("renamed", Some("what for")));
    assert_eq!(changed.scope.rate_limits.requests_per_minute, Some(5));
    assert_eq!(keys::read(&bench.control, &admin, &key.id).await.unwrap().key, changed);
    let ends = Change::KeyEnds { id: key.id, through: None, at: changed.expires_at.unwrap() };
    assert_eq!(bench.changes()[bench.changes().len() - 2..], [Change::Key { id: key.id }, ends]);
    let detail = bench.detail("key.update").await;
    assert_eq!(detail["before"]["name"], "k");
    assert_eq!(detail["after"]["user_path"], "/team");
    assert!(detail["after"].get("tenant_id").is_none(), "{detail}");

    // The same again changes nothing and writes nothing; null takes away.
    let rows = bench.audit().await.len();
    assert_eq!(keys::change(&bench.control, &admin, &key.id, change).await.unwrap(), changed);
    assert_eq!(bench.audit().await.len(), rows);
    let bare = parsed(json!({ "description": null, "allowed_models": null, "expires_at": null }));
    let changed = keys::change(&bench.control, &admin, &key.id, bare).await.unwrap();
    assert_eq!((changed.description, changed.scope.allowed_models, changed.expires_at), (None, None, None));
    assert_eq!(bench.changes().last().unwrap(), &Change::Key { id: key.id }, "later or never cuts nothing");
}

#[tokio::test]
async fn bad_fields_are_named_and_a_key_that_is_over_stays_as_it_is() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let mut new = named("k");
    new.expires_at = Timestamp::parse_rfc3339("2026-03-18T18:00:00Z");
    let key = keys::create(&bench.control, &admin, new).await.unwrap().key;
    let revoked = keys::create(&bench.control, &admin, named("revoked")).await.unwrap().key;
    keys::revoke(&bench.control, &admin, &revoked.id, "leaked").await.unwrap();
    let rows = bench.audit().await.len();
    let change = parsed(json!({
        "name": "", "allowed_providers": ["nobody"], "tags": { "bad name": "x" },
        "rate_limits": { "tokens_per_day": 0 }, "expires_at": "2020-01-01T00:00:00Z",
    }));
    let mut refused = fields(keys::change(&bench.control, &admin, &key.id, change).await.unwrap_err());
    refused.sort();
    assert_eq!(refused, ["allowed_providers", "expires_at", "name", "rate_limits.tokens_per_day", "tags"]);

    let later = || parsed(json!({ "expires_at": "2030-01-01T00:00:00Z" }));
    bench.clock.advance(Duration::from_hours(1));
    for (id, over) in [(key.id, "key_expired"), (revoked.id, "key_revoked")] {
        assert_eq!(code(keys::change(&bench.control, &admin, &id, later()).await), over);
        assert_eq!(code(keys::rotate(&bench.control, &admin, &id, NOW).await), over);
    }
    assert_eq!(bench.audit().await.len(), rows);
    assert_eq!(keys::read(&bench.control, &admin, &key.id).await.unwrap().secrets.len(), 1);
}

#[tokio::test]
async fn a_developer_changes_what_they_could_have_set() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    self_service(&bench, &admin).await;
    let mut new = named("own");
    new.tags.insert("team".to_owned(), "alpha".to_owned());
    new.denied_models = vec!["gpt-4".parse().unwrap()];
    let own = keys::create_own(&bench.control, &dev, new).await.unwrap().key;
    assert_eq!(own.tags["team"], "alpha");
    // What they issued is theirs by another e-mail address, too.
    let moved = serde_json::from_value(json!({ "email": "new@example.com" })).unwrap();
    control::users::change(&bench.control, &admin, &dev.user().unwrap().id, moved).await.unwrap();
    let dev = bench.actor(&dev.user().unwrap().id).await;
    // What an operator bound stays bound.
    let bind = parsed(json!({ "tags": { "team": "alpha", "cost": "1" }, "user_path": "/team" }));
    keys::change(&bench.control, &admin, &own.id, bind).await.unwrap();

    let change = parsed(json!({
        "name": "mine", "tags": { "team": "beta", "cost": "1" }, "denied_models": [],
        "rate_limits": { "requests_per_minute": 5 }, "expires_at": "2026-04-01T00:00:00Z",
    }));
    let changed = keys::change(&bench.control, &dev, &own.id, change).await.unwrap();
    assert_eq!(changed.tags["team"], "beta");
    assert_eq!(
        changed.scope.rate_limits,
        RateLimits { requests_per_minute: Some(5), ..RateLimits::default() }
    );

    let refused = async |change: serde_json::Value| {
        fields(keys::change(&bench.control, &dev, &own.id, parsed(change)).await.unwrap_err())
    };
    assert_eq!(refused(json!({ "tags": { "team": "beta" } })).await, ["tags.cost"]);
    assert_eq!(refused(json!({ "tags": { "cost": "2" } })).await, ["tags.cost"]);
    assert_eq!(refused(json!({ "tags": { "cost": "1", "project": "x" } })).await, ["tags.project"]);
    assert_eq!(refused(json!({ "user_path": null })).await, ["user_path"]);
    let path: UserPath = "/team".parse().unwrap();
    assert_eq!(keys::read(&bench.control, &dev, &own.id).await.unwrap().key.user_path, Some(path));
}

#[tokio::test]
async fn the_bounds_of_a_key_that_an_operator_issued_are_not_its_owners() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let mut new = named("given");
    new.owner = Some("dev@example.com".to_owned());
    new.rate_limits.requests_per_minute = Some(1);
    let given = keys::create(&bench.control, &admin, new).await.unwrap().key;
    for (field, value) in [
        ("allowed_actions", json!(["models"])),
        ("allowed_models", json!(["*"])),
        ("denied_models", json!(["gpt-4"])),
        ("allowed_model_labels", json!(["eu"])),
        ("allowed_providers", json!([])),
        ("allowed_ips", json!([])),
        ("rate_limits", json!({})),
        ("identity", json!({ "header_mode": true })),
        ("require_conversation_id", json!(true)),
        ("expires_at", json!("2030-01-01T00:00:00Z")),
        ("user_path", json!("/team")),
    ] {
        let change = parsed(json!({ field: value }));
        let refused = fields(keys::change(&bench.control, &dev, &given.id, change).await.unwrap_err());
        assert_eq!(refused, [field]);
    }
    assert_eq!(keys::change(&bench.control, &dev, &given.id, renamed("mine")).await.unwrap().name, "mine");
    keys::rotate(&bench.control, &dev, &given.id, IN_A_DAY).await.unwrap();
}

#[tokio::test]
async fn rotating_gives_a_second_secret_and_says_what_became_of_the_first() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let first = keys::create(&bench.control, &admin, named("k")).await.unwrap();
    let id = first.key.id;
    bench.clock.advance(Duration::from_secs(1));
    let rotated = keys::rotate(&bench.control, &admin, &id, IN_A_DAY).await.unwrap();
    let (old, new) = (first.secret, rotated.created.secret);
    assert_ne!(old, new);
    let hash = |token: &str| hash_key_secret(KeyToken::parse(token.as_bytes()).unwrap().expose_secret());
    assert_eq!(&old[..20], &new[..20], "the public part stays");
    let policy = bench.control.store().key_policy(&id).await.unwrap().unwrap();
    let stored: Vec<_> = policy.secrets.iter().map(|secret| secret.hash).collect();
    assert_eq!(stored, [hash(&new), hash(&old)]);
    let end = rotated.previous_expires_at;
    assert_eq!(end.since(bench.control.now()), Duration::from_hours(24));
    let changes = bench.changes();
    let expected =
        [Change::KeyRotated { id, keep_from: 1 }, Change::KeyEnds { id, through: Some(1), at: end }];
    assert_eq!(changes[changes.len() - 2..], expected);
    assert_eq!(bench.audit().await.last().unwrap().0, "key.rotate", "nothing ended, so there is no receipt");
    let detail = bench.detail("key.rotate").await;
    assert_eq!((&detail["grace"], &detail["generation"]), (&json!("24h"), &json!(2)));
    for secret in [&old[20..], &new[20..]] {
        assert!(!detail.to_string().contains(secret));
    }

    let rotated = keys::rotate(&bench.control, &admin, &id, NOW).await.unwrap();
    assert_eq!(rotated.receipt.requests_cut, 3);
    assert_eq!(bench.changes().last().unwrap(), &Change::KeyRotated { id, keep_from: 3 });
    assert_eq!(bench.audit().await.last().unwrap(), &("key.cut".to_owned(), "success".to_owned()));
    assert_eq!(bench.detail("key.cut").await["receipt"]["requests_cut"], 3);
    let secrets = keys::read(&bench.control, &admin, &id).await.unwrap().secrets;
    let ends: Vec<_> = secrets.iter().map(|secret| (secret.generation, secret.expires_at)).collect();
    let now = bench.control.now();
    assert_eq!(ends, [(3, None), (2, Some(now)), (1, Some(now))]);
}

#[tokio::test]
async fn figures_of_a_key() {
    let bench = Bench::new().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let key = keys::create_own(&bench.control, &dev, named("k")).await.unwrap().key;
    let stats = keys::stats(&bench.control, &dev, &key.id).await.unwrap();
    assert_eq!((stats.id, stats.running, stats.total.requests, stats.last_used_at), (key.id, 2, 0, None));
    assert_eq!(stats.daily.len(), 30);
    assert_eq!(key.status, KeyStatus::Active);
}
