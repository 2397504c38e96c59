//! `/admin/api/v1/access-rules`.

use crate::client::{Ask, Reply};
use crate::support::{ADMIN, Place, Server, text};
use reqwest::Method;
use serde_json::{Value, json};

const RULES: &str = "/admin/api/v1/access-rules";

async fn create(server: &Server, body: &Value) -> Reply {
    server.post(RULES).master().json(body).ask().await
}

async fn patch(server: &Server, id: &str, body: &Value) -> Reply {
    server.request(Method::PATCH, &format!("{RULES}/{id}")).master().json(body).ask().await
}

fn about(kind: &str, value: &str) -> Value {
    json!({ "scope": { "type": kind, "value": value }, "denied_models": ["*-preview"] })
}

#[tokio::test]
async fn strangers_and_every_role_but_one_get_nowhere() {
    let place = Place::new();
    let server = place.serve().await;
    server.get(RULES).ask().await.problem(401, "unauthenticated");
    let body = about("tenant", "default");
    let anonymous = server.post(RULES).header("origin", &server.origin).json(&body);
    anonymous.ask().await.problem(401, "unauthenticated");
    for role in ["user", "user_admin", "model_admin"] {
        place.user(&format!("{role}@example.com"), role);
        let session = server.sign_in(&format!("{role}@example.com")).await;
        server.post(RULES).session(&server, &session).json(&body).ask().await.problem(403, "forbidden");
        server.get(RULES).session(&server, &session).ask().await.problem(403, "forbidden");
    }
    let session = server.sign_in(ADMIN).await;
    let made = server.post(RULES).session(&server, &session).json(&body).ask().await;
    assert_eq!((made.status, &made.json()["created_by"]), (201, &json!(ADMIN)));
}

