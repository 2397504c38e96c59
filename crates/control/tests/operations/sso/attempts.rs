//! The way there and back: each attempt is one browser's, with one provider, once and soon.

use super::{BASE, person, refusal};
use crate::support::Bench;
use control::sso::{Finished, Purpose, begin};
use control::{Actor, Client, Error};
use model::sso::SignInRefusal;
use serde_json::json;
use std::time::Duration;
use testidp::Trouble;

const SIGN_IN: Purpose<'static> = Purpose::SignIn { next: None };

#[tokio::test]
async fn an_attempt_works_once_in_its_browser_and_in_time() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({})).await;
    let other = bench.idp("other", json!({})).await;
    idp.provider.set_person(person("u1", "jo@example.com"));
    let there = async || {
        let begun = bench.begin(&idp, SIGN_IN).await.unwrap();
        let to = idp.provider.authorize(&begun.url);
        (begun, to.split_once('?').unwrap().1.to_owned())
    };
    let (begun, query) = there().await;
    let cookie = Some(begun.cookie.expose());
    let why = async |idp, cookie, query: &str| refusal(bench.finish(idp, cookie, query, None).await);
    assert_eq!(why(&idp, None, &query).await, SignInRefusal::OtherBrowser);
    assert_eq!(why(&idp, Some("another"), &query).await, SignInRefusal::AttemptOver);
    assert_eq!(why(&other, cookie, &query).await, SignInRefusal::AttemptOver, "begun with another provider");
    let no_state = query.replace("state=", "x=");
    assert_eq!(why(&idp, cookie, &no_state).await, SignInRefusal::AttemptOver);
    let twice = format!("{query}&state=x");
    assert_eq!(why(&idp, cookie, &twice).await, SignInRefusal::AttemptOver);
    assert!(bench.finish(&idp, cookie, &query, None).await.is_ok(), "none of that used it up");
    assert_eq!(why(&idp, cookie, &query).await, SignInRefusal::AttemptOver, "once");

    let (late, query) = there().await;
    bench.clock.advance(Duration::from_mins(10));
    assert_eq!(why(&idp, Some(late.cookie.expose()), &query).await, SignInRefusal::AttemptOver);
    assert_eq!(bench.number("SELECT COUNT(*) FROM sign_in_attempts").await, 0);

    // One browser's cookie with another one's answer: somebody would be signed in as somebody else.
    let now = bench.control.now().as_micros() / 1_000_000;
    idp.provider.set_now(now);
    let ((mine, _), (_, theirs)) = (there().await, there().await);
    assert_eq!(why(&idp, Some(mine.cookie.expose()), &theirs).await, SignInRefusal::AttemptOver);
}

#[tokio::test]
async fn nothing_of_an_attempt_lies_about_in_clear() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({})).await;
    let begun = bench.begin(&idp, SIGN_IN).await.unwrap();
    let stored = bench.everything().await.join("\n");
    let (_, query) = begun.url.split_once('?').unwrap();
    let sent = |name: &str| {
        let mut parts = query.split('&').filter_map(|part| part.split_once('='));
        parts.find(|(found, _)| *found == name).unwrap().1.to_owned()
    };
    for secret in [sent("state"), sent("nonce"), begun.cookie.expose().to_owned()] {
        assert!(!stored.contains(&secret));
    }
}

