//! Who may call a model.

use crate::support::Bench;
use control::catalog::{models, providers};
use control::{Actor, Error, access_rules, keys};
use model::catalog::ModelCallers;
use model::page::PageRequest;
use model::role::{BuiltInRole, Reach};
use model::{ModelName, Total};
use serde_json::{Value, json};

async fn catalog(bench: &Bench, admin: &Actor) -> ModelName {
    for (name, sandbox) in [("a", false), ("b", false), ("box", true)] {
        let new = json!({ "name": name, "kind": "openai", "sandbox": sandbox });
        providers::create(&bench.control, admin, serde_json::from_value(new).unwrap()).await.unwrap();
    }
    let target = |name| json!({ "provider": name, "upstream_model": "m" });
    let new =
        json!({ "name": "eu/m", "targets": [target("a"), target("b"), target("box")], "labels": ["eu"] });
    models::create(&bench.control, admin, serde_json::from_value(new).unwrap()).await.unwrap().name
}

async fn key(bench: &Bench, admin: &Actor, fields: Value) {
    keys::create(&bench.control, admin, serde_json::from_value(fields).unwrap()).await.unwrap();
}

async fn rule(bench: &Bench, admin: &Actor, fields: Value) {
    access_rules::create(&bench.control, admin, serde_json::from_value(fields).unwrap()).await.unwrap();
}

async fn ask(bench: &Bench, actor: &Actor, model: &ModelName, page: &PageRequest) -> ModelCallers {
    models::who_may_call(&bench.control, actor, model, page).await.unwrap()
}

fn lines(callers: &ModelCallers) -> Vec<String> {
    let mut lines: Vec<_> = callers
        .items
        .iter()
        .map(|key| {
            let left: Vec<_> = key.providers.iter().map(ToString::to_string).collect();
            format!("{}: {}", key.name, left.join(" "))
        })
        .collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn own_bounds_rules_and_state_decide_together() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let name = catalog(&bench, &admin).await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let owner = dev.user().unwrap().id.clone();
    for fields in [
        json!({ "name": "all" }),
        json!({ "name": "sandbox", "environment": "sandbox" }),
        json!({ "name": "labelled", "allowed_model_labels": ["eu"], "allowed_providers": ["a"] }),
        json!({ "name": "elsewhere", "allowed_models": ["us/*"] }),
        json!({ "name": "in team", "user_path": "/team/x" }),
        json!({ "name": "beside team", "user_path": "/teams" }),
        json!({ "name": "of dev", "owner": owner }),
        json!({ "name": "revoked" }),
    ] {
        key(&bench, &admin, fields).await;
    }
    let listed = bench
        .control
        .store()
        .scan_keys(None, 100, &Reach::Everywhere, bench.control.now())
        .await
        .unwrap()
        .into_iter()
        .find(|scanned| scanned.key.name == "revoked")
        .unwrap();
    keys::revoke(&bench.control, &admin, &listed.key.id, "over").await.unwrap();
    rule(
        &bench,
        &admin,
        json!({ "scope": { "type": "user_path", "value": "/team" }, "denied_models": ["eu/*"] }),
    )
    .await;
    rule(&bench, &admin, json!({ "scope": { "type": "user", "value": owner }, "allowed_providers": ["b"] }))
        .await;
    // About other models, or about rates only: not of interest here.
    rule(
        &bench,
        &admin,
        json!({ "scope": { "type": "tenant", "value": "default" }, "denied_models": ["us/*"] }),
    )
    .await;
    let limits = json!({ "requests_per_minute": 5 });
    rule(&bench, &admin, json!({ "scope": { "type": "tenant", "value": "default" }, "rate_limits": limits }))
        .await;

    let answer = ask(&bench, &admin, &name, &PageRequest::default()).await;
    assert_eq!(answer.own_bounds_permit, Some(Total { count: 6, capped: false }));
    assert_eq!(
        lines(&answer),
        ["all: a b box", "beside team: a b box", "labelled: a", "of dev: b", "sandbox: box"]
    );
    let mut rules: Vec<_> =
        answer.rules.iter().map(|effect| (effect.rule.scope.kind(), effect.providers.len())).collect();
    rules.sort_unstable();
    assert_eq!(rules, [("user", 1), ("user_path", 0)]);
    assert!(answer.withheld.is_empty() && answer.next_cursor.is_none());

    let (mut seen, mut page) = (Vec::new(), PageRequest { cursor: None, limit: 2 });
    loop {
        let answer = ask(&bench, &admin, &name, &page).await;
        assert_eq!(answer.own_bounds_permit.is_some(), page.cursor.is_none());
        seen.extend(lines(&answer));
        page.cursor = answer.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    seen.sort();
    assert_eq!(seen.len(), 5);
    seen.dedup();
    assert_eq!(seen.len(), 5, "each once");
}

#[tokio::test]
async fn what_one_may_not_see_is_withheld_and_said_so() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let name = catalog(&bench, &admin).await;
    key(&bench, &admin, json!({ "name": "all" })).await;
    rule(
        &bench,
        &admin,
        json!({ "scope": { "type": "tenant", "value": "default" }, "denied_models": ["*"] }),
    )
    .await;
    let model_admin = bench.account("models@example.com", BuiltInRole::ModelAdmin).await;
    let answer = ask(&bench, &model_admin, &name, &PageRequest::default()).await;
    assert_eq!(answer.own_bounds_permit, Some(Total { count: 1, capped: false }));
    assert!(answer.items.is_empty() && answer.rules.is_empty());
    assert_eq!(answer.withheld, ["keys:read", "access_rules:read"]);
    let page = PageRequest { cursor: Some("nonsense".to_owned()), limit: 5 };
    let refused = models::who_may_call(&bench.control, &admin, &name, &page).await;
    assert!(matches!(refused, Err(Error::InvalidCursor)));
    let gone = "gone".parse().unwrap();
    let refused = models::who_may_call(&bench.control, &admin, &gone, &PageRequest::default()).await;
    assert!(matches!(refused, Err(Error::NotFound)));
}

#[tokio::test]
async fn more_keys_than_are_read_at_a_time() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let name = catalog(&bench, &admin).await;
    for number in 0..520 {
        let denied = if number % 4 == 0 { json!(["*"]) } else { json!([]) };
        key(&bench, &admin, json!({ "name": format!("k{number}"), "denied_models": denied })).await;
    }
    let (mut seen, mut page) = (Vec::new(), PageRequest { cursor: None, limit: 130 });
    loop {
        let answer = ask(&bench, &admin, &name, &page).await;
        if page.cursor.is_none() {
            assert_eq!(answer.own_bounds_permit, Some(Total { count: 390, capped: false }));
        }
        assert!(answer.items.len() <= 130);
        seen.extend(answer.items.into_iter().map(|key| key.id));
        page.cursor = answer.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    assert!(seen.is_sorted(), "in order");
    seen.dedup();
    assert_eq!(seen.len(), 390, "each once");
}
