//! The SCIM server as identity providers call it: who gets in, what Okta and Entra send, and what a deactivation cuts.
//! The conversations in `fixtures/scim` follow the providers' public documentation of their own clients.

use crate::client::{Ask, Reply, Stream, assert_cut};
use crate::routes::in_source;
use crate::support::{ADMIN, MASTER, Place, Server, proving, text};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const OKTA: &str = include_str!("fixtures/scim/okta.json");
const ENTRA: &str = include_str!("fixtures/scim/entra.json");

/// A SCIM client: its id and its token.
async fn client(server: &Server, fields: Value) -> (String, String) {
    let made = server.make("/scim-clients", fields).await;
    (text(&made["id"]), text(&made["secret"]))
}

fn scim(server: &Server, method: Method, path: &str, token: &str) -> RequestBuilder {
    server.request(method, &format!("/scim/v2{path}")).bearer_auth(token)
}

fn send(server: &Server, method: Method, path: &str, token: &str, body: &Value) -> RequestBuilder {
    let request =
        scim(server, method, path, token).header("content-type", "application/scim+json; charset=utf-8");
    request.body(body.to_string())
}

#[track_caller]
fn refused(reply: &Reply, status: u16) -> Value {
    assert_eq!(reply.status, status, "{}", reply.text);
    assert_eq!(reply.header("content-type"), "application/scim+json");
    let body = reply.json();
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(body["status"], json!(status.to_string()));
    assert!(body["detail"].is_string(), "{body}");
    body
}

fn deactivation(to: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "Replace", "path": "active", "value": to }] })
}

