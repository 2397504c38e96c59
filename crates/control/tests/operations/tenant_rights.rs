//! Somebody who may do everything in one tenant: there, and nowhere else.

use crate::support::Bench;
use control::{Actor, Error, access_rules, audit, catalog, keys, roles, tenants, usage, users};
use model::access::{AccessRuleChange, AccessRuleFilter, NewAccessRule};
use model::audit::{AuditFilter, AuditOrder};
use model::key::{KeyChange, KeyFilter, KeySort, NewKey, RotateKey};
use model::page::PageRequest;
use model::tenant::{TenantChange, TenantFilter};
use model::user::{UserChange, UserFilter, UserSort, UserStatus};
use model::{AccessRuleId, KeyId, TenantId};
use serde_json::{Value, json};

fn slug(text: &str) -> TenantId {
    text.parse().unwrap()
}

fn first() -> PageRequest {
    PageRequest::default()
}

#[track_caller]
fn hidden<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::NotFound)), "{result:?}");
}

#[track_caller]
fn forbidden<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::Forbidden(_))), "{result:?}");
}

fn new_key(fields: Value) -> NewKey {
    serde_json::from_value(fields).unwrap()
}

async fn key(bench: &Bench, tenant: &str) -> KeyId {
    let new = new_key(json!({ "name": "key", "tenant_id": tenant }));
    keys::create(&bench.control, &Actor::command_line(), new).await.unwrap().key.id
}

fn new_rule(kind: &str, value: &str) -> NewAccessRule {
    serde_json::from_value(json!({ "scope": { "type": kind, "value": value }, "denied_models": ["x"] }))
        .unwrap()
}

async fn rule(bench: &Bench, kind: &str, value: &str) -> AccessRuleId {
    let new = new_rule(kind, value);
    access_rules::create(&bench.control, &Actor::command_line(), new).await.unwrap().rule.id
}

/// Alpha's own admin, on a bench with two tenants.
async fn lead() -> (Bench, Actor) {
    let bench = Bench::new().await;
    bench.admin().await;
    for tenant in ["alpha", "beta"] {
        bench.tenant(tenant).await;
    }
    let lead = bench.member("lead@example.com", &[("alpha", Some("super_admin"))]).await;
    (bench, lead)
}

#[tokio::test]
async fn keys() {
    let (bench, lead) = lead().await;
    let control = &bench.control;
    let (own, other) = (key(&bench, "alpha").await, key(&bench, "beta").await);
    let unknown: KeyId = "AAAAAAAAAAAA".parse().unwrap();
    for id in [&other, &unknown] {
        hidden(keys::read(control, &lead, id).await);
        hidden(keys::stats(control, &lead, id).await);
        hidden(keys::change(control, &lead, id, KeyChange::default()).await);
        hidden(keys::rotate(control, &lead, id, RotateKey::default()).await);
        hidden(keys::revoke(control, &lead, id, "over").await);
    }
    keys::read(control, &lead, &own).await.unwrap();
    let change = KeyChange { description: Some(Some("what for".to_owned())), ..KeyChange::default() };
    keys::change(control, &lead, &own, change).await.unwrap();
    // Rules about user paths, and limits that they share, reach keys of other tenants.
    let path = KeyChange { user_path: Some(Some("/beta".parse().unwrap())), ..KeyChange::default() };
    let Err(Error::Invalid(errors)) = keys::change(control, &lead, &own, path).await else { unreachable!() };
    assert_eq!(errors[0].field, "user_path");
    let new = new_key(json!({ "name": "x", "tenant_id": "alpha", "user_path": "/beta" }));
    let Err(Error::Invalid(errors)) = keys::create(control, &lead, new).await else { unreachable!() };
    assert_eq!(errors[0].field, "user_path");
    keys::rotate(control, &lead, &own, RotateKey::default()).await.unwrap();
    keys::revoke(control, &lead, &own, "over").await.unwrap();

    for tenant in ["beta", "nowhere"] {
        let new = new_key(json!({ "name": "x", "tenant_id": tenant }));
        forbidden(keys::create(control, &lead, new).await);
    }
    forbidden(keys::create(control, &lead, new_key(json!({ "name": "x" }))).await);
    bench.member("outside@example.com", &[("beta", None)]).await;
    for owner in ["outside@example.com", "nobody@example.com"] {
        let new = new_key(json!({ "name": "x", "tenant_id": "alpha", "owner": owner }));
        let Err(Error::Invalid(errors)) = keys::create(control, &lead, new).await else { unreachable!() };
        assert_eq!(errors[0].message, "there is no user with this id or e-mail address", "{owner}");
    }
    let jwks = json!({
        "jwks_url": "https://10.0.0.1/jwks", "issuers": ["https://id.example"], "audiences": ["x"],
        "allow_private_addresses": true,
    });
    let new = new_key(json!({ "name": "x", "tenant_id": "alpha", "identity": { "jwt": jwks } }));
    let Err(Error::Invalid(errors)) = keys::create(control, &lead, new).await else { unreachable!() };
    assert_eq!(errors[0].field, "identity.jwt.allow_private_addresses", "{errors:?}");

    let filter = KeyFilter { include_revoked: true, ..KeyFilter::default() };
    let listed = keys::list(control, &lead, &filter, KeySort::default(), &first()).await.unwrap();
    assert_eq!(listed.items.iter().map(|key| key.id).collect::<Vec<_>>(), [own]);
}

