//! Claims and rules for the tests.

#[path = "../signing/mod.rs"]
mod signing;

pub(crate) use signing::{b64, file, jwks, signature, token_of};

use identity::end_user::{CompiledIdentity, EndUser, KeySources, Refusal, Step, TokenError};
use model::identity::{ClaimValue, IdentityRules, JwtAlgorithm, JwtRules};
use model::time::{ManualClock, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const START: i64 = 1_800_000_000;

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((START + seconds) * 1_000_000)
}

pub(crate) fn claims() -> Value {
    json!({
        "iss": "https://issuer.example/", "aud": "gateway", "sub": "user-1", "email": "jo@company.com",
        "email_verified": true, "exp": START + 3600, "azp": "app", "org": "acme",
    })
}

/// The good claims but for `name`; `null` takes it away.
pub(crate) fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    let map = claims.as_object_mut().unwrap();
    if value.is_null() {
        map.remove(name)
    } else {
        map.insert(name.to_owned(), value)
    };
    claims
}

/// A token of `claims`, by a key of the set.
pub(crate) fn token(claims: &Value) -> String {
    token_of("p256", "ES256", r#"{"alg":"ES256","kid":"p256","typ":"JWT"}"#, &claims.to_string())
}

/// Enforced JWTs by the set of keys, with every list filled.
pub(crate) fn rules() -> IdentityRules {
    let text = |text: &str| ClaimValue::Text(text.to_owned());
    IdentityRules {
        enforce: true,
        jwt: Some(JwtRules {
            jwks_url: Some("https://issuer.example/keys".into()),
            issuers: vec!["https://issuer.example/".into()],
            audiences: vec!["gateway".into(), "gateway-v2".into()],
            client_ids: Some(vec!["app".into()]),
            required_claims: BTreeMap::from([("org".to_owned(), text("acme"))]),
            ..JwtRules::default()
        }),
        ..IdentityRules::default()
    }
}

pub(crate) fn with_jwt(change: impl FnOnce(&mut JwtRules)) -> IdentityRules {
    let mut rules = rules();
    change(rules.jwt.as_mut().unwrap());
    rules
}

/// The same with a fixed key.
pub(crate) fn pem_rules(key: &str) -> IdentityRules {
    with_jwt(|jwt| (jwt.jwks_url, jwt.public_key_pem) = (None, Some(file(&format!("{key}.pub.pem")))))
}

/// Compiled rules whose key set, if they have one, was fetched at the start and is `set`.
pub(crate) fn compiled(rules: &IdentityRules, set: &Value) -> CompiledIdentity {
    let compiled = CompiledIdentity::compile(rules, &KeySources::default()).ok().unwrap();
    // Keys are asked for before anything is verified: a token of no worth gives us the source.
    let allowed = rules.jwt.as_ref().and_then(|jwt| jwt.algorithms.as_ref()?.first().copied());
    let algorithm = allowed.unwrap_or(JwtAlgorithm::Es256).as_str();
    let probe = format!("{}.e30.AA", b64(format!(r#"{{"alg":"{algorithm}"}}"#)));
    let headers = [("x-user-token", probe.as_bytes())];
    let presented = compiled.read(headers.into_iter()).unwrap();
    if let Ok(Step::Fetch(source)) = compiled.resolve(&presented, at(0)) {
        let body = set.to_string().into_bytes();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(source.refresh(&ManualClock::at(at(0)), async { Some(body) })).unwrap();
    }
    compiled
}

/// What the rules say of these headers, `seconds` after the start.
pub(crate) fn ask(
    compiled: &CompiledIdentity,
    headers: &[(&str, &str)],
    seconds: i64,
) -> Result<Option<Arc<EndUser>>, Refusal> {
    let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
    let presented = compiled.read(headers)?;
    compiled.resolve(&presented, at(seconds)).and_then(Step::settled)
}

pub(crate) fn ask_token(compiled: &CompiledIdentity, token: &str) -> Result<Option<Arc<EndUser>>, Refusal> {
    // A second after the fetch, so that an unknown id may not ask again.
    ask(compiled, &[("x-user-token", token)], 1)
}

pub(crate) fn invalid(error: TokenError) -> Refusal {
    Refusal::InvalidToken(error)
}

pub(crate) const MINUTE: Duration = Duration::from_mins(1);
