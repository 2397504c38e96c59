//! What the form says of a key, as new and as a change.

use super::*;
use crate::pages::keys::form::KeyForm;
use crate::viewer::Viewer;
use model::Timestamp;
use model::key::{ApiKey, KeyContext, KeyOwner, KeyScope, KeyState};
use model::role::{BuiltInRole, Rights};
use model::tenant::{Tenant, TenantStatus};
use model::user::{User, UserSource, UserStatus};
use model::{KeyId, TenantId};

const NOW: &str = "2026-03-01T10:00:00Z";
const DEV: &str = "dev@example.com";

fn now() -> Timestamp {
    Timestamp::parse_rfc3339(NOW).unwrap()
}

fn viewer() -> Viewer {
    let user = User {
        id: "usr_0123456789abcdef".parse().unwrap(),
        name: "Dev".into(),
        email: DEV.into(),
        role: BuiltInRole::User.into(),
        organization_unit: None,
        status: UserStatus::Active,
        source: UserSource::Local,
        second_factor: false,
        created_at: now(),
        last_sign_in_at: None,
        tenant_ids: vec![TenantId::default_tenant()],
        assignments: Vec::new(),
    };
    let tenant = Tenant {
        id: TenantId::default_tenant(),
        name: "Default".into(),
        status: TenantStatus::Active,
        suspension_locked: false,
        self_service_tags: vec!["team".into()],
        created_at: now(),
    };
    let rights = Rights::default();
    Viewer { user, rights, tenants: vec![tenant], base_url: String::new(), now: now(), must_enrol: false }
}

fn key(creator: &str) -> KeyView {
    let key = ApiKey {
        id: "7Hq2xV9mLw4T".parse::<KeyId>().unwrap(),
        name: "checkout".into(),
        description: None,
        kind: KeyKind::Restricted,
        environment: Environment::Production,
        tenant_id: TenantId::default_tenant(),
        owner: KeyOwner::Tenant,
        user_path: Some("/team/alpha".parse().unwrap()),
        tags: Tags::from([("cost".into(), "7".into()), ("team".into(), "alpha".into())]),
        scope: KeyScope { allowed_models: Some(vec!["echo".parse().unwrap()]), ..KeyScope::default() },
        expires_at: None,
        created_at: now(),
        creator_id: Some(creator.parse().unwrap()),
        // Not by whom it is told: an address may change.
        created_by: DEV.into(),
        state: KeyState::Active,
    };
    let context = KeyContext {
        tenant_name: "Default".into(),
        tenant_status: TenantStatus::Active,
        owner_name: None,
        owner_email: None,
        owner_status: None,
        last_used_at: None,
    };
    KeyView::new(key, context, now())
}

fn form(operator: bool, before: Option<KeyView>) -> KeyForm {
    KeyForm { viewer: viewer(), operator, before }
}

fn fields(result: Result<(NewKey, Expiry), Problem>) -> Vec<String> {
    result.unwrap_err().errors.into_iter().map(|error| error.field.into_owned()).collect()
}

