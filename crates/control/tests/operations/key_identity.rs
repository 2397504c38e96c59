//! Identity rules of keys: brought into form, and never a way for a developer to reach inside addresses.

use crate::support::Bench;
use control::{Error, keys};
use model::identity::{IdentityRules, JwtRules};
use model::key::{KeyChange, NewKey};
use model::role::BuiltInRole;

fn named(identity: IdentityRules) -> NewKey {
    NewKey { name: "identity".to_owned(), identity, ..NewKey::default() }
}

fn jwks(url: &str, allow_private_addresses: bool) -> IdentityRules {
    let jwt = JwtRules {
        jwks_url: Some(url.to_owned()),
        issuers: vec!["https://issuer.example".to_owned()],
        audiences: vec!["gateway".to_owned()],
        allow_private_addresses,
        ..JwtRules::default()
    };
    IdentityRules { jwt: Some(jwt), ..IdentityRules::default() }
}

fn fields<T>(result: Result<T, Error>) -> Vec<String> {
    match result {
        Err(Error::Invalid(errors)) => errors.into_iter().map(|error| error.field.into_owned()).collect(),
        Err(other) => vec![format!("{other:?}")],
        Ok(_) => Vec::new(),
    }
}

const INSIDE: &str = "identity.jwt.allow_private_addresses";

#[tokio::test]
async fn only_an_operator_lets_the_gateway_call_inside_addresses() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let dev = bench.account("dev@example.com", BuiltInRole::User).await;
    let (inside, outside) =
        (jwks("http://127.0.0.1:1/keys", true), jwks("https://issuer.example/keys", false));
    assert_eq!(fields(keys::create_own(&bench.control, &dev, named(inside.clone())).await), [INSIDE]);
    let own = keys::create_own(&bench.control, &dev, named(outside)).await.unwrap().key.id;
    let to =
        |identity: &IdentityRules| KeyChange { identity: Some(identity.clone()), ..KeyChange::default() };
    assert_eq!(fields(keys::change(&bench.control, &dev, &own, to(&inside)).await), [INSIDE]);
    keys::change(&bench.control, &admin, &own, to(&inside)).await.unwrap();
    // What the operator allowed was for one address.
    let elsewhere = jwks("http://127.0.0.1:2/keys", true);
    assert_eq!(fields(keys::change(&bench.control, &dev, &own, to(&elsewhere)).await), [INSIDE]);
    assert_eq!(
        fields(keys::create(&bench.control, &admin, named(inside)).await),
        Vec::<String>::new(),
        "an operator may"
    );
}

#[tokio::test]
async fn rules_are_stored_in_their_canonical_form() {
    let bench = Bench::new().await;
    let admin = bench.admin().await;
    let domains = |names: &[&str]| IdentityRules {
        header_mode: true,
        allowed_domains: Some(names.iter().map(|name| (*name).to_owned()).collect()),
        ..IdentityRules::default()
    };
    let new = named(domains(&["Example.COM", "b\u{fc}cher.example", "example.com"]));
    let key = keys::create(&bench.control, &admin, new).await.unwrap().key;
    let stored = key.scope.identity.allowed_domains.unwrap();
    assert_eq!(stored, ["example.com", "xn--bcher-kva.example"]);
    let wrong = keys::create(&bench.control, &admin, named(domains(&["not a domain"]))).await;
    assert_eq!(fields(wrong), ["identity.allowed_domains"]);
    let mut pem = jwks("https://issuer.example/keys", false);
    if let Some(jwt) = &mut pem.jwt {
        (jwt.jwks_url, jwt.public_key_pem) =
            (None, Some("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----".to_owned()));
    }
    assert_eq!(
        fields(keys::create(&bench.control, &admin, named(pem)).await),
        ["identity.jwt.public_key_pem"]
    );
    let change = KeyChange { identity: Some(domains(&["UPPER.example"])), ..KeyChange::default() };
    let key = keys::change(&bench.control, &admin, &key.id, change).await.unwrap();
    assert_eq!(key.scope.identity.allowed_domains.unwrap(), ["upper.example"]);
}
