//! Management keys at both doors: they open the Admin API as far as they go, and nothing else.

use crate::client::Ask;
use crate::support::{ADMIN, Place, text};
use reqwest::Method;
use serde_json::json;

const KEYS: &str = "/admin/api/v1/management-keys";

#[tokio::test]
async fn a_management_key_opens_the_admin_api_and_calls_no_model() {
    let place = Place::new();
    let server = place.serve().await;
    let made = server.make("/management-keys", json!({ "name": "ci", "permissions": ["keys:read"] })).await;
    let (id, secret) = (text(&made["id"]), text(&made["secret"]));
    assert!(secret.starts_with(&id) && secret.len() == 53, "{made}");
    let get = |path: &str| server.get(path).bearer_auth(&secret);
    assert_eq!(get("/admin/api/v1/auth-keys").ask().await.status, 200);
    get(KEYS).ask().await.problem(403, "forbidden");
    get("/admin/api/v1/roles").ask().await.problem(403, "forbidden");
    // Wrong in any way is wrong in the same way.
    let mut wrong = secret.clone().into_bytes();
    wrong[20] = if wrong[20] == b'x' { b'y' } else { b'x' };
    for bad in [String::from_utf8(wrong).unwrap(), secret[..52].to_owned(), format!("{secret}x"), id.clone()]
    {
        let reply = server.get("/admin/api/v1/auth-keys").bearer_auth(&bad).ask().await;
        reply.problem(401, "unauthenticated");
    }
    // On the data path it is no key.
    get("/v1/models").ask().await.refusal(401, "invalid_api_key");
    server.chat(&secret, "x", false).ask().await.refusal(401, "invalid_api_key");

    let denied: Vec<String> =
        place.column("SELECT actor FROM audit_log WHERE actor_id LIKE 'mk%' ORDER BY seq").await;
    assert!(denied.iter().all(|actor| actor == "management key ci"), "{denied:?}");
    let revoked =
        server.delete(&format!("{KEYS}/{id}")).master().json(&json!({ "reason": "leaked" })).ask().await;
    assert_eq!((revoked.status, &revoked.json()["revoke_reason"]), (200, &json!("leaked")));
    get("/admin/api/v1/auth-keys").ask().await.problem(401, "unauthenticated");
    let log = place.log();
    assert!(!log.contains(&secret[15..]), "the secret is in the log");
    let read = server.get(&format!("{KEYS}/{id}")).master().ask().await;
    assert!(!read.text.contains(&secret[15..]) && read.json()["status"] == "revoked");
}