#[test]
fn an_operator_says_everything_of_a_new_key() {
    let entered = Entered::from([
        ("name", " checkout "),
        ("owner", DEV),
        ("tenant_id", "team-alpha"),
        ("kind", "restricted"),
        ("environment", "sandbox"),
        ("user_path", "/team"),
        ("expires", "on"),
        ("expires_on", "2026-04-01"),
        ("tags", "cost=a, b"),
        ("tags:entry", "team=alpha"),
        ("allowed_actions:ways", "these"),
        ("allowed_actions", "chat.completions"),
        ("allowed_models:ways", "these"),
        ("allowed_models:entry", "gpt-4o*, echo"),
        ("denied_models", "gpt-4o-mini"),
        ("allowed_model_labels:ways", "all"),
        ("allowed_providers:ways", "all"),
        ("rate_limits.tokens_per_day", "1,000"),
        ("identity.enforce", "on"),
        ("identity.jwt:ways", "jwks"),
        ("identity.jwt.jwks_url", "https://issuer.example/keys"),
        ("identity.jwt.issuers", "https://issuer.example/"),
        ("identity.jwt.audiences:entry", "gateway"),
        ("identity.jwt.required_claims:entry", "tier=\"3\", mfa=true, level=2, org=acme"),
        ("identity.rate_limits.concurrent_requests", "2"),
        ("require_conversation_id", "on"),
    ]);
    let (new, expiry) = read(&form(true, None), &entered).unwrap();
    assert_eq!(new.name, "checkout");
    assert_eq!(new.owner.as_deref(), Some(DEV));
    assert_eq!(new.environment, Environment::Sandbox);
    assert_eq!(new.tags, Tags::from([("cost".into(), "a, b".into()), ("team".into(), "alpha".into())]));
    assert_eq!(new.allowed_actions, Some(vec![ApiAction::ChatCompletions]));
    assert_eq!(new.allowed_models.unwrap().len(), 2);
    assert_eq!(new.denied_models.len(), 1);
    assert_eq!((new.allowed_model_labels, new.allowed_providers, new.allowed_ips), (None, None, None));
    assert_eq!(new.rate_limits.tokens_per_day, Some(1_000));
    assert_eq!(new.identity.rate_limits.concurrent_requests, Some(2));
    assert!(new.require_conversation_id && new.identity.enforce && !new.identity.header_mode);
    let claims = new.identity.jwt.unwrap().required_claims;
    assert_eq!(claims["tier"], ClaimValue::Text("3".into()));
    assert_eq!(claims["mfa"], ClaimValue::Flag(true));
    assert_eq!(claims["level"], ClaimValue::Number(2));
    assert_eq!(claim_text(&claims["tier"]), "\"3\"");
    assert_eq!(expiry, Expiry::At(new.expires_at.unwrap()));
    assert_eq!(new.expires_at.unwrap().to_string(), "2026-04-01T23:59:59Z");
}

#[test]
fn a_standard_key_has_neither_owner_nor_lists() {
    let entered = Entered::from([
        ("name", "service"),
        ("kind", "standard"),
        ("owner", DEV),
        ("allowed_models:ways", "these"),
        ("expires", "never"),
    ]);
    let (new, _) = read(&form(true, None), &entered).unwrap();
    assert_eq!((new.kind, new.owner, new.allowed_models), (KeyKind::Standard, None, None));
}

#[test]
fn everything_wrong_is_told_at_once() {
    let entered = Entered::from([
        ("name", ""),
        ("user_path", "team"),
        ("tags:entry", "cost"),
        ("expires", "on"),
        ("allowed_models:ways", "these"),
        ("allowed_models:entry", "gpt 4"),
        ("rate_limits.requests_per_day", "0"),
        ("rate_limits.tokens_per_day", "lots"),
        ("allowed_ips:ways", "these"),
        ("allowed_ips:entry", "10.0.0.1/8"),
        ("identity.jwt:ways", "pem"),
    ]);
    assert_eq!(
        fields(read(&form(true, None), &entered)),
        [
            "user_path",
            "tags",
            "expires_at",
            "allowed_models",
            "rate_limits.tokens_per_day",
            "allowed_ips",
            "identity.jwt.public_key_pem",
            "name",
            "rate_limits.requests_per_day",
            "identity.jwt.issuers",
            "identity.jwt.audiences",
        ]
    );
}

#[test]
fn only_what_differs_is_sent_and_what_is_not_shown_stays() {
    // Somebody else issued it: name, description and own tags are the developer's.
    let before = key("usr_fedcba9876543210");
    let own = form(false, Some(before.clone()));
    assert!(!own.shows_bounds() && own.shows_tags());
    let entered = Entered::from([("name", "checkout"), ("tags:entry", "team=beta"), ("expires", "never")]);
    let (after, expiry) = read(&own, &entered).unwrap();
    assert_eq!(expiry, Expiry::Keep);
    let tags = Tags::from([("cost".into(), "7".into()), ("team".into(), "beta".into())]);
    assert_eq!(difference(&before, after), KeyChange { tags: Some(tags), ..KeyChange::default() });

    // Their own: its bounds too; the path stays an operator's.
    let before = key("usr_0123456789abcdef");
    let own = form(false, Some(before.clone()));
    let entered = Entered::from([
        ("name", "checkout"),
        ("tags", "team=alpha"),
        ("expires", "keep"),
        ("allowed_models:ways", "all"),
    ]);
    let (after, _) = read(&own, &entered).unwrap();
    let change = KeyChange { allowed_models: Some(None), ..KeyChange::default() };
    assert_eq!(difference(&before, after), change);
}
