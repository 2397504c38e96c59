//! Tokens that must pass.

use crate::support::{
    START, ask, ask_token, b64, claims, claims_with, compiled, file, invalid, jwks, pem_rules, rules,
    signature, token, token_of, with_jwt,
};
use identity::end_user::{CompiledIdentity, EndUser, KeySources, TokenError};
use model::identity::{ClaimValue, JwtAlgorithm};
use serde_json::{Value, json};

fn key_of(algorithm: JwtAlgorithm) -> &'static str {
    match algorithm {
        JwtAlgorithm::Es256 => "p256",
        JwtAlgorithm::Es384 => "p384",
        JwtAlgorithm::EdDsa => "ed25519",
        _ => "rsa",
    }
}

#[test]
fn a_token_of_every_algorithm_by_another_implementation() {
    let tokens: Value = serde_json::from_str(&file("tokens.json")).unwrap();
    let plain = |jwt: &mut model::identity::JwtRules| {
        jwt.client_ids = None;
        jwt.required_claims.clear();
    };
    let by_set = compiled(&with_jwt(plain), &jwks());
    for algorithm in JwtAlgorithm::ALL {
        let token = tokens[algorithm.as_str()].as_str().unwrap();
        let mut by_pem = pem_rules(key_of(algorithm));
        plain(by_pem.jwt.as_mut().unwrap());
        for rules in [&by_set, &compiled(&by_pem, &jwks())] {
            let user = ask_token(rules, token).unwrap().unwrap();
            let expected = EndUser {
                email: Some("jo@company.com".into()),
                subject: Some("user-1".into()),
                issuer: Some("https://issuer.example/".into()),
            };
            assert_eq!(*user, expected, "{algorithm:?}");
        }
    }
}

#[test]
fn only_the_algorithms_in_the_list() {
    for allowed in JwtAlgorithm::ALL {
        let rules = compiled(&with_jwt(|jwt| jwt.algorithms = Some(vec![allowed])), &jwks());
        for used in JwtAlgorithm::ALL {
            let (key, name) = (key_of(used), used.as_str());
            let header = format!(r#"{{"alg":"{name}","kid":"{key}"}}"#);
            let token = token_of(key, name, &header, &claims().to_string());
            let answer = ask_token(&rules, &token).map(|_| ());
            let expected = if used == allowed { Ok(()) } else { Err(invalid(TokenError::Algorithm)) };
            assert_eq!(answer, expected, "{used:?} for {allowed:?}");
        }
    }
}

#[test]
fn what_issuers_write_differently() {
    let rules = compiled(&rules(), &jwks());
    let header = |header: &str| token_of("p256", "ES256", header, &claims().to_string());
    let good = [
        // No id, and only one key that fits.
        header(r#"{"alg":"ES256"}"#),
        header(r#"{"alg":"ES256","kid":"p256","typ":"at+jwt"}"#),
        header(r#"{"alg":"ES256","kid":"p256","typ":"application/at+JWT"}"#),
        // A thumbprint is only a name.
        header(r#"{"alg":"ES256","kid":"p256","x5t":"abc"}"#),
        token(&claims_with("aud", json!(["other", "gateway"]))),
        token(&claims_with("exp", json!(f64::from(1_800_000_100) + 0.5))),
        token(&claims_with("nbf", json!(START + 60))),
        token(&claims_with("exp", json!(START - 58))),
        token(&claims_with("email_verified", Value::Null)),
        token(&claims_with("email_verified", json!("true"))),
        token(&claims_with("client_id", json!("app"))),
        token(&claims_with("org", json!(["other", "acme"]))),
        token(&claims_with("email", Value::Null)),
        token(&claims_with("sub", Value::Null)),
    ];
    for token in good {
        assert!(ask_token(&rules, &token).is_ok_and(|user| user.is_some()), "{token}");
    }
}

#[test]
fn required_claims_by_literal_name_and_by_pointer() {
    let check = |name: &str, wanted: ClaimValue, claim: (&str, Value)| {
        let rules = with_jwt(|jwt| jwt.required_claims = [(name.to_owned(), wanted)].into());
        ask_token(&compiled(&rules, &jwks()), &token(&claims_with(claim.0, claim.1))).is_ok()
    };
    let text = |text: &str| ClaimValue::Text(text.to_owned());
    assert!(check("https://gw.example/org", text("acme"), ("https://gw.example/org", json!("acme"))));
    assert!(check("/realm/roles", text("user"), ("realm", json!({"roles": ["admin", "user"]}))));
    assert!(check("/realm/tier", ClaimValue::Number(3), ("realm", json!({"tier": 3}))));
    assert!(check("/a~1b", ClaimValue::Flag(true), ("a/b", json!(true))));
    assert!(!check("realm.tier", ClaimValue::Number(3), ("realm", json!({"tier": 3}))));
    assert!(!check("/realm/tier", ClaimValue::Number(3), ("realm", json!({"tier": "3"}))));
    assert!(!check("mfa", ClaimValue::Flag(true), ("mfa", json!("true"))));
    assert!(!check("mfa", text("true"), ("mfa", json!(true))));
    assert!(!check("org", text("acme"), ("org", json!([["acme"]]))));
    assert!(!check("org", text("acme"), ("org", json!("acme2"))));
    assert!(!check("missing", ClaimValue::Flag(false), ("org", json!("acme"))));
}

#[test]
fn a_remembered_token_dies_on_time() {
    let rules = compiled(&rules(), &jwks());
    let token = token(&claims());
    let header = [("x-user-token", token.as_str())];
    for _ in 0..2 {
        assert!(ask(&rules, &header, 1).is_ok());
    }
    assert!(ask(&rules, &header, 3599).is_ok());
    assert!(ask(&rules, &header, 3659).is_ok(), "the skew");
    assert_eq!(ask(&rules, &header, 3660).unwrap_err(), invalid(TokenError::Expired));
}

#[test]
fn a_remembered_token_is_the_whole_token() {
    let rules = compiled(&pem_rules("p256"), &jwks());
    let good = token(&claims());
    assert!(ask_token(&rules, &good).is_ok());
    let (message, _) = good.rsplit_once('.').unwrap();
    let other = format!("{message}.{}", b64(signature("p384", "ES384", message)));
    assert_eq!(ask_token(&rules, &other).unwrap_err(), invalid(TokenError::Signature));
    assert!(ask_token(&rules, &format!("{good}A")).is_err());
}

#[test]
fn pem_keys_that_can_not_be_used_are_field_errors() {
    let mut bad = vec![
        file("rsa-1024.pub.pem"),
        "not a key".to_owned(),
        file("rsa.pub.pem").replace("PUBLIC KEY", "RSA PUBLIC KEY"),
        file("rsa.pub.pem") + &file("p256.pub.pem"),
    ];
    let whole = file("ed25519.pub.pem");
    bad.extend((0..whole.trim_end().len()).map(|at| whole[..at].to_owned()));
    for pem in bad {
        let rules = with_jwt(|jwt| (jwt.jwks_url, jwt.public_key_pem) = (None, Some(pem)));
        let errors = CompiledIdentity::compile(&rules, &KeySources::default()).err().unwrap();
        assert_eq!(errors[0].field, "identity.jwt.public_key_pem");
    }
    let mut rules = pem_rules("rsa");
    rules.jwt.as_mut().unwrap().algorithms = Some(vec![JwtAlgorithm::Es256]);
    assert!(CompiledIdentity::compile(&rules, &KeySources::default()).is_err(), "no algorithm fits");
}
