//! One's own sessions: everybody sees and ends them, and nobody's else without a right.

use crate::client::{Ask, Reply};
use crate::support::{ADMIN, Place, Server, text};
use serde_json::{Value, json};

async fn viewer(server: &Server, cookie: &str) -> Value {
    server.call("session/viewer", &json!({})).header("cookie", cookie).ask().await.json()
}

async fn list(server: &Server, cookie: &str, user: &str) -> Reply {
    server.call("users/sessions", &json!({ "id": user })).session(server, cookie).ask().await
}

async fn end(server: &Server, cookie: &str, user: &str, only: Option<&str>) -> Reply {
    let arguments = json!({ "id": user, "only": only });
    server.call("users/end-sessions", &arguments).session(server, cookie).ask().await
}

#[tokio::test]
async fn strangers_and_others_neither_see_nor_end_them() {
    let place = Place::new();
    let server = place.serve().await;
    let (dev, other) = (place.user("dev@example.com", "user"), place.user("other@example.com", "user"));
    let (of_dev, of_other) =
        (server.sign_in("dev@example.com").await, server.sign_in("other@example.com").await);
    let foreign = text(&list(&server, &of_other, &other).await.json()["data"][0]["id"]);
    let path = format!("/admin/api/v1/users/{other}/sessions");
    let own_path = format!("/admin/api/v1/users/{dev}/sessions");

    // Nobody, and who only has a cookie that is worth nothing.
    for cookie in ["", "__Host-gatehouse=AAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(list(&server, cookie, &other).await.status, 401);
        assert_eq!(end(&server, cookie, &other, Some(&foreign)).await.status, 401);
        server.get(&path).session(&server, cookie).ask().await.problem(401, "unauthenticated");
        server.delete(&path).session(&server, cookie).ask().await.problem(401, "unauthenticated");
    }
    // Somebody else, by the other's id and by the session's id under one's own.
    assert_eq!(list(&server, &of_dev, &other).await.status, 403);
    assert_eq!(end(&server, &of_dev, &other, None).await.answered_problem()["code"], "forbidden");
    assert_eq!(end(&server, &of_dev, &dev, Some(&foreign)).await.answered_problem()["code"], "not_found");
    server.get(&path).session(&server, &of_dev).ask().await.problem(403, "forbidden");
    let one = format!("{own_path}/{foreign}");
    server.delete(&one).session(&server, &of_dev).ask().await.problem(404, "not_found");
    assert_eq!(viewer(&server, &of_other).await["user"]["email"], "other@example.com");
    assert_eq!(viewer(&server, &of_dev).await["user"]["email"], "dev@example.com");
}

#[tokio::test]
async fn they_are_seen_and_ended_without_any_permission() {
    let place = Place::new();
    let server = place.serve().await;
    let dev = place.user("dev@example.com", "user");
    let (here, there) = (server.sign_in("dev@example.com").await, server.sign_in("dev@example.com").await);
    let admin = server.sign_in(ADMIN).await;
    let seen = list(&server, &here, &dev).await;
    assert!(!seen.text.contains(here.split('=').nth(1).unwrap()), "what names a session opens nothing");
    let seen = seen.json()["data"].clone();
    let sessions = seen.as_array().unwrap();
    let (current, other): (Vec<_>, Vec<_>) = sessions.iter().partition(|session| session["current"] == true);
    assert_eq!((current.len(), other.len()), (1, 1), "{seen}");
    let page = server.get("/console/settings/profile").header("cookie", &here).ask().await;
    assert!(page.text.contains("2 sessions") && page.text.contains("this browser"), "{}", page.text);
    // By the API the same, and there who looks on is in none of them.
    let path = format!("/admin/api/v1/users/{dev}/sessions");
    let by_api = server.get(&path).session(&server, &here).ask().await.json();
    assert_eq!(by_api["items"].as_array().unwrap().len(), 2, "{by_api}");
    let by_master = server.get(&path).master().ask().await.json();
    assert!(
        by_master["items"].as_array().unwrap().iter().all(|session| session["current"] == false),
        "{by_master}"
    );

    // Another of one's own.
    let ended = end(&server, &here, &dev, Some(&text(&other[0]["id"]))).await;
    assert_eq!(ended.json()["Ok"], json!({ "sessions_ended": 1, "current": false }));
    assert_eq!(viewer(&server, &there).await, Value::Null);
    assert_eq!(viewer(&server, &here).await["user"]["email"], "dev@example.com");
    // The one that asks: signed out, as by the button for it.
    let ended = end(&server, &here, &dev, Some(&text(&current[0]["id"]))).await;
    assert_eq!(ended.json()["Ok"], json!({ "sessions_ended": 1, "current": true }));
    assert!(ended.set_cookie().unwrap().contains("Max-Age=0"), "{:?}", ended.set_cookie());
    assert!(ended.header("clear-site-data").contains("storage"));
    assert_eq!(viewer(&server, &here).await, Value::Null);

    // All, by the API.
    let (one, two) = (server.sign_in("dev@example.com").await, server.sign_in("dev@example.com").await);
    let all = server.delete(&path).session(&server, &one).ask().await;
    assert_eq!(all.json(), json!({ "sessions_ended": 2, "current": true }));
    for gone in [one, two] {
        assert_eq!(viewer(&server, &gone).await, Value::Null);
    }
    assert_eq!(viewer(&server, &admin).await["user"]["email"], ADMIN);
    let rows: Vec<String> =
        place.column("SELECT actor FROM audit_log WHERE action = 'user.end_sessions' ORDER BY seq").await;
    assert_eq!(rows, ["dev@example.com"; 3]);
}
