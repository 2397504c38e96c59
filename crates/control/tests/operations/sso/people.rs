//! Who comes in: new ones, known ones, and who doesn't.

use super::person;
use crate::support::Bench;
use control::sign_in::{FirstStep, second_step};
use control::{Actor, Client, users};
use model::role::BuiltInRole;
use model::sso::SignInRefusal;
use model::user::{AccountChange, UserSource, UserStatus};
use serde_json::json;

#[tokio::test]
async fn the_first_time_makes_an_account_and_the_next_finds_it() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({})).await;
    let first = bench.signs_in(&idp, person("u1", "Jo@Example.com")).await;
    assert_eq!((first.user.name.as_str(), first.user.email.as_str()), ("Jo Doe", "jo@example.com"));
    assert_eq!((first.user.source, first.user.status), (UserSource::Sso, UserStatus::Active));
    assert!(
        first.user.role == BuiltInRole::User && first.user.tenant_ids.is_empty(),
        "the mapping gives, not this"
    );
    assert!(first.user.last_sign_in_at.is_some());
    assert_eq!(bench.audit().await.last().unwrap(), &("session.start".to_owned(), "success".to_owned()));
    let detail = bench.detail("session.start").await;
    assert_eq!(
        (&detail["account"], &detail["created"]["email"]),
        (&json!("created"), &json!("jo@example.com"))
    );

    // The address is an attribute: another one is the same person, even in a domain that isn't allowed.
    let again = bench.signs_in(&idp, person("u1", "jo@elsewhere.example")).await;
    assert_eq!(again.user.id, first.user.id);
    assert_eq!(bench.people().await, (1, 1));
    assert_eq!(bench.detail("session.start").await["account"], "known");
    let identities =
        control::sso::identities(&bench.control, &Actor::command_line(), &first.user.id).await.unwrap();
    assert_eq!(identities[0].email.as_deref(), Some("jo@elsewhere.example"));
    assert_eq!(identities[0].subject, "u1");
    let claims =
        control::sso::received_claims(&bench.control, &Actor::command_line(), &first.user.id).await.unwrap();
    assert!(claims[0].claims.contains("elsewhere"), "{}", claims[0].claims);
    assert!(bench.present(&again.subject).await.is_some());
}

#[tokio::test]
async fn who_may_not_come_in_leaves_nothing_behind_but_a_row() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({})).await;
    let closed = bench.idp("closed", json!({ "allowed_domains": [] })).await;
    let cases = [
        (&idp, json!({ "sub": "u1" }), SignInRefusal::EmailMissing),
        (
            &idp,
            json!({ "sub": "u1", "email": "no address", "email_verified": true }),
            SignInRefusal::EmailMissing,
        ),
        (
            &idp,
            json!({ "sub": "u1", "email": ["jo@example.com"], "email_verified": true }),
            SignInRefusal::EmailMissing,
        ),
        (&idp, json!({ "sub": "u1", "email": "jo@example.com" }), SignInRefusal::EmailUnverified),
        (
            &idp,
            json!({ "sub": "u1", "email": "jo@example.com", "email_verified": "true" }),
            SignInRefusal::EmailUnverified,
        ),
        (
            &idp,
            json!({ "sub": "u1", "email": "jo@example.com", "email_verified": 1 }),
            SignInRefusal::EmailUnverified,
        ),
        (&idp, person("u1", "jo@other.example"), SignInRefusal::DomainNotAllowed),
        (&idp, person("u1", "jo@sub.example.com"), SignInRefusal::DomainNotAllowed),
        (&idp, person("u1", "jo@example.com.evil.example"), SignInRefusal::DomainNotAllowed),
        (&closed, person("u1", "jo@example.com"), SignInRefusal::DomainNotAllowed),
    ];
    for (idp, claims, why) in cases {
        let rows = bench.audit().await.len();
        assert_eq!(bench.refused(idp, claims.clone()).await, why, "{claims}");
        assert_eq!(bench.people().await, (0, 0), "{claims}");
        assert_eq!(bench.audit().await.split_off(rows), [("session.start".to_owned(), "failure".to_owned())]);
        assert_eq!(bench.detail("session.start").await["why"], why.as_str());
    }
}

#[tokio::test]
async fn signing_in_never_makes_an_account_active_again() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({ "linking": "verified_email" })).await;
    let first = bench.signs_in(&idp, person("u1", "jo@example.com")).await;
    let hand = Actor::command_line();
    users::offboard(&bench.control, &hand, &first.user.id, None).await.unwrap();
    assert!(bench.present(&first.subject).await.is_none());
    assert_eq!(bench.refused(&idp, person("u1", "jo@example.com")).await, SignInRefusal::AccountInactive);
    // Nor by another identity with the same address.
    assert_eq!(bench.refused(&idp, person("u2", "jo@example.com")).await, SignInRefusal::EmailTaken);
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let off = AccountChange { status: Some(UserStatus::Inactive), ..AccountChange::default() };
    users::change(&bench.control, &hand, &dev.user().unwrap().id, off).await.unwrap();
    assert_eq!(bench.refused(&idp, person("u3", "dev@example.com")).await, SignInRefusal::AccountInactive);
    assert_eq!(bench.people().await, (2, 1));
}

#[tokio::test]
async fn a_second_factor_that_was_enrolled_here_is_asked_for() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({ "linking": "verified_email" })).await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let (authenticator, _, _) = bench.enrol(&dev).await;
    let FirstStep::HalfWay(half) = bench.comes(&idp, person("u1", "dev@example.com")).await.unwrap() else {
        panic!("a provider is no authenticator of ours")
    };
    let client = Client::default();
    let code = authenticator.next(bench.control.now());
    let signed_in = second_step(&bench.control, &half, &code, &client).await.unwrap();
    let provider = signed_in.subject.provider.unwrap();
    assert_eq!(provider.sid.as_deref(), Some("session-of-u1"), "the provider can still end it");
}

#[tokio::test]
async fn claims_come_from_where_the_provider_is_set_to_have_them() {
    let bench = Bench::new().await;
    let idp = bench.idp("auth0", json!({ "claims_from": "userinfo" })).await;
    idp.provider
        .set_userinfo(json!({ "email": "jo@example.com", "email_verified": true, "name": "Jo of userinfo" }));
    let signed_in = bench.signs_in(&idp, json!({ "sub": "auth0|1" })).await;
    assert_eq!(signed_in.user.name, "Jo of userinfo");
    idp.provider.set_userinfo(json!({ "sub": "auth0|2" }));
    assert_eq!(bench.refused(&idp, json!({ "sub": "auth0|1" })).await, SignInRefusal::ProviderAnswer);
}

#[tokio::test]
async fn names_that_nobody_could_have_are_replaced_by_the_address() {
    let bench = Bench::new().await;
    let idp = bench.idp("okta", json!({})).await;
    for (nth, (name, taken)) in [
        (json!(""), "0@example.com"),
        (json!(null), "1@example.com"),
        (json!(["x"]), "2@example.com"),
        (json!(" Ada\u{0}\n"), "Ada"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = person(&format!("u{nth}"), &format!("{nth}@example.com"));
        claims["name"] = name;
        assert_eq!(bench.signs_in(&idp, claims).await.user.name, taken);
    }
    let mut parts = person("u9", "9@example.com");
    parts.as_object_mut().unwrap().remove("name");
    parts["given_name"] = json!("Grace");
    parts["family_name"] = json!("Hopper");
    assert_eq!(bench.signs_in(&idp, parts).await.user.name, "Grace Hopper");
}
