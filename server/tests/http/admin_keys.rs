//! `/admin/api/v1/auth-keys`: issuing, reading and revoking keys.

use crate::client::{Ask, Reply};
use crate::support::{ADMIN, Place, Server, text};
use serde_json::{Value, json};

const KEYS: &str = "/admin/api/v1/auth-keys";
const PROVIDER: &str = "\
providers:
  - name: openai-primary
    kind: openai_compatible
    base_url: https://api.openai.example/v1
    api_key: canary-provider-key
";

async fn create(server: &Server, body: &Value) -> Reply {
    server.post(KEYS).master().json(body).ask().await
}

/// The second example of docs/admin-api.md.
fn example() -> Value {
    let page = include_str!("../../../docs/admin-api.md");
    let body = page.split("/admin/api/v1/auth-keys \\").nth(1).unwrap();
    let body = body.split("-d '").nth(1).unwrap().split('\'').next().unwrap();
    serde_json::from_str(body).unwrap()
}

async fn team_alpha(server: &Server) {
    let tenant = json!({ "id": "team-alpha", "name": "Team Alpha" });
    assert_eq!(server.post("/admin/api/v1/tenants").master().json(&tenant).ask().await.status, 201);
}

#[tokio::test]
async fn the_documented_call_names_a_provider_that_is_not_there() {
    let place = Place::new();
    let server = place.serve().await;
    assert_eq!(create(&server, &example()).await.wrong_fields(), ["tenant_id", "allowed_providers"]);
    team_alpha(&server).await;
    let reply = create(&server, &example()).await;
    assert_eq!(reply.wrong_fields(), ["allowed_providers"]);
    assert!(reply.text.contains("openai-primary"), "{}", reply.text);
}

