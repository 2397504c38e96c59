//! Fetching and losing key sets, seen through the rules.

use crate::support::{MINUTE, ask, at, claims, compiled, invalid, jwks, rules, token, token_of, with_jwt};
use identity::end_user::{CompiledIdentity, KeySources, Step, TokenError};
use model::time::{Clock, ManualClock};
use serde_json::{Value, json};
use std::sync::Arc;

fn keys(kids: &[&str]) -> Vec<u8> {
    let set = jwks();
    let all = set["keys"].as_array().unwrap().iter();
    let some: Vec<&Value> = all.filter(|key| kids.iter().any(|kid| key["kid"] == *kid)).collect();
    json!({ "keys": some }).to_string().into_bytes()
}

#[tokio::test]
async fn the_whole_way_of_a_key_set() {
    let clock = ManualClock::at(at(0));
    let sources = KeySources::default();
    let compiled = CompiledIdentity::compile(&rules(), &sources).ok().unwrap();
    let ec = token(&claims());
    let ed = token_of("ed25519", "EdDSA", r#"{"alg":"EdDSA","kid":"ed25519"}"#, &claims().to_string());
    let resolve = |token: &str| {
        let headers = [("x-user-token", token.as_bytes())];
        let presented = compiled.read(headers.into_iter()).unwrap();
        compiled.resolve(&presented, clock.now())
    };

    // Nothing known: fetch, fail, and for a moment ask no more.
    let Ok(Step::Fetch(source)) = resolve(&ec) else { panic!("must fetch") };
    assert_eq!(source.url(), "https://issuer.example/keys");
    assert!(!source.allow_private_addresses());
    source.refresh(&clock, async { None }).await.unwrap_err();
    assert_eq!(resolve(&ec).err().unwrap(), invalid(TokenError::UnknownKey));
    clock.advance(MINUTE);
    source.refresh(&clock, async { Some(keys(&["p256"])) }).await.unwrap();
    assert!(matches!(resolve(&ec), Ok(Step::Done(Some(_)))));

    // A new key of the issuer is found by asking again, though not at once.
    assert_eq!(resolve(&ed).err().unwrap(), invalid(TokenError::UnknownKey));
    clock.advance(MINUTE);
    assert!(matches!(resolve(&ed), Ok(Step::Fetch(_))));
    source.refresh(&clock, async { Some(keys(&["ed25519"])) }).await.unwrap();
    assert!(matches!(resolve(&ed), Ok(Step::Done(Some(_)))));
    // The withdrawn one verifies nothing more, not even a token that was remembered.
    assert_eq!(resolve(&ec).err().unwrap(), invalid(TokenError::UnknownKey));

    // Old but reachable no more: still verifies, and asks for a refresh.
    assert!(compiled.refresh_due(clock.now()).is_none());
    clock.advance(10 * MINUTE);
    let due = compiled.refresh_due(clock.now()).unwrap();
    assert!(Arc::ptr_eq(&due, &source));
    source.refresh(&clock, async { None }).await.unwrap_err();
    assert!(matches!(resolve(&ed), Ok(Step::Done(Some(_)))));
    assert!(compiled.refresh_due(clock.now()).is_none());

    // Edited rules find the set that is there.
    let edited = CompiledIdentity::compile(&rules(), &sources).ok().unwrap();
    let headers = [("x-user-token", ed.as_bytes())];
    let presented = edited.read(headers.into_iter()).unwrap();
    assert!(matches!(edited.resolve(&presented, clock.now()), Ok(Step::Done(Some(_)))));
}

#[test]
fn other_rules_remember_nothing() {
    let good = token(&claims());
    let header = [("x-user-token", good.as_str())];
    assert!(ask(&compiled(&rules(), &jwks()), &header, 1).is_ok());
    let other = with_jwt(|jwt| jwt.audiences = vec!["other".into()]);
    assert_eq!(ask(&compiled(&other, &jwks()), &header, 1).unwrap_err(), invalid(TokenError::Audience));
}
