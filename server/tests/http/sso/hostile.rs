//! Providers that lie, are slow or gone, and requests that want their own words to be repeated.

use super::{ATTEMPT, Idp, back, counts, go, headers_say_nothing_of, person, sign_in, word};
use crate::client::{Ask, Reply};
use crate::support::{ADMIN, Place, Server};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testidp::Trouble;

async fn comes(server: &Server, idp: &Idp) -> Reply {
    idp.provider.set_person(person("u1", "jo@example.com"));
    back(server, &go(server, idp, "/login/sso/okta").await).await
}

/// Failed sign-ins in the audit log.
async fn failures(place: &Place) -> i64 {
    let rows = "SELECT COUNT(*) FROM audit_log WHERE action = 'session.start' AND result = 'failure'";
    place.column::<i64>(rows).await[0]
}

#[tokio::test]
async fn every_lie_gets_a_page_that_explains_and_a_row_and_makes_nobody() {
    let place = Place::new();
    let server = place.serve().await;
    let idp = Idp::start().await;
    idp.register(&server, "okta", json!({ "linking": "verified_email", "claims_from": "userinfo" })).await;
    let before = counts(&place).await;
    let mut told = 0;
    let lies = [
        json!({ "iss": "https://evil.example" }),
        json!({ "aud": "somebody" }),
        json!({ "aud": ["gatehouse", "other"] }),
        json!({ "nonce": "another" }),
        json!({ "exp": 1 }),
        json!({ "iat": 4_000_000_000_i64 }),
        json!({ "azp": "somebody" }),
    ];
    let mut expect = async |why: &str, what: &Value| {
        let reply = comes(&server, &idp).await;
        assert_eq!(word(&reply), why, "{what}");
        told += 1;
        assert_eq!(failures(&place).await, told, "{what}");
        assert_eq!(counts(&place).await, before, "{what}");
        let page = server.get(reply.header("location")).ask().await;
        assert!(page.status == 200 && page.text.contains("role=\"alert\""), "{}", page.text);
        assert!(page.text.contains("/login/sso/okta"), "and how to try again");
    };
    for lie in lies {
        idp.provider.set_lies(lie.clone());
        expect("provider_answer", &lie).await;
    }
    idp.provider.set_lies(json!({}));
    idp.provider.set_unsigned(true);
    expect("provider_answer", &json!("unsigned")).await;
    idp.provider.set_unsigned(false);
    for issuer in [None, Some("https://evil.example")] {
        idp.provider.set_says_issuer(issuer);
        expect("provider_answer", &json!(issuer)).await;
    }
    let issuer = idp.provider.issuer().to_owned();
    idp.provider.set_says_issuer(Some(&issuer));
    idp.provider.set_userinfo(json!({ "sub": "another" }));
    expect("provider_answer", &json!("userinfo of another")).await;
    idp.provider.set_userinfo(json!({}));
    for (path, trouble, why) in [
        ("/token", Trouble::Endless, "provider_unreachable"),
        ("/token", Trouble::Redirect("/keys".to_owned()), "provider_answer"),
        ("/me", Trouble::Answer(500, String::new()), "provider_unreachable"),
    ] {
        idp.provider.set_trouble(path, Some(trouble));
        expect(why, &json!(path)).await;
        idp.provider.set_trouble(path, None);
    }
    idp.provider.rotate(false);
    expect("provider_answer", &json!("a key that isn't published")).await;
}

#[tokio::test]
async fn a_provider_that_is_down_or_slow_stands_in_nobodys_way() {
    let place = Place::new();
    let server = place.serve().await;
    let idp = Idp::start().await;
    idp.register(&server, "okta", json!({})).await;
    let (_, secret) = server.plain_key("key").await;
    let discovery = "/.well-known/openid-configuration";
    idp.provider.set_trouble(discovery, Some(Trouble::Redirect("https://evil.example".to_owned())));
    assert_eq!(word(&server.get("/login/sso/okta").ask().await), "provider_answer");
    assert_eq!(idp.provider.calls(discovery), 1);
    idp.provider.set_trouble(discovery, None);
    tokio::time::sleep(Duration::from_secs(6)).await;
    idp.provider.set_trouble("/token", Some(Trouble::Late(Duration::from_secs(20))));
    let begin = Instant::now();
    let slow = async {
        assert_eq!(word(&comes(&server, &idp).await), "provider_unreachable");
        begin.elapsed()
    };
    let beside = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let chat = Instant::now();
        assert_eq!(server.chat(&secret, "x", false).ask().await.status, 200);
        server.sign_in(ADMIN).await;
        chat.elapsed()
    };
    let (slow, beside) = tokio::join!(slow, beside);
    assert!(slow < Duration::from_secs(15), "{slow:?}");
    assert!(beside < Duration::from_secs(8), "{beside:?}");
    idp.provider.set_trouble("/token", None);
    // Keys that were rotated are fetched.
    sign_in(&server, &idp, "okta", person("u1", "jo@example.com")).await;
}

#[tokio::test]
async fn nothing_of_a_request_is_repeated() {
    let place = Place::new();
    let server = place.serve().await;
    let idp = Idp::start().await;
    idp.register(&server, "okta", json!({})).await;
    idp.provider.set_person(person("u1", "jo@example.com"));
    for next in [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/%0d%0aSet-Cookie:evil.example",
    ] {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        let travel = go(&server, &idp, &format!("/login/sso/okta?{query}")).await;
        let reply = back(&server, &travel).await;
        let location = reply.header("location");
        let own = location == "/console" || (next.starts_with("/%0d") && location == next);
        assert!(own, "{next:?}: {location}");
    }
    for (name, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "evil.example"),
        ("x-forwarded-for", "evil.example"),
        ("forwarded", "host=evil.example;proto=https"),
        ("x-original-url", "/evil.example"),
        ("referer", "https://evil.example/"),
    ] {
        let begun = server.get("/login/sso/okta?next=%2Fconsole").header(name, value).ask().await;
        assert_eq!(begun.status, 303, "{name}");
        headers_say_nothing_of(&begun.headers, &begun.text, &["evil"]);
        let to = idp.provider.authorize(begun.header("location"));
        assert!(to.starts_with(&format!("{}/login/sso/okta/callback?", server.origin)), "{name}: {to}");
        let travel = go(&server, &idp, "/login/sso/okta").await;
        let request = server.get(&travel.back).header("cookie", &travel.cookie).header(name, value);
        let reply = request.ask().await;
        headers_say_nothing_of(&reply.headers, &reply.text, &["evil"]);
    }
    let canary = "canary%3Cscript%3E9f";
    for path in [
        format!("/login/sso/{canary}"),
        format!("/login/sso/okta/callback?error={canary}&error_description={canary}&state={canary}"),
        format!("/login/sso/okta/callback?code={canary}&state={canary}&iss={canary}"),
        format!("/login/sso/{canary}/callback?code=x"),
        format!("/login/sso/okta?purpose={canary}"),
    ] {
        let reply = server.get(&path).header("cookie", format!("{ATTEMPT}={canary}")).ask().await;
        headers_say_nothing_of(&reply.headers, &reply.text, &["canary"]);
        let page = server.get(reply.header("location")).ask().await;
        headers_say_nothing_of(&page.headers, &page.text, &["canary"]);
    }
    let page = server.get("/login?sso=canary%3Cscript%3E").ask().await.text;
    assert!(page.contains("Signing in failed. Try again."), "{page}");
    assert!(!page.contains("canary<script>"));
    assert!(!place.column::<String>("SELECT detail FROM audit_log").await.concat().contains("canary"));
}
