//! `/admin/api/v1/users`: the file of all accounts, and many at once.

use crate::client::{Ask, Reply};
use crate::support::{ADMIN, Place, Server};
use serde_json::{Value, json};

const USERS: &str = "/admin/api/v1/users";

async fn get(server: &Server, rest: &str) -> Reply {
    server.get(&format!("{USERS}{rest}")).master().ask().await
}

async fn many(server: &Server, deed: &str, body: Value) -> Reply {
    server.post(&format!("{USERS}/bulk/{deed}")).master().json(&body).ask().await
}

#[tokio::test]
async fn an_export_is_a_file_of_what_matches() {
    let place = Place::new();
    place.user("dev@example.com", "user");
    let server = place.serve().await;
    server.get(&format!("{USERS}/export")).ask().await.problem(401, "unauthenticated");
    let session = server.sign_in("dev@example.com").await;
    let linked = server.get(&format!("{USERS}/export")).header("cookie", &session);
    linked.header("sec-fetch-site", "cross-site").ask().await.problem(403, "cross_origin");
    let refused = server.get(&format!("{USERS}/export")).session(&server, &session).ask().await;
    refused.problem(403, "forbidden");
    for (query, field) in [
        ("?status=gone", "status"),
        ("?role=No%20Role", "role"),
        ("?unseen_days=many", "unseen_days"),
        ("?format=xml", "format"),
        ("?limit=1", "limit"),
        ("?sort=name", "sort"),
    ] {
        assert_eq!(get(&server, &format!("/export{query}")).await.wrong_fields(), [field], "{query}");
    }
    let before = place.counts().await;
    let name = "=cmd|' /C calc'!A0";
    let new = json!({ "name": name, "email": "+x@example.com", "organization_unit": "R, \"D\"" });
    server.make("/users", new).await;
    let csv = get(&server, "/export?q=%2Bx%40&format=csv").await;
    assert_eq!(csv.status, 200, "{}", csv.text);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.header("cache-control"), "no-store");
    let file = csv.header("content-disposition");
    assert!(
        file.starts_with("attachment; filename=\"gatehouse-users-20") && file.ends_with(".csv\""),
        "{file}"
    );
    let mut rows = csv::Reader::from_reader(csv.text.as_bytes());
    let columns: Vec<_> = rows.headers().unwrap().iter().map(ToOwned::to_owned).collect();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1);
    let cell = |column: &str| rows[0][columns.iter().position(|name| name == column).unwrap()].to_owned();
    assert_eq!((cell("name"), cell("email")), (format!("'{name}"), "'+x@example.com".to_owned()));
    assert_eq!((cell("organization_unit"), cell("tenants")), ("R, \"D\"".to_owned(), "default".to_owned()));
    assert_eq!((cell("status"), cell("last_sign_in_at")), ("active".to_owned(), String::new()));
    // Written down: who took it, and which filters.
    assert_eq!(place.counts().await[3], before[3] + 2);
    let rows =
        server.get("/admin/api/v1/audit?action=user.export&result=success").master().ask().await.json();
    let seq = &rows["items"][0]["seq"];
    let row = server.get(&format!("/admin/api/v1/audit/{seq}")).master().ask().await.json();
    assert_eq!(row["detail"]["filter"]["q"], "+x@");
    // Everybody, oldest first; nobody is a file with its head only.
    assert_eq!(get(&server, "/export").await.text.lines().count(), 4);
    assert_eq!(get(&server, "/export?status=inactive").await.text.lines().count(), 1);
    // A key in the search field stays out of the log.
    let (_, secret) = server.plain_key("k").await;
    get(&server, &format!("/export?q={secret}")).await;
    let details: Vec<String> =
        place.column("SELECT detail FROM audit_log WHERE action = 'user.export'").await;
    assert!(details.iter().all(|detail| !detail.contains(&secret[20..52])), "{details:?}");
}

#[tokio::test]
async fn many_at_once_have_a_result_each() {
    let place = Place::new();
    let (a, b) = (place.user("a@example.com", "user"), place.user("b@example.com", "user"));
    let server = place.serve().await;
    let session = server.sign_in("a@example.com").await;
    let off =
        json!({ "ids": [a, "usr_AAAAAAAAAAAAAAAA", "'; --", b], "status": "inactive", "reason": "over" });
    for deed in ["status", "offboard"] {
        let stranger = server.post(&format!("{USERS}/bulk/{deed}")).header("origin", &server.origin);
        stranger.json(&off).ask().await.problem(401, "unauthenticated");
        let body = if deed == "status" { off.clone() } else { json!({ "ids": [a] }) };
        let denied = server.post(&format!("{USERS}/bulk/{deed}")).session(&server, &session).json(&body);
        denied.ask().await.problem(403, "forbidden");
    }
    for (body, field) in [
        (json!({ "ids": [], "status": "inactive" }), "ids"),
        (json!({ "ids": vec![&a; 501], "status": "inactive" }), "ids"),
        (json!({ "ids": [a] }), "status"),
        (json!({ "ids": [a], "status": "gone" }), "status"),
        (json!({ "ids": [a], "status": "inactive", "reason": "" }), "reason"),
        (json!({ "ids": [a], "status": "inactive", "role": "super_admin" }), "role"),
        (json!({ "ids": a, "status": "inactive" }), "ids"),
    ] {
        assert_eq!(many(&server, "status", body.clone()).await.wrong_fields(), [field], "{body}");
    }
    let reply = many(&server, "status", off).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let body = reply.json();
    assert_eq!((&body["done"], &body["failed"]), (&json!(2), &json!(2)));
    let items = body["items"].as_array().unwrap();
    let codes: Vec<_> = items.iter().map(|item| (item["status"].as_u64().unwrap(), &item["code"])).collect();
    let (done, missing) = (json!("done"), json!("not_found"));
    assert_eq!(codes, [(200, &done), (404, &missing), (404, &missing), (200, &done)]);
    assert_eq!(items[2]["id"], "'; --");
    assert!(items[0]["receipt"]["nodes"].is_number() && items[1]["receipt"].is_null(), "{body}");
    assert_eq!(get(&server, &format!("/{a}")).await.json()["status"], "inactive");
    server.get(USERS).session(&server, &session).ask().await.problem(401, "unauthenticated");

    let all = get(&server, &format!("?q={ADMIN}")).await.json();
    let key = server.key(json!({ "name": "k", "owner": ADMIN })).await;
    let ids = json!({ "ids": [all["items"][0]["id"], b] });
    let body = many(&server, "offboard", ids).await.json();
    assert_eq!(body["items"][0]["code"], "last_super_admin", "{body}");
    assert_eq!((&body["items"][1]["code"], &body["failed"]), (&json!("done"), &json!(1)));
    let path = format!("/admin/api/v1/auth-keys/{}", key["id"].as_str().unwrap());
    assert_eq!(server.get(&path).master().ask().await.json()["status"], "active");
}
