//! `GET /admin/api/v1/auth-keys`: filters, order and pages.

use crate::client::Ask;
use crate::support::{Place, Server, text};
use model::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

async fn list(server: &Server, query: &str) -> Value {
    let reply = server.get(&format!("/admin/api/v1/auth-keys?{query}")).master().ask().await;
    assert_eq!(reply.status, 200, "{query}: {}", reply.text);
    reply.json()
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn lists_filter_sort_and_page() {
    let place = Place::new();
    let server = place.serve().await;
    let dev = place.user("dev@example.com", "user");
    let tenant = json!({ "id": "team-alpha", "name": "Team Alpha" });
    assert_eq!(server.post("/admin/api/v1/tenants").master().json(&tenant).ask().await.status, 201);
    server.key(json!({ "name": "beta" })).await;
    server.key(json!({ "name": "Alpha", "owner": dev })).await;
    server.key(json!({ "name": "100% gamma", "tenant_id": "team-alpha" })).await;
    let used = server.key(json!({ "name": "delta_4" })).await;
    let revoked = server.key(json!({ "name": "omega" })).await;
    server.chat(&text(&used["secret"]), "hello", false).ask().await;
    server.revoke(&text(&revoked["id"]), "test").await;

    // Filters.
    assert_eq!(names(&list(&server, "").await), ["delta_4", "100% gamma", "Alpha", "beta"]);
    assert_eq!(list(&server, "").await["total"], json!({ "count": 4, "capped": false }));
    assert_eq!(list(&server, "").await["hidden"], json!({ "count": 1, "capped": false }));
    assert_eq!(names(&list(&server, "status=revoked").await), ["omega"]);
    assert_eq!(names(&list(&server, "include_revoked=true&q=omega").await), ["omega"]);
    assert_eq!(names(&list(&server, "status=active&sort=name").await).len(), 4);
    assert!(names(&list(&server, "status=expired").await).is_empty());
    assert_eq!(names(&list(&server, "q=ALPHA").await), ["Alpha"]);
    assert_eq!(names(&list(&server, "q=dev@example").await), ["Alpha"], "by owner");
    let prefix = text(&used["prefix"]);
    assert_eq!(names(&list(&server, &format!("q={prefix}")).await), ["delta_4"], "by prefix");
    let whole = text(&used["secret"]);
    assert_eq!(names(&list(&server, &format!("q={whole}")).await), ["delta_4"], "by a pasted key");
    assert_eq!(names(&list(&server, "q=00%25").await), ["100% gamma"]);
    assert_eq!(names(&list(&server, "q=ta_4").await), ["delta_4"]);
    for wildcards in ["a%25a", "de_ta", "%25%25%25", "___"] {
        assert!(
            names(&list(&server, &format!("q={wildcards}")).await).is_empty(),
            "{wildcards} is just text"
        );
    }
    assert_eq!(names(&list(&server, &format!("owner_id={dev}")).await), ["Alpha"]);
    assert_eq!(names(&list(&server, "tenant_id=team-alpha").await), ["100% gamma"]);
    assert!(names(&list(&server, "tenant_id=nobody").await).is_empty());
    assert!(names(&list(&server, "unused_days=30").await).is_empty(), "new keys aren't stale");

    // Order.
    assert_eq!(names(&list(&server, "sort=name").await), ["100% gamma", "Alpha", "beta", "delta_4"]);
    assert_eq!(names(&list(&server, "sort=-name").await), ["delta_4", "beta", "Alpha", "100% gamma"]);
    assert_eq!(names(&list(&server, "sort=created_at").await), ["beta", "Alpha", "100% gamma", "delta_4"]);
    crate::support::eventually("the use is in the ledger", async || {
        let last = list(&server, "sort=-last_used_at").await;
        (!last["items"][0]["last_used_at"].is_null()).then_some(())
    })
    .await;
    assert_eq!(names(&list(&server, "sort=-last_used_at&limit=1").await), ["delta_4"]);
    assert_eq!(
        names(&list(&server, "sort=last_used_at").await).last(),
        Some(&"delta_4"),
        "never used is first"
    );

    // Pages.
    for sort in ["name", "-name", "created_at", "-created_at", "last_used_at", "-last_used_at"] {
        let all: Vec<String> = names(&list(&server, &format!("sort={sort}&include_revoked=true")).await)
            .into_iter()
            .map(ToOwned::to_owned)
            .collect();
        assert_eq!(all.len(), 5);
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page =
                list(&server, &format!("sort={sort}&include_revoked=true&limit=2&cursor={cursor}")).await;
            seen.extend(names(&page).into_iter().map(ToOwned::to_owned));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = next.to_owned();
        }
        assert_eq!(seen, all, "{sort}");
    }
}

