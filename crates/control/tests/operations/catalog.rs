//! Providers and models: the wrong role, then success; credentials that never come out; what the configuration owns.

use crate::support::{Bench, CREDENTIAL};
use control::catalog::{ConfiguredProvider, configure, models, providers};
use control::{Actor, Error};
use model::catalog::{Model, NewModel, NewProvider, ProviderChange};
use model::change::Change;
use model::page::PageRequest;
use model::role::BuiltInRole;
use serde_json::{Value, json};

fn provider(fields: Value) -> NewProvider {
    serde_json::from_value(fields).unwrap()
}

fn one() -> NewProvider {
    provider(json!({
        "name": "one", "kind": "openai_compatible", "base_url": "https://one.example/v1/", "api_key": CREDENTIAL,
    }))
}

fn model(name: &str, providers: &[&str]) -> NewModel {
    let target = |name: &&str| json!({ "provider": name, "upstream_model": "m" });
    let targets: Vec<_> = providers.iter().map(target).collect();
    serde_json::from_value(json!({ "name": name, "targets": targets })).unwrap()
}

fn changed(fields: Value) -> ProviderChange {
    serde_json::from_value(fields).unwrap()
}

fn fields(error: Error) -> Vec<String> {
    match error {
        Error::Invalid(errors) => errors.into_iter().map(|error| error.field.into_owned()).collect(),
        other => vec![format!("{other:?}")],
    }
}

fn conflict(error: &Error) -> (&str, &str) {
    let Error::Conflict { code, detail } = error else { return ("", "") };
    (code, detail)
}

async fn stored_credential(bench: &Bench) -> Option<String> {
    let open = control::catalog::open(&bench.control).await.unwrap();
    let one = open.providers.into_iter().find(|open| open.provider.name.as_str() == "one").unwrap();
    assert_eq!(one.provider.has_credential, one.credential.is_some());
    one.credential.map(|text| text.to_string())
}

#[tokio::test]
async fn roles_write_what_their_row_says() {
    let bench = Bench::new().await;
    let (one_name, m) = ("one".parse().unwrap(), "m".parse().unwrap());
    providers::create(&bench.control, &Actor::command_line(), one()).await.unwrap();
    models::create(&bench.control, &Actor::command_line(), model("m", &["one"])).await.unwrap();
    for role in BuiltInRole::ALL {
        let actor = bench.account(&format!("{}@example.com", role.as_str()), role).await;
        let (control, page) = (&bench.control, PageRequest::default());
        let writes_providers = matches!(role, BuiltInRole::SuperAdmin | BuiltInRole::ProviderAdmin);
        let writes_models = matches!(role, BuiltInRole::SuperAdmin | BuiltInRole::ModelAdmin);
        let reads = writes_providers || writes_models;
        let denied = |result: Result<(), Error>| matches!(result, Err(Error::Forbidden(_)));
        let before = bench.audit().await.len();
        let calls = [
            (reads, denied(providers::list(control, &actor, None, &page).await.map(drop))),
            (reads, denied(providers::read(control, &actor, &one_name).await.map(drop))),
            (reads, denied(models::list(control, &actor, None, &page).await.map(drop))),
            (reads, denied(models::read(control, &actor, &m).await.map(drop))),
            (reads, denied(models::who_may_call(control, &actor, &m, &page).await.map(drop))),
        ];
        assert!(calls.iter().all(|(may, denied)| may != denied), "{role:?} {calls:?}");
        assert_eq!(bench.audit().await.len(), before);
        let other = provider(json!({ "name": format!("p-{}", role.as_str()), "kind": "openai" }));
        let other_name = other.name.clone();
        let nothing = serde_json::from_value(json!({ "labels": [role.as_str()] })).unwrap();
        let new_model = model(&format!("m-{}", role.as_str()), &["one"]);
        let new_name = new_model.name.clone();
        let calls = [
            (writes_providers, denied(providers::create(control, &actor, other).await.map(drop))),
            (
                writes_providers,
                denied(
                    providers::change(control, &actor, &one_name, changed(json!({ "sandbox": true })))
                        .await
                        .map(drop),
                ),
            ),
            (writes_providers, denied(providers::test(control, &actor, &one_name).await.map(drop))),
            (writes_providers, denied(providers::remove(control, &actor, &other_name).await)),
            (writes_models, denied(models::create(control, &actor, new_model).await.map(drop))),
            (writes_models, denied(models::change(control, &actor, &m, nothing).await.map(drop))),
            (writes_models, denied(models::remove(control, &actor, &new_name).await)),
        ];
        assert!(calls.iter().all(|(may, denied)| may != denied), "{role:?} {calls:?}");
        let refused = calls.iter().filter(|(_, denied)| *denied).count();
        let rows = bench.audit().await.split_off(before);
        assert_eq!(rows.iter().filter(|(_, result)| result == "denied").count(), refused, "{rows:?}");
    }
}

