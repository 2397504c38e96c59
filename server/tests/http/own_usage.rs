//! `/console/usage` and its file: the usage of whoever is signed in, and of nobody else.

use crate::client::Ask;
use crate::routes::in_source;
use crate::support::{ADMIN, MASTER, Place, Server, eventually, text};
use serde_json::{Value, json};

const EXPORT: &str = "/console/usage/export";
/// A name that a spreadsheet would run.
const HOSTILE: &str = "=HYPERLINK(\"//x\")</script><img src=x>";

#[test]
fn the_inventory_is_complete() {
    let listed = [("GET".to_owned(), EXPORT.to_owned())].into();
    assert_eq!(
        in_source(include_str!("../../src/admin_api/own_usage.rs")),
        listed,
        "test the new route below"
    );
}

/// A key of each of two accounts, and requests with both: two of the first account's, one of the other's.
async fn used(server: &Server) {
    for (name, owner, requests) in [(HOSTILE, "dev@example.com", 2), ("others-key", "other@example.com", 1)] {
        let key = server.key(json!({ "name": name, "owner": owner })).await;
        for _ in 0..requests {
            let reply = server.chat(&text(&key["secret"]), "one two three", false).ask().await;
            assert_eq!(reply.status, 200, "{}", reply.text);
        }
    }
}

async fn report(server: &Server, session: &str, question: Value) -> Value {
    let call = server.call("usage/report", &json!({ "question": question })).session(server, session);
    let reply = call.ask().await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

#[tokio::test]
async fn the_file_is_closed_to_strangers_keys_and_other_methods() {
    let place = Place::new();
    let server = place.serve().await;
    let (_, secret) = server.plain_key("api key").await;
    let management =
        server.make("/management-keys", json!({ "name": "m", "permissions": ["usage:read"] })).await;
    let management = text(&management["secret"]);
    for query in ["", "?period=7d&by=key", "?nonsense=1"] {
        let path = format!("{EXPORT}{query}");
        server.get(&path).ask().await.problem(401, "unauthenticated");
        server.get(&path).bearer_auth(&secret).ask().await.problem(401, "unauthenticated");
    }
    for bearer in [MASTER, &management] {
        server.get(EXPORT).bearer_auth(bearer).ask().await.problem(401, "unauthenticated");
    }
    let session = server.sign_in(ADMIN).await;
    for (query, field) in [
        ("?period=1y", "period"),
        ("?by=user", "by"),
        ("?tenant=No%20Slug", "tenant"),
        ("?user_id=usr_0000000000000001", "user_id"),
        ("?key=AAAAAAAAAAAA", "key"),
    ] {
        let reply = server.get(&format!("{EXPORT}{query}")).session(&server, &session).ask().await;
        assert_eq!(reply.wrong_fields(), [field], "{query}");
    }
    let posted = server.post(EXPORT).session(&server, &session).ask().await;
    posted.problem(405, "method_not_allowed");
    let page = server.get("/console/usage").ask().await;
    assert_eq!(page.header("location"), "/login?next=%2Fconsole%2Fusage");
}

#[tokio::test]
async fn page_and_file_have_ones_own_usage_and_nobody_elses() {
    let place = Place::new();
    let (dev, other) = (place.user("dev@example.com", "user"), place.user("other@example.com", "user"));
    let server = place.serve().await;
    used(&server).await;
    let (mine, theirs, admin) = (
        server.sign_in("dev@example.com").await,
        server.sign_in("other@example.com").await,
        server.sign_in(ADMIN).await,
    );
    for (session, count) in [(&mine, 2), (&theirs, 1)] {
        eventually("the ledger has the requests", async || {
            let found = report(&server, session, json!({})).await;
            (found["total"]["requests"] == count).then_some(())
        })
        .await;
    }
    // An operator who may see all usage has none of their own, and whoever asks can't say who they are.
    assert_eq!(report(&server, &admin, json!({ "period": "90d" })).await["total"]["requests"], 0);
    for id in [&dev, &other] {
        let asked = json!({ "user_id": id, "user": id, "owner_id": id });
        assert_eq!(report(&server, &theirs, asked).await["total"]["requests"], 1);
    }
    let by_key =
        report(&server, &mine, json!({ "period": "24h", "by": "key", "tenant_id": "default" })).await;
    assert_eq!(by_key["bars"].as_array().unwrap().len(), 24);
    assert_eq!(by_key["lines"][0]["of"]["name"], HOSTILE);
    assert_eq!(by_key["lines"][0]["totals"]["output_tokens"], 6);
    assert_eq!(by_key["lines"].as_array().unwrap().len(), 1);
    let elsewhere = report(&server, &mine, json!({ "tenant_id": "nowhere" })).await;
    assert_eq!((&elsewhere["total"]["requests"], &elsewhere["lines"]), (&json!(0), &json!([])));

    let page = async |session: &str, query: &str| {
        let reply = server.get(&format!("/console/usage{query}")).header("cookie", session).ask().await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.text
    };
    let shown = page(&mine, "?by=key&period=24h").await;
    assert!(shown.contains("HYPERLINK") && !shown.contains("<img src=x"), "{shown}");
    assert!(!shown.contains("others-key"), "{shown}");
    assert!(shown.contains("/console/usage/export?period=24h&amp;by=key"), "{shown}");
    let empty = page(&mine, "?tenant=nowhere").await;
    assert!(
        empty.contains("No requests in the last 7 days") && empty.contains("href=\"/console\""),
        "{empty}"
    );
    // What can't be read in an address is left out.
    assert!(page(&mine, "?period=1y&by=user&tenant=No%20Slug").await.contains("echo"));
}

#[tokio::test]
async fn the_file_holds_what_is_shown_and_no_formulas() {
    let place = Place::new();
    for email in ["dev@example.com", "other@example.com"] {
        place.user(email, "user");
    }
    let server = place.serve().await;
    used(&server).await;
    let session = server.sign_in("dev@example.com").await;
    let file = async |query: &str| {
        let reply = server.get(&format!("{EXPORT}{query}")).session(&server, &session).ask().await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply
    };
    eventually("the ledger has the requests", async || file("").await.text.contains("echo,2,").then_some(()))
        .await;
    let by_key = file("?period=30d&by=key&tenant=default").await;
    assert_eq!(by_key.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(by_key.header("cache-control"), "no-store");
    let name = by_key.header("content-disposition");
    assert!(
        name.starts_with("attachment; filename=\"gatehouse-usage-20") && name.ends_with(".csv\""),
        "{name}"
    );
    let mut rows = csv::Reader::from_reader(by_key.text.as_bytes());
    let columns: Vec<_> = rows.headers().unwrap().iter().map(ToOwned::to_owned).collect();
    let figures = ["requests", "errors", "input_tokens", "cached_input_tokens", "output_tokens", "cost_usd"];
    assert_eq!(columns[..2], ["key_id", "key"]);
    assert_eq!(columns[2..], figures);
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1);
    assert_eq!(&rows[0][1], format!("'{HOSTILE}"));
    assert_eq!((&rows[0][2], &rows[0][3], &rows[0][6]), ("2", "0", "6"));
    // Nothing there is a file with its head only.
    let nothing = file("?tenant=nowhere").await.text;
    assert_eq!(nothing, format!("model,{}\r\n", figures.join(",")));
}
