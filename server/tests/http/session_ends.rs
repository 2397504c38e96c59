//! Sessions end by themselves: when nobody used them for half a day, and after a week however busy they were.
//!
//! The server's clock can't be moved from outside, so the rows are moved back instead.

use crate::client::Ask;
use crate::support::{ADMIN, Place, Server};
use serde_json::{Value, json};

const USERS: &str = "/admin/api/v1/users";

async fn viewer(server: &Server, cookie: &str) -> Value {
    server.call("session/viewer", &json!({})).header("cookie", cookie).ask().await.json()
}

/// Every door is closed to this cookie, and the session's row is gone.
async fn assert_over(place: &Place, server: &Server, cookie: &str) {
    let page = server.get("/admin/users").header("cookie", cookie).ask().await;
    assert_eq!(
        (page.status, page.header("location")),
        (303, "/login?next=%2Fadmin%2Fusers"),
        "{}",
        page.text
    );
    server.get(USERS).header("cookie", cookie).ask().await.problem(401, "unauthenticated");
    let usage = server.call("usage/own", &json!({})).session(server, cookie).ask().await;
    assert_eq!(usage.status, 401, "{}", usage.text);
    assert_eq!(viewer(server, cookie).await, Value::Null);
    let rows: Vec<i64> = place.column("SELECT COUNT(*) FROM sessions").await;
    assert_eq!(rows, [0]);
}

#[tokio::test]
async fn one_that_nobody_used_for_twelve_hours_is_over() {
    let place = Place::new();
    let server = place.serve().await;
    let session = server.sign_in(ADMIN).await;
    // Eleven hours and 59 minutes: still good, and the request counts as use.
    place.change("UPDATE sessions SET last_seen_at = last_seen_at - 43140000000").await;
    assert_eq!(server.get(USERS).header("cookie", &session).ask().await.status, 200);
    place.change("UPDATE sessions SET last_seen_at = last_seen_at - 43140000000").await;
    assert_eq!(server.get("/admin/users").header("cookie", &session).ask().await.status, 200);
    place.change("UPDATE sessions SET last_seen_at = last_seen_at - 43200000000").await;
    assert_over(&place, &server, &session).await;
}

#[tokio::test]
async fn one_that_is_a_week_old_is_over_however_busy_it_was() {
    let place = Place::new();
    let server = place.serve().await;
    let session = server.sign_in(ADMIN).await;
    // Six days, 23 hours and 59 minutes, all of them busy.
    place.change("UPDATE sessions SET created_at = created_at - 604740000000, expires_at = expires_at - 604740000000").await;
    // Long enough ago for a request to be noted: none may move the end.
    place.change("UPDATE sessions SET last_seen_at = last_seen_at - 600000000").await;
    let life = "SELECT expires_at - created_at FROM sessions";
    let before: Vec<i64> = place.column(life).await;
    assert!((604_799_000_000..604_801_000_000).contains(&before[0]), "a week: {before:?}");
    assert_eq!(viewer(&server, &session).await["user"]["email"], ADMIN);
    assert_eq!(server.get(USERS).header("cookie", &session).ask().await.status, 200);
    assert_eq!(place.column::<i64>(life).await, before);
    place
        .change("UPDATE sessions SET created_at = created_at - 60000000, expires_at = expires_at - 60000000")
        .await;
    assert_over(&place, &server, &session).await;
}
