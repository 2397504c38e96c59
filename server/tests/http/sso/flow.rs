//! The whole way, with a provider that means well.

use super::{ATTEMPT, Idp, back, counts, go, person, set, sign_in, viewer, word};
use crate::client::Ask;
use crate::support::{ADMIN, PASSWORD, Place};
use serde_json::{Value, json};

#[tokio::test]
async fn strangers_come_back_signed_in() {
    let place = Place::new();
    let server = place.serve().await;
    let idp = Idp::start().await;
    // First nobody: there is no such way in.
    assert_eq!(word(&server.get("/login/sso/okta").ask().await), "not_offered");
    assert!(!server.get("/login").ask().await.text.contains("/login/sso/"));
    idp.register(&server, "okta", json!({})).await;
    let page = server.get("/login?next=%2Fconsole").ask().await.text;
    assert!(page.contains("/login/sso/okta?next=%2Fconsole") && page.contains("Sign in with Okta"), "{page}");

    idp.provider.set_person(person("u1", "Jo@Example.com"));
    let begun = server.get("/login/sso/okta?next=%2Fconsole%3Fa%3Db").ask().await;
    let line = begun.headers["set-cookie"].to_str().unwrap();
    for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=600"] {
        assert!(line.contains(attribute), "{line}");
    }
    assert!(line.starts_with(&format!("{ATTEMPT}=")) && !line.contains("Domain"), "{line}");
    assert_eq!(begun.header("cache-control"), "no-store");

    let travel = go(&server, &idp, "/login/sso/okta?next=%2Fconsole%3Fa%3Db").await;
    let reply = back(&server, &travel).await;
    assert_eq!((reply.status, reply.header("location")), (303, "/console?a=b"));
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(set(&reply, ATTEMPT).as_deref(), Some(""), "the attempt is over");
    let session = reply.session().unwrap();
    let seen = viewer(&server, &session).await;
    assert_eq!((&seen["user"]["email"], &seen["user"]["source"]), (&json!("jo@example.com"), &json!("sso")));
    assert_eq!(word(&back(&server, &travel).await), "attempt_over", "a code and a state are for once");

    // Again: the same person, a new session, and the one in hand doesn't live on under its id.
    let travel = go(&server, &idp, "/login/sso/okta").await;
    let with_session = format!("{}; {session}", travel.cookie);
    let again = server.get(&travel.back).header("cookie", &with_session).ask().await;
    assert_eq!(again.header("location"), "/console");
    assert_ne!(again.session().unwrap(), session);
    assert_eq!(viewer(&server, &session).await, Value::Null);
    assert_eq!(counts(&place).await, [2, 1]);
    let log = place.log();
    for secret in [testidp::CLIENT_SECRET, "code-1", "access-2"] {
        assert!(!log.contains(secret), "{secret} in the log");
    }
}

#[tokio::test]
async fn identities_are_looked_at_and_taken_away() {
    let place = Place::new();
    let server = place.serve().await;
    let idp = Idp::start().await;
    idp.register(&server, "okta", json!({})).await;
    let session = sign_in(&server, &idp, "okta", person("u1", "jo@example.com")).await;
    let id = viewer(&server, &session).await["user"]["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/api/v1/users/{id}/identities");
    let own = server.get(&path).header("cookie", &session).ask().await.json();
    assert_eq!(own["items"][0]["subject"], "u1", "one's own need no permission");
    let identity = own["items"][0]["id"].as_str().unwrap();
    let one = format!("{path}/{identity}");
    server.delete(&one).session(&server, &session).ask().await.problem(403, "forbidden");
    let admin = server.sign_in(ADMIN).await;
    let drawer =
        server.get(&format!("/admin/users?user={id}&tab=identities")).header("cookie", &admin).ask().await;
    assert!(drawer.text.contains("u1") && drawer.text.contains("Unlink"), "{}", drawer.text);
    assert_eq!(server.delete(&one).master().ask().await.status, 204);
    assert_eq!(viewer(&server, &session).await, Value::Null, "what was begun with it is over");
    server.delete(&one).master().ask().await.problem(404, "not_found");
}

#[tokio::test]
async fn passwords_can_be_switched_off_and_the_shell_switches_them_on() {
    let place = Place::new();
    let server = place.serve().await;
    let idp = Idp::start().await;
    idp.register(&server, "okta", json!({})).await;
    let admin = server.sign_in(ADMIN).await;
    let switch = async |cookie: &str, on: bool| {
        let call = server.call("sso/set-password-sign-in", &json!({ "on": on }));
        call.header("cookie", cookie).ask().await
    };
    assert_eq!(switch(&admin, false).await.answered_problem()["code"], "sign_in_with_provider_first");
    let session = sign_in(&server, &idp, "okta", person("u1", "jo@example.com")).await;
    place.change("UPDATE users SET role = 'super_admin' WHERE email = 'jo@example.com'").await;
    assert_eq!(switch(&session, false).await.json(), json!({ "Ok": null }));
    let page = server.get("/login").ask().await.text;
    assert!(page.contains("/login/sso/okta") && !page.contains("name=\"password\""), "{page}");
    let form = || server.form("session/sign-in", &[("email", ADMIN), ("password", PASSWORD)]);
    assert_eq!(form().ask().await.answered_problem()["code"], "passwords_off");
    place.run_well(&["user", "allow-passwords"], "");
    assert!(form().ask().await.session().is_some());
    assert!(server.get("/login").ask().await.text.contains("name=\"password\""));
}

#[tokio::test]
async fn a_test_shows_what_came_to_who_asked() {
    let place = Place::new();
    let server = place.serve().await;
    let idp = Idp::start().await;
    idp.register(&server, "okta", json!({ "enabled": false })).await;
    assert_eq!(word(&server.get("/login/sso/okta?purpose=test").ask().await), "other_person");
    let admin = server.sign_in(ADMIN).await;
    idp.provider.set_person(person("u1", "jo@elsewhere.example"));
    let begun = server.get("/login/sso/okta?purpose=test").header("cookie", &admin).ask().await;
    let cookie = format!("{admin}; {ATTEMPT}={}", set(&begun, ATTEMPT).unwrap());
    let to = idp.provider.authorize(begun.header("location"));
    let path = to.strip_prefix(&server.origin).unwrap();
    let reply = server.get(path).header("cookie", &cookie).ask().await;
    assert_eq!((reply.status, reply.header("location")), (303, "/admin/sso?tested=okta"));
    let tested = server.call("sso/tested", &json!({})).header("cookie", &admin).ask().await.json();
    assert_eq!(tested["refused"], "domain_not_allowed");
    assert!(tested["claims"].as_str().unwrap().contains("elsewhere"), "{tested}");
    assert_eq!(counts(&place).await, [1, 0]);
}
