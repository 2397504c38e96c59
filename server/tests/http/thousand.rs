//! A thousand hostile requests at the data path: credentials, tokens, headers, bodies. None passes, none is a failure of
//! ours, none reaches a provider, and nothing secret is in the log at its most talkative.

use crate::client::{Ask, Reply};
use crate::hostile::{credentials, json_bodies};
use crate::support::{Place, Server, text};
use crate::upstream::Upstream;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use ring::{hmac, signature};
use serde_json::{Value, json};

const SECRET_CLAIM: &str = "canary-claim-5e11b0";
const JSON_CALLS: [&str; 8] = [
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/responses",
    "/v1/embeddings",
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/v1/images/generations",
    "/v1/moderations",
];
const CHANNELS: [(&str, &str); 3] = [("authorization", "Bearer "), ("x-api-key", ""), ("api-key", "")];

/// Requests that were sent, by class.
#[derive(Default)]
struct Tally(Vec<(&'static str, usize)>);

impl Tally {
    /// Sends one; it must be refused as its caller's mistake, in the words of the data path.
    async fn refused(&mut self, class: &'static str, name: &str, request: RequestBuilder) {
        let reply = request.ask().await;
        assert_refused(&format!("{class}, {name}"), &reply);
        match self.0.iter_mut().find(|(known, _)| *known == class) {
            Some((_, count)) => *count += 1,
            None => self.0.push((class, 1)),
        }
    }
}

#[track_caller]
fn assert_refused(name: &str, reply: &Reply) {
    let shown: String = reply.text.chars().take(300).collect();
    assert!((400..500).contains(&reply.status), "{name}: {} {shown}", reply.status);
    let body = reply.json();
    assert!(body["error"]["message"].is_string(), "{name}: {shown}");
    for internal in ["panicked", "src/", "sqlx", "serde", SECRET_CLAIM] {
        assert!(!reply.text.contains(internal), "{name}: {shown}");
    }
}

/// What the tokens of one issuer are signed with.
struct Issuer {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl Issuer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let scheme: &'static signature::EcdsaSigningAlgorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(scheme, &random).unwrap();
        Self { pair: EcdsaKeyPair::from_pkcs8(scheme, document.as_ref(), &random).unwrap(), random }
    }

    /// The public key as `SubjectPublicKeyInfo` (RFC 5480) in PEM.
    fn pem(&self) -> String {
        let head = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
            0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        let der = [&head[..], self.pair.public_key().as_ref()].concat();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = self.pair.sign(&self.random, message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn message(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn good_claims() -> Value {
    json!({
        "iss": "https://issuer.example/", "aud": "gateway", "sub": "jo", "email": "jo@company.com",
        "email_verified": true, "exp": 4_102_444_800_i64, "nbf": 1, "secret": SECRET_CLAIM,
    })
}

/// Tokens that an issuer never signed so, and a good one spoiled in every place.
fn tokens(issuer: &Issuer, pem: &str) -> Vec<(String, String)> {
    let header = json!({ "alg": "ES256" });
    let good = issuer.token(&header, &good_claims());
    let mut tokens = Vec::new();
    let mut add = |name: &str, token: String| tokens.push((name.to_owned(), token));
    for (name, value) in [
        ("iss", json!("https://evil.example/")),
        ("iss", Value::Null),
        ("aud", json!("other")),
        ("aud", json!([])),
        ("aud", json!({ "gateway": true })),
        ("exp", json!(1)),
        ("exp", json!("4102444800")),
        ("exp", Value::Null),
        ("exp", json!(1e300)),
        ("nbf", json!(4_102_444_000_i64)),
        ("email", json!("jo@evil.com")),
        ("email", json!("jo@evil.com@company.com")),
        ("email", json!("jo@company.com.evil.com")),
        ("email", json!("jo@xn--company-9xa.com")),
        ("email", json!(["jo@company.com"])),
        ("email", Value::Null),
        ("email_verified", json!(false)),
        ("email_verified", json!("false")),
        ("events", json!({})),
    ] {
        let mut claims = good_claims();
        claims[name] = value.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        }
        add(&format!("{name} {value}"), issuer.token(&header, &claims));
    }
    for (name, value) in [
        ("alg", json!("none")),
        ("alg", json!("None")),
        ("alg", json!("HS256")),
        ("alg", json!("RS256")),
        ("alg", json!(null)),
        ("jku", json!("http://127.0.0.1:1/keys")),
        ("jwk", json!({ "kty": "EC" })),
        ("x5u", json!("http://127.0.0.1:1/cert")),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("typ", json!("logout+jwt")),
    ] {
        let mut header = header.clone();
        header[name] = value.clone();
        add(&format!("{name} {value}"), issuer.token(&header, &good_claims()));
    }
    let hs256 = message(&json!({ "alg": "HS256" }), &good_claims());
    for secret in [pem, pem.trim(), ""] {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), hs256.as_bytes());
        add("an HMAC by the public key", format!("{hs256}.{}", URL_SAFE_NO_PAD.encode(tag)));
    }
    add("no signature", format!("{}.", message(&json!({ "alg": "none" }), &good_claims())));
    add("another issuer's key", Issuer::new().token(&header, &good_claims()));
    for at in 0..good.len() {
        add(&format!("cut at {at}"), good[..at].to_owned());
    }
    tokens
}

/// Headers that lie about who is asking, or dress up as something else.
fn headers() -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let one = |name: &'static str, value: &str| vec![(name, value.to_owned())];
    let mut table = vec![
        ("twice", [one("x-user-email", "jo@company.com"), one("x-user-email", "al@company.com")].concat()),
        ("underscores", [one("x_user_email", "jo@company.com")].concat()),
        ("both spellings", [one("x-user-email", "jo@company.com"), one("x_user_email", "a@b.c")].concat()),
        (
            "tag in our space",
            [one("x-user-email", "jo@company.com"), one("x-gatehouse-tags", "key::a=b")].concat(),
        ),
    ];
    for email in [
        "jo@evil.com",
        "jo@company.com.evil.com",
        "jo@evil.com@company.com",
        "@company.com",
        "jo@",
        "jo",
        "",
        "jo@COMPANY.COM.",
        "jo@.company.com",
        "jo@sub.company.com",
        "\"jo@evil.com\"@company.com",
        "jo @company.com",
        "jo@company.com,jo@evil.com",
        "jo@company.com;evil",
        "jo@\u{ff43}ompany.com",
        "jo@[127.0.0.1]",
        "<jo@company.com>",
    ] {
        table.push(("e-mail", one("x-user-email", email)));
    }
    table
}

fn header(value: &[u8]) -> HeaderValue {
    HeaderValue::from_bytes(value).unwrap()
}

/// A request that would pass, if its credential were good: its answer tells that this test means something.
fn call(server: &Server, path: &str) -> RequestBuilder {
    let body = json!({
        "model": "m", "max_tokens": 5, "prompt": "answer", "input": "answer",
        "messages": [{ "role": "user", "content": "answer" }],
    });
    server.post(path).json(&body)
}

#[tokio::test]
async fn a_thousand_hostile_requests_are_refused() {
    let upstream = Upstream::start().await;
    let place = Place::new().configured(&upstream.configuration());
    let server = place.serve().await;
    let issuer = Issuer::new();
    let pem = issuer.pem();
    let (_, plain) = server.plain_key("plain").await;
    let by_token = server
        .key(json!({ "name": "token", "identity": { "enforce": true, "allowed_domains": ["company.com"], "jwt": {
            "public_key_pem": pem, "algorithms": ["ES256"], "issuers": ["https://issuer.example/"],
            "audiences": ["gateway"],
        } } }))
        .await;
    let by_header = server
        .key(json!({ "name": "header", "identity": {
            "header_mode": true, "enforce": true, "allowed_domains": ["company.com"],
        } }))
        .await;
    let (by_token, by_header) = (text(&by_token["secret"]), text(&by_header["secret"]));
    let good = issuer.token(&json!({ "alg": "ES256" }), &good_claims());
    for request in [
        call(&server, JSON_CALLS[0]).bearer_auth(&plain),
        call(&server, JSON_CALLS[0]).bearer_auth(&by_token).header("x-user-token", &good),
        call(&server, JSON_CALLS[0]).bearer_auth(&by_header).header("x-user-email", "jo@company.com"),
    ] {
        let reply = request.ask().await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    let passed = upstream.attempts.lock().unwrap().len();
    let mut tally = Tally::default();

    // Credentials: junk at every call through every channel; a good key cut and changed in every place.
    for (at, credential) in credentials().into_iter().enumerate() {
        for path in JSON_CALLS {
            let (channel, prefix) = CHANNELS[at % CHANNELS.len()];
            let value = header(&[prefix.as_bytes(), &credential].concat());
            let name = String::from_utf8_lossy(&credential).chars().take(40).collect::<String>();
            let request = call(&server, path).header(channel, value);
            tally.refused("credentials", &format!("{channel} {name} at {path}"), request).await;
        }
    }
    for (channel, prefix) in CHANNELS {
        for at in 0..plain.len() {
            let cut = format!("{prefix}{}", &plain[..at]);
            tally.refused("credentials", &cut, call(&server, JSON_CALLS[0]).header(channel, &cut)).await;
            let mut changed = plain.clone().into_bytes();
            changed[at] = if changed[at] == b'a' { b'b' } else { b'a' };
            let value = header(&[prefix.as_bytes(), &changed].concat());
            let request = call(&server, JSON_CALLS[0]).header(channel, value);
            tally.refused("credentials", &format!("{channel} changed at {at}"), request).await;
        }
    }

    for (name, token) in tokens(&issuer, &pem) {
        let request = call(&server, JSON_CALLS[0]).bearer_auth(&by_token).header("x-user-token", &token);
        tally.refused("tokens", &name, request).await;
        if name.starts_with("cut") {
            continue;
        }
        let bearer = call(&server, JSON_CALLS[4]).header("x-api-key", &by_token).bearer_auth(&token);
        tally.refused("tokens", &format!("{name} as bearer"), bearer).await;
    }

    for (name, lines) in headers() {
        let mut request = call(&server, JSON_CALLS[0]).bearer_auth(&by_header);
        for (field, value) in &lines {
            let field = HeaderName::from_bytes(field.as_bytes()).unwrap();
            request = request.header(field, header(value.as_bytes()));
        }
        tally.refused("headers", &format!("{name} {lines:?}"), request).await;
    }
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        for path in JSON_CALLS {
            let request = server.request(method.clone(), path).bearer_auth(&plain);
            tally.refused("headers", &format!("{method} {path}"), request).await;
        }
    }

    let bodies: Vec<_> = json_bodies().into_iter().filter(|body| body.body.len() < 1_000_000).collect();
    for path in JSON_CALLS {
        for hostile in &bodies {
            let mut request = server.post(path).bearer_auth(&plain).body(hostile.body.clone());
            for (name, value) in &hostile.headers {
                request = request.header(*name, *value);
            }
            tally.refused("bodies", &format!("{} at {path}", hostile.name), request).await;
        }
    }

    let sent: usize = tally.0.iter().map(|(_, count)| count).sum();
    assert!(sent >= 1_000, "{:?}", tally.0);
    println!(
        "PROOF hostile requests: {sent} refused ({:?}), none at the provider, no secret in the log",
        tally.0
    );
    assert_eq!(upstream.attempts.lock().unwrap().len(), passed, "something reached the provider");
    assert_eq!(server.get("/readyz").ask().await.status, 200);
    let log = place.log();
    for secret in [&plain[20..52], &by_token[20..52], &by_header[20..52], SECRET_CLAIM, good.as_str()] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
    let payload = good.split('.').nth(1).unwrap();
    assert!(!log.contains(payload), "a token's claims are in the log");
    assert!(!log.contains("panicked"));
}
