//! Lists of the catalog as pages show them, and the models that somebody is offered.

use crate::support::Bench;
use control::catalog::{models, providers};
use control::{Actor, Error, access_rules, usage};
use model::ProviderName;
use model::page::PageRequest;
use model::role::BuiltInRole;
use serde_json::{Value, json};

async fn provider(bench: &Bench, admin: &Actor, name: &str) {
    let new = json!({ "name": name, "kind": "openai" });
    providers::create(&bench.control, admin, serde_json::from_value(new).unwrap()).await.unwrap();
}

async fn model(bench: &Bench, admin: &Actor, name: &str, providers: &[&str]) {
    let targets: Vec<_> =
        providers.iter().map(|name| json!({ "provider": name, "upstream_model": "m" })).collect();
    let new = json!({ "name": name, "targets": targets });
    models::create(&bench.control, admin, serde_json::from_value(new).unwrap()).await.unwrap();
}

async fn rule(bench: &Bench, admin: &Actor, fields: Value) {
    access_rules::create(&bench.control, admin, serde_json::from_value(fields).unwrap()).await.unwrap();
}

#[tokio::test]
async fn lists_name_what_depends_on_a_row() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    for name in ["one", "two"] {
        provider(&bench, &admin, name).await;
    }
    model(&bench, &admin, "b", &["one"]).await;
    model(&bench, &admin, "a", &["two", "one"]).await;

    let page = PageRequest::default();
    let listed = providers::overview(&bench.control, &admin, None, &page).await.unwrap();
    let lines: Vec<_> =
        listed.items.iter().map(|detail| (detail.provider.name.as_str(), detail.models.len())).collect();
    assert_eq!(lines, [("one", 2), ("two", 1)]);
    assert_eq!(listed.items[0].models[0].as_str(), "a", "by name");
    assert_eq!(listed.total.count, 2);
    let names = providers::names(&bench.control, &admin).await.unwrap();
    assert_eq!(names.iter().map(ProviderName::as_str).collect::<Vec<_>>(), ["one", "two"]);
    let listed = models::overview(&bench.control, &admin, Some("b"), &page).await.unwrap();
    assert_eq!((listed.items.len(), listed.items[0].health[0].failures), (1, 5));

    let nobody = bench.account("dev@example.com", BuiltInRole::User).await;
    let refused = providers::overview(&bench.control, &nobody, None, &page).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
    assert!(matches!(providers::names(&bench.control, &nobody).await, Err(Error::Forbidden(_))));
    let refused = models::overview(&bench.control, &nobody, None, &page).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn who_signs_in_is_offered_what_rules_leave() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    for name in ["one", "two"] {
        provider(&bench, &admin, name).await;
    }
    model(&bench, &admin, "a", &["one"]).await;
    model(&bench, &admin, "b", &["two"]).await;
    model(&bench, &admin, "c", &["one", "two"]).await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let offered = async || -> Vec<String> {
        let names = usage::models(&bench.control, &dev).await.unwrap();
        names.iter().map(ToString::to_string).collect()
    };
    assert_eq!(offered().await, ["a", "b", "c"]);

    let about_default = json!({ "type": "tenant", "value": "default" });
    rule(&bench, &admin, json!({ "scope": about_default, "denied_models": ["a"] })).await;
    assert_eq!(offered().await, ["b", "c"]);
    let about_them = json!({ "type": "user", "value": dev.user().unwrap().id });
    rule(&bench, &admin, json!({ "scope": about_them, "allowed_providers": ["one"] })).await;
    assert_eq!(offered().await, ["c"]);
    let full = usage::offered(&bench.control, &dev).await.unwrap();
    assert_eq!(full[0].tenant_ids.len(), 1);
    assert!(!serde_json::to_string(&full).unwrap().contains("two"), "nothing of who answers");
    assert!(matches!(
        usage::offered(&bench.control, &Actor::command_line()).await,
        Err(Error::Unauthenticated)
    ));
}