#[tokio::test]
async fn a_credential_goes_in_and_never_comes_out() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let name = "one".parse().unwrap();
    let new = one();
    assert!(!format!("{new:?}").contains(CREDENTIAL));
    let made = providers::create(&bench.control, &admin, new).await.unwrap();
    assert_eq!((made.base_url.as_str(), made.has_credential), ("https://one.example/v1", true));
    assert_eq!(stored_credential(&bench).await.as_deref(), Some(CREDENTIAL));
    let again = providers::create(&bench.control, &admin, one()).await.unwrap_err();
    assert_eq!(conflict(&again).0, "provider_exists");

    let change = async |fields| providers::change(&bench.control, &admin, &name, changed(fields)).await;
    for elsewhere in
        [json!({ "base_url": "https://evil.example/v1" }), json!({ "base_url": "http://one.example/v1" })]
    {
        assert_eq!(fields(change(elsewhere).await.unwrap_err()), ["api_key"]);
    }
    assert_eq!(stored_credential(&bench).await.as_deref(), Some(CREDENTIAL));
    change(json!({ "base_url": "https://ONE.example:443/v2", "sandbox": true })).await.unwrap();
    assert_eq!(stored_credential(&bench).await.as_deref(), Some(CREDENTIAL), "the same place: it stays");
    let rows = bench.audit().await.len();
    change(json!({ "sandbox": true })).await.unwrap();
    assert_eq!(bench.audit().await.len(), rows, "nothing changed, so nothing is written down");
    change(json!({ "base_url": "https://two.example", "api_key": "canary-new-key" })).await.unwrap();
    assert_eq!(stored_credential(&bench).await.as_deref(), Some("canary-new-key"));
    change(json!({ "api_key": null })).await.unwrap();
    assert_eq!(stored_credential(&bench).await, None);
    assert_eq!(
        bench.audit().await.iter().filter(|(action, _)| action == "provider.update").count(),
        3,
        "one row for each change"
    );
    assert_eq!(bench.changes().iter().filter(|change| **change == Change::Catalog).count(), 4);

    change(json!({ "api_key": CREDENTIAL })).await.unwrap();
    let result = providers::test(&bench.control, &admin, &name).await.unwrap();
    assert_eq!(result.message, "one says: wrong key …");
    assert_eq!(bench.audit().await.last().unwrap(), &("provider.test".to_owned(), "failure".to_owned()));
    let gone = "gone".parse().unwrap();
    assert!(matches!(providers::test(&bench.control, &admin, &gone).await, Err(Error::NotFound)));
    let log = bench.audit_text().await;
    assert!(log.contains(r#""credential":"set""#) && log.contains(r#""credential":"removed""#), "{log}");
    assert!(!log.contains("canary"), "{log}");
}

#[tokio::test]
async fn a_provider_stays_while_a_model_needs_it() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let control = &bench.control;
    let (one_name, m) = ("one".parse().unwrap(), "a/m".parse().unwrap());
    let early = models::create(control, &admin, model("a/m", &["one", "two", "one"])).await.unwrap_err();
    assert_eq!(fields(early), ["targets[0].provider", "targets[1].provider", "targets[2].provider"]);
    providers::create(control, &admin, one()).await.unwrap();
    models::create(control, &admin, model("a/m", &["one"])).await.unwrap();
    let twice = models::create(control, &admin, model("a/m", &["one"])).await.unwrap_err();
    assert_eq!(conflict(&twice).0, "model_exists");
    let refused = providers::remove(control, &admin, &one_name).await.unwrap_err();
    let (code, detail) = conflict(&refused);
    assert!(code == "provider_in_use" && detail.contains("a/m"), "{refused:?}");
    let read = models::read(control, &admin, &m).await.unwrap();
    assert_eq!((read.health.len(), read.health[0].failures), (1, 5));
    let needing = providers::read(control, &admin, &one_name).await.unwrap().models;
    assert_eq!(needing, std::slice::from_ref(&m));
    let away = serde_json::from_value(json!({ "targets": [{ "provider": "x", "upstream_model": "m" }] }));
    let away = models::change(control, &admin, &m, away.unwrap()).await.unwrap_err();
    assert_eq!(fields(away), ["targets[0].provider"]);
    models::remove(control, &admin, &m).await.unwrap();
    providers::remove(control, &admin, &one_name).await.unwrap();
    assert!(matches!(providers::remove(control, &admin, &one_name).await, Err(Error::NotFound)));
    assert!(matches!(models::remove(control, &admin, &m).await, Err(Error::NotFound)));
    let actions: Vec<_> = bench.audit().await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(
        actions[actions.len() - 4..],
        ["provider.create", "model.create", "model.delete", "provider.delete"]
    );
}

#[tokio::test]
async fn what_the_configuration_owns_is_read_only() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let control = &bench.control;
    let configured = |name: &str| {
        let (provider, _) = provider(json!({ "name": name, "kind": "echo" })).into_provider();
        ConfiguredProvider {
            provider: model::catalog::Provider { from_configuration: true, ..provider },
            credential: None,
        }
    };
    let owned = vec![configured("echo"), configured("filed")];
    let filed = Model { from_configuration: true, ..model("filed", &["filed"]).into_model() };
    configure(control, owned, vec![filed]).await.unwrap();
    let rows = bench.audit().await.len();
    for (name, says) in [("filed", "comes from the configuration"), ("echo", "is built in")] {
        let name = name.parse().unwrap();
        let change = changed(json!({ "sandbox": true }));
        for refused in [
            providers::change(control, &admin, &name, change).await.unwrap_err(),
            providers::remove(control, &admin, &name).await.unwrap_err(),
        ] {
            let (code, detail) = conflict(&refused);
            assert_eq!(code, "from_configuration");
            assert!(detail.contains(says) && detail.contains("gatehouse.yaml"), "{detail}");
        }
    }
    let name = "filed".parse().unwrap();
    let labels = serde_json::from_value(json!({ "labels": ["x"] })).unwrap();
    for refused in [
        models::change(control, &admin, &name, labels).await.unwrap_err(),
        models::remove(control, &admin, &name).await.unwrap_err(),
    ] {
        assert_eq!(conflict(&refused).0, "from_configuration");
    }
    let echo = provider(json!({ "name": "echo", "kind": "openai" }));
    let taken = providers::create(control, &admin, echo).await.unwrap_err();
    assert_eq!(conflict(&taken).0, "provider_exists");
    assert_eq!(bench.audit().await.len(), rows);
    let provider_name = "filed".parse().unwrap();
    providers::test(control, &admin, &provider_name).await.unwrap();
}
