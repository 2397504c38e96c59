//! Suspending tenants and switching accounts off: `/admin/api/v1/tenants/{id}/…` and `/admin/api/v1/users/{id}`.

use crate::client::{Ask, Reply, Stream, assert_cut};
use crate::support::{ADMIN, Place, Server, text};
use serde_json::{Value, json};

const TENANTS: &str = "/admin/api/v1/tenants";
const USERS: &str = "/admin/api/v1/users";

async fn set(server: &Server, user: &str, body: &Value) -> Reply {
    server.patch(&format!("{USERS}/{user}")).master().json(body).ask().await
}

async fn switch(server: &Server, tenant: &str, verb: &str, body: &Value) -> Reply {
    server.post(&format!("{TENANTS}/{tenant}/{verb}")).master().json(body).ask().await
}

#[tokio::test]
async fn ids_that_are_not_there_and_fields_that_are_not_taken() {
    let place = Place::new();
    let server = place.serve().await;
    let dev = place.user("dev@example.com", "user");
    let before = place.counts().await;
    for id in ["nowhere", "No%20Slug", "%00", "%ff", "..%2fdefault"] {
        for verb in ["suspend", "activate"] {
            switch(&server, id, verb, &json!({ "reason": "x" })).await.problem(404, "not_found");
        }
        let reply =
            server.patch(&format!("{TENANTS}/{id}")).master().json(&json!({ "name": "x" })).ask().await;
        reply.problem(404, "not_found");
    }
    for id in ["usr_AAAAAAAAAAAAAAAA", "dev@example.com", "1", "%00", "%ff"] {
        set(&server, id, &json!({ "status": "inactive" })).await.problem(404, "not_found");
    }
    for (body, field) in [
        (json!({ "id": "other" }), "id"),
        (json!({ "status": "suspended" }), "status"),
        (json!({ "created_at": "2020-01-01T00:00:00Z" }), "created_at"),
        (json!({ "name": "" }), "name"),
        (json!({ "name": null }), "name"),
        (json!({ "self_service_tags": null }), "self_service_tags"),
        (json!({ "self_service_tags": "team" }), "self_service_tags"),
        (json!({ "self_service_tags": ["a b"] }), "self_service_tags"),
    ] {
        let reply = server.patch(&format!("{TENANTS}/default")).master().json(&body).ask().await;
        assert_eq!(reply.wrong_fields(), [field], "{body}");
    }
    for (body, field) in [
        (json!({ "status": "deleted" }), "status"),
        (json!({ "status": "inactive", "role": "super_admin" }), "role"),
        (json!({ "status": "inactive", "email": "x" }), "email"),
        (json!({ "name": "" }), "name"),
        (json!({ "status": "inactive", "tenant_ids": [] }), "tenant_ids"),
        (json!({ "status": "inactive", "password": "x" }), "password"),
        (json!({ "status": "inactive", "reason": "" }), "reason"),
        (json!({ "status": "inactive", "reason": "x".repeat(501) }), "reason"),
    ] {
        assert_eq!(set(&server, &dev, &body).await.wrong_fields(), [field], "{body}");
    }
    assert_eq!(
        switch(&server, "default", "suspend", &json!({ "force": true })).await.wrong_fields(),
        ["force"]
    );
    assert_eq!(place.counts().await, before);
}