#[tokio::test]
async fn tenants_and_figures() {
    let (bench, lead) = lead().await;
    let control = &bench.control;
    key(&bench, "alpha").await;
    key(&bench, "beta").await;
    for id in ["beta", "nowhere"] {
        hidden(tenants::change(control, &lead, &slug(id), TenantChange::default()).await);
        hidden(tenants::suspend(control, &lead, &slug(id), None).await);
        hidden(tenants::activate(control, &lead, &slug(id), None).await);
    }
    forbidden(
        tenants::create(
            control,
            &lead,
            serde_json::from_value(json!({ "id": "mine", "name": "x" })).unwrap(),
        )
        .await,
    );
    tenants::suspend(control, &lead, &slug("alpha"), None).await.unwrap();
    tenants::activate(control, &lead, &slug("alpha"), None).await.unwrap();
    let listed = tenants::list(control, &lead, &TenantFilter::default(), &first()).await.unwrap();
    let slugs: Vec<_> = listed.items.into_iter().map(|view| view.tenant).collect();
    assert_eq!(slugs.iter().map(|tenant| tenant.id.as_str()).collect::<Vec<_>>(), ["alpha"]);
    assert_eq!(tenants::of_actor(control, &lead).await.unwrap(), slugs);

    let figures = usage::dashboard(control, &lead, None).await.unwrap();
    assert_eq!((figures.active_keys, figures.live_requests), (1, None));
    let beyond = usage::dashboard(control, &lead, Some(&slug("beta"))).await.unwrap();
    assert_eq!(beyond, usage::dashboard(control, &lead, Some(&slug("nowhere"))).await.unwrap());
    assert_eq!(beyond.active_keys, 0);
    let all = usage::dashboard(control, &Actor::command_line(), None).await.unwrap();
    assert_eq!((all.active_keys, all.live_requests), (2, Some(7)));
}

#[tokio::test]
async fn what_was_set_from_above_stands() {
    let (bench, lead) = lead().await;
    let (control, above) = (&bench.control, Actor::command_line());
    let refused = |error: Error| assert!(matches!(error, Error::SetFromAbove(_)), "{error:?}");
    let alpha = slug("alpha");

    // What the lead did itself, or found working, the lead undoes; what an operator did, or did too, it doesn't.
    tenants::suspend(control, &lead, &alpha, None).await.unwrap();
    let done = tenants::suspend(control, &above, &alpha, None).await.unwrap();
    assert!(done.tenant.suspension_locked);
    assert!(tenants::suspend(control, &lead, &alpha, None).await.unwrap().tenant.suspension_locked);
    refused(tenants::activate(control, &lead, &alpha, None).await.unwrap_err());
    assert_eq!(bench.audit().await.last().unwrap(), &("tenant.activate".to_owned(), "denied".to_owned()));
    let done = tenants::activate(control, &above, &alpha, None).await.unwrap();
    assert!(!done.tenant.suspension_locked);

    let own = access_rules::create(control, &lead, new_rule("tenant", "alpha")).await.unwrap().rule;
    let set = access_rules::create(control, &above, new_rule("tenant", "alpha")).await.unwrap().rule;
    assert_eq!((own.locked, set.locked), (false, true));
    let less = || serde_json::from_value(json!({ "denied_models": ["gpt-*"] })).unwrap();
    refused(access_rules::change(control, &lead, &set.id, less()).await.unwrap_err());
    refused(access_rules::remove(control, &lead, &set.id).await.unwrap_err());
    assert_eq!(bench.audit().await.last().unwrap(), &("access_rule.delete".to_owned(), "denied".to_owned()));
    assert!(!access_rules::change(control, &lead, &own.id, less()).await.unwrap().rule.locked);
    assert!(
        access_rules::change(
            control,
            &above,
            &own.id,
            AccessRuleChange {
                denied_models: Some(vec!["claude-*".parse().unwrap()]),
                ..AccessRuleChange::default()
            }
        )
        .await
        .unwrap()
        .rule
        .locked
    );
    refused(access_rules::remove(control, &lead, &own.id).await.unwrap_err());
    access_rules::remove(control, &above, &own.id).await.unwrap();
}

