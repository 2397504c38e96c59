//! What is kept of a provider, when it is asked, and what it is asked with.

use crate::provider::{Bench, CLIENT, ISSUER, Says, Trouble, registration};
use identity::oidc::{
    Authorization, Callback, Endpoint, Error, Flaw, Registration, Secrets, Unreachable, end_session_url,
};
use model::time::Entropy;
use serde_json::json;
use std::time::Duration;

const DISCOVERY: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn a_provider_is_asked_rarely_and_goes_on_while_it_is_down() {
    let bench = Bench::with(Says::truth());
    for _ in 0..3 {
        bench.sign_in().await.unwrap();
    }
    assert_eq!((bench.provider.times(DISCOVERY), bench.provider.times("/keys")), (1, 1));
    bench.clock.advance(Duration::from_mins(11));
    bench.provider.says.lock().unwrap().trouble =
        Some((DISCOVERY, Trouble::Unreachable(Unreachable::NoAnswer)));
    assert!(bench.known().await.is_ok(), "what is known goes on");
    assert!(bench.known().await.is_ok());
    assert_eq!(bench.provider.times(DISCOVERY), 2, "a provider that is down is asked once in a while");
    bench.clock.advance(Duration::from_hours(24));
    let gone = bench.known().await.err();
    assert_eq!(
        gone,
        Some(Error::Unreachable(Endpoint::Discovery, Unreachable::NoAnswer)),
        "but not for ever"
    );
    bench.provider.says.lock().unwrap().trouble = None;
    assert!(bench.known().await.is_err(), "not in the same moment");
    bench.clock.advance(Duration::from_secs(5));
    assert!(bench.known().await.is_ok());
}

#[tokio::test]
async fn a_provider_that_became_another_one_is_not_believed() {
    let bench = Bench::with(Says::truth());
    bench.known().await.unwrap();
    bench.provider.says.lock().unwrap().discovery["issuer"] = json!("https://evil.example");
    bench.clock.advance(Duration::from_hours(25));
    assert_eq!(bench.known().await.err(), Some(Error::Discovery(Flaw::Issuer)));
}

#[tokio::test]
async fn rotated_keys_are_fetched_and_made_up_ones_not_without_end() {
    let mut says = Says::truth();
    let all = says.keys["keys"].as_array().unwrap().clone();
    says.keys = json!({ "keys": all[..2] });
    let bench = Bench::with(says);
    assert!(bench.sign_in().await.is_err(), "the key isn't published yet");
    bench.provider.says.lock().unwrap().keys = json!({ "keys": all });
    assert!(bench.sign_in().await.is_err(), "asked a moment ago");
    assert_eq!(bench.provider.times("/keys"), 1);
    bench.clock.advance(Duration::from_secs(30));
    bench.sign_in().await.unwrap();
    bench.provider.says.lock().unwrap().header = json!({ "alg": "ES256", "kid": "made-up" });
    for _ in 0..50 {
        assert!(bench.sign_in().await.is_err());
    }
    assert_eq!(bench.provider.times("/keys"), 2);
}

#[tokio::test]
async fn the_secret_goes_where_the_provider_wants_it_and_nowhere_else() {
    let bench = Bench::with(Says::truth());
    bench.sign_in().await.unwrap();
    let asked = bench.provider.asked.lock().unwrap().clone();
    let (_, authorization, form) = asked.iter().find(|(path, ..)| path == "/token").unwrap();
    // gatehouse:s%2Bcret%2F1
    assert_eq!(authorization.as_deref(), Some("Basic Z2F0ZWhvdXNlOnMlMkJjcmV0JTJGMQ=="));
    let form = form.as_deref().unwrap();
    assert!(form.contains("code=code-1") && form.contains("code_verifier=verifier"), "{form}");
    assert!(!form.contains("cret") && !form.contains("client_id"), "{form}");
    assert!(
        asked
            .iter()
            .all(|(path, authorization, _)| authorization.is_none() || path == "/token" || path == "/me")
    );

    let mut says = Says::truth();
    says.discovery["token_endpoint_auth_methods_supported"] =
        json!(["client_secret_post", "private_key_jwt"]);
    let bench = Bench::with(says);
    bench.sign_in().await.unwrap();
    let asked = bench.provider.asked.lock().unwrap().clone();
    let (_, authorization, form) = asked.iter().find(|(path, ..)| path == "/token").unwrap();
    assert_eq!(*authorization, None);
    assert!(form.as_deref().unwrap().ends_with("&client_id=gatehouse&client_secret=s%2Bcret%2F1"));
}