#[tokio::test]
async fn a_suspended_tenants_keys_are_refused_and_cut_until_it_is_activated() {
    let place = Place::new().with("GATEHOUSE__ECHO__OPTIONS__CHUNK_DELAY_MS", "100");
    let server = place.serve().await;
    let new = json!({ "id": "team-alpha", "name": "Team Alpha" });
    assert_eq!(server.post(TENANTS).master().json(&new).ask().await.status, 201);
    let key = server.key(json!({ "name": "k", "tenant_id": "team-alpha" })).await;
    let secret = text(&key["secret"]);
    let (_, other) = server.plain_key("other").await;
    let mut stream = Stream::open(server.chat(&secret, &"word ".repeat(3_000), true)).await;
    assert!(stream.more().await);
    // A name changes nothing for who works there.
    let renamed = server.patch(&format!("{TENANTS}/team-alpha")).master();
    let renamed = renamed.json(&json!({ "name": "Alpha", "self_service_tags": ["team"] })).ask().await.json();
    assert_eq!((&renamed["name"], &renamed["self_service_tags"]), (&json!("Alpha"), &json!(["team"])));
    assert!(stream.more().await && !stream.text.contains("error"));

    let reply = switch(&server, "team-alpha", "suspend", &json!({ "reason": "unpaid" })).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let answer = reply.json();
    assert_eq!(
        (&answer["tenant"]["status"], &answer["receipt"]["requests_cut"]),
        (&json!("suspended"), &json!(1))
    );
    assert_cut(&stream.rest().await, "tenant_suspended");
    server.chat(&secret, "x", false).ask().await.refusal(401, "tenant_suspended");
    assert_eq!(server.get("/v1/models").bearer_auth(&other).ask().await.status, 200);
    let details: Vec<String> = place
        .column("SELECT detail FROM audit_log WHERE action IN ('tenant.suspend', 'tenant.cut') ORDER BY seq")
        .await;
    assert!(details[0].contains("unpaid"), "{details:?}");
    assert!(details[1].contains("\"requests_cut\":1"), "{details:?}");

    // Without a body, too.
    let active = server.post(&format!("{TENANTS}/team-alpha/activate")).master().ask().await.json();
    assert_eq!(active["tenant"]["status"], "active");
    assert_eq!(server.get("/v1/models").bearer_auth(&secret).ask().await.status, 200);

    // And without a reason in it.
    for (verb, status) in [("suspend", "suspended"), ("activate", "active")] {
        let reply = switch(&server, "team-alpha", verb, &json!({})).await;
        assert_eq!(reply.json()["tenant"]["status"], status, "{}", reply.text);
    }
}

#[tokio::test]
async fn an_inactive_accounts_keys_and_sessions_are_over_and_only_the_keys_come_back() {
    let place = Place::new().with("GATEHOUSE__ECHO__OPTIONS__CHUNK_DELAY_MS", "100");
    let server = place.serve().await;
    let dev = place.user("dev@example.com", "user");
    let session = server.sign_in("dev@example.com").await;
    let secret = text(&server.key(json!({ "name": "k", "owner": dev })).await["secret"]);
    let mut stream = Stream::open(server.chat(&secret, &"word ".repeat(3_000), true)).await;
    assert!(stream.more().await);

    let reply = set(&server, &dev, &json!({ "status": "inactive", "reason": "left" })).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let answer = reply.json();
    assert_eq!(
        (&answer["user"]["status"], &answer["receipt"]["requests_cut"]),
        (&json!("inactive"), &json!(1))
    );
    assert_cut(&stream.rest().await, "owner_inactive");
    server.chat(&secret, "x", false).ask().await.refusal(401, "owner_inactive");
    let viewer =
        async || server.call("session/viewer", &json!({})).header("cookie", &session).ask().await.text;
    assert_eq!(viewer().await, "null");
    let fields = [("email", "dev@example.com"), ("password", crate::support::PASSWORD), ("next", "")];
    let refused = server.form("session/sign-in", &fields).ask().await;
    assert_eq!(refused.answered_problem()["code"], "invalid_credentials");

    assert_eq!(set(&server, &dev, &json!({ "status": "active" })).await.json()["user"]["status"], "active");
    assert_eq!(server.get("/v1/models").bearer_auth(&secret).ask().await.status, 200);
    assert_eq!(viewer().await, "null", "an ended session stays ended");
    server.sign_in("dev@example.com").await;
}

#[tokio::test]
async fn the_last_super_admin_stays_and_only_super_admins_switch_one_off() {
    let place = Place::new();
    let server = place.serve().await;
    place.user("helper@example.com", "user_admin");
    let second = place.user("second@example.com", "super_admin");
    let helper = server.sign_in("helper@example.com").await;
    let off = json!({ "status": "inactive" });
    let path = format!("{USERS}/{second}");
    let refused = server.patch(&path).session(&server, &helper).json(&off).ask().await;
    refused.problem(403, "forbidden");
    let admin = server.sign_in(ADMIN).await;
    assert_eq!(server.patch(&path).session(&server, &admin).json(&off).ask().await.status, 200);
    let ids: Vec<String> = place.column("SELECT id FROM users WHERE email = 'admin@example.com'").await;
    set(&server, &ids[0], &off).await.problem(409, "last_super_admin");
    let on = json!({ "status": "active" });
    server.patch(&path).session(&server, &helper).json(&on).ask().await.problem(403, "forbidden");
    assert_eq!(server.get(TENANTS).header("cookie", &admin).ask().await.status, 200);
}
