//! `/admin/api/v1/audit` and `gatehouse audit verify`.

use crate::client::{Ask, Reply};
use crate::support::{ADMIN, MASTER, Place, Server, text};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

const AUDIT: &str = "/admin/api/v1/audit";

async fn get(server: &Server, rest: &str) -> Reply {
    server.get(&format!("{AUDIT}{rest}")).master().ask().await
}

async fn items(server: &Server, query: &str) -> Vec<Value> {
    let reply = get(server, query).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["items"].as_array().unwrap().clone()
}

/// Runs SQL on the database as somebody with a shell on the machine would.
async fn by_hand(place: &Place, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(place.path("data/gatehouse.db"));
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    pool.close().await;
}

#[tokio::test]
async fn strangers_and_other_roles_get_nowhere() {
    let place = Place::new();
    for role in ["user", "user_admin", "billing_admin"] {
        place.user(&format!("{role}@example.com"), role);
    }
    let server = place.serve().await;
    for path in ["", "/1", "/verify", "/export"] {
        server.get(&format!("{AUDIT}{path}")).ask().await.problem(401, "unauthenticated");
    }
    for (role, reads) in [("user", false), ("billing_admin", false), ("user_admin", true)] {
        let session = server.sign_in(&format!("{role}@example.com")).await;
        for path in ["", "/1", "/verify"] {
            let reply = server.get(&format!("{AUDIT}{path}")).session(&server, &session).ask().await;
            assert_eq!(reply.status == 200, reads, "{role} {path}: {}", reply.text);
        }
        let export = server.get(&format!("{AUDIT}/export")).session(&server, &session);
        export.ask().await.problem(403, "forbidden");
    }
    let denied = items(&server, "?action=audit.export&result=denied").await;
    assert_eq!(denied.len(), 3, "each attempt to take the log out is written down");
}

#[tokio::test]
async fn rows_are_listed_filtered_and_read() {
    let place = Place::new();
    let server = place.serve().await;
    let (id, _) = server.plain_key("checkout").await;
    server.revoke(&id, "leaked in a ticket").await;
    let about = items(&server, &format!("?target_type=key&target_id={id}")).await;
    let actions: Vec<_> = about.iter().map(|row| text(&row["action"])).collect();
    assert_eq!(actions, ["key.cut", "key.revoke", "key.create"], "newest first");
    let row = &about[1];
    for (field, value) in [
        ("actor_id", json!("master_key")),
        ("actor", json!("master key")),
        ("target_name", json!("checkout")),
        ("tenant_id", json!("default")),
        ("result", json!("success")),
        ("ip", json!("127.0.0.1")),
    ] {
        assert_eq!(row[field], value, "{field}");
    }
    let oldest = items(&server, &format!("?target_id={id}&sort=at&limit=1")).await;
    assert_eq!(oldest[0]["action"], "key.create");

    let read = get(&server, &format!("/{}", row["seq"])).await.json();
    assert_eq!(read["detail"]["reason"], "leaked in a ticket");
    assert_eq!(read["detail"]["after"]["status"], "revoked");
    assert_eq!(read["hash"].as_str().unwrap().len(), 64);
    get(&server, "/999999").await.problem(404, "not_found");
    get(&server, "/x").await.problem(404, "not_found");

    let time = text(&row["at"]);
    assert_eq!(items(&server, &format!("?to={time}&target_id={id}")).await.len(), 1);
    assert_eq!(items(&server, &format!("?from={time}&target_id={id}")).await.len(), 2);
    assert_eq!(items(&server, "?actor=configuration&limit=1").await.len(), 1);
    assert!(items(&server, "?tenant_id=nowhere").await.is_empty());
    server.sign_in(ADMIN).await;
    let signed_in = items(&server, "?actor=ADMIN@&action=session.start&ip=127.0.0.1").await;
    assert_eq!(signed_in[0]["actor"], ADMIN);
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let place = Place::new();
    let server = place.serve().await;
    for (query, field) in [
        ("?result=good", "result"),
        ("?tenant_id=No%20Slug", "tenant_id"),
        ("?ip=localhost", "ip"),
        ("?from=yesterday", "from"),
        ("?to=2026-03-18", "to"),
        ("?sort=actor", "sort"),
        ("?limit=0", "limit"),
        ("?cursor=nonsense", "cursor"),
        ("?q=x", "q"),
        ("?actor=a&actor=b", "actor"),
        ("/export?format=xml", "format"),
        ("/export?limit=1", "limit"),
        ("/verify?from=1", "from"),
    ] {
        assert_eq!(get(&server, query).await.wrong_fields(), [field], "{query}");
    }
    assert!(items(&server, "?action=audit.export").await.is_empty(), "what wasn't done isn't written down");
}