#[tokio::test]
async fn every_endpoint_is_closed_to_all_but_scim_clients() {
    // Each wrong bearer from a network of its own: fifty lock one out.
    let place = Place::new().with("GATEHOUSE__SERVER__TRUSTED_PROXIES", r#"["127.0.0.1"]"#);
    let server = place.serve().await;
    let (id, token) = client(&server, json!({ "name": "Okta" })).await;
    let (revoked_id, revoked) = client(&server, json!({ "name": "old" })).await;
    let path = format!("/admin/api/v1/scim-clients/{revoked_id}/revoke");
    assert_eq!(server.post(&path).master().ask().await.status, 200);
    let all = json!({ "name": "all", "permissions": ["*"] });
    let management = text(&server.make("/management-keys", all).await["secret"]);
    let (_, key) = server.plain_key("key").await;
    let forged = format!("{}{}", &token[..54], if token.ends_with('0') { '1' } else { '0' });
    let session = server.sign_in(ADMIN).await;
    let mut routes = in_source(include_str!("../../src/http/scim/mod.rs"));
    assert!(routes.len() >= 18, "{routes:?}");
    routes.insert(("GET".to_owned(), "/Nothing".to_owned()));
    routes.insert(("DELETE".to_owned(), "/Users".to_owned()));
    let before = place.counts().await;
    let networks = std::cell::Cell::new(0_u32);
    for (method, path) in &routes {
        let path = format!("/scim/v2{}", path.replace("{id}", "usr_AAAAAAAAAAAAAAAA"));
        let request = || {
            networks.set(networks.get() + 1);
            let from = format!("10.{}.{}.1", networks.get() / 256, networks.get() % 256);
            server.request(method.parse().unwrap(), &path).header("x-forwarded-for", from).body("{")
        };
        let case = format!("{method} {path}");
        let anonymous = request().ask().await;
        assert_eq!(anonymous.header("www-authenticate"), "Bearer realm=\"SCIM\"", "{case}");
        refused(&anonymous, 401);
        // Neither a session nor any other credential opens it.
        refused(&request().session(&server, &session).ask().await, 401);
        for bearer in [&forged, &revoked, &management, MASTER, &key, "x"] {
            refused(&request().bearer_auth(bearer).ask().await, 401);
        }
        let twice = request().bearer_auth(&token).header("authorization", format!("Bearer {token}"));
        refused(&twice.ask().await, 401);
    }
    // Wrong tokens are written down, all else is as it was.
    let after = place.counts().await;
    assert_eq!((&after[..3], &after[4..]), (&before[..3], &before[4..]));

    // And the token opens nothing else.
    let reply = server.get("/admin/api/v1/users").bearer_auth(&token).ask().await;
    reply.problem(401, "unauthenticated");
    server.get("/v1/models").bearer_auth(&token).ask().await.refusal(401, "invalid_api_key");
    let users = scim(&server, Method::GET, "/Users", &token).ask().await;
    assert_eq!((users.status, users.header("content-type")), (200, "application/scim+json"));
    let log = place.log();
    for secret in [&token, &revoked] {
        assert!(!log.contains(&secret[17..49]), "a token is in the log");
    }
    let read = server.get(&format!("/admin/api/v1/scim-clients/{id}")).master().ask().await;
    assert!(read.json()["last_used_at"].is_string() && !read.text.contains(&token[17..49]));
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_the_words_of_the_protocol() {
    let place = Place::new();
    let server = place.serve().await;
    let (_, token) = client(&server, json!({ "name": "Okta" })).await;
    let post = |kind: &str, body: String| {
        let request = scim(&server, Method::POST, "/Users", &token).header("content-type", kind.to_owned());
        request.body(body)
    };
    refused(&post("text/plain", "{}".to_owned()).ask().await, 415);
    refused(&scim(&server, Method::POST, "/Users", &token).ask().await, 415);
    let syntax = refused(&post("application/json", "{".to_owned()).ask().await, 400);
    assert_eq!(syntax["scimType"], "invalidSyntax");
    for body in ["[]", "{}", "null", r#"{"userName":7}"#, r#"{"userName":"no address"}"#] {
        assert_eq!(
            refused(&post("application/json", body.to_owned()).ask().await, 400)["scimType"],
            "invalidValue"
        );
    }
    let long = format!(r#"{{"userName":"{}"}}"#, "x".repeat(1_100_000));
    refused(&post("application/scim+json", long).ask().await, 413);
    let get = |path: &str| scim(&server, Method::GET, path, &token).ask();
    refused(&get("/Nothing").await, 404);
    refused(&get("/Users/usr_AAAAAAAAAAAAAAAA").await, 404);
    refused(&get("/Users/%ff").await, 404);
    refused(&scim(&server, Method::DELETE, "/Users", &token).ask().await, 405);
    refused(&scim(&server, Method::POST, "/Bulk", &token).json(&json!({})).ask().await, 404);
    refused(&get("/Schemas?filter=id%20pr").await, 403);
    for query in ["filter=userName", "filter=userName%20eq%20x", "filter=((((("] {
        assert_eq!(
            refused(&get(&format!("/Users?{query}")).await, 400)["scimType"],
            "invalidFilter",
            "{query}"
        );
    }
    refused(&get("/Users?count=many").await, 400);
    refused(&get("/Users?attributes=id&excludedAttributes=id").await, 400);

    let config = get("/ServiceProviderConfig").await.json();
    let supported = |what: &str| config[what]["supported"].clone();
    assert_eq!(
        [supported("patch"), supported("bulk"), supported("etag")],
        [json!(true), json!(false), json!(true)]
    );
    assert_eq!(config["meta"]["location"], json!(format!("{}/scim/v2/ServiceProviderConfig", server.origin)));
    for (path, count) in [("/ResourceTypes", 2), ("/Schemas", 3)] {
        let list = get(path).await.json();
        assert_eq!(list["totalResults"], count, "{path}");
        for one in list["Resources"].as_array().unwrap() {
            assert_eq!(get(&format!("{path}/{}", text(&one["id"]))).await.json(), *one);
        }
    }
    refused(&get("/Schemas/urn:nothing").await, 404);
}

#[tokio::test]
async fn pages_orders_versions_and_parts() {
    let place = Place::new();
    let server = place.serve().await;
    let (_, token) = client(&server, json!({ "name": "Okta" })).await;
    for name in ["c", "a", "b"] {
        let user = json!({ "userName": format!("{name}@example.com"), "title": name });
        let made = send(&server, Method::POST, "/Users", &token, &user).ask().await;
        assert_eq!(made.status, 201, "{}", made.text);
        let location = text(&made.json()["meta"]["location"]);
        assert_eq!(made.header("location"), location);
        assert!(location.starts_with(&format!("{}/scim/v2/Users/usr_", server.origin)));
        assert_eq!(made.header("etag"), text(&made.json()["meta"]["version"]));
    }
    let list = async |query: &str| {
        let reply = scim(&server, Method::GET, &format!("/Users?{query}"), &token).ask().await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let list = reply.json();
        let titles = list["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["title"].as_str().unwrap_or("-").to_owned());
        (
            titles.collect::<String>(),
            list["totalResults"].as_u64().unwrap(),
            list["startIndex"].as_u64().unwrap(),
        )
    };
    assert_eq!(list("").await, ("cab".to_owned(), 3, 1));
    assert_eq!(list("startIndex=2&count=1").await, ("a".to_owned(), 3, 2));
    assert_eq!(list("startIndex=9").await, (String::new(), 3, 9));
    assert_eq!(list("count=0").await, (String::new(), 3, 1));
    assert_eq!(list("sortBy=userName").await.0, "abc");
    assert_eq!(list("sortBy=title&sortOrder=descending&startIndex=2&count=5").await, ("ba".to_owned(), 3, 2));
    assert_eq!(list("filter=title%20gt%20%22a%22&sortBy=title&count=1").await, ("b".to_owned(), 2, 1));
    assert_eq!(list("attributes=userName").await.0, "---");
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "title eq \"b\"", "attributes": ["title"], "startIndex": 1, "count": 10,
    });
    let found = send(&server, Method::POST, "/Users/.search", &token, &search).ask().await.json();
    let only = found["Resources"][0].as_object().unwrap();
    assert_eq!(only.keys().collect::<Vec<_>>(), ["id", "schemas", "title"]);

    let group = json!({ "displayName": "b" });
    assert_eq!(send(&server, Method::POST, "/Groups", &token, &group).ask().await.status, 201);
    let both = json!({ "schemas": search["schemas"], "filter": "title eq \"b\" or displayName eq \"b\"", "count": 1, "startIndex": 2 });
    let both = send(&server, Method::POST, "/.search", &token, &both).ask().await.json();
    assert_eq!(
        (&both["totalResults"], &both["Resources"][0]["displayName"]),
        (&json!(2), &json!("b")),
        "{both}"
    );

    let path = format!("/Users/{}", text(&only["id"]));
    let read = scim(&server, Method::GET, &path, &token).ask().await;
    let version = read.header("etag").to_owned();
    let known = scim(&server, Method::GET, &path, &token).header("if-none-match", &version).ask().await;
    assert_eq!((known.status, known.text.as_str()), (304, ""));
    let title = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "z" }] });
    let retitle = |version: &str| {
        send(&server, Method::PATCH, &path, &token, &title).header("if-match", version.to_owned()).ask()
    };
    refused(&retitle("W/\"0\"").await, 412);
    assert_eq!(retitle(&version).await.status, 200);
    refused(&retitle(&version).await, 412);
    refused(&scim(&server, Method::DELETE, &path, &token).header("if-match", &version).ask().await, 412);
    assert_eq!(scim(&server, Method::DELETE, &path, &token).header("if-match", "*").ask().await.status, 204);
}