#[tokio::test]
async fn every_lie_is_refused_and_makes_nobody() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({ "linking": "verified_email" })).await;
    let now = bench.control.now().as_micros() / 1_000_000;
    let lies = [
        json!({ "iss": "https://evil.example" }),
        json!({ "aud": "somebody" }),
        json!({ "aud": ["gatehouse", "other"] }),
        json!({ "azp": "somebody" }),
        json!({ "nonce": "another" }),
        json!({ "nonce": null }),
        json!({ "exp": now - 120 }),
        json!({ "iat": now + 120 }),
        json!({ "sub": null }),
        json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" }),
    ];
    for lie in lies {
        idp.provider.set_lies(lie.clone());
        assert_eq!(
            bench.refused(&idp, person("u1", "jo@example.com")).await,
            SignInRefusal::ProviderAnswer,
            "{lie}"
        );
        let detail = bench.detail("session.start").await;
        assert!(detail["cause"].is_string(), "the audit log says what was wrong: {detail}");
    }
    idp.provider.set_lies(json!({}));
    idp.provider.set_unsigned(true);
    assert_eq!(bench.refused(&idp, person("u1", "jo@example.com")).await, SignInRefusal::ProviderAnswer);
    idp.provider.set_unsigned(false);
    for says in [None, Some("https://evil.example")] {
        idp.provider.set_says_issuer(says);
        assert_eq!(bench.refused(&idp, person("u1", "jo@example.com")).await, SignInRefusal::ProviderAnswer);
    }
    idp.provider.set_says_issuer(Some("https://okta.example"));
    for (path, trouble, why) in [
        ("/token", Trouble::Answer(503, String::new()), SignInRefusal::ProviderUnreachable),
        (
            "/token",
            Trouble::Answer(400, r#"{"error":"invalid_grant"}"#.to_owned()),
            SignInRefusal::ProviderAnswer,
        ),
        ("/token", Trouble::Redirect("https://evil.example".to_owned()), SignInRefusal::ProviderAnswer),
    ] {
        idp.provider.set_trouble(path, Some(trouble.clone()));
        assert_eq!(bench.refused(&idp, person("u1", "jo@example.com")).await, why, "{path} {trouble:?}");
        idp.provider.set_trouble(path, None);
    }
    assert_eq!(bench.people().await, (0, 0));
    bench.clock.advance(Duration::from_mins(1));
    bench.signs_in(&idp, person("u1", "jo@example.com")).await;
}

#[tokio::test]
async fn who_says_no_over_there_is_told_so() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({})).await;
    let begun = bench.begin(&idp, SIGN_IN).await.unwrap();
    let to = idp.provider.authorize(&begun.url);
    let state = to.split(['?', '&']).find(|part| part.starts_with("state=")).unwrap();
    let query =
        format!("error=access_denied&error_description=%3Cscript%3E&{state}&iss=https%3A%2F%2Fokta.example");
    let refused = bench.finish(&idp, Some(begun.cookie.expose()), &query, None).await;
    assert_eq!(refusal(refused), SignInRefusal::ProviderRefused);
    assert!(!bench.audit_text().await.contains("script"), "nothing of what came is repeated");
}

#[tokio::test]
async fn a_provider_that_is_off_gone_or_down_takes_nobody() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({})).await;
    idp.provider.set_person(person("u1", "jo@example.com"));
    let begun = bench.begin(&idp, SIGN_IN).await.unwrap();
    let off = serde_json::from_value(json!({ "enabled": false })).unwrap();
    control::sso::identity_providers::change(&bench.control, &Actor::command_line(), &idp.name, off)
        .await
        .unwrap();
    assert_eq!(refusal(bench.begin(&idp, SIGN_IN).await), SignInRefusal::NotOffered);
    assert_eq!(
        refusal(bench.back(&idp, &begun, None).await),
        SignInRefusal::NotOffered,
        "switched off meanwhile"
    );
    let nobody = "nobody".parse().unwrap();
    let refused = begin(&bench.control, &nobody, SIGN_IN, BASE, &Client::default()).await;
    assert_eq!(refusal(refused), SignInRefusal::NotOffered);

    let down = bench.idp("down", json!({})).await;
    down.provider.set_trouble("/.well-known/openid-configuration", Some(Trouble::Answer(502, String::new())));
    assert_eq!(refusal(bench.begin(&down, SIGN_IN).await), SignInRefusal::ProviderUnreachable);
    assert_eq!(bench.people().await, (0, 0));
}

#[tokio::test]
async fn one_network_can_not_fill_the_table() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({})).await;
    let from = |ip: &str| Client { ip: Some(ip.parse().unwrap()), ..Client::default() };
    for nth in 0..200 {
        let client = from(&format!("192.0.2.{nth}"));
        begin(&bench.control, &idp.name, SIGN_IN, BASE, &client).await.unwrap();
    }
    let neighbour = begin(&bench.control, &idp.name, SIGN_IN, BASE, &from("192.0.2.201")).await;
    assert_eq!(refusal(neighbour), SignInRefusal::TooManyAttempts);
    assert!(begin(&bench.control, &idp.name, SIGN_IN, BASE, &from("198.51.100.1")).await.is_ok());
    bench.clock.advance(Duration::from_mins(11));
    assert!(begin(&bench.control, &idp.name, SIGN_IN, BASE, &from("192.0.2.201")).await.is_ok());
    assert_eq!(bench.control.store().sweep_attempts(bench.control.now()).await.unwrap(), 201);
}