#[tokio::test]
async fn the_documented_call_issues_a_key_whose_secret_is_shown_once() {
    let place = Place::new().configured(PROVIDER);
    let server = place.serve().await;
    team_alpha(&server).await;
    let reply = create(&server, &example()).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(reply.header("cache-control"), "no-store");
    let made = reply.json();
    let (id, secret) = (text(&made["id"]), text(&made["secret"]));
    assert!(secret.starts_with(&format!("rk_prod_{id}")) && secret.len() == 58, "{}", secret.len());
    assert_eq!(reply.text.matches(&secret[20..]).count(), 1);
    for (field, value) in [
        ("public_id", json!(id)),
        ("name", json!("team-alpha-service")),
        ("prefix", json!(&secret[..12])),
        ("kind", json!("restricted")),
        ("environment", json!("production")),
        ("tenant_id", json!("team-alpha")),
        ("user_path", json!("/team/alpha/service")),
        ("allowed_providers", json!(["openai-primary"])),
        ("rate_limits", json!({ "requests_per_minute": 60, "tokens_per_day": 1_000_000 })),
        ("status", json!("active")),
        ("owner_id", Value::Null),
        ("created_by", json!("master key")),
        ("last_used_at", Value::Null),
        ("revoked_at", Value::Null),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    let read = server.get(&format!("{KEYS}/{id}")).master().ask().await;
    assert_eq!(read.status, 200);
    let mut expected = made.clone();
    expected.as_object_mut().unwrap().remove("secret");
    assert_eq!(read.json(), expected, "the same record without the secret");
    let listed = server.get(&format!("{KEYS}?q={id}")).master().ask().await;
    assert_eq!(listed.json()["items"], json!([expected]));
    for reply in [&read, &listed] {
        assert!(!reply.text.contains(&secret[20..52]) && !reply.text.contains("hash"), "{}", reply.text);
    }
}

#[tokio::test]
async fn an_unknown_id_and_a_malformed_one_are_answered_alike() {
    let place = Place::new();
    let server = place.serve().await;
    let mut bodies = Vec::new();
    for id in ["AAAAAAAAAAAA", "short", "7Hq2xV9mLw4-", "..%2f..%2fetc", "%00", "%ff", "sk_prod_AAAAAAAAAAAA"]
    {
        for reply in
            [server.get(&format!("{KEYS}/{id}")).master().ask().await, server.revoke(id, "because").await]
        {
            let mut body = reply.problem(404, "not_found");
            assert!(body["correlation_id"].is_string());
            body.as_object_mut().unwrap().remove("correlation_id");
            bodies.push(body);
        }
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

#[tokio::test]
async fn a_key_can_be_given_to_a_member_of_its_tenant_only() {
    let place = Place::new();
    let server = place.serve().await;
    let dev = place.user("dev@example.com", "user");
    team_alpha(&server).await;
    for owner in [dev.as_str(), "DEV@example.com"] {
        let made = server.key(json!({ "name": "of dev", "owner": owner })).await;
        assert_eq!((&made["owner_id"], &made["owner_email"]), (&json!(dev), &json!("dev@example.com")));
        assert_eq!(made["created_by"], "master key");
    }
    for owner in ["nobody@example.com", "usr_AAAAAAAAAAAAAAAA", "", "' OR 1=1 --"] {
        assert_eq!(create(&server, &json!({ "name": "x", "owner": owner })).await.wrong_fields(), ["owner"]);
    }
    let elsewhere = json!({ "name": "x", "owner": dev, "tenant_id": "team-alpha" });
    assert_eq!(create(&server, &elsewhere).await.wrong_fields(), ["owner"]);
}

#[tokio::test]
async fn there_is_one_active_standard_key_for_each_tenant_and_environment() {
    let place = Place::new();
    let server = place.serve().await;
    place.user("dev@example.com", "user");
    let standard = json!({ "name": "standard", "kind": "standard" });
    let first = server.key(standard.clone()).await;
    assert!(text(&first["secret"]).starts_with("sk_prod_"));
    create(&server, &standard).await.problem(409, "standard_key_exists");
    let sandbox = json!({ "name": "standard", "kind": "standard", "environment": "sandbox" });
    assert!(text(&server.key(sandbox).await["secret"]).starts_with("sk_sand_"));
    team_alpha(&server).await;
    server.key(json!({ "name": "standard", "kind": "standard", "tenant_id": "team-alpha" })).await;

    assert_eq!(server.revoke(&text(&first["id"]), "replaced").await.status, 200);
    server.key(standard).await;
    for (field, value) in [
        ("allowed_providers", json!(["echo"])),
        ("allowed_providers", json!([])),
        ("owner", json!("dev@example.com")),
    ] {
        let body = json!({ "name": "x", "kind": "standard", "environment": "sandbox", field: value });
        assert_eq!(create(&server, &body).await.wrong_fields(), [field]);
    }
}

#[tokio::test]
async fn fields_that_cannot_be_taken_are_named_and_nothing_happens() {
    let place = Place::new();
    let server = place.serve().await;
    let before = place.counts().await;
    let tags: Value = (0..51).map(|number| (format!("t{number}"), json!("x"))).collect();
    for (field, value) in [
        // Server-owned.
        ("id", json!("AAAAAAAAAAAA")),
        ("public_id", json!("AAAAAAAAAAAA")),
        ("secret", json!("rk_prod_x")),
        ("prefix", json!("rk_prod_x")),
        ("status", json!("active")),
        ("created_at", json!("2020-01-01T00:00:00Z")),
        ("created_by", json!("somebody else")),
        ("last_used_at", json!("2020-01-01T00:00:00Z")),
        ("revoked_at", Value::Null),
        ("revoked_by", Value::Null),
        ("owner_id", json!("usr_AAAAAAAAAAAAAAAA")),
        ("tenant_name", json!("x")),
        // Unknown.
        ("metadata", json!({})),
        ("allowed_routes", json!(["*"])),
        ("__proto__", json!({})),
        // Wrong.
        ("name", json!("")),
        ("name", json!(" x")),
        ("name", json!("x".repeat(101))),
        ("name", json!("a\u{7}b")),
        ("name", Value::Null),
        ("description", json!("x".repeat(1001))),
        ("kind", json!("root")),
        ("environment", json!("prod")),
        ("tenant_id", json!("No Slug")),
        ("tenant_id", json!("nobody")),
        ("user_path", json!("team/alpha")),
        ("user_path", json!("/team/../root")),
        ("tags", json!({ "bad name": "x" })),
        ("tags", tags),
        ("allowed_providers", json!("echo")),
        ("allowed_providers", json!(["nobody"])),
        ("rate_limits", json!([5, 6])),
        ("rate_limits.requests_per_minute", json!({ "requests_per_minute": 0 })),
        ("rate_limits.requests_per_minute", json!({ "requests_per_minute": -1 })),
        ("rate_limits.requests_per_minute", json!({ "requests_per_minute": 4_294_967_296_u64 })),
        ("rate_limits.tokens_per_day", json!({ "tokens_per_day": 1.5 })),
        ("rate_limits.requests_per_year", json!({ "requests_per_year": 1 })),
        ("expires_at", json!("2020-01-01T00:00:00Z")),
        ("expires_at", json!("tomorrow")),
        ("expires_at", json!(1_900_000_000)),
    ] {
        let top = field.split('.').next().unwrap();
        let mut body = json!({ "name": "x" });
        body[top] = value;
        assert_eq!(create(&server, &body).await.wrong_fields(), [field], "{body}");
    }
    assert_eq!(place.counts().await, before);
}

#[tokio::test]
async fn revoking_is_for_good_and_says_who_and_why() {
    let place = Place::new();
    let server = place.serve().await;
    let (id, _) = server.plain_key("doomed").await;
    let path = format!("{KEYS}/{id}");
    for (body, field) in [
        ("{\"reason\":\"\"}", "reason"),
        ("{\"reason\":7}", "reason"),
        ("[]", "body"),
        ("{\"reason\":\"x\",\"force\":true}", "force"),
    ] {
        let reply = server.delete(&path).master().body(body).ask().await;
        assert_eq!(reply.wrong_fields(), [field], "{body}");
    }
    server.delete(&path).master().body("{").ask().await.problem(400, "invalid_json");
    let reply = server.revoke(&id, "leaked in a ticket").await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let answer = reply.json();
    assert_eq!(answer["key"]["status"], "revoked");
    assert_eq!(answer["key"]["revoked_by"], "master key");
    assert_eq!(answer["key"]["revoke_reason"], "leaked in a ticket");
    assert_eq!(answer["receipt"]["nodes_acknowledged"], 1);
    assert_eq!(answer["receipt"]["requests_cut"], 0);

    let audit = place.counts().await;
    let again = server.revoke(&id, "again").await.json();
    assert_eq!(again["key"], answer["key"], "the first reason stays");
    assert_eq!(place.counts().await, audit, "nothing changed, so nothing is written down");
    let session = server.sign_in(ADMIN).await;
    let (second, _) = server.plain_key("doomed too").await;
    let bare = server.delete(&format!("{KEYS}/{second}")).session(&server, &session).ask().await.json();
    assert_eq!(bare["key"]["revoked_by"], ADMIN);
}