#[tokio::test]
async fn people() {
    let (bench, lead) = lead().await;
    let control = &bench.control;
    let ours = bench.member("ours@example.com", &[("alpha", None)]).await;
    let shared =
        bench.member("shared@example.com", &[("alpha", None), ("beta", Some("billing_admin"))]).await;
    let other = bench.member("other@example.com", &[("beta", None)]).await;
    let ids = [&ours, &shared, &other].map(|actor| actor.user().unwrap().id.clone());
    let off = || UserChange { status: UserStatus::Inactive, reason: None };
    for id in [&ids[2], &"usr_0000000000000000".parse().unwrap()] {
        hidden(users::read(control, &lead, id).await);
        hidden(users::set_status(control, &lead, id, off()).await);
    }
    // Seen, but not theirs alone.
    forbidden(users::set_status(control, &lead, &ids[1], off()).await);
    users::set_status(control, &lead, &ids[0], off()).await.unwrap();
    let found = users::read(control, &lead, &ids[1]).await.unwrap().user;
    assert_eq!((found.tenant_ids, found.assignments.len()), (vec![slug("alpha")], 0));
    let listed =
        users::list(control, &lead, &UserFilter::default(), UserSort::default(), &first()).await.unwrap();
    let emails: Vec<_> = listed.items.iter().map(|user| user.email.as_str()).collect();
    assert_eq!(emails, ["lead@example.com", "ours@example.com", "shared@example.com"]);
    assert!(listed.items.iter().all(|user| user.tenant_ids == [slug("alpha")]));

    // An account with a role of the installation's is the installation's.
    let modeller = bench.member("models@example.com", &[("alpha", None)]).await;
    let modeller = bench.set_role(&modeller, "model_admin").await.user().unwrap().id.clone();
    forbidden(users::set_status(control, &lead, &modeller, off()).await);
}

#[tokio::test]
async fn access_rules_and_what_belongs_to_no_tenant() {
    let (bench, lead) = lead().await;
    let control = &bench.control;
    let own = access_rules::create(control, &lead, new_rule("tenant", "alpha")).await.unwrap().rule.id;
    let others = [
        rule(&bench, "tenant", "beta").await,
        rule(&bench, "user_path", "/alpha").await,
        "rule_0000000000000000".parse().unwrap(),
    ];
    for id in &others {
        hidden(access_rules::read(control, &lead, id).await);
        hidden(access_rules::change(control, &lead, id, AccessRuleChange::default()).await);
        hidden(access_rules::remove(control, &lead, id).await);
    }
    for (kind, value) in [("tenant", "beta"), ("tenant", "nowhere"), ("user_path", "/alpha")] {
        forbidden(access_rules::create(control, &lead, new_rule(kind, value)).await);
        let scope = Some(new_rule(kind, value).scope);
        let change = AccessRuleChange { scope, ..AccessRuleChange::default() };
        forbidden(access_rules::change(control, &lead, &own, change).await);
    }
    let listed = access_rules::list(control, &lead, &AccessRuleFilter::default(), &first()).await.unwrap();
    assert_eq!(listed.items.iter().map(|view| &view.rule.id).collect::<Vec<_>>(), [&own]);
    access_rules::create(control, &lead, new_rule("tenant", "alpha")).await.unwrap();
    access_rules::remove(control, &lead, &own).await.unwrap();

    forbidden(catalog::models::list(control, &lead, None, &first()).await);
    forbidden(catalog::providers::list(control, &lead, None, &first()).await);
    forbidden(roles::list(control, &lead).await);
}

#[tokio::test]
async fn the_audit_log() {
    let (bench, lead) = lead().await;
    let control = &bench.control;
    let (own, other) = (key(&bench, "alpha").await, key(&bench, "beta").await);
    let everything = AuditFilter::default();
    let listed = async |actor: &Actor, filter: &AuditFilter| {
        audit::list(control, actor, filter, AuditOrder::default(), &first()).await.unwrap().items
    };
    let rows = listed(&lead, &everything).await;
    assert!(rows.iter().any(|row| row.target_id == own.as_str()));
    assert!(rows.iter().all(|row| row.tenant_id == Some(slug("alpha"))), "{rows:?}");
    let about = |id: KeyId| AuditFilter { target_id: Some(id.to_string()), ..AuditFilter::default() };
    assert!(listed(&lead, &about(other)).await.is_empty());
    let beta = AuditFilter { tenant_id: Some(slug("beta")), ..AuditFilter::default() };
    assert!(listed(&lead, &beta).await.is_empty());
    let seq = async |id: KeyId| listed(&Actor::command_line(), &about(id)).await[0].seq;
    audit::read(control, &lead, seq(own).await).await.unwrap();
    // The first row is about the set-up link, which belongs to no tenant.
    for hidden_row in [seq(other).await, 1, 999_999] {
        hidden(audit::read(control, &lead, hidden_row).await);
        hidden(audit::detail(control, &lead, hidden_row).await);
    }
    forbidden(audit::verify(control, &lead).await);
    let mut export = audit::export(control, &lead, &everything, audit::ExportFormat::Csv).await.unwrap();
    let taken = export.next().await.unwrap();
    assert!(!taken.is_empty() && taken.iter().all(|record| record.row.tenant_id == Some(slug("alpha"))));
}
