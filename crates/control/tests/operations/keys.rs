//! Issuing, reading and revoking keys: nobody, the wrong person, the wrong role, then success.

use crate::support::Bench;
use control::{Error, keys};
use model::change::Change;
use model::key::{BULK_REVOKE, KeyFilter, KeyKind, KeySort, KeyStatus, NewKey};
use model::key_token::KeyToken;
use model::page::PageRequest;
use model::role::BuiltInRole;
use model::{KeyId, TenantId, Timestamp};

fn named(name: &str) -> NewKey {
    NewKey { name: name.to_owned(), ..NewKey::default() }
}

fn fields(error: Error) -> Vec<String> {
    match error {
        Error::Invalid(errors) => errors.into_iter().map(|error| error.field.into_owned()).collect(),
        other => vec![format!("{other:?}")],
    }
}

#[tokio::test]
async fn only_roles_with_keys_write_issue_for_others() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    for role in BuiltInRole::ALL.into_iter().filter(|role| *role != BuiltInRole::SuperAdmin) {
        let actor = bench.account(&format!("{}@example.com", role.as_str()), role).await;
        let refused = keys::create(&bench.control, &actor, named("k")).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{role:?}");
        assert_eq!(bench.audit().await.last().unwrap(), &("key.create".to_owned(), "denied".to_owned()));
    }
    let created = keys::create(&bench.control, &admin, named("service")).await.unwrap();
    assert!(KeyToken::parse(created.secret.as_bytes()).is_some());
    assert_eq!(created.key.owner_id, None);
    assert_eq!(bench.audit().await.last().unwrap(), &("key.create".to_owned(), "success".to_owned()));
    assert_eq!(bench.changes().last().unwrap(), &Change::Key { id: created.key.id });
}

#[tokio::test]
async fn one_issues_to_oneself_but_not_what_an_operator_sets() {
    let bench = Bench::new().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let mut new = named("checkout-service-prod");
    new.tags.insert("cost".to_owned(), "1".to_owned());
    new.user_path = Some("/team".parse().unwrap());
    new.owner = Some("admin@example.com".to_owned());
    new.kind = KeyKind::Standard;
    let refused = fields(keys::create_own(&bench.control, &dev, new).await.unwrap_err());
    for field in ["kind", "owner", "tags.cost", "user_path"] {
        assert!(refused.iter().any(|name| name == field), "{field} in {refused:?}");
    }
    let mut elsewhere = named("k");
    elsewhere.tenant_id = Some("team-alpha".parse::<TenantId>().unwrap());
    assert_eq!(fields(keys::create_own(&bench.control, &dev, elsewhere).await.unwrap_err()), ["tenant_id"]);

    let created = keys::create_own(&bench.control, &dev, named("checkout-service-prod")).await.unwrap();
    assert_eq!(created.key.owner_email.as_deref(), Some("dev@example.com"));
    assert_eq!(created.key.tenant_id, TenantId::default_tenant());
}

#[tokio::test]
async fn every_bad_field_is_named_and_nothing_is_written() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let before = bench.audit().await.len();
    let mut new = named("");
    new.tenant_id = Some("nowhere".parse().unwrap());
    new.owner = Some("nobody@example.com".to_owned());
    new.allowed_providers = Some(vec!["openai-primary".parse().unwrap()]);
    new.rate_limits.requests_per_minute = Some(0);
    new.expires_at = Some(Timestamp::from_micros(0));
    let refused = fields(keys::create(&bench.control, &admin, new).await.unwrap_err());
    for field in
        ["name", "tenant_id", "owner", "allowed_providers", "rate_limits.requests_per_minute", "expires_at"]
    {
        assert!(refused.iter().any(|name| name == field), "{field} in {refused:?}");
    }
    assert_eq!(bench.audit().await.len(), before);
}

#[tokio::test]
async fn a_second_active_standard_key_is_refused_until_the_first_is_revoked() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let standard = || NewKey { kind: KeyKind::Standard, ..named("all") };
    let first = keys::create(&bench.control, &admin, standard()).await.unwrap();
    let second = keys::create(&bench.control, &admin, standard()).await.unwrap_err();
    assert!(matches!(second, Error::Conflict { code: "standard_key_exists", .. }));
    keys::revoke(&bench.control, &admin, &first.key.id, "rotated").await.unwrap();
    keys::create(&bench.control, &admin, standard()).await.unwrap();
}

#[tokio::test]
async fn somebody_elses_key_looks_like_no_key() {
    let bench = Bench::new().await;
    let owner = bench.account("owner@example.com", BuiltInRole::User).await;
    let other = bench.account("other@example.com", BuiltInRole::User).await;
    let key = keys::create_own(&bench.control, &owner, named("k")).await.unwrap().key;
    let unknown: KeyId = "000000000000".parse().unwrap();
    for id in [key.id, unknown] {
        assert!(matches!(keys::read(&bench.control, &other, &id).await, Err(Error::NotFound)));
        assert!(matches!(keys::revoke(&bench.control, &other, &id, "mine").await, Err(Error::NotFound)));
    }
    let seen = keys::list_own(
        &bench.control,
        &other,
        &KeyFilter { owner_id: key.owner_id.clone(), ..KeyFilter::default() },
        KeySort::default(),
        &PageRequest::default(),
    )
    .await
    .unwrap();
    assert!(seen.items.is_empty());
    let (all, page) = (KeyFilter::default(), PageRequest::default());
    let list = keys::list(&bench.control, &other, &all, KeySort::default(), &page).await;
    assert!(matches!(list, Err(Error::Forbidden(_))));
    assert_eq!(keys::read(&bench.control, &owner, &key.id).await.unwrap().key.status, KeyStatus::Active);
}

