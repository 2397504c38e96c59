//! Leaving: at the provider, and here.

use super::{Idp, person, sign_in, viewer};
use crate::client::{Ask, Reply};
use crate::support::{Place, Server};
use serde_json::{Value, json};

async fn tell(server: &Server, name: &str, body: String) -> Reply {
    let request = server.post(&format!("/login/sso/{name}/backchannel-logout"));
    request.header("content-type", "application/x-www-form-urlencoded").body(body).ask().await
}

#[tokio::test]
async fn signed_out_there_is_signed_out_here_at_once() {
    let place = Place::new();
    let server = place.serve().await;
    let idp = Idp::start().await;
    idp.register(&server, "okta", json!({})).await;
    let jo = sign_in(&server, &idp, "okta", person("jo", "jo@example.com")).await;
    let ada = sign_in(&server, &idp, "okta", person("ada", "ada@example.com")).await;
    let token = |changes: Value| idp.provider.logout_token(Some("jo"), Some("sid-jo"), changes);
    for bad in [
        String::new(),
        "logout_token=".to_owned(),
        "logout_token=a.b.c".to_owned(),
        format!("logout_token={}&logout_token=x", token(json!({}))),
        format!("logout_token={}", token(json!({ "nonce": "n" }))),
        format!("logout_token={}", token(json!({ "aud": "somebody" }))),
        format!("logout_token={}", token(json!({ "events": {} }))),
    ] {
        let reply = tell(&server, "okta", bad.clone()).await;
        assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some("invalid_request")), "{bad}");
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    assert_eq!(tell(&server, "nobody", format!("logout_token={}", token(json!({})))).await.status, 400);
    assert_eq!(viewer(&server, &jo).await["user"]["email"], "jo@example.com");

    let good = format!("logout_token={}", token(json!({})));
    let reply = tell(&server, "okta", good.clone()).await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"), "{}", reply.text);
    assert!(reply.set_cookie().is_none());
    assert_eq!(viewer(&server, &jo).await, Value::Null, "the very next request");
    assert_eq!(viewer(&server, &ada).await["user"]["email"], "ada@example.com");
    assert_eq!(tell(&server, "okta", good).await.status, 400, "taken once");
    let rows: Vec<String> = place
        .column(
            "SELECT result FROM audit_log WHERE action = 'session.provider_logout' ORDER BY seq DESC LIMIT 2",
        )
        .await;
    assert_eq!(rows, ["failure", "success"]);
}

#[tokio::test]
async fn leaving_here_leads_to_leaving_there() {
    let place = Place::new();
    let server = place.serve().await;
    let idp = Idp::start().await;
    idp.register(&server, "okta", json!({})).await;
    let jo = sign_in(&server, &idp, "okta", person("jo", "jo@example.com")).await;
    let out = server.form("session/sign-out", &[]).header("cookie", &jo).ask().await.json();
    let to = out["Ok"].as_str().unwrap();
    assert!(to.starts_with(&format!("{}/logout?id_token_hint=ey", idp.provider.issuer())), "{to}");
    let origin: String =
        form_urlencoded::byte_serialize(format!("{}/login", server.origin).as_bytes()).collect();
    assert!(to.ends_with(&format!("post_logout_redirect_uri={origin}")), "{to}");
    assert_eq!(viewer(&server, &jo).await, Value::Null);
    // Without scripts the browser's own form may lead nowhere else.
    let jo = sign_in(&server, &idp, "okta", person("jo", "jo@example.com")).await;
    let form = server.form("session/sign-out", &[]).header("cookie", &jo).header("accept", "text/html");
    assert_eq!(form.ask().await.header("location"), "/login");
    let kept: Vec<String> = place.column("SELECT data FROM sessions").await;
    assert!(!kept.concat().contains("eyJ"), "no token lies in a session in clear");
}
