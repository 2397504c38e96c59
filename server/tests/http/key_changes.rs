//! Changing, rotating and ending keys, and their figures: `/admin/api/v1/auth-keys/{id}`.

use crate::client::{Ask, Reply, Stream, assert_cut};
use crate::support::{Place, Server, eventually, text};
use serde_json::{Value, json};
use std::time::Duration;

const KEYS: &str = "/admin/api/v1/auth-keys";

async fn change(server: &Server, id: &str, body: &Value) -> Reply {
    server.patch(&format!("{KEYS}/{id}")).master().json(body).ask().await
}

async fn rotate(server: &Server, id: &str, grace: &str) -> Reply {
    server.post(&format!("{KEYS}/{id}/rotate")).master().json(&json!({ "grace": grace })).ask().await
}

/// A server whose echo takes a tenth of a second for each word, and a stream that has begun there.
async fn running(server: &Server, secret: &str) -> Stream {
    let mut stream = Stream::open(server.chat(secret, &"word ".repeat(3_000), true)).await;
    assert!(stream.more().await);
    stream
}

fn slow() -> Place {
    Place::new().with("GATEHOUSE__ECHO__OPTIONS__CHUNK_DELAY_MS", "100")
}

#[tokio::test]
async fn an_id_that_is_not_one_is_answered_like_an_unknown_one() {
    let place = Place::new();
    let server = place.serve().await;
    let before = place.counts().await;
    let mut bodies = Vec::new();
    for id in ["AAAAAAAAAAAA", "short", "..%2f..%2fetc", "%00", "%ff", "sk_prod_AAAAAAAAAAAA", "a;b", "%20"] {
        for reply in [
            change(&server, id, &json!({ "name": "x" })).await,
            rotate(&server, id, "0").await,
            server.get(&format!("{KEYS}/{id}/stats")).master().ask().await,
            server.post(&format!("{KEYS}/{id}/revoke")).master().ask().await,
            server.post(&format!("{KEYS}/{id}/deactivate")).master().ask().await,
        ] {
            let mut body = reply.problem(404, "not_found");
            body.as_object_mut().unwrap().remove("correlation_id");
            bodies.push(body);
        }
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert_eq!(place.counts().await, before);
}

#[tokio::test]
async fn only_an_operator_or_the_owner_changes_a_key() {
    let place = Place::new();
    let server = place.serve().await;
    let dev = place.user("dev@example.com", "user");
    place.user("other@example.com", "user");
    place.user("helper@example.com", "user_admin");
    let id = text(&server.key(json!({ "name": "given", "owner": dev })).await["id"]);
    let path = format!("{KEYS}/{id}");
    let body = json!({ "name": "taken" });
    for (email, status, code) in
        [("other@example.com", 404, "not_found"), ("helper@example.com", 403, "forbidden")]
    {
        let session = server.sign_in(email).await;
        server.patch(&path).session(&server, &session).json(&body).ask().await.problem(status, code);
        let rotate = server.post(&format!("{path}/rotate")).session(&server, &session);
        rotate.ask().await.problem(status, code);
    }
    let session = server.sign_in("dev@example.com").await;
    // From another site nothing is changed by the owner's cookie.
    let foreign = server.patch(&path).header("cookie", &session).header("origin", "https://evil.example");
    foreign.json(&body).ask().await.problem(403, "cross_origin");
    let own = |body: Value| server.patch(&path).session(&server, &session).json(&body);
    assert_eq!(own(json!({ "name": "mine" })).ask().await.json()["name"], "mine");
    for (field, value) in [
        ("user_path", json!("/team")),
        ("allowed_models", json!(["*"])),
        ("rate_limits", json!({ "requests_per_minute": 1_000 })),
        ("expires_at", json!("2099-01-01T00:00:00Z")),
    ] {
        assert_eq!(own(json!({ field: value })).ask().await.wrong_fields(), [field]);
    }
    assert_eq!(own(json!({ "tags": { "customer": "x" } })).ask().await.wrong_fields(), ["tags.customer"]);
    let rotated = server.post(&format!("{path}/rotate")).session(&server, &session).ask().await;
    assert_eq!(rotated.status, 200, "{}", rotated.text);
}

#[tokio::test]
async fn a_developer_sets_the_tags_that_their_tenant_leaves_to_them() {
    let place = Place::new();
    let server = place.serve().await;
    place.user("dev@example.com", "user");
    let names = json!({ "self_service_tags": ["team"] });
    let tenant = server.patch("/admin/api/v1/tenants/default").master().json(&names).ask().await;
    assert_eq!(tenant.json()["self_service_tags"], json!(["team"]));
    let session = server.sign_in("dev@example.com").await;
    let create = async |tags: Value| {
        let arguments = json!({ "new": { "name": "own", "tags": tags }, "expires_in_days": null });
        server.call("keys/create-own", &arguments).session(&server, &session).ask().await
    };
    let refused = create(json!({ "team": "a", "customer": "b" })).await.answered_problem();
    assert_eq!(refused["errors"][0]["field"], "tags.customer");
    let made = create(json!({ "team": "a" })).await.json()["Ok"].clone();
    assert_eq!(made["tags"], json!({ "team": "a" }));
    let id = text(&made["id"]);
    change(&server, &id, &json!({ "tags": { "team": "a", "customer": "b" } })).await;
    let own = |body: Value| server.patch(&format!("{KEYS}/{id}")).session(&server, &session).json(&body);
    let taken_away = own(json!({ "tags": { "team": "c" } })).ask().await;
    assert_eq!(taken_away.wrong_fields(), ["tags.customer"]);
    let changed = own(json!({ "tags": { "team": "c", "customer": "b" } })).ask().await.json();
    assert_eq!(changed["tags"], json!({ "team": "c", "customer": "b" }));
    // What narrows a key that they issued themselves is theirs.
    let narrowed = own(json!({ "allowed_models": ["echo"], "denied_models": ["gpt-*"] })).ask().await;
    assert_eq!(narrowed.json()["denied_models"], json!(["gpt-*"]), "{}", narrowed.text);
}

#[tokio::test]
async fn fields_that_cannot_be_changed_are_named_and_nothing_happens() {
    let place = Place::new();
    let server = place.serve().await;
    let (id, _) = server.plain_key("k").await;
    let before = place.counts().await;
    let shown = server.get(&format!("{KEYS}/{id}")).master().ask().await.json();
    let settable = [
        "name",
        "description",
        "user_path",
        "tags",
        "allowed_actions",
        "allowed_models",
        "denied_models",
        "allowed_model_labels",
        "allowed_providers",
        "allowed_ips",
        "rate_limits",
        "identity",
        "require_conversation_id",
        "expires_at",
    ];
    // Every field of the record that isn't among those, with the value that it has, so that only its name is wrong.
    let fixed = shown.as_object().unwrap().iter().filter(|(name, _)| !settable.contains(&name.as_str()));
    let mut cases: Vec<(String, Value)> = fixed.map(|(name, value)| (name.clone(), value.clone())).collect();
    assert!(cases.len() > 15, "{cases:?}");
    for (field, value) in [
        ("owner", json!("dev@example.com")),
        ("secret", json!("rk_prod_x")),
        ("hash", json!("x")),
        ("key_hash", json!("x")),
        ("scope", json!({})),
        ("__proto__", json!({})),
        ("name", Value::Null),
        ("name", json!("")),
        ("tags", Value::Null),
        ("rate_limits", Value::Null),
        ("allowed_providers", json!(["nobody"])),
        ("allowed_ips", json!(["10.0.0.1/8"])),
        ("allowed_actions", json!(["everything"])),
        ("expires_at", json!("2020-01-01T00:00:00Z")),
    ] {
        cases.push((field.to_owned(), value));
    }
    for (field, value) in cases {
        let reply = change(&server, &id, &json!({ &field: value })).await;
        let wrong = reply.wrong_fields();
        assert_eq!(wrong.len(), 1, "{field}: {wrong:?}");
        assert_eq!(wrong[0].split(['[', '.']).next(), Some(&*field));
    }
    for (body, field) in [
        (json!({ "grace": "1s" }), "grace"),
        (json!({ "grace": 0 }), "grace"),
        (json!({ "grace": "0", "secret": "rk_prod_x" }), "secret"),
        (json!({ "generation": 1 }), "generation"),
    ] {
        let reply = server.post(&format!("{KEYS}/{id}/rotate")).master().json(&body).ask().await;
        assert_eq!(reply.wrong_fields(), [field]);
    }
    assert_eq!(place.counts().await, before);
    assert_eq!(server.get(&format!("{KEYS}/{id}")).master().ask().await.json(), shown);
}

#[tokio::test]
async fn a_change_counts_from_the_next_request_on() {
    let place = Place::new();
    let server = place.serve().await;
    let (id, secret) = server.plain_key("k").await;
    assert_eq!(server.chat(&secret, "x", false).ask().await.status, 200);
    let reply = change(&server, &id, &json!({ "allowed_providers": [], "tags": { "team": "a" } })).await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"));
    let changed = reply.json();
    assert_eq!((&changed["allowed_providers"], &changed["tags"]), (&json!([]), &json!({ "team": "a" })));
    assert!(changed.get("secret").is_none());
    assert_eq!(
        server.get(&format!("{KEYS}/{id}")).master().ask().await.json()["tags"],
        json!({ "team": "a" })
    );
    assert_eq!(server.chat(&secret, "x", false).ask().await.status, 403);
    change(&server, &id, &json!({ "allowed_providers": null, "rate_limits": { "requests_per_minute": 3 } }))
        .await;
    assert_eq!(server.chat(&secret, "x", false).ask().await.status, 200);

    assert_eq!(server.revoke(&id, "done").await.status, 200);
    change(&server, &id, &json!({ "name": "back" })).await.problem(409, "key_revoked");
    rotate(&server, &id, "0").await.problem(409, "key_revoked");
}

#[tokio::test]
async fn an_expiry_that_came_nearer_ends_what_runs() {
    let place = slow();
    let server = place.serve().await;
    let made = server.key(json!({ "name": "clock" })).await;
    let stream = running(&server, &text(&made["secret"])).await;
    let now = server.key(json!({ "name": "now" })).await["created_at"].clone();
    let now = model::Timestamp::parse_rfc3339(now.as_str().unwrap()).unwrap();
    let end = now.after(Duration::from_secs(2)).to_string();
    assert_eq!(change(&server, &text(&made["id"]), &json!({ "expires_at": end })).await.status, 200);
    assert_cut(&stream.rest().await, "key_expired");
    let chat = server.chat(&text(&made["secret"]), "x", false);
    chat.ask().await.refusal(401, "key_expired");
    change(&server, &text(&made["id"]), &json!({ "expires_at": null })).await.problem(409, "key_expired");
}

#[tokio::test]
async fn both_secrets_work_while_the_grace_lasts() {
    let place = Place::new();
    let server = place.serve().await;
    let (id, old) = server.plain_key("k").await;
    let reply = rotate(&server, &id, "1h").await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"), "{}", reply.text);
    let rotated = reply.json();
    let new = text(&rotated["secret"]);
    assert_eq!((&rotated["id"], &new[..20], new.len()), (&json!(id), &old[..20], 58));
    assert!(
        rotated["previous_expires_at"].is_string() && rotated["receipt"]["requests_cut"] == 0,
        "{rotated}"
    );
    assert_eq!(server.chat(&old, "x", false).ask().await.status, 200);
    assert_eq!(server.chat(&new, "x", false).ask().await.status, 200);
    // A mixture of both is neither.
    let mixed = format!("{}{}", &old[..40], &new[40..]);
    server.chat(&mixed, "x", false).ask().await.refusal(401, "invalid_api_key");
    eventually("both uses are noted", async || {
        let used: Vec<i64> =
            place.column("SELECT COUNT(*) FROM key_secrets WHERE last_used_at IS NOT NULL").await;
        (used == [2]).then_some(())
    })
    .await;
    // A third secret ends the first.
    let third = text(&rotate(&server, &id, "7d").await.json()["secret"]);
    server.chat(&old, "x", false).ask().await.refusal(401, "key_expired");
    for secret in [&new, &third] {
        assert_eq!(server.chat(secret, "x", false).ask().await.status, 200);
    }
    // After its grace an old secret is told so; nobody's clock is waited for here.
    server.kill();
    place.change("UPDATE key_secrets SET expires_at = 1 WHERE generation = 2").await;
    let server = place.serve().await;
    server.chat(&new, "x", false).ask().await.refusal(401, "key_expired");
    assert_eq!(server.chat(&third, "x", false).ask().await.status, 200);
    let file = |name: &str| String::from_utf8_lossy(&std::fs::read(place.path(name)).unwrap()).into_owned();
    let kept = [place.log(), file("data/gatehouse.db"), file("data/gatehouse.db-wal")];
    for secret in [&old, &new, &third] {
        assert!(kept.iter().all(|text| !text.contains(&secret[20..52])), "a secret is in one answer only");
    }
}

#[tokio::test]
async fn a_rotation_without_grace_cuts_the_old_secret_and_nothing_else() {
    let place = slow();
    let server = place.serve().await;
    let (id, old) = server.plain_key("k").await;
    let new = text(&rotate(&server, &id, "24h").await.json()["secret"]);
    let (of_old, mut of_new) = (running(&server, &old).await, running(&server, &new).await);
    let stats = server.get(&format!("{KEYS}/{id}/stats")).master().ask().await.json();
    assert_eq!(stats["running"], 2, "{stats}");
    // The old one's grace ends with the next rotation; the present one gets a grace of its own.
    let receipt = rotate(&server, &id, "24h").await.json()["receipt"].clone();
    assert_eq!(receipt["requests_cut"], 1, "{receipt}");
    assert_cut(&of_old.rest().await, "key_expired");
    assert!(of_new.more().await && !of_new.text.contains("error"));

    let rotated = rotate(&server, &id, "0").await.json();
    assert_eq!(rotated["receipt"]["requests_cut"], 1, "{rotated}");
    assert_cut(&of_new.rest().await, "key_expired");
    for secret in [&old, &new] {
        server.chat(secret, "x", false).ask().await.refusal(401, "key_expired");
    }
    assert_eq!(server.get("/v1/models").bearer_auth(text(&rotated["secret"])).ask().await.status, 200);
    let cuts: Vec<String> =
        place.column("SELECT detail FROM audit_log WHERE action = 'key.cut' ORDER BY seq").await;
    assert_eq!(cuts.len(), 2, "{cuts:?}");
    let last: Value = serde_json::from_str(&cuts[1]).unwrap();
    assert_eq!(last["receipt"], rotated["receipt"]);
}

#[tokio::test]
async fn figures_say_what_a_key_was_used_for() {
    let place = Place::new();
    let server = place.serve().await;
    let (id, secret) = server.plain_key("k").await;
    for _ in 0..3 {
        assert_eq!(server.chat(&secret, "two words", false).ask().await.status, 200);
    }
    let stats = eventually("the requests are in the ledger", async || {
        let stats = server.get(&format!("{KEYS}/{id}/stats")).master().ask().await.json();
        (stats["total"]["requests"] == 3 && stats["last_used_at"].is_string()).then_some(stats)
    })
    .await;
    assert_eq!((&stats["id"], &stats["last_24h"]), (&json!(id), &stats["total"]));
    assert_eq!(stats["running"], 0);
    assert_eq!(stats["daily"].as_array().unwrap().len(), 30);
}

#[tokio::test]
async fn each_way_to_end_a_key_ends_it() {
    let place = Place::new();
    let server = place.serve().await;
    for (way, reason) in [("revoke", Some("leaked")), ("deactivate", Some("unused")), ("revoke", None)] {
        let (id, secret) = server.plain_key("doomed").await;
        let request = server.post(&format!("{KEYS}/{id}/{way}")).master();
        let request = match reason {
            Some(reason) => request.json(&json!({ "reason": reason })),
            None => request,
        };
        let reply = request.ask().await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let answer = reply.json();
        assert_eq!(answer["key"]["status"], "revoked");
        assert_eq!(answer["key"]["revoke_reason"], reason.unwrap_or("revoked by the Admin API"));
        assert_eq!(answer["receipt"]["nodes_acknowledged"], 1);
        server.chat(&secret, "x", false).ask().await.refusal(401, "key_revoked");
        let rows: Vec<String> = place.column("SELECT action FROM audit_log ORDER BY seq DESC LIMIT 2").await;
        assert_eq!(rows, ["key.cut", "key.revoke"]);
    }
}