/// Puts what was kept of earlier answers into a text.
fn filled(text: &str, kept: &BTreeMap<String, String>) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Sends what a provider's client sends; each answer must be one that it needs.
async fn converse(server: &Server, token: &str, conversation: &str) -> BTreeMap<String, String> {
    let steps: Vec<Value> = serde_json::from_str(conversation).unwrap();
    let mut kept = BTreeMap::new();
    for step in steps {
        let say = text(&step["say"]);
        let line = filled(&text(&step["send"]), &kept);
        let (method, path) = line.split_once(' ').unwrap();
        let method = method.parse().unwrap();
        let reply = match step.get("body") {
            None => scim(server, method, path, token).ask().await,
            Some(body) => {
                let body = serde_json::from_str(&filled(&body.to_string(), &kept)).unwrap();
                send(server, method, path, token, &body).ask().await
            }
        };
        assert_eq!(u64::from(reply.status), step["expect"].as_u64().unwrap(), "{say}: {}", reply.text);
        if reply.status == 204 {
            assert_eq!(reply.text, "", "{say}");
            continue;
        }
        let body = reply.json();
        for (at, expected) in step["answer"].as_object().into_iter().flatten() {
            let expected: Value = serde_json::from_str(&filled(&expected.to_string(), &kept)).unwrap();
            assert_eq!(body.pointer(at), Some(&expected), "{say}: {at}: {body}");
        }
        for at in step["absent"].as_array().into_iter().flatten() {
            assert_eq!(body.pointer(at.as_str().unwrap()), None, "{say}: {at}: {body}");
        }
        for (name, at) in step["keep"].as_object().into_iter().flatten() {
            kept.insert(name.clone(), text(body.pointer(at.as_str().unwrap()).unwrap()));
        }
    }
    kept
}

