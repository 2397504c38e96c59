//! Secrets are in clear in one answer only: not in the log at its most talkative, not in the database, not in errors.

use crate::client::{Ask, Stream, raw};
use crate::support::{ADMIN, MASTER, PASSWORD, Place, eventually};
use serde_json::json;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

const PROVIDER_KEY: &str = "canary-provider-3f9d27ab61";
const TYPED: &str = "canary typed into the wrong field 77aa";

/// An upstream that answers one request and tells what it was sent.
pub(crate) fn upstream() -> (u16, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let upstream_saw = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        while !request.ends_with(b"}") {
            let count = socket.read(&mut buffer).unwrap();
            assert!(count > 0);
            request.extend_from_slice(&buffer[..count]);
        }
        let body = "{\"id\":\"x\",\"object\":\"chat.completion\",\"choices\":[]}";
        let length = body.len();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
        socket.write_all(format!("{head}{body}").as_bytes()).unwrap();
        String::from_utf8(request).unwrap()
    });
    (port, upstream_saw)
}

fn files(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((
                path.display().to_string(),
                String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned(),
            ));
        }
    }
}

#[tokio::test]
async fn a_secret_is_nowhere_but_in_the_answer_that_hands_it_out() {
    let (port, upstream_saw) = upstream();
    let place = Place::first_run()
        .with("PROVIDER_KEY", PROVIDER_KEY)
        .with("GATEHOUSE__ECHO__OPTIONS__CHUNK_DELAY_MS", "20")
        .configured(&format!(
            "providers:\n  - {{name: real, kind: openai_compatible, base_url: \"http://127.0.0.1:{port}/v1\", \
             api_key: \"${{PROVIDER_KEY}}\", allow_private_addresses: true}}\n\
             models:\n  - {{name: real, targets: [{{provider: real, upstream_model: real}}]}}\n"
        ));
    let server = place.serve().await;
    let token = server.setup_token.clone().unwrap();
    let mut secrets = [&token, MASTER, PASSWORD, PROVIDER_KEY, TYPED].map(ToOwned::to_owned).to_vec();

    // Set-up, sign-in, mistakes at both.
    server.get("/setup").query(&[("token", &token)]).ask().await;
    let set_up = [("token", token.as_str()), ("name", "Ada"), ("email", ADMIN), ("password", PASSWORD)];
    let made = server.form("session/set-up", &set_up).ask().await;
    server.form("session/set-up", &set_up).ask().await;
    server.form("session/sign-in", &[("email", ADMIN), ("password", TYPED)]).ask().await;
    server
        .form("session/sign-in", &[("email", ADMIN), ("password", TYPED)])
        .header("accept", "text/html")
        .ask()
        .await;
    let sessions = [made.session().unwrap(), server.sign_in(ADMIN).await];
    secrets.extend(sessions.iter().map(|cookie| cookie.split_once('=').unwrap().1.to_owned()));

    // Keys: issued in every way, used through every channel, spoiled, searched for, revoked while running.
    let (id, first) = server.plain_key("first").await;
    let shell = place.run_well(&["key", "create", "--name", "shell"], "");
    let arguments = json!({ "new": { "name": "own" }, "expires_in_days": 7 });
    let own = server.call("keys/create-own", &arguments).header("cookie", &sessions[1]).ask().await;
    let own = own.json()["Ok"]["secret"].as_str().unwrap().to_owned();
    secrets.extend([&first, &shell, &own].map(|secret| secret[20..52].to_owned()));
    for header in ["x-api-key", "api-key"] {
        assert_eq!(server.get("/v1/models").header(header, &shell).ask().await.status, 200);
    }
    let h2 = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let address = format!("http://127.0.0.1:{}/v1/models", server.port);
    assert_eq!(
        h2.get(&address).bearer_auth(&own).header("x-api-key", &own).send().await.unwrap().status(),
        200
    );
    let admin = format!("http://127.0.0.1:{}/admin/api/v1/tenants", server.port);
    assert_eq!(h2.get(&admin).bearer_auth(MASTER).send().await.unwrap().status(), 200);
    assert_eq!(h2.get(&admin).header("cookie", &sessions[1]).send().await.unwrap().status(), 200);
    server.get(&format!("/v1/models?key={first}")).ask().await.refusal(400, "credential_in_url");
    server.get("/v1/models").bearer_auth(format!("{first}x")).ask().await.refusal(401, "invalid_api_key");
    server
        .chat(&first, "x", false)
        .header("x-api-key", &shell)
        .ask()
        .await
        .refusal(400, "conflicting_credentials");
    server.get(&format!("/admin/api/v1/auth-keys?q={first}")).master().ask().await;
    server.get(&format!("/admin/api/v1/auth-keys/{first}")).master().ask().await.problem(404, "not_found");
    let page = server.get(&format!("/admin/api-keys?q={own}")).header("cookie", &sessions[1]).ask().await;
    assert_eq!(page.status, 200);
    let misplaced = json!({ "name": "x", "tenant_id": &first, "owner": TYPED });
    server.post("/admin/api/v1/auth-keys").master().json(&misplaced).ask().await;
    let wrong = server.get("/admin/api/v1/tenants").bearer_auth(&first);
    wrong.ask().await.problem(401, "unauthenticated");
    raw(
        &server,
        format!("GET /v1/models HTTP/1.1\r\nAuthorization: Bearer {first}\r\nX-A: \0\r\n\r\n").as_bytes(),
    );
    let call = json!({ "model": "real", "messages": [{ "role": "user", "content": "x" }] });
    let reply = server.post("/v1/chat/completions").bearer_auth(&own).json(&call).ask().await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let mut stream = Stream::open(server.chat(&first, &"word ".repeat(1_000), true)).await;
    assert!(stream.more().await);
    assert_eq!(server.revoke(&id, "leak test").await.status, 200);
    stream.rest().await;

    // The provider was sent its own key, and ours was taken away.
    let sent = upstream_saw.join().unwrap().to_lowercase();
    assert!(sent.contains(&format!("authorization: bearer {PROVIDER_KEY}")), "{sent}");
    assert!(!sent.contains(&own.to_lowercase()[20..52]) && !sent.contains("x-api-key"), "{sent}");

    eventually("the usage is written", async || {
        let rows: Vec<i64> = place.column("SELECT COUNT(*) FROM usage_ledger").await;
        (rows == [2]).then_some(())
    })
    .await;
    server.kill();
    assert_clean(&place, &secrets);
}

/// Asserts that none of these is in the log, which is at its most talkative, or in any file of the data folder.
pub(crate) fn assert_clean(place: &Place, secrets: &[String]) {
    let log = place.log();
    assert!(log.contains("TRACE"), "{} bytes", log.len());
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(secret.as_str()));
        assert!(line.is_none(), "in the log: {}", line.unwrap_or_default());
    }
    let mut found = Vec::new();
    files(&place.path("data"), &mut found);
    assert!(found.len() >= 3, "{found:?}");
    for (file, content) in found {
        for secret in secrets {
            assert!(!content.contains(secret.as_str()), "{secret} is in {file}");
        }
    }
}

#[tokio::test]
async fn a_password_typed_into_the_e_mail_field_is_not_kept() {
    let place = Place::new();
    let server = place.serve().await;
    for typed in [TYPED, &format!("{TYPED}@example.com")] {
        for accept in ["application/json", "text/html"] {
            let form = server.form("session/sign-in", &[("email", typed), ("password", "x")]);
            let reply = form.header("accept", accept).ask().await;
            assert!(!reply.text.contains(TYPED) && !reply.header("location").contains("canary"), "{reply:?}");
        }
    }
    server.kill();
    assert_clean(&place, &[TYPED.to_owned()]);
}
