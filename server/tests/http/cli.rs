//! The command line, alone and beside a running server.

use crate::client::{Ask, Stream};
use crate::support::{ADMIN, MASTER, PASSWORD, Place};
use serde_json::json;
use std::process::Output;

fn complaint(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_good_configuration_is_explained_without_its_secrets() {
    let place = Place::new().configured(
        "edition: {name: enterprise}\n\
         database: {url: \"sqlite://data/other.db\"}\n\
         providers:\n  - {name: openai, kind: openai_compatible, base_url: https://api.openai.example/v1, api_key: \"${KEY}\"}\n\
         models:\n  - {name: gpt, targets: [{provider: openai, upstream_model: gpt-x}]}\n",
    );
    let place = place.with("KEY", "canary-provider-key");
    let said = place.run_well(&["config", "check"], "");
    for line in [
        "The configuration is valid.",
        "openai (openai_compatible)",
        "gpt (1 targets)",
        "edition is accepted",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    for secret in [MASTER, PASSWORD, "canary-provider-key"] {
        assert!(!said.contains(secret), "{said}");
    }
    assert!(!place.path("data").exists(), "looking changes nothing");
}

#[test]
fn a_bad_configuration_is_refused_and_the_place_named() {
    for (yaml, names) in [
        ("server:\n  listen: 127.0.0.1:0\n  lisen: x\n", vec!["lisen", "line 3"]),
        ("server:\n  listen: nowhere\n", vec!["line 2"]),
        ("server: [\n", vec!["line 1"]),
        ("server: {base_url: \"ftp://x\"}\n", vec!["server.base_url"]),
        ("providers:\n  - {name: a, kind: openai_compatible}\n", vec!["providers[0].base_url"]),
        (
            "providers:\n  - {name: a, kind: openai_compatible, base_url: \"https://u:canary@h/v1\"}\n",
            vec!["providers[0].base_url"],
        ),
        (
            "models:\n  - {name: m, targets: [{provider: nobody, upstream_model: x}]}\n",
            vec!["models[0].targets[0].provider"],
        ),
        ("secrets: {key: canary}\n", vec!["secrets.key"]),
        ("database: {url: \"${NOT_THERE}\"}\n", vec!["database.url", "NOT_THERE"]),
    ] {
        let place = Place::new().configured(yaml);
        for command in [&["config", "check"][..], &["serve"]] {
            let complaint = complaint(&place.run(command, ""));
            for name in &names {
                assert!(complaint.contains(name), "{yaml}: {complaint}");
            }
            assert!(!complaint.contains("canary"), "no value is shown: {complaint}");
        }
        assert!(!place.path("data").exists(), "{yaml}");
    }
    let place = Place::new();
    assert!(
        complaint(&place.run(&["--config", "nowhere.yaml", "config", "check"], "")).contains("nowhere.yaml")
    );
    let place = Place::new().with("GATEHOUSE__SERVER__PASSWROD", "canary");
    let complaint = complaint(&place.run(&["config", "check"], ""));
    assert!(
        complaint.contains("GATEHOUSE__SERVER__PASSWROD") && !complaint.contains("canary"),
        "{complaint}"
    );
}

#[tokio::test]
async fn a_database_is_seeded_once_and_while_nothing_serves_it() {
    let place = Place::first_run();
    let seed = [
        "dev",
        "seed",
        "--users",
        "20",
        "--keys",
        "60",
        "--tenants",
        "3",
        "--days",
        "1",
        "--requests-per-day",
        "20",
    ];
    let known = ["--known-secrets", "keys.txt", "--known", "2"];
    let output = place.run(&[&seed[..], &known[..]].concat(), "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stderr).contains("60 of 60"));
    assert!(complaint(&place.run(&seed, "")).contains("--add"), "it is in use");

    let server = place.serve().await;
    let secrets = std::fs::read_to_string(place.path("keys.txt")).unwrap();
    assert_eq!(secrets.lines().count(), 2);
    for secret in secrets.lines() {
        assert_eq!(server.chat(secret, "hello", false).ask().await.status, 200);
    }
    let adding = [&seed[..], &["--add"]].concat();
    assert!(complaint(&place.run(&adding, "")).contains("in use by"), "a server runs");
    server.kill();
    assert!(place.run(&adding, "").status.success());
    assert_eq!(place.column::<i64>("SELECT COUNT(*) FROM api_keys").await, [120]);
}

#[tokio::test]
async fn accounts_are_made_with_a_piped_password() {
    let place = Place::first_run();
    let create = ["user", "create", "--email", "ops@example.com", "--name", "Ops", "--role", "super_admin"];
    assert!(complaint(&place.run(&create, "short\n")).contains("password"));
    assert!(complaint(&place.run(&create, "")).contains("password"));
    assert!(complaint(&place.run(&create, "password1234\n")).contains("guessed"));
    let said = place.run_well(&create, &format!("{PASSWORD}\n"));
    assert!(said.starts_with("created usr_") && said.ends_with("ops@example.com (super_admin)"), "{said}");
    complaint(&place.run(&create, PASSWORD));
    let role = ["user", "create", "--email", "x@example.com", "--role", "root"];
    assert!(complaint(&place.run(&role, PASSWORD)).contains("super_admin"), "the roles are named");

    let server = place.serve().await;
    assert!(server.setup_token.is_none(), "an account exists: no set-up link");
    let session = server.sign_in("OPS@example.com").await;
    let role = json!({ "name": "key-desk", "title": "Key desk", "permissions": ["keys:read"] });
    let post = server.post("/admin/api/v1/roles").header("cookie", &session).header("origin", &server.origin);
    assert_eq!(post.json(&role).ask().await.status, 201);
    let custom = ["user", "create", "--email", "desk@example.com", "--role", "key-desk"];
    assert!(place.run_well(&custom, PASSWORD).ends_with("desk@example.com (key-desk)"));
    let reset = ["user", "reset-password", "ops@example.com"];
    place.run_well(&reset, "a wholly different password\n");
    let viewer = server.call("session/viewer", &json!({})).header("cookie", &session).ask().await;
    assert_eq!(viewer.text, "null", "the old session has ended");
    let fields = [("email", "ops@example.com"), ("password", PASSWORD)];
    let reply = server.form("session/sign-in", &fields).ask().await;
    assert_eq!(reply.answered_problem()["code"], "invalid_credentials");
    assert!(
        place.run_well(&["user", "list", "--q", "OPS"], "").contains("ops@example.com\tsuper_admin\tActive")
    );
    assert!(!place.log().contains("a wholly different password"));
}

#[tokio::test]
async fn keys_are_issued_listed_and_revoked_without_a_server() {
    let place = Place::new();
    let create = [
        "key",
        "create",
        "--name",
        "shell",
        "--sandbox",
        "--user-path",
        "/team/a",
        "--requests-per-minute",
        "5",
    ];
    let secret = place.run_well(&create, "");
    assert!(secret.starts_with("rk_sand_") && secret.len() == 58);
    let id = &secret[8..20];
    let listed = place.run_well(&["key", "list"], "");
    assert!(
        listed.starts_with(&format!("{id}\trk_sand_{}…\tshell\tdefault (service)\tActive", &id[..4])),
        "{listed}"
    );
    assert!(!listed.contains(&secret[20..]));
    assert!(complaint(&place.run(&["key", "create", "--name", ""], "")).contains("name"));
    let nobody = ["key", "create", "--name", "x", "--allow-provider", "nobody"];
    assert!(complaint(&place.run(&nobody, "")).contains("nobody"));
    assert!(
        complaint(&place.run(&["key", "revoke", "AAAAAAAAAAAA", "--reason", "x"], "")).contains("no such")
    );
    assert!(complaint(&place.run(&["key", "revoke", id], "")).contains("--reason"));

    let said = place.run_well(&["key", "revoke", id, "--reason", "done"], "");
    assert!(said.contains("no node is running"), "{said}");
    assert_eq!(place.run_well(&["key", "list"], ""), "");
    assert!(place.run_well(&["key", "list", "--all"], "").contains("Revoked"));
    let server = place.serve().await;
    server.get("/v1/models").bearer_auth(&secret).ask().await.refusal(401, "key_revoked");
}

#[tokio::test]
async fn a_key_with_all_its_bounds_from_the_shell() {
    let place = Place::new();
    let create = |more: &[&str]| {
        let mut arguments = vec!["key", "create", "--name", "bound"];
        arguments.extend(more);
        place.run(&arguments, "")
    };
    for (flag, value, names) in [
        ("--allow-action", "everything", "chat.completions"),
        ("--allow-model", "a b", "--allow-model"),
        ("--label", "a b", "--label"),
        ("--allow-ip", "10.0.0.1/8", "--allow-ip"),
        ("--tag", "customer", "--tag"),
        ("--tag", "bad name=x", "tags"),
        ("--requests-per-day", "0", "rate_limits.requests_per_day"),
    ] {
        let complaint = complaint(&create(&[&format!("{flag}={value}")]));
        assert!(complaint.contains(names), "{flag} {value}: {complaint}");
    }
    assert!(complaint(&create(&["--tag", "a=1", "--tag", "a=2"])).contains("twice"));
    let made = create(&[
        "--allow-action=chat.completions",
        "--allow-action=models",
        "--allow-model=gpt-*",
        "--deny-model=gpt-4",
        "--label=eu",
        "--allow-ip=10.0.0.0/8",
        "--tag=customer=a=b",
        "--requests-per-minute=1",
        "--requests-per-day=2",
        "--tokens-per-minute=3",
        "--tokens-per-day=4",
        "--concurrent-requests=5",
        "--require-conversation-id",
    ]);
    let bound = String::from_utf8(made.stdout).unwrap();
    let server = place.serve().await;
    let record = format!("/admin/api/v1/auth-keys/{}", &bound[8..20]);
    let key = server.get(&record).master().ask().await.json();
    for (field, value) in [
        ("allowed_actions", json!(["chat.completions", "models"])),
        ("allowed_models", json!(["gpt-*"])),
        ("denied_models", json!(["gpt-4"])),
        ("allowed_model_labels", json!(["eu"])),
        ("allowed_providers", json!(null)),
        ("allowed_ips", json!(["10.0.0.0/8"])),
        ("tags", json!({ "customer": "a=b" })),
        ("require_conversation_id", json!(true)),
    ] {
        assert_eq!(key[field], value, "{field}");
    }
    assert_eq!(key["rate_limits"].as_object().unwrap().len(), 5, "{key}");
}

#[tokio::test]
async fn a_running_server_hears_of_a_rotation_from_the_shell() {
    let place = Place::new();
    let server = place.serve().await;
    let (id, old) = server.plain_key("rotated").await;
    assert_eq!(server.get("/v1/models").bearer_auth(&old).ask().await.status, 200);
    assert!(complaint(&place.run(&["key", "rotate", &id, "--grace", "2d"], "")).contains("7d"));
    assert!(complaint(&place.run(&["key", "rotate", "AAAAAAAAAAAA"], "")).contains("no such"));
    let new = place.run_well(&["key", "rotate", &id, "--grace", "0"], "");
    assert_eq!((&new[..20], new.len()), (&old[..20], 58));
    server.get("/v1/models").bearer_auth(&old).ask().await.refusal(401, "key_expired");
    assert_eq!(server.get("/v1/models").bearer_auth(&new).ask().await.status, 200);
    let cut: Vec<String> = place.column("SELECT detail FROM audit_log WHERE action = 'key.cut'").await;
    assert!(cut[0].contains("\"requests_cut\":null"), "the command line isn't told how many: {cut:?}");
}

#[tokio::test]
async fn a_second_server_on_the_same_data_says_who_holds_it() {
    let place = Place::new();
    let server = place.serve().await;
    let complaint = complaint(&place.run(&["serve"], ""));
    assert!(complaint.contains(&server.pid().to_string()), "{complaint}");
    assert_eq!(server.get("/readyz").ask().await.status, 200, "the first one doesn't mind");
    server.kill();
    // A lock that outlived its holder would need a person.
    let server = place.serve().await;
    assert_eq!(server.get("/readyz").ask().await.status, 200);
}

#[tokio::test]
async fn a_terminated_server_lets_running_requests_end() {
    let place = Place::new().with("GATEHOUSE__ECHO__OPTIONS__CHUNK_DELAY_MS", "200");
    let mut server = place.serve().await;
    let (_, secret) = server.plain_key("running").await;
    let mut stream =
        Stream::open(server.chat(&secret, "one two three four five six seven eight", true)).await;
    assert!(stream.more().await);
    server.terminate();
    let said = stream.rest().await;
    assert!(said.contains("eight") && said.ends_with("data: [DONE]\n\n"), "{said}");
    assert_eq!(server.ended().await.code(), Some(0));
    let rows: Vec<String> = place.column("SELECT outcome FROM usage_ledger").await;
    assert_eq!(rows, ["completed"], "nothing is left in the spool");
    let nodes: Vec<String> = place.column("SELECT id FROM nodes").await;
    assert!(nodes.is_empty(), "{nodes:?}");
}

#[tokio::test]
async fn the_drain_has_an_end() {
    let place = Place::new()
        .with("GATEHOUSE__ECHO__OPTIONS__CHUNK_DELAY_MS", "200")
        .with("GATEHOUSE__SERVER__DRAIN_SECONDS", "1");
    let mut server = place.serve().await;
    let (_, secret) = server.plain_key("running").await;
    let mut stream = Stream::open(server.chat(&secret, &"word ".repeat(3_000), true)).await;
    assert!(stream.more().await);
    server.terminate();
    crate::client::assert_cut(&stream.rest().await, "shutting_down");
    assert_eq!(server.ended().await.code(), Some(0));
    let rows: Vec<String> = place.column("SELECT outcome FROM usage_ledger").await;
    assert_eq!(rows, ["interrupted"]);
}

#[tokio::test]
async fn the_configured_admin_is_made_once() {
    let place = Place::new();
    let server = place.serve().await;
    assert!(server.setup_token.is_none());
    server.sign_in(ADMIN).await;
    server.kill();
    let server = place.serve().await;
    server.sign_in(ADMIN).await;
    let users: Vec<i64> = place.column("SELECT COUNT(*) FROM users").await;
    assert_eq!(users, [1]);
}

#[test]
fn a_database_that_is_spoken_to_in_clear_is_warned_about() {
    let url = "postgres://gatehouse:canary-database@db.invalid/gatehouse";
    let place = Place::new().with("GATEHOUSE__DATABASE__URL", url);
    let said = place.run_well(&["config", "check"], "");
    assert!(said.contains("sslmode=verify-full"), "{said}");
    // There is no such host; it is said before anything is asked.
    let start = place.run(&["serve"], "");
    assert!(!start.status.success());
    let log = String::from_utf8_lossy(&start.stderr);
    assert_eq!(log.matches("sslmode=verify-full").count(), 1, "{log}");
    assert!(!said.contains("canary-database") && !log.contains("canary-database"), "{log}");
    let place = Place::new().with("GATEHOUSE__DATABASE__URL", &format!("{url}?sslmode=verify-full"));
    assert!(!place.run_well(&["config", "check"], "").contains("in clear"));
}

#[tokio::test]
async fn an_address_at_which_browsers_keep_no_session_is_warned_about() {
    let place = Place::new().with("GATEHOUSE__SERVER__BASE_URL", "http://gw.example.com");
    let _server = place.serve().await;
    let said = std::fs::read_to_string(place.path("out-0.txt")).unwrap();
    assert!(said.contains("server.base_url to an https:// address"), "{said}");
    assert!(!said.contains(PASSWORD) && !said.contains(MASTER), "{said}");
}