#[tokio::test]
async fn what_oktas_and_entras_clients_send_is_answered_as_they_need_it() {
    let place = Place::new();
    let server = place.serve().await;
    for (name, conversation) in [("Okta", OKTA), ("Entra", ENTRA)] {
        let (_, token) = client(&server, json!({ "name": name })).await;
        let kept = converse(&server, &token, conversation).await;
        let account =
            server.get(&format!("/admin/api/v1/users/{}", kept["user"])).master().ask().await.json();
        assert_eq!((&account["status"], &account["source"]), (&json!("inactive"), &json!("scim")), "{name}");
    }
    let log = server.get("/admin/api/v1/provisioning-log?result=failure").master().ask().await.json();
    assert_eq!(log["total"]["count"], 1, "Okta's second POST: {log}");
    let head = server.get("/admin/api/v1/audit/verify").master().ask().await;
    assert_eq!(head.status, 200, "{}", head.text);
}

/// Somebody who is provisioned, signed in, and whose key streams.
struct Working {
    path: String,
    session: String,
    secret: String,
}

impl Working {
    async fn begin(place: &Place, server: &Server, token: &str, email: &str) -> (Self, Stream) {
        let id = place.user(email, "user");
        let adopted = send(server, Method::POST, "/Users", token, &json!({ "userName": email })).ask().await;
        assert_eq!((adopted.status, &adopted.json()["id"]), (201, &json!(id)), "{}", adopted.text);
        let session = server.sign_in(email).await;
        let secret = text(&server.key(json!({ "name": "k", "owner": id })).await["secret"]);
        let mut stream = Stream::open(server.chat(&secret, &"word ".repeat(3_000), true)).await;
        assert!(stream.more().await);
        (Self { path: format!("/Users/{id}"), session, secret }, stream)
    }

    /// Nothing that they had opens anything, and trying doesn't bring them back.
    async fn has_left(self, server: &Server, token: &str, email: &str) {
        server.get("/v1/models").bearer_auth(&self.secret).ask().await.refusal(401, "key_revoked");
        let viewer = server.call("session/viewer", &json!({})).header("cookie", &self.session).ask().await;
        assert_eq!(viewer.text, "null");
        let fields = [("email", email), ("password", crate::support::PASSWORD), ("next", "")];
        let again = server.form("session/sign-in", &fields).ask().await;
        assert_eq!(again.answered_problem()["code"], "invalid_credentials");
        let read = scim(server, Method::GET, &self.path, token).ask().await.json();
        assert_eq!(read["active"], false);
    }
}