#[tokio::test]
async fn a_test_shows_everything_and_changes_nothing() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let dev = bench.account("dev@example.com", model::role::BuiltInRole::User).await;
    let idp = bench.idp("okta", json!({ "enabled": false })).await;
    assert!(matches!(bench.begin(&idp, Purpose::Test(&dev)).await, Err(Error::Forbidden(_))));
    let tested = async |claims| {
        idp.provider.set_person(claims);
        let begun = bench.begin(&idp, Purpose::Test(&admin)).await.unwrap();
        match bench.back(&idp, &begun, Some(&admin)).await.unwrap() {
            Finished::Tested(tested) => tested,
            _ => unreachable!("it was a test"),
        }
    };
    let before = bench.people().await;
    let good = tested(person("u1", "new@example.com")).await;
    assert!(good.claims.unwrap().contains("new@example.com"));
    assert_eq!((good.refused, good.account), (None, None));
    let bad = tested(json!({ "sub": "u1", "email": "new@example.com", "groups": ["a"] })).await;
    assert_eq!(bad.refused.as_deref(), Some("email_unverified"));
    assert!(bad.claims.unwrap().contains("groups"), "what came is shown, refused or not");
    idp.provider.set_lies(json!({ "aud": "x" }));
    assert_eq!(tested(person("u1", "new@example.com")).await.refused.as_deref(), Some("provider_answer"));
    assert_eq!(bench.people().await, before);
    // Another one's browser.
    idp.provider.set_lies(json!({}));
    let begun = bench.begin(&idp, Purpose::Test(&admin)).await.unwrap();
    assert_eq!(refusal(bench.back(&idp, &begun, Some(&dev)).await), SignInRefusal::OtherPerson);
}

#[tokio::test]
async fn proving_oneself_once_more_takes_the_same_person_anew() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({ "linking": "verified_email" })).await;
    let shell = Actor::command_line();
    // Somebody of ours who never had a password.
    let new = serde_json::from_value(json!({ "name": "Dev", "email": "dev@example.com" })).unwrap();
    control::users::create(&bench.control, &shell, new, None).await.unwrap();
    let signed_in = bench.signs_in(&idp, person("u1", "dev@example.com")).await;
    let actor = bench.present(&signed_in.subject).await.unwrap();
    let enrol = async |actor: &Actor| {
        let begun = control::second_factor::begin(&bench.control, actor).unwrap();
        let secret = identity::totp::TotpSecret::parse(&begun.secret).unwrap();
        let code = secret.code_at(bench.control.now()).to_string();
        let none = control::Password::new(String::new());
        control::second_factor::enrol(&bench.control, actor, &begun.ticket, none, &code).await.map(drop)
    };
    assert!(matches!(enrol(&actor).await, Err(Error::Invalid(_))), "the session alone is not enough");

    let step_up = || bench.begin(&idp, Purpose::StepUp { actor: &actor, next: Some("/console") });
    let begun = step_up().await.unwrap();
    assert!(begun.url.contains("max_age=0"), "{}", begun.url);
    idp.provider.set_person(person("u2", "other@example.com"));
    assert_eq!(refusal(bench.back(&idp, &begun, Some(&actor)).await), SignInRefusal::OtherPerson);
    idp.provider.set_person(person("u1", "dev@example.com"));
    idp.provider.set_lies(json!({ "auth_time": null }));
    let begun = step_up().await.unwrap();
    assert_eq!(refusal(bench.back(&idp, &begun, Some(&actor)).await), SignInRefusal::ProviderAnswer);
    idp.provider.set_lies(json!({}));
    let begun = step_up().await.unwrap();
    assert_eq!(refusal(bench.back(&idp, &begun, None).await), SignInRefusal::OtherPerson);
    let begun = step_up().await.unwrap();
    let Ok(Finished::Confirmed { subject, next }) = bench.back(&idp, &begun, Some(&actor)).await else {
        panic!("the same person came back")
    };
    assert_eq!(next.as_deref(), Some("/console"));
    let confirmed = bench.present(&subject).await.unwrap();
    bench.clock.advance(Duration::from_mins(5));
    assert!(enrol(&confirmed).await.is_err(), "for five minutes");
    let now = bench.control.now().as_micros() / 1_000_000;
    idp.provider.set_now(now);
    let begun = step_up().await.unwrap();
    let Ok(Finished::Confirmed { subject, .. }) = bench.back(&idp, &begun, Some(&actor)).await else {
        panic!("the same person came back")
    };
    enrol(&bench.present(&subject).await.unwrap()).await.unwrap();
}
