//! Access rules: the wrong role, wrong fields, then success.

use crate::support::Bench;
use control::{Error, access_rules};
use model::access::{AccessRuleChange, AccessRuleFilter, NewAccessRule};
use model::change::Change;
use model::page::PageRequest;
use model::role::BuiltInRole;
use serde_json::{Value, json};

fn rule(fields: Value) -> NewAccessRule {
    serde_json::from_value(fields).unwrap()
}

fn team() -> NewAccessRule {
    rule(json!({ "scope": { "type": "user_path", "value": "/team" }, "denied_models": ["*-preview"] }))
}

fn change(fields: Value) -> AccessRuleChange {
    serde_json::from_value(fields).unwrap()
}

fn fields(error: Error) -> Vec<String> {
    match error {
        Error::Invalid(errors) => errors.into_iter().map(|error| error.field.into_owned()).collect(),
        other => vec![format!("{other:?}")],
    }
}

#[tokio::test]
async fn only_a_super_admin_sees_and_writes_rules() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let control = &bench.control;
    let id = access_rules::create(control, &admin, team()).await.unwrap().rule.id;
    let filter = AccessRuleFilter::default();
    for role in BuiltInRole::ALL.into_iter().filter(|role| *role != BuiltInRole::SuperAdmin) {
        let actor = bench.account(&format!("{}@example.com", role.as_str()), role).await;
        let page = PageRequest::default();
        let calls = [
            access_rules::list(control, &actor, &filter, &page).await.map(drop),
            access_rules::read(control, &actor, &id).await.map(drop),
            access_rules::create(control, &actor, team()).await.map(drop),
            access_rules::change(control, &actor, &id, change(json!({}))).await.map(drop),
            access_rules::remove(control, &actor, &id).await,
        ];
        assert!(calls.iter().all(|call| matches!(call, Err(Error::Forbidden(_)))), "{role:?} {calls:?}");
        let rows = bench.audit().await;
        let actions: Vec<_> = rows[rows.len() - 3..].iter().map(|(action, _)| action.as_str()).collect();
        assert_eq!(actions, ["access_rule.create", "access_rule.update", "access_rule.delete"]);
        assert!(rows[rows.len() - 3..].iter().all(|(_, result)| result == "denied"));
    }
}

#[tokio::test]
async fn a_rule_is_made_changed_and_removed() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let control = &bench.control;
    let user = admin.user().unwrap().id.clone();
    let new = rule(json!({ "scope": { "type": "user", "value": user }, "allowed_models": [] }));
    let made = access_rules::create(control, &admin, new).await.unwrap();
    assert_eq!(made.scope_name.as_deref(), Some("admin@example.com"));
    assert_eq!((made.rule.created_by.as_str(), made.rule.created_at), ("admin@example.com", control.now()));
    let id = made.rule.id.clone();
    assert_eq!(access_rules::read(control, &admin, &id).await.unwrap(), made);

    bench.clock.advance(std::time::Duration::from_mins(1));
    let tenant = change(
        json!({ "scope": { "type": "tenant", "value": "default" }, "rate_limits": { "requests_per_minute": 5 } }),
    );
    let changed = access_rules::change(control, &admin, &id, tenant).await.unwrap();
    assert_eq!(changed.rule.allowed_models, Some(Vec::new()), "what is left out stays");
    assert_eq!(changed.rule.created_at, made.rule.created_at);
    assert_eq!(changed.scope_name.as_deref(), Some("Default"));
    let rows = bench.audit().await.len();
    access_rules::change(control, &admin, &id, change(json!({}))).await.unwrap();
    assert_eq!(bench.audit().await.len(), rows, "nothing changed, so nothing is written down");
    let freed = change(json!({ "allowed_models": null, "rate_limits": {} }));
    assert_eq!(
        fields(access_rules::change(control, &admin, &id, freed).await.unwrap_err()),
        ["allowed_models"],
        "a rule that restricts nothing"
    );
    access_rules::remove(control, &admin, &id).await.unwrap();
    for gone in [
        access_rules::read(control, &admin, &id).await.map(drop),
        access_rules::change(control, &admin, &id, change(json!({}))).await.map(drop),
        access_rules::remove(control, &admin, &id).await,
    ] {
        assert!(matches!(gone, Err(Error::NotFound)));
    }
    assert_eq!(bench.changes().iter().filter(|change| **change == Change::AccessRules).count(), 3);
    let rows = bench.audit().await;
    let actions: Vec<_> = rows[rows.len() - 3..].iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions, ["access_rule.create", "access_rule.update", "access_rule.delete"]);
}

#[tokio::test]
async fn names_in_a_rule_must_be_there() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let before = bench.audit().await.len();
    for (new, expected) in [
        (json!({ "scope": { "type": "tenant", "value": "nowhere" }, "denied_models": ["*"] }), "scope.value"),
        (
            json!({ "scope": { "type": "user", "value": "usr_AAAAAAAAAAAAAAAA" }, "denied_models": ["*"] }),
            "scope.value",
        ),
        (
            json!({ "scope": { "type": "user_path", "value": "/x" }, "allowed_providers": ["nobody"] }),
            "allowed_providers",
        ),
        (json!({ "scope": { "type": "user_path", "value": "/x" } }), "allowed_models"),
    ] {
        let refused = access_rules::create(&bench.control, &admin, rule(new.clone())).await.unwrap_err();
        assert_eq!(fields(refused), [expected], "{new}");
    }
    assert_eq!(bench.audit().await.len(), before);
}
