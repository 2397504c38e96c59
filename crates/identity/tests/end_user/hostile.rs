//! One table of hostile tokens, each with the refusal that it must get.

use crate::support::{
    START, ask, ask_token, at, b64, claims, claims_with, compiled, file, invalid, jwks, pem_rules, rules,
    signature, token, token_of, with_jwt,
};
use TokenError as E;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::end_user::{Refusal, TokenError};
use ring::hmac;
use serde_json::{Value, json};

fn unsigned(header: &str) -> String {
    format!("{}.{}.", b64(header), b64(claims().to_string()))
}

fn hmac_token(algorithm: &str, kid: &str, secret: &[u8]) -> String {
    let header = format!(r#"{{"alg":"{algorithm}","kid":"{kid}"}}"#);
    let message = format!("{}.{}", b64(header), b64(claims().to_string()));
    let scheme = match algorithm {
        "HS384" => hmac::HMAC_SHA384,
        "HS512" => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    };
    let tag = hmac::sign(&hmac::Key::new(scheme, secret), message.as_bytes());
    format!("{message}.{}", b64(tag))
}

/// Good claims, signed by `key` with `used`, under this header.
fn headed(key: &str, used: &str, header: &Value) -> String {
    token_of(key, used, &header.to_string(), &claims().to_string())
}

/// A good header with one more member.
fn with_header(name: &str, value: Value) -> String {
    let mut header = json!({"alg": "ES256", "kid": "p256"});
    header[name] = value;
    headed("p256", "ES256", &header)
}

/// A good message under another signature.
fn signed_with(signature: &[u8]) -> String {
    let good = token(&claims());
    format!("{}.{}", good.rsplit_once('.').unwrap().0, b64(signature))
}

fn algorithms() -> Vec<(&'static str, String, E)> {
    let set = jwks();
    let (rsa, ec) = (&set["keys"][0], &set["keys"][2]);
    let n = rsa["n"].as_str().unwrap();
    vec![
        ("none", unsigned(r#"{"alg":"none"}"#), E::Algorithm),
        ("None", unsigned(r#"{"alg":"None"}"#), E::Algorithm),
        ("NONE", unsigned(r#"{"alg":"NONE"}"#), E::Algorithm),
        ("nOnE", unsigned(r#"{"alg":"nOnE","kid":"p256"}"#), E::Algorithm),
        (
            "none with a signature",
            headed("p256", "ES256", &json!({"alg": "none", "kid": "p256"})),
            E::Algorithm,
        ),
        ("no alg", headed("p256", "ES256", &json!({"kid": "p256"})), E::Algorithm),
        ("alg null", headed("p256", "ES256", &json!({"alg": null, "kid": "p256"})), E::Algorithm),
        ("alg a list", headed("p256", "ES256", &json!({"alg": ["ES256"], "kid": "p256"})), E::Algorithm),
        ("alg in lower case", headed("p256", "ES256", &json!({"alg": "es256", "kid": "p256"})), E::Algorithm),
        ("alg with a space", headed("p256", "ES256", &json!({"alg": "ES256 ", "kid": "p256"})), E::Algorithm),
        ("alg empty", unsigned(r#"{"alg":""}"#), E::Algorithm),
        ("HS256 with the PEM", hmac_token("HS256", "rsa", file("rsa.pub.pem").as_bytes()), E::Algorithm),
        (
            "HS256 with the trimmed PEM",
            hmac_token("HS256", "rsa", file("rsa.pub.pem").trim().as_bytes()),
            E::Algorithm,
        ),
        ("HS384 with the PEM", hmac_token("HS384", "rsa", file("rsa.pub.pem").as_bytes()), E::Algorithm),
        ("HS512 with the PEM", hmac_token("HS512", "rsa", file("rsa.pub.pem").as_bytes()), E::Algorithm),
        ("HS256 with the JWK", hmac_token("HS256", "rsa", rsa.to_string().as_bytes()), E::Algorithm),
        ("HS256 with the modulus", hmac_token("HS256", "rsa", n.as_bytes()), E::Algorithm),
        ("HS256 with nothing", hmac_token("HS256", "rsa", b""), E::Algorithm),
        ("an HMAC called RS256", hmac_token("RS256", "rsa", file("rsa.pub.pem").as_bytes()), E::Signature),
        ("an HMAC called ES256", hmac_token("ES256", "p256", ec.to_string().as_bytes()), E::Signature),
        ("RS256 called PS256", headed("rsa", "RS256", &json!({"alg": "PS256", "kid": "rsa"})), E::Signature),
        ("PS256 called RS256", headed("rsa", "PS256", &json!({"alg": "RS256", "kid": "rsa"})), E::Signature),
        ("RS512 called RS256", headed("rsa", "RS512", &json!({"alg": "RS256", "kid": "rsa"})), E::Signature),
        (
            "EdDSA called ES256",
            headed("ed25519", "EdDSA", &json!({"alg": "ES256", "kid": "p256"})),
            E::Signature,
        ),
        ("ES256 by a P-384 key", headed("p384", "ES384", &json!({"alg": "ES256", "kid": "p384"})), E::Key),
        ("ES256 by an RSA key", headed("rsa", "RS256", &json!({"alg": "ES256", "kid": "rsa"})), E::Key),
        ("RS256 by an EC key", headed("p256", "ES256", &json!({"alg": "RS256", "kid": "p256"})), E::Key),
    ]
}

fn headers() -> Vec<(&'static str, String, E)> {
    let own = jwks()["keys"][1].clone();
    let own_key = json!({"alg": "RS256", "kid": "rsa", "jwk": own});
    let twice = r#"{"alg":"none","alg":"ES256","kid":"p256"}"#;
    vec![
        (
            "kid of another key",
            headed("rsa", "RS256", &json!({"alg": "RS256", "kid": "rsa-other"})),
            E::Signature,
        ),
        (
            "unknown kid",
            headed("p256", "ES256", &json!({"alg": "ES256", "kid": "../../dev/null"})),
            E::UnknownKey,
        ),
        ("kid empty", headed("p256", "ES256", &json!({"alg": "ES256", "kid": ""})), E::UnknownKey),
        ("kid a number", with_header("kid", json!(1)), E::Header("an odd kid")),
        ("kid endless", with_header("kid", json!("k".repeat(513))), E::Header("an odd kid")),
        ("no kid and two that fit", headed("rsa", "RS256", &json!({"alg": "RS256"})), E::Key),
        ("its own key", headed("rsa-other", "RS256", &own_key), E::Header("jwk")),
        ("its own key's URL", with_header("jku", json!("https://issuer.example/keys")), E::Header("jku")),
        ("its own certificate", with_header("x5c", json!(["MIIB"])), E::Header("x5c")),
        ("its certificate's URL", with_header("x5u", json!("https://evil.example")), E::Header("x5u")),
        ("crit", with_header("crit", json!(["exp"])), E::Header("crit")),
        ("crit empty", with_header("crit", json!([])), E::Header("crit")),
        ("unencoded payload", with_header("b64", json!(false)), E::Header("b64")),
        ("compressed", with_header("zip", json!("DEF")), E::Header("zip")),
        ("encrypted", with_header("enc", json!("A128GCM")), E::Header("enc")),
        ("a logout token", with_header("typ", json!("logout+jwt")), E::Kind),
        ("a DPoP proof", with_header("typ", json!("dpop+jwt")), E::Kind),
        ("a security event", with_header("typ", json!("secevent+jwt")), E::Kind),
        ("typ a list", with_header("typ", json!(["JWT"])), E::Kind),
        ("alg twice", token_of("p256", "ES256", twice, &claims().to_string()), E::Malformed),
        ("header a list", token_of("p256", "ES256", r#"["ES256"]"#, &claims().to_string()), E::Malformed),
        ("header empty", token_of("p256", "ES256", "", &claims().to_string()), E::Malformed),
    ]
}

fn shapes() -> Vec<(&'static str, String, E)> {
    let good = token(&claims());
    let (message, tail) = good.rsplit_once('.').unwrap();
    let half = signature("p256", "ES256", message)[..32].to_vec();
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let order: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&order[2 * at..2 * at + 2], 16).unwrap()).collect();
    let der = [&[0x30, 0x44, 0x02, 0x20][..], &half, &[0x02, 0x20], &half].concat();
    vec![
        ("signature (0, 0)", signed_with(&[0; 64]), E::Signature),
        ("signature (n, n)", signed_with(&[order.clone(), order].concat()), E::Signature),
        ("signature of half the length", signed_with(&half), E::Signature),
        ("signature in DER", signed_with(&der), E::Signature),
        ("signature with more", signed_with(&[0; 65]), E::Signature),
        ("no signature", format!("{message}."), E::Signature),
        ("no third part", message.to_owned(), E::Malformed),
        ("a fourth part", format!("{good}."), E::Malformed),
        ("five parts", "a.b.c.d.e".to_owned(), E::Malformed),
        ("padding", format!("{good}="), E::Malformed),
        ("a line break inside", format!("{message}.{}\n{}", &tail[..9], &tail[9..]), E::Malformed),
        ("two tokens", format!("{good},{good}"), E::Malformed),
        ("dots", "..".to_owned(), E::Malformed),
        ("letters", "Bearer".to_owned(), E::Malformed),
        ("longer than 16 KiB", token(&claims_with("x", json!("x".repeat(16_384)))), E::TooLong),
    ]
}

fn claimed() -> Vec<(&'static str, String, E)> {
    let with = |name: &str, value: Value| token(&claims_with(name, value));
    let raw = |claims: &str| token_of("p256", "ES256", r#"{"alg":"ES256","kid":"p256"}"#, claims);
    let good = claims().to_string();
    let twice = format!(r#"{{"iss":"https://evil.example/",{}"#, &good[1..]);
    let escaped = format!(r#"{{"\u0061ud":"other",{}"#, &good[1..]);
    let nested = format!(r#"{{"x":{{"a":1,"a":2}},{}"#, &good[1..]);
    vec![
        ("expired", with("exp", json!(START - 59)), E::Expired),
        ("expired at the epoch", with("exp", json!(0)), E::Expired),
        ("expired before", with("exp", json!(i64::MIN)), E::Expired),
        ("no exp", with("exp", Value::Null), E::NoExpiry),
        ("exp text", with("exp", json!("1900000000")), E::Claim("exp")),
        ("exp true", with("exp", json!(true)), E::Claim("exp")),
        ("exp endless", with("exp", json!(1e300)), E::Claim("exp")),
        ("exp null", raw(&good.replace(&(START + 3600).to_string(), "null")), E::Claim("exp")),
        ("nbf in the future", with("nbf", json!(START + 120)), E::NotYet),
        ("nbf text", with("nbf", json!("0")), E::Claim("nbf")),
        ("another issuer", with("iss", json!("https://evil.example/")), E::Issuer),
        ("issuer without its slash", with("iss", json!("https://issuer.example")), E::Issuer),
        ("issuer in capitals", with("iss", json!("https://ISSUER.example/")), E::Issuer),
        ("issuer longer", with("iss", json!("https://issuer.example/evil")), E::Issuer),
        ("issuer a list", with("iss", json!(["https://issuer.example/"])), E::Claim("iss")),
        ("no issuer", with("iss", Value::Null), E::Issuer),
        ("another audience", with("aud", json!("other")), E::Audience),
        ("audience longer", with("aud", json!("gateway-v3")), E::Audience),
        ("audience shorter", with("aud", json!("gate")), E::Audience),
        ("audience in capitals", with("aud", json!("GATEWAY")), E::Audience),
        ("audiences in one text", with("aud", json!("gateway gateway-v2")), E::Audience),
        ("audience nested", with("aud", json!([["gateway"]])), E::Audience),
        ("audience beside a nested one", with("aud", json!(["gateway", ["x"]])), E::Audience),
        ("audience an object", with("aud", json!({"gateway": true})), E::Audience),
        ("audience empty", with("aud", json!([])), E::Audience),
        ("no audience", with("aud", Value::Null), E::Audience),
        ("another client", with("azp", json!("evil")), E::Client),
        ("no client", with("azp", Value::Null), E::Client),
        ("two clients", with("client_id", json!("evil")), E::Client),
        ("client a list", with("azp", json!(["app"])), E::Claim("azp")),
        ("required claim missing", with("org", Value::Null), E::RequiredClaim),
        ("required claim different", with("org", json!("acme ")), E::RequiredClaim),
        ("a logout token", with("events", json!({})), E::Kind),
        ("unverified e-mail", with("email_verified", json!(false)), E::EmailUnverified),
        ("unverified in text", with("email_verified", json!("false")), E::EmailUnverified),
        ("verified 1", with("email_verified", json!(1)), E::EmailUnverified),
        ("e-mail with two @", with("email", json!("jo@evil.com@company.com")), E::Claim("email")),
        ("e-mail quoted", with("email", json!("\"jo@evil.com\"@company.com")), E::Claim("email")),
        ("e-mail with a dot after", with("email", json!("jo@company.com.")), E::Claim("email")),
        ("e-mail with a NUL", with("email", json!("jo@company.com\0")), E::Claim("email")),
        ("e-mail with spaces", with("email", json!(" jo@company.com")), E::Claim("email")),
        ("e-mail full-width", with("email", json!("jo@\u{ff43}ompany.com")), E::Claim("email")),
        ("e-mails", with("email", json!(["jo@company.com"])), E::Claim("email")),
        ("e-mail empty", with("email", json!("")), E::Claim("email")),
        ("subject a number", with("sub", json!(1)), E::Claim("sub")),
        ("subject endless", with("sub", json!("s".repeat(256))), E::Claim("sub")),
        ("subject with a line break", with("sub", json!("a\nb")), E::Claim("sub")),
        ("issuer twice", raw(&twice), E::Malformed),
        ("audience twice, once escaped", raw(&escaped), E::Malformed),
        ("a name twice further down", raw(&nested), E::Malformed),
        ("claims a list", raw(&format!("[{good}]")), E::Malformed),
        ("claims with more", raw(&format!("{good}{good}")), E::Malformed),
        ("claims deep", raw(&format!(r#"{{"x":{}"#, "[".repeat(5_000))), E::Malformed),
    ]
}

#[test]
fn every_hostile_token_gets_its_refusal() {
    let rules = compiled(&rules(), &jwks());
    assert!(ask_token(&rules, &token(&claims())).is_ok(), "the table means something");
    let table = [algorithms(), headers(), shapes(), claimed()].concat();
    let mut wrong = Vec::new();
    for (name, token, expected) in table {
        let answer = ask_token(&rules, &token).map(|_| ());
        if answer != Err(invalid(expected)) {
            wrong.push(format!("{name}: {answer:?} instead of {expected:?}"));
        }
        // In the other header too; nor does it matter that it was seen before.
        let bearer = format!("Bearer {token}");
        assert_eq!(ask(&rules, &[("authorization", &bearer)], 1).map(|_| ()), answer, "{name}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_token_cut_at_any_length_is_refused() {
    for (key, algorithm) in [("p256", "ES256"), ("ed25519", "EdDSA"), ("rsa", "RS256")] {
        let rules = compiled(&pem_rules(key), &jwks());
        let good = headed(key, algorithm, &json!({"alg": algorithm}));
        assert!(ask_token(&rules, &good).is_ok());
        for at in 0..good.len() {
            assert!(ask_token(&rules, &good[..at]).is_err(), "{algorithm} cut at {at}");
            assert!(at == 0 || ask_token(&rules, &good[at..]).is_err(), "{algorithm} cut before {at}");
        }
    }
}

#[test]
fn a_token_with_any_byte_changed_is_refused() {
    for (key, algorithm) in [("p256", "ES256"), ("ed25519", "EdDSA"), ("rsa", "PS256")] {
        let rules = compiled(&pem_rules(key), &jwks());
        let good = headed(key, algorithm, &json!({"alg": algorithm}));
        assert!(ask_token(&rules, &good).is_ok());
        for place in 0..good.len() {
            for other in [b'A', b'_', b'.', b'+', 0xff] {
                let mut bytes = good.clone().into_bytes();
                if std::mem::replace(&mut bytes[place], other) != other {
                    let headers: [(&str, &[u8]); 1] = [("x-user-token", &bytes)];
                    let presented = rules.read(headers.into_iter()).unwrap();
                    assert!(rules.resolve(&presented, at(1)).is_err(), "{algorithm} at {place}");
                }
            }
        }
        let (message, tail) = good.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(tail).unwrap();
        for at in 0..signature.len() {
            for bit in 0..8 {
                let mut flipped = signature.clone();
                flipped[at] ^= 1 << bit;
                let token = format!("{message}.{}", b64(flipped));
                let answer = ask_token(&rules, &token).unwrap_err();
                assert_eq!(answer, invalid(E::Signature), "{algorithm}, byte {at}, bit {bit}");
            }
        }
    }
}

#[test]
fn a_fixed_key_is_no_secret_either() {
    let rules = compiled(&pem_rules("rsa"), &jwks());
    for secret in [file("rsa.pub.pem"), file("rsa.pub.pem").trim().to_owned(), String::new()] {
        let forged = hmac_token("HS256", "rsa", secret.as_bytes());
        assert_eq!(ask_token(&rules, &forged).unwrap_err(), invalid(E::Algorithm));
    }
    let other = headed("rsa-other", "RS256", &json!({"alg": "RS256"}));
    assert_eq!(ask_token(&rules, &other).unwrap_err(), invalid(E::Signature));
    assert_eq!(ask_token(&rules, &token(&claims())).unwrap_err(), invalid(E::Key));
}

#[test]
fn short_keys_and_keys_for_something_else_verify_nothing() {
    let tokens: Value = serde_json::from_str(&file("tokens.json")).unwrap();
    let short: Value = serde_json::from_str(&file("rsa-1024.jwks.json")).unwrap();
    let plain = with_jwt(|jwt| {
        jwt.client_ids = None;
        jwt.required_claims.clear();
    });
    let answer = ask_token(&compiled(&plain, &short), tokens["RS256 of 1024 bits"].as_str().unwrap());
    assert_eq!(answer.unwrap_err(), invalid(E::UnknownKey));

    let good = headed("rsa", "RS256", &json!({"alg": "RS256", "kid": "rsa"}));
    for (name, value, expected) in [
        ("alg", "RS256", None),
        ("use", "sig", None),
        ("alg", "PS256", Some(E::Key)),
        ("use", "enc", Some(E::UnknownKey)),
        ("d", "AQAB", Some(E::UnknownKey)),
    ] {
        let mut set = jwks();
        set["keys"][0][name] = value.into();
        let answer = ask_token(&compiled(&rules(), &set), &good);
        assert_eq!(answer.err(), expected.map(Refusal::InvalidToken), "{name} {value}");
    }
    // A set that offers a shared secret.
    let oct = json!({"keys": [{"kty": "oct", "kid": "rsa", "alg": "HS256", "k": b64("secret")}]});
    let forged = hmac_token("HS256", "rsa", b"secret");
    assert_eq!(ask_token(&compiled(&rules(), &oct), &forged).unwrap_err(), invalid(E::Algorithm));
}