#[tokio::test]
async fn a_deactivation_ends_streams_sessions_and_keys_in_the_same_call() {
    let place = Place::new().with("GATEHOUSE__ECHO__OPTIONS__CHUNK_DELAY_MS", "100");
    let server = place.serve().await;
    let (_, token) = client(&server, json!({ "name": "Okta", "adopt_existing": true })).await;
    let mut slowest = Duration::ZERO;
    let ways = [
        ("put@example.com", Method::PUT, json!({ "userName": "put@example.com", "active": false })),
        (
            "pathless@example.com",
            Method::PATCH,
            json!({ "Operations": [{ "op": "replace", "value": { "active": false } }] }),
        ),
        ("text@example.com", Method::PATCH, deactivation(json!("False"))),
        ("bool@example.com", Method::PATCH, deactivation(json!(false))),
    ];
    for (email, method, body) in ways {
        let (working, stream) = Working::begin(&place, &server, &token, email).await;
        let begin = Instant::now();
        let call = send(&server, method, &working.path, &token, &body).ask();
        let (reply, (rest, took)) = tokio::join!(call, async { (stream.rest().await, begin.elapsed()) });
        assert_cut(&rest, "key_revoked");
        assert_eq!((reply.status, &reply.json()["active"]), (200, &json!(false)), "{email}: {}", reply.text);
        slowest = slowest.max(took);
        working.has_left(&server, &token, email).await;
    }
    let (working, stream) = Working::begin(&place, &server, &token, "delete@example.com").await;
    assert_eq!(scim(&server, Method::DELETE, &working.path, &token).ask().await.status, 204);
    assert_cut(&stream.rest().await, "key_revoked");
    println!(
        "PROOF SCIM active:false, from the call to the stream's last event: {:.1} ms at most of 4",
        slowest.as_secs_f64() * 1e3
    );
    assert!(
        slowest < if proving() { Duration::from_millis(100) } else { Duration::from_secs(2) },
        "{slowest:?}"
    );
}

#[tokio::test]
async fn the_page_makes_shows_and_revokes_clients_for_those_who_may() {
    let place = Place::new();
    let server = place.serve().await;
    let admin = server.sign_in(ADMIN).await;
    let create = json!({ "new": { "name": "<okta>", "adopt_existing": true } });
    let made = server.call("scim-clients/create", &create).session(&server, &admin).ask().await;
    assert_eq!(made.header("cache-control"), "no-store");
    let made = made.json()["Ok"].clone();
    let (id, token) = (text(&made["id"]), text(&made["secret"]));
    let refused = send(&server, Method::POST, "/Users", &token, &json!({ "userName": ADMIN })).ask().await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    let page = async |session: &str, path: &str| server.get(path).header("cookie", session).ask().await;
    let shown = page(&admin, &format!("/admin/sso?tab=scim&client={id}")).await;
    for part in
        ["&lt;okta&gt;", id.as_str(), "/scim/v2", "Create SCIM client", "class=\"btn danger\">Revoke<"]
    {
        assert!(shown.text.contains(part), "{part}: {}", shown.text);
    }
    let log = page(&admin, &format!("/admin/sso?tab=log&of={id}&result=failure")).await;
    for part in [ADMIN, "Failure 403", "super_admin"] {
        assert!(log.text.contains(part), "{part}: {}", log.text);
    }
    // A user_admin looks, and is offered nothing.
    place.user("helper@example.com", "user_admin");
    let helper = server.sign_in("helper@example.com").await;
    let seen = page(&helper, &format!("/admin/sso?tab=scim&client={id}")).await;
    assert_eq!(seen.status, 200);
    assert!(seen.text.contains("&lt;okta&gt;"));
    for part in [&token[17..], "Create SCIM client", "class=\"btn danger\">Revoke<"] {
        assert!(!seen.text.contains(part), "{part}: {}", seen.text);
    }
    let revoke = json!({ "id": id, "reason": "leaked" });
    let denied = server.call("scim-clients/revoke", &revoke).session(&server, &helper).ask().await;
    assert_eq!((denied.status, &denied.json()["code"]), (403, &json!("forbidden")));
    let revoked = server.call("scim-clients/revoke", &revoke).session(&server, &admin).ask().await;
    assert_eq!(revoked.json()["Ok"]["revoke_reason"], "leaked", "{}", revoked.text);
    assert_eq!(scim(&server, Method::GET, "/Users", &token).ask().await.status, 401);
}
