//! One table of lies, each with the refusal that it must get.

use crate::provider::{ACCESS_HASH, Bench, CLIENT, ISSUER, START, Says, Trouble, claims};
use crate::signing::{b64, file, token_of};
use identity::end_user::TokenError as T;
use identity::oidc::{Endpoint, Error, Flaw, TokenFlaw, Unreachable};
use ring::hmac;
use serde_json::{Value, json};

const DISCOVERY: &str = "/.well-known/openid-configuration";

type Lie = (&'static str, Box<dyn Fn(&mut Says)>, Error);

fn jwt(error: T) -> Error {
    Error::Token(TokenFlaw::Jwt(error))
}

fn lie(what: &'static str, tell: impl Fn(&mut Says) + 'static, refusal: impl Into<Error>) -> Lie {
    (what, Box::new(tell), refusal.into())
}

fn claim(what: &'static str, name: &'static str, value: Value, refusal: impl Into<Error>) -> Lie {
    lie(what, move |says| says.claim(name, value.clone()), refusal)
}

fn about_claims() -> Vec<Lie> {
    vec![
        claim("another issuer", "iss", json!("https://evil.example"), jwt(T::Issuer)),
        claim("the issuer with a slash", "iss", json!(format!("{ISSUER}/")), jwt(T::Issuer)),
        claim("no issuer", "iss", Value::Null, jwt(T::Issuer)),
        claim("an issuer that is a list", "iss", json!([ISSUER]), jwt(T::Claim("iss"))),
        claim("another audience", "aud", json!("somebody"), jwt(T::Audience)),
        claim("no audience", "aud", Value::Null, jwt(T::Audience)),
        claim("an audience that begins like ours", "aud", json!(format!("{CLIENT}-2")), jwt(T::Audience)),
        claim("others as the audience", "aud", json!(["a", "b"]), jwt(T::Audience)),
        claim("no text among the audiences", "aud", json!([CLIENT, 1]), jwt(T::Audience)),
        claim("another party", "azp", json!("somebody"), jwt(T::Client)),
        claim("several audiences and no party", "aud", json!([CLIENT, "other"]), jwt(T::Client)),
        claim("another nonce", "nonce", json!("nonce-of-another"), TokenFlaw::Nonce),
        claim("no nonce", "nonce", Value::Null, TokenFlaw::Nonce),
        claim("expired", "exp", json!(START - 61), jwt(T::Expired)),
        claim("no expiry", "exp", Value::Null, jwt(T::NoExpiry)),
        claim("an expiry that is text", "exp", json!("later"), jwt(T::Claim("exp"))),
        claim("issued in the future", "iat", json!(START + 61), TokenFlaw::IssuedAt),
        claim("no time of issue", "iat", Value::Null, TokenFlaw::IssuedAt),
        claim("not valid yet", "nbf", json!(START + 61), jwt(T::NotYet)),
        claim(
            "another access token's hash",
            "at_hash",
            json!("AAAAAAAAAAAAAAAAAAAAAA"),
            TokenFlaw::AccessTokenHash,
        ),
        claim("no subject", "sub", Value::Null, jwt(T::Nobody)),
        claim("an empty subject", "sub", json!(""), jwt(T::Claim("sub"))),
        claim("a subject that is a number", "sub", json!(1), jwt(T::Claim("sub"))),
        claim("an endless subject", "sub", json!("x".repeat(256)), jwt(T::Claim("sub"))),
        claim("a subject over two lines", "sub", json!("a\nb"), jwt(T::Claim("sub"))),
        claim("a logout token", "events", json!({}), jwt(T::Kind)),
    ]
}

fn hmac_of(secret: &str) -> String {
    let message = format!("{}.{}", b64(r#"{"alg":"HS256","kid":"rsa"}"#), b64(claims().to_string()));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), message.as_bytes());
    format!("{message}.{}", b64(tag))
}

fn about_signatures() -> Vec<Lie> {
    let unsigned = format!("{}.{}.", b64(r#"{"alg":"none"}"#), b64(claims().to_string()));
    let by_header =
        |header: Value, signer| move |says: &mut Says| (says.header, says.signer) = (header.clone(), signer);
    let es = ("p256", "ES256");
    let own = json!({ "alg": "ES256", "kid": "p256", "jwk": { "kty": "EC" } });
    vec![
        lie("none", move |says| says.id_token = Some(unsigned.clone()), jwt(T::Algorithm)),
        lie(
            "HS256 with the client secret",
            |says| says.id_token = Some(hmac_of("s+cret/1")),
            jwt(T::Algorithm),
        ),
        lie(
            "HS256 with the public key",
            |says| says.id_token = Some(hmac_of(&file("rsa.pub.pem"))),
            jwt(T::Algorithm),
        ),
        lie(
            "another key",
            by_header(json!({ "alg": "RS256", "kid": "rsa" }), ("rsa-other", "RS256")),
            jwt(T::Signature),
        ),
        lie("an unknown key", by_header(json!({ "alg": "ES256", "kid": "nobody" }), es), jwt(T::UnknownKey)),
        lie(
            "a key for another algorithm",
            by_header(json!({ "alg": "RS256", "kid": "p256" }), es),
            jwt(T::Key),
        ),
        lie("its own key", by_header(own, es), jwt(T::Header("jwk"))),
        lie(
            "a critical extension",
            by_header(json!({ "alg": "ES256", "kid": "p256", "crit": ["x"] }), es),
            jwt(T::Header("crit")),
        ),
        lie(
            "an access token",
            by_header(json!({ "alg": "ES256", "kid": "p256", "typ": "at+jwt" }), es),
            jwt(T::Kind),
        ),
        lie(
            "a logout token by its kind",
            by_header(json!({ "alg": "ES256", "kid": "p256", "typ": "logout+jwt" }), es),
            jwt(T::Kind),
        ),
        lie(
            "a claim twice",
            |says| {
                let twice = claims().to_string().replacen('{', r#"{"sub":"admin","#, 1);
                says.id_token = Some(token_of("p256", "ES256", &says.header.to_string(), &twice));
            },
            jwt(T::Malformed),
        ),
        lie("no token at all", |says| says.id_token = Some(String::new()), jwt(T::Malformed)),
        lie("an endless token", |says| says.id_token = Some("a".repeat(17_000)), jwt(T::TooLong)),
    ]
}

fn about_endpoints() -> Vec<Lie> {
    let answers = |path, status, body: &'static str| {
        move |says: &mut Says| says.trouble = Some((path, Trouble::Answer(status, body.to_owned())))
    };
    let silent = |path, why| move |says: &mut Says| says.trouble = Some((path, Trouble::Unreachable(why)));
    let says_of_itself =
        |name: &'static str, value: Value| move |says: &mut Says| says.discovery[name] = value.clone();
    vec![
        lie(
            "a document of another issuer",
            says_of_itself("issuer", json!("https://evil.example")),
            Flaw::Issuer,
        ),
        lie(
            "tokens in clear",
            says_of_itself("token_endpoint", json!("http://idp.example/token")),
            Flaw::Endpoint("token endpoint"),
        ),
        lie("a redirect", answers(DISCOVERY, 302, ""), Error::Status(Endpoint::Discovery, 302)),
        lie("a web page", answers(DISCOVERY, 200, "<html>"), Flaw::Malformed),
        lie(
            "a document without end",
            silent(DISCOVERY, Unreachable::TooLarge),
            Error::Unreachable(Endpoint::Discovery, Unreachable::TooLarge),
        ),
        lie(
            "nothing for a long time",
            silent(DISCOVERY, Unreachable::TooSlow),
            Error::Unreachable(Endpoint::Discovery, Unreachable::TooSlow),
        ),
        lie(
            "no tokens for a long time",
            silent("/token", Unreachable::TooSlow),
            Error::Unreachable(Endpoint::Token, Unreachable::TooSlow),
        ),
        lie(
            "a code that was used",
            answers("/token", 400, r#"{"error":"invalid_grant"}"#),
            Error::Refused("invalid_grant"),
        ),
        lie(
            "a refusal in its own words",
            answers("/token", 400, r#"{"error":"<script>"}"#),
            Error::Status(Endpoint::Token, 400),
        ),
        lie(
            "tokens without an ID token",
            answers("/token", 200, r#"{"access_token":"a"}"#),
            Error::Malformed(Endpoint::Token),
        ),
        lie("keys that aren't there", answers("/keys", 404, ""), jwt(T::UnknownKey)),
        lie("keys that are no keys", answers("/keys", 200, "[]"), jwt(T::UnknownKey)),
        lie("another person's data", |says| says.userinfo["sub"] = json!("user-2"), Error::UserinfoSubject),
        lie("nobody's data", |says| says.userinfo = json!({ "groups": ["admins"] }), Error::UserinfoSubject),
        lie(
            "data twice",
            answers("/me", 200, r#"{"sub":"user-1","sub":"user-1"}"#),
            Error::Malformed(Endpoint::Userinfo),
        ),
        lie("signed data", answers("/me", 200, "e30.e30.AA"), Error::Malformed(Endpoint::Userinfo)),
        lie("no data", answers("/me", 401, ""), Error::Status(Endpoint::Userinfo, 401)),
    ]
}

#[tokio::test]
async fn every_lie_is_refused_by_its_name() {
    for (what, tell, refusal) in [about_claims(), about_signatures(), about_endpoints()].concat_all() {
        let mut says = Says::truth();
        tell(&mut says);
        assert_eq!(Bench::with(says).sign_in().await.unwrap_err(), refusal, "{what}");
    }
}

trait ConcatAll {
    fn concat_all(self) -> Vec<Lie>;
}

impl<const N: usize> ConcatAll for [Vec<Lie>; N] {
    fn concat_all(self) -> Vec<Lie> {
        self.into_iter().flatten().collect()
    }
}

#[tokio::test]
async fn a_token_cut_at_any_length_is_refused() {
    let whole = Says::truth().id_token();
    for length in 0..whole.len() {
        let says = Says { id_token: Some(whole[..length].to_owned()), ..Says::truth() };
        assert!(Bench::with(says).sign_in().await.is_err(), "{length}");
    }
}

#[tokio::test]
async fn the_truth_is_believed_however_it_is_told() {
    type Tell = Box<dyn Fn(&mut Says)>;
    let ways: Vec<(&str, Tell)> = vec![
        ("as it is", Box::new(|_| {})),
        ("to a list of us", Box::new(|says| says.claim("aud", json!([CLIENT])))),
        (
            "to us and others, given to us",
            Box::new(|says| {
                says.claim("aud", json!([CLIENT, "other"]));
                says.claim("azp", json!(CLIENT));
            }),
        ),
        ("without the hash", Box::new(|says| says.claim("at_hash", Value::Null))),
        ("a minute late", Box::new(|says| says.claim("exp", json!(START - 59)))),
        ("a minute early", Box::new(|says| says.claim("iat", json!(START + 60)))),
        ("without a kind", Box::new(|says| says.header = json!({ "alg": "ES256", "kid": "p256" }))),
        (
            "by an RSA key",
            Box::new(|says| {
                says.header = json!({ "alg": "RS256", "kid": "rsa" });
                says.signer = ("rsa", "RS256");
            }),
        ),
        (
            "by an Ed25519 key, whose hash is the long one",
            Box::new(|says| {
                says.header = json!({ "alg": "EdDSA", "kid": "ed25519" });
                says.signer = ("ed25519", "EdDSA");
                says.claim("at_hash", Value::Null);
            }),
        ),
    ];
    for (way, tell) in ways {
        let mut says = Says::truth();
        tell(&mut says);
        let (id_token, claims) =
            Bench::with(says).sign_in().await.unwrap_or_else(|error| panic!("{way}: {error}"));
        assert_eq!((id_token.subject.as_str(), id_token.session.as_deref()), ("user-1", Some("session-1")));
        assert_eq!(claims["groups"], json!(["staff"]), "{way}");
        assert_eq!(claims["email_verified"], true, "{way}");
    }
    assert_eq!(ACCESS_HASH.len(), 22);
}

#[tokio::test]
async fn who_is_asked_anew_must_have_been() {
    let bench = Bench::with(Says::truth());
    let now = model::Timestamp::from_micros(START * 1_000_000);
    let refused = bench.sign_in_after(Some(now)).await.unwrap_err();
    assert_eq!(refused, TokenFlaw::AuthTime.into(), "there is no auth_time");
    for (at, good) in [(START - 61, false), (START - 60, true), (START + 5, true)] {
        bench.provider.says.lock().unwrap().claim("auth_time", json!(at));
        assert_eq!(bench.sign_in_after(Some(now)).await.is_ok(), good, "{at}");
    }
}
