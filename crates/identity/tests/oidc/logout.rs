//! Logout tokens: good ones, and everything that isn't one.

use crate::provider::{Bench, CLIENT, ISSUER, START, Says};
use crate::signing::token_of;
use identity::end_user::TokenError as T;
use identity::oidc::{Error, LogoutToken, TokenFlaw};
use serde_json::{Value, json};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": CLIENT, "iat": START, "exp": START + 120, "jti": "logout-1", "sub": "user-1",
        "sid": "session-1", "events": { EVENT: {} },
    });
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

async fn presented(kind: &str, claims: &Value) -> Result<LogoutToken, Error> {
    let header = json!({ "alg": "ES256", "kid": "p256", "typ": kind });
    let token = token_of("p256", "ES256", &header.to_string(), &claims.to_string());
    let bench = Bench::with(Says::truth());
    let known = bench.known().await.unwrap();
    bench.party.logout_token(&known, &token, CLIENT).await
}

#[tokio::test]
async fn a_good_one_names_a_person_or_a_session() {
    let whole = presented("logout+jwt", &claims(json!({}))).await.unwrap();
    assert_eq!((whole.subject.as_deref(), whole.session.as_deref()), (Some("user-1"), Some("session-1")));
    let session = presented("JWT", &claims(json!({ "sub": null }))).await.unwrap();
    assert_eq!((session.subject, session.session.as_deref()), (None, Some("session-1")));
    let person = presented("LOGOUT+JWT", &claims(json!({ "sid": null }))).await.unwrap();
    assert_eq!((person.subject.as_deref(), person.session), (Some("user-1"), None));
    assert_eq!(whole.id_hash, person.id_hash, "the same jti is the same token");
    let other = presented("logout+jwt", &claims(json!({ "jti": "logout-2" }))).await.unwrap();
    assert_ne!(whole.id_hash, other.id_hash);
}

#[tokio::test]
async fn everything_else_is_refused_by_its_name() {
    let jwt = |error| Error::Token(TokenFlaw::Jwt(error));
    for (changes, refusal) in [
        (json!({ "iss": "https://evil.example" }), jwt(T::Issuer)),
        (json!({ "aud": "somebody" }), jwt(T::Audience)),
        (json!({ "exp": START - 61 }), jwt(T::Expired)),
        (json!({ "exp": null }), jwt(T::NoExpiry)),
        (json!({ "iat": START + 61 }), TokenFlaw::IssuedAt.into()),
        (json!({ "iat": null }), TokenFlaw::IssuedAt.into()),
        (json!({ "events": null }), TokenFlaw::Event.into()),
        (json!({ "events": {} }), TokenFlaw::Event.into()),
        (json!({ "events": [EVENT] }), TokenFlaw::Event.into()),
        (json!({ "events": { EVENT: true } }), TokenFlaw::Event.into()),
        (json!({ "nonce": "n" }), TokenFlaw::HasNonce.into()),
        (json!({ "sub": null, "sid": null }), jwt(T::Nobody)),
        (json!({ "jti": null }), TokenFlaw::NoTokenId.into()),
        (json!({ "jti": "" }), TokenFlaw::NoTokenId.into()),
    ] {
        assert_eq!(presented("logout+jwt", &claims(changes.clone())).await, Err(refusal), "{changes}");
    }
    for kind in ["at+jwt", "id_token+jwt", "secevent+jwt"] {
        assert_eq!(presented(kind, &claims(json!({}))).await, Err(jwt(T::Kind)), "{kind}");
    }
    // An ID token is no logout token.
    let bench = Bench::with(Says::truth());
    let known = bench.known().await.unwrap();
    let refused = bench.party.logout_token(&known, &Says::truth().id_token(), CLIENT).await;
    assert_eq!(refused, Err(TokenFlaw::Event.into()));
}