#[tokio::test]
async fn revoking_takes_a_reason_is_carried_to_the_nodes_and_is_for_good() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let reader = bench.account("billing@example.com", BuiltInRole::BillingAdmin).await;
    let key = keys::create(&bench.control, &admin, named("k")).await.unwrap().key;
    assert!(matches!(
        keys::revoke(&bench.control, &reader, &key.id, "leaked").await,
        Err(Error::Forbidden(_))
    ));
    assert_eq!(fields(keys::revoke(&bench.control, &helper, &key.id, "  ").await.unwrap_err()), ["reason"]);

    let revoked = keys::revoke(&bench.control, &helper, &key.id, "leaked").await.unwrap();
    assert_eq!(revoked.key.status, KeyStatus::Revoked);
    assert_eq!(revoked.key.revoke_reason.as_deref(), Some("leaked"));
    assert_eq!(revoked.key.revoked_by.as_deref(), Some("helper@example.com"));
    assert_eq!(revoked.receipt.requests_cut, 3);
    assert_eq!(bench.changes().last().unwrap(), &Change::KeyRevoked { id: key.id });

    let rows = bench.audit().await.len();
    let again = keys::revoke(&bench.control, &admin, &key.id, "again").await.unwrap();
    assert_eq!(again.key.revoke_reason.as_deref(), Some("leaked"));
    assert_eq!(again.receipt.requests_cut, 0);
    assert_eq!(bench.audit().await.len(), rows);
}

#[tokio::test]
async fn expiry_is_computed_when_read() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let mut new = named("short");
    new.expires_at = Timestamp::parse_rfc3339("2026-03-18T18:00:00Z");
    let key = keys::create(&bench.control, &admin, new).await.unwrap().key;
    assert_eq!(key.status, KeyStatus::Active);
    bench.clock.advance(std::time::Duration::from_hours(1));
    assert_eq!(keys::read(&bench.control, &admin, &key.id).await.unwrap().key.status, KeyStatus::Expired);
}

#[tokio::test]
async fn a_denied_attempt_leaves_a_short_clean_name_in_the_audit_log() {
    let bench = Bench::new().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let long = format!("a\u{202e}\u{7}{}", "x".repeat(100_000));
    assert!(matches!(keys::create(&bench.control, &dev, named(&long)).await, Err(Error::Forbidden(_))));
    assert_eq!(bench.last_audit_target().await, format!("a{}", "x".repeat(199)));
}

#[tokio::test]
async fn nobody_issues_themselves_keys_without_end() {
    let bench = Bench::new().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let mut last = None;
    for _ in 0..100 {
        last = Some(keys::create_own(&bench.control, &dev, named("k")).await.unwrap().key.id);
    }
    let refused = keys::create_own(&bench.control, &dev, named("k")).await;
    assert!(matches!(refused, Err(Error::Conflict { code: "too_many_keys", .. })));
    keys::revoke(&bench.control, &dev, &last.unwrap(), "room").await.unwrap();
    keys::create_own(&bench.control, &dev, named("k")).await.unwrap();
}

#[tokio::test]
async fn many_keys_are_revoked_each_by_itself() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let control = &bench.control;
    let helper = bench.account("helper@example.com", BuiltInRole::UserAdmin).await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let key = keys::create_own(control, &dev, named("own")).await.unwrap().key.id;
    let above = keys::create_own(control, &admin, named("own")).await.unwrap().key.id;
    let unknown: KeyId = "AAAAAAAAAAAA".parse().unwrap();
    let all = [key, above, unknown];

    let refused = keys::revoke_many(control, &dev, &all, "mine").await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "one's own are revoked one by one");
    assert_eq!(bench.audit().await.last().unwrap(), &("key.revoke".to_owned(), "denied".to_owned()));
    assert!(matches!(keys::revoke_many(control, &helper, &all, " ").await, Err(Error::Invalid(_))));
    let many = vec![key; BULK_REVOKE + 1];
    assert!(matches!(keys::revoke_many(control, &helper, &many, "x").await, Err(Error::Invalid(_))));

    bench.role("key-desk", &["keys:*"]).await;
    let desk = bench.account("desk@example.com", BuiltInRole::User).await;
    let desk = bench.set_role(&desk, "key-desk").await;
    let rotate = model::key::RotateKey { grace: model::key::Grace::default() };
    let change = || serde_json::from_value(serde_json::json!({ "allowed_actions": [] })).unwrap();
    assert!(matches!(keys::rotate(control, &desk, &above, rotate).await, Err(Error::Outranked)));
    assert!(matches!(keys::change(control, &desk, &above, change()).await, Err(Error::Outranked)));
    keys::change(control, &desk, &key, change()).await.unwrap();

    let results = keys::revoke_many(control, &helper, &all, "clean-up").await.unwrap();
    assert!(matches!(
        results.as_slice(),
        [(_, Ok(_)), (_, Err(Error::Outranked)), (_, Err(Error::NotFound))]
    ));
    assert_eq!(keys::read(control, &admin, &key).await.unwrap().key.status, KeyStatus::Revoked);
    assert_eq!(keys::read(control, &admin, &above).await.unwrap().key.status, KeyStatus::Active);
}
