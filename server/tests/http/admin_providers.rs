//! `/admin/api/v1/providers`: making, changing and removing providers; what becomes of their credentials.

use crate::client::{Ask, Reply};
use crate::secrets::{assert_clean, upstream};
use crate::support::{ADMIN, Place, Server};
use reqwest::Method;
use serde_json::{Value, json};
use std::net::TcpListener;

const PROVIDERS: &str = "/admin/api/v1/providers";
const CREDENTIAL: &str = "canary-upstream-51d07ac3";
const SECOND: &str = "canary-upstream-second-88e1";

async fn create(server: &Server, body: &Value) -> Reply {
    server.post(PROVIDERS).master().json(body).ask().await
}

async fn patch(server: &Server, name: &str, body: &Value) -> Reply {
    server.request(Method::PATCH, &format!("{PROVIDERS}/{name}")).master().json(body).ask().await
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn strangers_and_the_wrong_roles_get_nowhere() {
    let place = Place::new();
    let server = place.serve().await;
    let body = json!({ "name": "p", "kind": "openai" });
    server.get(PROVIDERS).ask().await.problem(401, "unauthenticated");
    server
        .post(PROVIDERS)
        .header("origin", &server.origin)
        .json(&body)
        .ask()
        .await
        .problem(401, "unauthenticated");
    place.user("models@example.com", "model_admin");
    let session = server.sign_in("models@example.com").await;
    server.post(PROVIDERS).session(&server, &session).json(&body).ask().await.problem(403, "forbidden");
    let test = server.post(&format!("{PROVIDERS}/echo/test")).session(&server, &session).ask().await;
    test.problem(403, "forbidden");
    assert_eq!(server.get(PROVIDERS).session(&server, &session).ask().await.status, 200);
    // Who may not read gets the same answer for what is there and for what isn't.
    place.user("dev@example.com", "user");
    let session = server.sign_in("dev@example.com").await;
    for name in ["echo", "nobody"] {
        let reply = server.get(&format!("{PROVIDERS}/{name}")).session(&server, &session).ask().await;
        reply.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn a_provider_is_made_used_at_once_and_its_credential_shown_nowhere() {
    let (port, upstream_saw) = upstream();
    let place = Place::new();
    let server = place.serve().await;
    let mut answers = Vec::new();
    let made = create(
        &server,
        &json!({
            "name": "real", "kind": "openai_compatible", "base_url": format!("http://127.0.0.1:{port}/v1/"),
            "api_key": CREDENTIAL, "allow_private_addresses": true,
        }),
    )
    .await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(
        made.json(),
        json!({
            "name": "real", "kind": "openai_compatible", "base_url": format!("http://127.0.0.1:{port}/v1"),
            "sandbox": false, "allow_private_addresses": true, "has_credential": true,
            "from_configuration": false,
            "options": {
                "chunk_delay_ms": 0, "chunks": 0, "first_chunk_delay_ms": 0, "fail_status": 0,
                "fail_after_chunks": 0,
            },
        })
    );
    let target = json!({ "provider": "real", "upstream_model": "real" });
    server.make("/models", json!({ "name": "real", "targets": [target] })).await;
    let (_, secret) = server.plain_key("caller").await;
    let call = json!({ "model": "real", "messages": [{ "role": "user", "content": "x" }] });
    let reply = server.post("/v1/chat/completions").bearer_auth(&secret).json(&call).ask().await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let sent = upstream_saw.join().unwrap().to_lowercase();
    assert!(sent.contains(&format!("authorization: bearer {CREDENTIAL}")), "{sent}");

    answers.push(made);
    answers.push(create(&server, &json!({ "name": "real", "kind": "openai", "api_key": CREDENTIAL })).await);
    answers.last().unwrap().problem(409, "provider_exists");
    answers.push(server.get(&format!("{PROVIDERS}/real")).master().ask().await);
    assert_eq!(answers.last().unwrap().json()["models"], json!(["real"]));
    answers.push(server.get(PROVIDERS).master().ask().await);
    assert_eq!(names(&answers.last().unwrap().json()), ["echo", "real"]);
    answers.push(server.post(&format!("{PROVIDERS}/real/test")).master().ask().await);
    assert!(answers.last().unwrap().json()["ok"].is_boolean());
    answers.push(patch(&server, "real", &json!({ "sandbox": true })).await);
    assert_eq!(answers.last().unwrap().json()["has_credential"], true);
    // Mistakes around a credential don't quote it.
    for wrong in [
        json!({ "api_key": [SECOND] }),
        json!({ "api_key": { "value": SECOND } }),
        json!({ "api_key": SECOND, "apikey": SECOND }),
        json!({ "api_key": SECOND, "base_url": "nonsense" }),
        json!({ "api_key": format!("{SECOND} and a space") }),
    ] {
        answers.push(patch(&server, "real", &wrong).await);
        assert_eq!(answers.last().unwrap().status, 422, "{wrong}");
    }
    let number = patch(&server, "real", &json!({ "api_key": 7_351_964_802_u64 })).await;
    assert_eq!(number.wrong_fields(), ["api_key"]);
    assert!(!number.text.contains("7351964802"), "{}", number.text);
    answers.push(patch(&server, "real", &json!({ "api_key": SECOND })).await);
    answers.push(patch(&server, "real", &json!({ "api_key": null })).await);
    assert_eq!(answers.last().unwrap().json()["has_credential"], false);
    place.user("dev@example.com", "user");
    let session = server.sign_in("dev@example.com").await;
    let denied = json!({ "name": "x", "kind": "openai", "api_key": SECOND });
    answers.push(server.post(PROVIDERS).session(&server, &session).json(&denied).ask().await);
    for reply in &answers {
        assert!(!reply.text.contains("canary") && reply.header("cache-control") == "no-store", "{reply:?}");
    }
    let actions: Vec<String> = place
        .column("SELECT action || ' ' || result FROM audit_log WHERE target_type = 'provider' ORDER BY seq")
        .await;
    assert_eq!(
        actions,
        [
            "provider.create success",
            "provider.test failure",
            "provider.update success",
            "provider.update success",
            "provider.update success",
            "provider.create denied",
        ]
    );
    server.kill();
    assert_clean(&place, &[CREDENTIAL.to_owned(), SECOND.to_owned()]);
}

#[tokio::test]
async fn a_credential_can_not_be_led_away() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let there = format!("http://127.0.0.1:{}/v1", elsewhere.local_addr().unwrap().port());
    let place = Place::new();
    let server = place.serve().await;
    let new = json!({
        "name": "p", "kind": "openai_compatible", "base_url": "http://127.0.0.1:9/v1", "api_key": CREDENTIAL,
        "allow_private_addresses": true,
    });
    assert_eq!(create(&server, &new).await.status, 201);
    let before = place.counts().await;
    for base_url in [
        there.as_str(),
        "https://127.0.0.1:9/v1",
        "http://localhost:9/v1",
        "http://127.0.0.1.evil.example:9/v1",
    ] {
        assert_eq!(patch(&server, "p", &json!({ "base_url": base_url })).await.wrong_fields(), ["api_key"]);
    }
    assert_eq!(
        patch(&server, "p", &json!({ "kind": "openai", "base_url": "" })).await.wrong_fields(),
        ["api_key"]
    );
    // Nor by making it anew under the same name.
    create(&server, &json!({ "name": "p", "kind": "openai_compatible", "base_url": there }))
        .await
        .problem(409, "provider_exists");
    assert_eq!(place.counts().await, before);
    server
        .make("/models", json!({ "name": "m", "targets": [{ "provider": "p", "upstream_model": "m" }] }))
        .await;
    let (_, secret) = server.plain_key("caller").await;
    let call = json!({ "model": "m", "messages": [] });
    server
        .post("/v1/chat/completions")
        .bearer_auth(&secret)
        .json(&call)
        .ask()
        .await
        .refusal(502, "upstream_error");
    assert!(elsewhere.accept().is_err(), "nobody came");

    assert_eq!(patch(&server, "p", &json!({ "base_url": "http://127.0.0.1:9/v2" })).await.status, 200);
    let moved = patch(&server, "p", &json!({ "base_url": there, "api_key": SECOND })).await;
    assert_eq!((moved.status, &moved.json()["base_url"]), (200, &json!(there)));
}

#[tokio::test]
async fn addresses_that_could_be_read_in_two_ways_are_refused() {
    let place = Place::new();
    let server = place.serve().await;
    assert_eq!(create(&server, &json!({ "name": "p", "kind": "openai" })).await.status, 201);
    let before = place.counts().await;
    for base_url in [
        "api.example.com/v1",
        "ftp://api.example.com/v1",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "javascript:alert(1)",
        "//api.example.com/v1",
        "https:api.example.com",
        "https://",
        "https:///v1",
        "https://user@api.example.com/v1",
        "https://user:password@api.example.com/v1",
        "https://api.example.com@169.254.169.254/v1",
        "https://api.example.com#@169.254.169.254/v1",
        "https://api.example.com?@169.254.169.254/v1",
        "https://169.254.169.254\\@api.example.com/v1",
        "https://api.example.com/v1#x",
        "https://api.example.com/v1?x=1",
        "https://api.example.com/v1\r\nX-A: b",
        "https://api.example.com/\u{0}",
        "https://api.exam\tple.com/v1",
        " https://api.example.com/v1",
        "https://api.example.com/v1 ",
        "https://\u{ff11}27.0.0.1/v1",
        "https://api\u{3002}example/v1",
        "https://api%2eexample.com/v1",
        "https://api.example.com:99999/v1",
        "https://[::1/v1",
        "https://[::ffff:169.254.169.254%25eth0]/v1",
    ] {
        let new = json!({ "name": "q", "kind": "openai_compatible", "base_url": base_url });
        assert_eq!(create(&server, &new).await.wrong_fields(), ["base_url"], "{base_url:?}");
        let change = json!({ "base_url": base_url });
        assert_eq!(patch(&server, "p", &change).await.wrong_fields(), ["base_url"], "{base_url:?}");
    }
    assert_eq!(place.counts().await, before);
}

#[tokio::test]
async fn fields_that_are_not_the_callers_to_set_are_refused() {
    let place = Place::new();
    let server = place.serve().await;
    assert_eq!(create(&server, &json!({ "name": "p", "kind": "openai" })).await.status, 201);
    let before = place.counts().await;
    for (field, value) in [
        ("has_credential", json!(true)),
        ("from_configuration", json!(true)),
        ("sealed_credential", json!("x")),
        ("models", json!([])),
        ("id", json!("p")),
        ("headers", json!({})),
        ("proxy", json!("http://evil.example")),
        ("__proto__", json!({})),
        ("kind", json!("bedrock")),
        ("kind", Value::Null),
        ("sandbox", json!("yes")),
        ("allow_private_addresses", json!(1)),
        ("options.host", json!({ "host": "evil.example" })),
        ("options", json!({ "chunks": 3 })),
        ("options.api_version", json!({ "api_version": "2024-10-21" })),
        ("api_key", json!("a\nb")),
    ] {
        let top = field.split('.').next().unwrap();
        let mut body = json!({ "name": "q", "kind": "openai" });
        body[top] = value.clone();
        assert_eq!(create(&server, &body).await.wrong_fields(), [field], "{body}");
        // In a change, `null` where nothing can be taken away is nothing said.
        if !value.is_null() {
            let change = json!({ top: value });
            assert_eq!(patch(&server, "p", &change).await.wrong_fields(), [field], "{change}");
        }
    }
    for name in ["", "a b", "../x", "-x", "a/b", "a\u{0}"] {
        let body = json!({ "name": name, "kind": "openai" });
        assert_eq!(create(&server, &body).await.wrong_fields(), ["name"], "{name:?}");
    }
    assert_eq!(patch(&server, "p", &json!({ "name": "q" })).await.wrong_fields(), ["name"]);
    assert_eq!(place.counts().await, before);
    for name in ["nobody", "%00", "%ff", "..%2fp", "a%2fb", "p%20"] {
        patch(&server, name, &json!({})).await.problem(404, "not_found");
        server.delete(&format!("{PROVIDERS}/{name}")).master().ask().await.problem(404, "not_found");
        server.post(&format!("{PROVIDERS}/{name}/test")).master().ask().await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn what_is_needed_or_configured_stays() {
    let place = Place::new().configured(
        "providers:\n  - {name: filed, kind: openai, api_key: canary-filed-key}\n\
         models:\n  - {name: filed, targets: [{provider: filed, upstream_model: m}]}\n",
    );
    let server = place.serve().await;
    assert_eq!(create(&server, &json!({ "name": "p", "kind": "openai" })).await.status, 201);
    for model in ["a/b", "c"] {
        server
            .make(
                "/models",
                json!({ "name": model, "targets": [{ "provider": "p", "upstream_model": "m" }] }),
            )
            .await;
    }
    let delete = async |name: &str| server.delete(&format!("{PROVIDERS}/{name}")).master().ask().await;
    let refused = delete("p").await.problem(409, "provider_in_use");
    assert!(refused["detail"].as_str().unwrap().contains("a/b, c"), "{refused}");
    for model in ["a%2Fb", "c"] {
        let gone = server.delete(&format!("/admin/api/v1/models/{model}")).master().ask().await;
        assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    }
    assert_eq!(delete("p").await.status, 204);
    delete("p").await.problem(404, "not_found");

    let filed = server.get(&format!("{PROVIDERS}/filed")).master().ask().await;
    assert_eq!(filed.json()["from_configuration"], true);
    assert!(!filed.text.contains("canary"));
    for name in ["filed", "echo"] {
        for reply in [patch(&server, name, &json!({ "sandbox": true })).await, delete(name).await] {
            let body = reply.problem(409, "from_configuration");
            assert!(body["detail"].as_str().unwrap().contains("gatehouse.yaml"), "{body}");
        }
        create(&server, &json!({ "name": name, "kind": "echo" })).await.problem(409, "provider_exists");
    }
    let session = server.sign_in(ADMIN).await;
    let tested = server.post(&format!("{PROVIDERS}/filed/test")).session(&server, &session).ask().await;
    assert_eq!(tested.status, 200, "{}", tested.text);
}

#[tokio::test]
async fn lists_search_and_page() {
    let place = Place::new();
    let server = place.serve().await;
    for name in ["p3", "p1", "p_2"] {
        let base_url = format!("https://{}.example", name.replace('_', "-"));
        let new = json!({ "name": name, "kind": "openai_compatible", "base_url": base_url });
        assert_eq!(create(&server, &new).await.status, 201);
    }
    let list = async |query: &str| server.get(&format!("{PROVIDERS}?{query}")).master().ask().await.json();
    assert_eq!(names(&list("").await), ["echo", "p1", "p3", "p_2"]);
    assert_eq!(names(&list("q=P_2").await), ["p_2"]);
    assert_eq!(names(&list("q=p-2.example").await), ["p_2"]);
    let first = list("limit=3").await;
    assert_eq!((first["items"].as_array().unwrap().len(), &first["total"]["count"]), (3, &json!(4)));
    let rest = list(&format!("limit=3&cursor={}", first["next_cursor"].as_str().unwrap())).await;
    assert_eq!((names(&rest), &rest["next_cursor"]), (vec!["p_2"], &Value::Null));
    for (query, field) in
        [("sort=name", "sort"), ("limit=0", "limit"), ("cursor=x", "cursor"), ("kind=echo", "kind")]
    {
        let reply = server.get(&format!("{PROVIDERS}?{query}")).master().ask().await;
        assert_eq!(reply.wrong_fields(), [field]);
    }
}