#[tokio::test]
async fn exports_are_files_without_formulas() {
    let place = Place::new();
    let server = place.serve().await;
    let name = "=cmd|' /C calc'!A0";
    server.key(json!({ "name": name, "tags": { "note": "a,b \"c\"" } })).await;
    let csv = get(&server, "/export?action=key.create").await;
    assert_eq!(csv.status, 200, "{}", csv.text);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.header("cache-control"), "no-store");
    let file = csv.header("content-disposition");
    assert!(
        file.starts_with("attachment; filename=\"gatehouse-audit-20") && file.ends_with(".csv\""),
        "{file}"
    );
    let mut rows = csv::Reader::from_reader(csv.text.as_bytes());
    let columns: Vec<_> = rows.headers().unwrap().iter().map(ToOwned::to_owned).collect();
    assert_eq!(columns[..3], ["seq", "at", "actor_id"]);
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1);
    let cell = |column: &str| rows[0][columns.iter().position(|name| name == column).unwrap()].to_owned();
    assert_eq!(cell("target_name"), format!("'{name}"));
    let detail: Value = serde_json::from_str(&cell("detail")).unwrap();
    assert_eq!(detail["after"]["tags"]["note"], "a,b \"c\"");

    let jsonl = get(&server, "/export?format=jsonl").await;
    assert_eq!(jsonl.header("content-type"), "application/x-ndjson");
    let rows: Vec<Value> = jsonl.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let seqs: Vec<_> = rows.iter().map(|row| row["seq"].as_i64().unwrap()).collect();
    assert!(seqs.iter().copied().eq(1..=*seqs.last().unwrap()), "oldest first, without gaps");
    let own = rows.last().unwrap();
    assert_eq!((&own["action"], &own["detail"]["format"]), (&json!("audit.export"), &json!("jsonl")));
    assert!(!csv.text.contains(MASTER) && !jsonl.text.contains(MASTER));
    // Nothing matches: a file with its head only.
    let empty = get(&server, "/export?actor=nobody-of-this-name").await;
    assert_eq!(empty.text.lines().count(), 1);
    assert_eq!(get(&server, "/export?format=jsonl&tenant_id=nowhere").await.text, "");
}

#[tokio::test]
async fn a_row_changed_by_hand_is_found_by_every_way_of_looking() {
    let place = Place::new();
    let server = place.serve().await;
    let (id, _) = server.plain_key("checkout").await;
    let intact = get(&server, "/verify").await.json();
    assert_eq!(
        (&intact["intact"], &intact["finding"], &intact["message"]),
        (&json!(true), &json!(null), &json!(null))
    );
    let said = place.run_well(&["audit", "verify"], "");
    let head = text(&intact["head"]["hash"]);
    assert!(said.starts_with("The audit log is intact: ") && said.ends_with(&head), "{said}");
    place.run_well(&["audit", "verify", "--expect-head", &head], "");
    let other = place.run(&["audit", "verify", "--expect-head", &"0".repeat(64)], "");
    assert_eq!(other.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&other.stderr).contains("no row of it has the expected hash"));

    let seq = items(&server, &format!("?target_id={id}")).await[0]["seq"].as_i64().unwrap();
    by_hand(
        &place,
        "DROP TRIGGER audit_log_no_update; UPDATE audit_log SET actor = 'somebody else' WHERE action = 'key.create'",
    )
    .await;
    let found = get(&server, "/verify").await.json();
    assert_eq!(found["intact"], false);
    assert_eq!(found["finding"], json!({ "what": "changed", "seq": seq }));
    assert_eq!(found["message"], format!("row {seq} was changed after it was written"));
    let failed = place.run(&["audit", "verify"], "");
    assert_eq!(failed.status.code(), Some(1));
    let complaint = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(complaint.contains(&format!("not as it was written: row {seq} was changed")), "{complaint}");
    let session = server.sign_in(ADMIN).await;
    let part = server.call("audit/verify", &json!({ "after": null })).session(&server, &session).ask().await;
    assert_eq!(part.json()["finding"]["seq"], seq);
}

#[tokio::test]
async fn a_log_that_cannot_be_written_stops_every_change() {
    let place = Place::new();
    let server = place.serve().await;
    let before = place.counts().await;
    by_hand(&place, "CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'full'); END")
        .await;
    let key = json!({ "name": "unwritten" });
    server.post("/admin/api/v1/auth-keys").master().json(&key).ask().await.problem(500, "internal_error");
    get(&server, "/export").await.problem(500, "internal_error");
    assert_eq!(place.counts().await, before);
}