struct Counting(std::sync::atomic::AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }
}

#[tokio::test]
async fn the_browser_is_sent_with_everything_that_binds_the_attempt() {
    let bench = Bench::with(Says::truth());
    let known = bench.known().await.unwrap();
    let secrets = Secrets::generate(&Counting(0.into()));
    let registration: Registration = registration();
    let redirect_uri = "https://gw.example/login/sso/idp/callback";
    let ask = |anew| {
        Authorization { registration: &registration, redirect_uri, secrets: &secrets, anew }
            .url(&known.metadata)
    };
    let url = ask(false);
    assert!(
        url.starts_with("https://idp.example/authorize?response_type=code&client_id=gatehouse&"),
        "{url}"
    );
    let has = |name: &str, value: &str| url.contains(&format!("&{name}={value}"));
    assert!(has("redirect_uri", "https%3A%2F%2Fgw.example%2Flogin%2Fsso%2Fidp%2Fcallback"), "{url}");
    assert!(has("scope", "openid+email") && has("code_challenge_method", "S256"), "{url}");
    assert!(has("state", secrets.state.expose()) && has("nonce", secrets.nonce.expose()), "{url}");
    for kept in [secrets.verifier.expose(), secrets.cookie.expose(), "cret"] {
        assert!(!url.contains(kept), "{url}");
    }
    let tokens = [&secrets.cookie, &secrets.state, &secrets.nonce, &secrets.verifier];
    let distinct: std::collections::BTreeSet<_> = tokens.iter().map(|token| token.expose()).collect();
    assert_eq!(distinct.len(), 4);
    assert!(!url.contains("max_age"));
    assert!(ask(true).ends_with("&max_age=0&prompt=login"));
}

#[tokio::test]
async fn the_answer_must_come_from_the_issuer_that_was_asked() {
    let answered = |query: &str| Callback::read(query).unwrap();
    let bench = Bench::with(Says::truth());
    let known = bench.known().await.unwrap();
    assert!(answered("code=a").check_issuer(&known.metadata).is_ok(), "it doesn't say that it always says");
    assert!(answered("code=a&iss=https%3A%2F%2Fidp.example").check_issuer(&known.metadata).is_ok());
    let evil = answered("code=a&iss=https%3A%2F%2Fevil.example").check_issuer(&known.metadata);
    assert_eq!(evil, Err(Error::ResponseIssuer));
    let mut says = Says::truth();
    says.discovery["authorization_response_iss_parameter_supported"] = json!(true);
    let known = Bench::with(says).known().await.unwrap();
    assert_eq!(answered("code=a").check_issuer(&known.metadata), Err(Error::ResponseIssuer));
}

#[tokio::test]
async fn leaving_the_provider_comes_back_to_us() {
    let known = Bench::with(Says::truth()).known().await.unwrap();
    let url =
        end_session_url(&known.metadata, CLIENT, Some("e30.e30.AA"), "https://gw.example/login").unwrap();
    assert_eq!(
        url,
        format!(
            "{ISSUER}/logout?id_token_hint=e30.e30.AA&client_id=gatehouse&post_logout_redirect_uri=https%3A%2F%2Fgw.example%2Flogin"
        )
    );
    let mut says = Says::truth();
    says.discovery.as_object_mut().unwrap().remove("end_session_endpoint");
    let known = Bench::with(says).known().await.unwrap();
    assert_eq!(end_session_url(&known.metadata, CLIENT, None, "https://gw.example/login"), None);
}