#[tokio::test]
async fn filters_of_what_keys_are() {
    let place = Place::new();
    let server = place.serve().await;
    let beta = server.key(json!({ "name": "beta" })).await;
    let made = Timestamp::parse_rfc3339(&text(&beta["created_at"])).unwrap();
    let in_five_days = made.after(Duration::from_hours(5 * 24)).to_string();
    assert!(names(&list(&server, "owner_inactive=true").await).is_empty());
    assert_eq!(names(&list(&server, "kind=standard").await), [] as [&str; 0]);
    assert_eq!(names(&list(&server, "environment=production&kind=restricted").await), ["beta"]);
    let soon = json!({ "name": "epsilon", "tags": { "stage": "live" }, "expires_at": in_five_days });
    let soon = text(&server.key(soon).await["id"]);
    assert_eq!(names(&list(&server, "expiring_days=7").await), ["epsilon"]);
    assert!(names(&list(&server, "expiring_days=4").await).is_empty());
    assert_eq!(names(&list(&server, "tag=stage%3Dlive").await), ["epsilon"]);
    assert!(names(&list(&server, "tag=stage%3Ddev").await).is_empty());
    assert_eq!(names(&list(&server, "sort=expires_at").await)[0], "epsilon");
    server.revoke(&soon, "test").await;
    assert!(names(&list(&server, "expiring_days=7&include_revoked=true").await).is_empty());
    assert_eq!(names(&list(&server, "tag=stage%3Dlive&status=revoked").await), ["epsilon"]);
}

#[tokio::test]
async fn what_cannot_be_asked_is_an_error_and_not_everything() {
    let place = Place::new();
    let server = place.serve().await;
    for name in ["a", "b", "c"] {
        server.plain_key(name).await;
    }
    let cursor = text(&list(&server, "limit=1&sort=name").await["next_cursor"]);
    let stranger = format!("cursor={cursor}&sort=-created_at");
    for (query, field) in [
        ("staus=active", "staus"),
        ("status=gone", "status"),
        ("status=Active", "status"),
        ("sort=secret", "sort"),
        ("sort=name,id", "sort"),
        ("sort=--name", "sort"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=100000", "limit"),
        ("q=a&q=b", "q"),
        ("owner_id=dev", "owner_id"),
        ("owner_id=usr_'%20OR%201=1", "owner_id"),
        ("tenant_id=No%20Slug", "tenant_id"),
        ("unused_days=-5", "unused_days"),
        ("unused_days=99999999", "unused_days"),
        ("include_revoked=yes", "include_revoked"),
        ("owner_inactive=1", "owner_inactive"),
        ("expiring_days=soon", "expiring_days"),
        ("kind=any", "kind"),
        ("environment=prod", "environment"),
        ("tag=stage", "tag"),
        ("cursor=x", "cursor"),
        ("cursor=%00%ff", "cursor"),
        (stranger.as_str(), "cursor"),
    ] {
        let reply = server.get(&format!("/admin/api/v1/auth-keys?{query}")).master().ask().await;
        assert_eq!(reply.wrong_fields(), [field], "{query}");
    }
    // Bytes that aren't UTF-8, and very long ones, are just another search.
    for q in ["%ff%fe".to_owned(), "%00".to_owned(), "x".repeat(5_000), "%25".repeat(3_000)] {
        assert!(names(&list(&server, &format!("q={q}")).await).is_empty());
    }
}
