//! Identity providers as operators keep them.

use crate::support::Bench;
use control::sso::identity_providers as providers;
use control::{Actor, Error};
use model::catalog::NewCredential;
use model::role::BuiltInRole;
use model::sso::{IdentityProviderChange, NewIdentityProvider};
use serde_json::{Value, json};
use testidp::{CLIENT_SECRET, Trouble};

fn change(fields: Value) -> IdentityProviderChange {
    serde_json::from_value(fields).unwrap()
}

#[tokio::test]
async fn who_may_not_write_does_not() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({})).await;
    let new: NewIdentityProvider = serde_json::from_value(json!({
        "name": "x", "title": "X", "issuer": "https://x.example", "client_id": "c",
    }))
    .unwrap();
    for role in BuiltInRole::ALL {
        let actor = bench.account(&format!("{}@example.com", role.as_str()), role).await;
        let reads = matches!(role, BuiltInRole::SuperAdmin | BuiltInRole::UserAdmin);
        assert_eq!(providers::list(&bench.control, &actor).await.is_ok(), reads, "{role:?}");
        assert_eq!(providers::read(&bench.control, &actor, &idp.name).await.is_ok(), reads, "{role:?}");
        if role == BuiltInRole::SuperAdmin {
            continue;
        }
        let refused = [
            providers::create(&bench.control, &actor, new.clone()).await.map(drop),
            providers::change(&bench.control, &actor, &idp.name, change(json!({ "enabled": false })))
                .await
                .map(drop),
            providers::remove(&bench.control, &actor, &idp.name).await,
            providers::check(&bench.control, &actor, &idp.name, super::BASE).await.map(drop),
        ];
        for result in refused {
            assert!(matches!(result, Err(Error::Forbidden(_))), "{role:?}");
        }
    }
}

#[tokio::test]
async fn the_secret_goes_in_and_never_comes_out() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({})).await;
    let hand = Actor::command_line();
    let read = async || providers::read(&bench.control, &hand, &idp.name).await.unwrap();
    assert!(read().await.has_client_secret);
    let move_away = change(json!({ "issuer": "https://evil.example" }));
    let Err(Error::Invalid(errors)) = providers::change(&bench.control, &hand, &idp.name, move_away).await
    else {
        panic!("the stored secret would go to another place")
    };
    assert_eq!(errors[0].field, "client_secret");
    assert_eq!(read().await.issuer, "https://okta.example");
    let with_secret = IdentityProviderChange {
        client_secret: Some(Some(NewCredential::new("canary-other-5b".to_owned()))),
        ..change(json!({ "issuer": "https://other.example" }))
    };
    providers::change(&bench.control, &hand, &idp.name, with_secret).await.unwrap();
    let without = change(json!({ "issuer": "https://third.example", "client_secret": null }));
    providers::change(&bench.control, &hand, &idp.name, without).await.unwrap();
    assert!(!read().await.has_client_secret);
    let written = bench.audit_text().await + &bench.everything().await.join("\n");
    for secret in [CLIENT_SECRET, "canary-other-5b"] {
        assert!(!written.contains(secret));
    }
}

#[tokio::test]
async fn fields_that_can_not_be_taken_are_named() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({})).await;
    let hand = Actor::command_line();
    let domains = change(json!({ "allowed_domains": ["BÜCHER.example", "b.example", "b.example"] }));
    let changed = providers::change(&bench.control, &hand, &idp.name, domains).await.unwrap();
    assert_eq!(changed.allowed_domains, ["b.example", "xn--bcher-kva.example"]);
    for (fields, wrong) in [
        (json!({ "allowed_domains": ["*.example.com"] }), "allowed_domains"),
        (json!({ "allowed_domains": ["jo@example.com"] }), "allowed_domains"),
        (json!({ "issuer": "http://idp.example" }), "issuer"),
        (json!({ "title": "" }), "title"),
    ] {
        let refused = providers::change(&bench.control, &hand, &idp.name, change(fields.clone())).await;
        let Err(Error::Invalid(errors)) = refused else { panic!("{fields}") };
        assert_eq!(errors[0].field, wrong, "{fields}");
    }
    let twice = serde_json::from_value(json!({
        "name": "okta", "title": "X", "issuer": "https://x.example", "client_id": "c",
    }))
    .unwrap();
    let taken = providers::create(&bench.control, &hand, twice).await;
    assert!(matches!(taken, Err(Error::Conflict { code: "identity_provider_exists", .. })));
}

#[tokio::test]
async fn a_check_says_what_is_right_and_stops_at_what_is_wrong() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({})).await;
    let hand = Actor::command_line();
    let check = async || providers::check(&bench.control, &hand, &idp.name, super::BASE).await.unwrap();
    let good = check().await;
    assert!(good.ok, "{:?}", good.steps);
    let names: Vec<_> = good.steps.iter().map(|step| step.step.as_str()).collect();
    assert_eq!(names, ["discovery", "issuer", "endpoints", "code_flow", "algorithms", "pkce", "keys"]);
    assert_eq!(good.redirect_uri, "https://gw.example/login/sso/okta/callback");
    assert_eq!(good.backchannel_logout_uri, "https://gw.example/login/sso/okta/backchannel-logout");
    let wrong = async |changes: Value, step: &str, says: &str| {
        idp.provider.set_discovery(changes);
        let found = check().await;
        let last = found.steps.iter().find(|step| !step.ok).unwrap();
        assert!(!found.ok && last.step == step && last.message.contains(says), "{found:?}");
    };
    wrong(json!({ "code_challenge_methods_supported": ["plain"] }), "pkce", "S256").await;
    wrong(json!({ "id_token_signing_alg_values_supported": ["HS256"] }), "algorithms", "EdDSA").await;
    wrong(json!({ "response_types_supported": ["id_token"] }), "code_flow", "code").await;
    wrong(json!({ "token_endpoint": "http://okta.example/token" }), "endpoints", "token endpoint").await;
    wrong(json!({ "issuer": "https://okta.example/" }), "issuer", "\"https://okta.example/\"").await;
    let discovery = "/.well-known/openid-configuration";
    for (trouble, says) in [
        (Trouble::Redirect("https://www.okta.example".to_owned()), "Redirects aren't followed"),
        (Trouble::Answer(200, "<html>".to_owned()), "isn't a discovery document"),
        (Trouble::Answer(404, String::new()), "404"),
    ] {
        idp.provider.set_trouble(discovery, Some(trouble));
        let found = check().await;
        assert!(found.steps.len() == 1 && found.steps[0].message.contains(says), "{found:?}");
    }
}