#[tokio::test]
async fn the_page_makes_shows_and_revokes_one_for_those_who_may() {
    let place = Place::new();
    let server = place.serve().await;
    let offered = "class=\"btn danger\">Revoke<";
    let path = "/admin/management-keys";
    let stranger = server.get(path).ask().await;
    assert_eq!(stranger.header("location"), "/login?next=%2Fadmin%2Fmanagement-keys");
    // A role for one tenant has nothing of it, whatever is in it: management keys are the installation's.
    server.make("/tenants", json!({ "id": "alpha", "name": "Alpha" })).await;
    for (name, permissions) in [("all", json!(["*"])), ("looker", json!(["management_keys:read"]))] {
        server.make("/roles", json!({ "name": name, "title": name, "permissions": permissions })).await;
    }
    let lead = place.user("lead@example.com", "user");
    server.make("/memberships", json!({ "user_id": lead, "tenant_id": "alpha" })).await;
    server.make(&format!("/users/{lead}/assignments"), json!({ "role": "all", "tenant_id": "alpha" })).await;
    let lead = server.sign_in("lead@example.com").await;
    assert_eq!(server.get(path).header("cookie", &lead).ask().await.status, 403);

    let admin = server.sign_in(ADMIN).await;
    let new = json!({ "name": "<ci>", "permissions": ["keys:read"], "tenant_id": "alpha" });
    let create = json!({ "new": new, "expires_in_days": 30 });
    let refused = server.call("management-keys/create", &create).session(&server, &lead).ask().await;
    assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("forbidden")));
    let made = server.call("management-keys/create", &create).session(&server, &admin).ask().await;
    assert_eq!(made.header("cache-control"), "no-store");
    let made = made.json()["Ok"].clone();
    let (id, secret) = (text(&made["id"]), text(&made["secret"]));
    let days = |at: &str| model::Timestamp::parse_rfc3339(&text(&made[at])).unwrap();
    assert_eq!(days("expires_at").since(days("created_at")).as_secs().div_ceil(86_400), 30, "{made}");
    assert_eq!(server.get("/admin/api/v1/auth-keys").bearer_auth(&secret).ask().await.status, 200);

    // Who only looks sees it all but the secret, and is offered nothing.
    let shown = server.get(&format!("{path}?key={id}")).header("cookie", &admin).ask().await;
    assert!(shown.text.contains(offered) && shown.text.contains("Create management key"), "{}", shown.text);
    let looker = format!("/admin/api/v1/users/{}/role", place.user("looker@example.com", "user"));
    let set = server.request(Method::PUT, &looker).master().json(&json!({ "role": "looker" })).ask().await;
    assert_eq!(set.status, 200, "{}", set.text);
    let looker = server.sign_in("looker@example.com").await;
    let page = async |path: String| server.get(&path).header("cookie", &looker).ask().await;
    let drawer = page(format!("{path}?tenant=alpha&key={id}")).await;
    assert_eq!(drawer.status, 200);
    for part in ["&lt;ci&gt;", id.as_str(), "keys:read", ADMIN, "Active"] {
        assert!(drawer.text.contains(part), "{part}: {}", drawer.text);
    }
    for part in [&secret[15..], "Create management key", offered] {
        assert!(!drawer.text.contains(part), "{part}: {}", drawer.text);
    }
    assert!(!page(format!("{path}?tenant=default")).await.text.contains("&lt;ci&gt;"));

    let revoke = json!({ "id": id, "reason": "leaked" });
    let refused = server.call("management-keys/revoke", &revoke).session(&server, &looker).ask().await;
    assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("forbidden")));
    let revoked = server.call("management-keys/revoke", &revoke).session(&server, &admin).ask().await;
    assert_eq!(revoked.json()["Ok"]["revoke_reason"], "leaked", "{}", revoked.text);
    server.get("/admin/api/v1/auth-keys").bearer_auth(&secret).ask().await.problem(401, "unauthenticated");
    assert!(!page(path.to_owned()).await.text.contains("&lt;ci&gt;"));
    assert!(page(format!("{path}?status=all")).await.text.contains("&lt;ci&gt;"));
}

#[tokio::test]
async fn a_link_sets_a_password_and_signs_in_and_offboarding_ends_it() {
    let place = Place::new();
    let server = place.serve().await;
    let new = json!({ "name": "New", "email": "new@example.com" });
    let user = text(&server.make("/users", new).await["id"]);
    let path = format!("/users/{user}");
    let link = server.make(&format!("{path}/invite"), json!({})).await;
    let url = text(&link["url"]);
    let token = url.strip_prefix(&format!("{}/set-password?token=", server.origin)).unwrap();
    let view = server.call("session/account-link", &json!({ "token": token })).ask().await;
    assert_eq!(view.json()["Ok"]["email"], "new@example.com");
    let fields = [("token", token), ("password", crate::support::PASSWORD)];
    let first = server.form("session/use-account-link", &fields).ask().await;
    let session = first.session().unwrap();
    let again = server.form("session/use-account-link", &fields).ask().await;
    assert_eq!(again.answered_problem()["code"], "link_invalid");
    assert!(!place.log().contains(token), "the link is in the log");

    let api = format!("/admin/api/v1{path}");
    let listed = server.get(&format!("{api}/sessions")).master().ask().await.json();
    assert_eq!(
        (listed["items"].as_array().unwrap().len(), &listed["items"][0]["ip"]),
        (1, &json!("127.0.0.1"))
    );
    let secret = text(&server.key(json!({ "name": "k", "owner": user })).await["secret"]);
    let account = server.get(&api).master().ask().await.json();
    assert_eq!((&account["email"], &account["active_keys"]["count"]), (&json!("new@example.com"), &json!(1)));
    let inventory = server.get(&format!("{api}/offboard")).master().ask().await.json();
    assert_eq!(
        (&inventory["keys"][0]["name"], inventory["sessions"].as_array().unwrap().len()),
        (&json!("k"), 1)
    );
    let done =
        server.post(&format!("{api}/offboard")).master().json(&json!({ "reason": "left" })).ask().await;
    assert_eq!((done.status, &done.json()["sessions_ended"]), (200, &json!(1)), "{}", done.text);
    server.get("/v1/models").bearer_auth(&secret).ask().await.refusal(401, "key_revoked");
    let viewer = server.call("session/viewer", &json!({})).header("cookie", &session).ask().await;
    assert_eq!(viewer.text, "null");
}