#[tokio::test]
async fn a_rule_is_made_read_changed_listed_and_removed() {
    let place = Place::new();
    let server = place.serve().await;
    let dev = place.user("dev@example.com", "user");
    let body = json!({
        "scope": { "type": "user", "value": dev }, "allowed_models": ["gpt-*"], "denied_models": ["*-preview"],
        "allowed_providers": ["echo"], "rate_limits": { "requests_per_minute": 5 },
    });
    let made = create(&server, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(&made[field], value, "{field}");
    }
    assert_eq!((&made["scope_name"], &made["created_by"]), (&json!("dev@example.com"), &json!("master key")));
    let id = text(&made["id"]);
    let path = format!("{RULES}/{id}");
    assert_eq!(server.get(&path).master().ask().await.json(), made);
    create(&server, &about("user_path", "/team/a_b")).await;
    create(&server, &about("tenant", "default")).await;

    let change = json!({ "scope": { "type": "user_path", "value": "/team" }, "allowed_models": null, "denied_models": [] });
    let changed = patch(&server, &id, &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let changed = changed.json();
    assert_eq!((&changed["allowed_models"], &changed["scope_name"]), (&Value::Null, &Value::Null));
    assert_eq!(
        (&changed["allowed_providers"], &changed["created_at"]),
        (&made["allowed_providers"], &made["created_at"])
    );
    let nothing_left = json!({ "allowed_providers": null, "rate_limits": {} });
    assert_eq!(patch(&server, &id, &nothing_left).await.wrong_fields(), ["allowed_models"]);

    let list = async |query: &str| -> Vec<String> {
        let page = server.get(&format!("{RULES}?{query}")).master().ask().await.json();
        page["items"].as_array().unwrap().iter().map(|rule| text(&rule["scope"]["value"])).collect()
    };
    assert_eq!(list("").await, ["default", "/team/a_b", "/team"], "newest first");
    assert_eq!(list("q=a_b").await, ["/team/a_b"]);
    assert_eq!(list("scope_type=user_path").await, ["/team/a_b", "/team"]);
    assert_eq!(list("scope_type=user_path&scope_value=/team").await, ["/team"]);
    let first = server.get(&format!("{RULES}?limit=2")).master().ask().await.json();
    let cursor = text(&first["next_cursor"]);
    assert_eq!(list(&format!("limit=2&cursor={cursor}")).await, ["/team"]);
    for (query, field) in [("scope_type=key", "scope_type"), ("cursor=x", "cursor"), ("sort=id", "sort")] {
        let reply = server.get(&format!("{RULES}?{query}")).master().ask().await;
        assert_eq!(reply.wrong_fields(), [field]);
    }

    assert_eq!(server.delete(&path).master().ask().await.status, 204);
    server.delete(&path).master().ask().await.problem(404, "not_found");
    let detail: Vec<String> =
        place.column("SELECT detail FROM audit_log WHERE action = 'access_rule.update'").await;
    assert_eq!(detail.len(), 1);
    let detail: Value = serde_json::from_str(&detail[0]).unwrap();
    assert_eq!((&detail["before"]["scope"], &detail["after"]["scope"]), (&made["scope"], &changed["scope"]));
    // The feed carries it to every node, and this one has confirmed it.
    let carried: Vec<i64> =
        place.column("SELECT COUNT(*) FROM changes WHERE change = '{\"type\":\"access_rules\"}'").await;
    assert_eq!(carried, [5]);
}

#[tokio::test]
async fn fields_that_cannot_be_taken_are_named_and_nothing_happens() {
    let place = Place::new();
    let server = place.serve().await;
    let id = text(&server.make("/access-rules", about("user_path", "/x")).await["id"]);
    let before = place.counts().await;
    for (field, value) in [
        ("id", json!("rule_AAAAAAAAAAAAAAAA")),
        ("created_at", json!("2020-01-01T00:00:00Z")),
        ("created_by", json!("somebody else")),
        ("scope_name", json!("x")),
        ("tenant_id", json!("default")),
        ("__proto__", json!({})),
        ("scope.type", json!({ "type": "key", "value": "x" })),
        ("scope.value", json!({ "type": "tenant", "value": "No Slug" })),
        ("scope.value", json!({ "type": "tenant", "value": "nobody" })),
        ("scope.value", json!({ "type": "user", "value": "usr_AAAAAAAAAAAAAAAA" })),
        ("scope.value", json!({ "type": "user", "value": "dev@example.com" })),
        ("scope.value", json!({ "type": "user_path", "value": "/a/../b" })),
        ("scope.everybody", json!({ "type": "tenant", "value": "default", "everybody": true })),
        ("scope", json!("default")),
        ("allowed_models", json!("*")),
        ("allowed_models[0]", json!(["a b"])),
        ("denied_models[0]", json!([""])),
        ("allowed_providers", json!(["nobody"])),
        ("rate_limits.requests_per_minute", json!({ "requests_per_minute": 0 })),
        ("rate_limits.per_year", json!({ "per_year": 1 })),
    ] {
        let top = field.split(['.', '[']).next().unwrap();
        let mut body = about("user_path", "/y");
        body[top] = value.clone();
        assert_eq!(create(&server, &body).await.wrong_fields(), [field], "{body}");
        let change = json!({ top: value });
        assert_eq!(patch(&server, &id, &change).await.wrong_fields(), [field], "{change}");
    }
    assert_eq!(create(&server, &json!({ "denied_models": ["*"] })).await.wrong_fields(), ["scope"]);
    let nothing = json!({ "scope": { "type": "user_path", "value": "/y" } });
    assert_eq!(create(&server, &nothing).await.wrong_fields(), ["allowed_models"]);
    assert_eq!(place.counts().await, before);
    for id in ["rule_AAAAAAAAAAAAAAAA", "rule_x", "%00", "%ff", "..%2f..%2ftenants", "' OR 1=1 --"] {
        for reply in [
            server.get(&format!("{RULES}/{id}")).master().ask().await,
            patch(&server, id, &json!({})).await,
            server.delete(&format!("{RULES}/{id}")).master().ask().await,
        ] {
            reply.problem(404, "not_found");
        }
    }
    assert_eq!(place.counts().await, before);
}

#[tokio::test]
async fn a_rule_counts_from_the_next_request_and_after_a_restart() {
    let place = Place::new();
    let server = place.serve().await;
    let key = server.key(json!({ "name": "below", "user_path": "/team/alpha" })).await;
    let (_, elsewhere) = server.plain_key("elsewhere").await;
    let secret = text(&key["secret"]);
    assert_eq!(server.chat(&secret, "x", false).ask().await.status, 200);
    let rule = json!({ "scope": { "type": "user_path", "value": "/team" }, "denied_models": ["ec*"] });
    let made = create(&server, &rule).await.json();
    server.chat(&secret, "x", true).ask().await.refusal(403, "model_not_allowed");
    assert_eq!(server.chat(&elsewhere, "x", false).ask().await.status, 200);
    drop(server);

    let server = place.serve().await;
    server.chat(&secret, "x", false).ask().await.refusal(403, "model_not_allowed");
    let removed = server.delete(&format!("{RULES}/{}", text(&made["id"]))).master().ask().await;
    assert_eq!(removed.status, 204, "{}", removed.text);
    assert_eq!(server.chat(&secret, "x", false).ask().await.status, 200);
}
