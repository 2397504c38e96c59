//! `gatehouse backup` beside a running server, `gatehouse restore` into a new place, and what works there.

use crate::client::Ask;
use crate::support::{ADMIN, Place, Server};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

const CREDENTIAL: &str = "canary-credential-71d0";

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn well(output: Output) -> Output {
    assert!(output.status.success(), "{}", said(&output));
    output
}

fn refused(output: &Output, says: &str) {
    let said = said(output);
    assert!(!output.status.success() && said.contains(says), "{says}: {said}");
}

/// Everything that lies in a folder.
fn files(place: &Place, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(place.path(folder)).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// A server with an operator's provider; a key and its secret.
async fn serving(place: &Place) -> (Server, String, String) {
    let server = place.serve().await;
    let provider = json!({ "name": "upstream", "kind": "openai", "api_key": CREDENTIAL });
    server.make("/providers", provider).await;
    let (id, secret) = server.plain_key("survivor").await;
    assert_eq!(server.chat(&secret, "hello", false).ask().await.status, 200);
    (server, id, secret)
}

#[tokio::test]
async fn a_backup_of_a_running_server_is_an_installation_elsewhere() {
    let place = Place::new();
    let (server, id, secret) = serving(&place).await;
    let cookie = server.sign_in(ADMIN).await;
    let output = well(place.run(&["backup", "all.jsonl.gz"], ""));
    for words in [
        "users: 1 rows",
        "The backup is whole: all.jsonl.gz",
        "sealing key (secrets.key in the data folder) is not in it",
    ] {
        assert!(said(&output).contains(words), "{words}: {}", said(&output));
    }
    assert!(output.stdout.is_empty());
    assert_eq!(fs::metadata(place.path("all.jsonl.gz")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!files(&place, ".").iter().any(|name| name.contains("partial")));
    assert_eq!(server.chat(&secret, "still here", false).ask().await.status, 200, "the server runs on");
    let logged: Vec<String> =
        place.column("SELECT detail FROM audit_log WHERE action = 'backup.create'").await;
    assert_eq!(logged, ["{\"with_sealing_key\":false}"]);
    server.revoke(&id, "after the backup").await;

    let elsewhere = Place::first_run();
    let backup = fs::read(place.path("all.jsonl.gz")).unwrap();
    let output = well(elsewhere.pipe(&["restore", "-"], &backup));
    for words in [
        "Gatehouse 0.",
        "from sqlite",
        "The audit log is intact",
        "The sealing key of this backup is not here",
    ] {
        assert!(said(&output).contains(words), "{words}: {}", said(&output));
    }
    assert!(!elsewhere.path("data/secrets.key").exists(), "nothing is in the way of the right one");
    fs::copy(place.path("data/secrets.key"), elsewhere.path("data/secrets.key")).unwrap();
    let restored = elsewhere.serve().await;
    assert!(restored.setup_token.is_none(), "the first account is there");
    assert_eq!(restored.chat(&secret, "hello", false).ask().await.status, 200, "as of the backup's moment");
    let viewer = restored.call("session/viewer", &json!({})).header("cookie", &cookie).ask().await;
    assert_eq!(viewer.text, "null", "sessions stay behind");
    restored.sign_in(ADMIN).await;
    elsewhere.run_well(&["audit", "verify"], "");
    let providers = restored.get("/admin/api/v1/providers").master().ask().await.text;
    assert!(providers.contains("upstream") && !elsewhere.log().contains("another key"), "{providers}");
}

#[tokio::test]
async fn the_sealing_key_comes_along_only_when_asked_for() {
    let place = Place::new();
    well(place.run(&["key", "create", "--name", "k"], ""));
    let key = fs::read_to_string(place.path("data/secrets.key")).unwrap();
    let plain = well(place.run(&["backup", "-"], "")).stdout;
    fs::write(place.path("plain.gz"), &plain).unwrap();
    let output = well(place.run(&["backup", "--with-sealing-key", "with.gz"], ""));
    assert!(said(&output).contains("It holds the sealing key"));

    let elsewhere = Place::first_run();
    let with = fs::read(place.path("with.gz")).unwrap();
    refused(&elsewhere.pipe(&["restore", "-"], &with[..with.len() / 2]), "it ends too early");
    assert!(!elsewhere.path("data/secrets.key").exists(), "a restore that fails leaves no key");
    let output = well(elsewhere.pipe(&["restore", "-"], &with));
    assert!(said(&output).contains("The sealing key is in the data folder"));
    assert_eq!(fs::read_to_string(elsewhere.path("data/secrets.key")).unwrap(), key);
    let mode = fs::metadata(elsewhere.path("data/secrets.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // The right one is there already, by the configuration.
    let configured = Place::first_run().with("GATEHOUSE__SECRETS__KEY", &key);
    for file in [&plain, &with] {
        let output = well(configured.pipe(&["restore", "-"], file));
        assert!(said(&output).ends_with("Everybody signs in again.\n") && !said(&output).contains("sealing"));
        fs::remove_dir_all(configured.path("data")).unwrap();
    }
    let other = Place::first_run().with("GATEHOUSE__SECRETS__KEY", &"0f".repeat(32));
    refused(&other.pipe(&["restore", "-"], &with), "has another one");
    assert!(!other.path("data").exists());
    assert!(said(&well(other.pipe(&["restore", "-"], &plain))).contains("is not here"));
    for output in [said(&output), elsewhere.log(), other.log()] {
        assert!(!output.contains(&key));
    }
}

#[tokio::test]
async fn a_backup_that_fails_leaves_nothing_and_a_restore_hits_nothing() {
    let place = Place::new();
    refused(&place.run(&["backup", "all.gz"], ""), "there is no database");
    assert!(!place.path("data").exists(), "looking makes none");
    let server = place.serve().await;
    well(place.run(&["backup", "all.gz"], ""));
    refused(&place.run(&["backup", "nowhere/all.gz"], ""), "nowhere/");
    refused(&place.run(&["restore", "all.gz"], ""), "in use by");
    server.kill();
    refused(&place.run(&["restore", "all.gz"], ""), "a backup is restored into an empty database");
    refused(&place.run(&["restore", "nothing.gz"], ""), "nothing.gz");
    place.run_well(&["audit", "verify"], "");

    let log = fs::read_to_string(place.path("log.txt")).unwrap();
    assert!(!log.contains(CREDENTIAL));
    let elsewhere = Place::first_run();
    refused(&elsewhere.run(&["restore", "-"], "no backup"), "this is no backup");
    assert!(!elsewhere.path("data").exists(), "not even a folder");
}

#[tokio::test]
async fn a_log_that_was_changed_is_restored_and_told() {
    let place = Place::new();
    drop(place.serve().await);
    place.change("UPDATE feed SET audit_head = zeroblob(32)").await;
    well(place.run(&["backup", "all.gz"], ""));
    let backup = fs::read(place.path("all.gz")).unwrap();
    let elsewhere = Place::first_run();
    refused(&elsewhere.pipe(&["restore", "-"], &backup), "everything is restored, but its audit log was not");
    let users: Vec<i64> = elsewhere.column("SELECT COUNT(*) FROM users").await;
    assert_eq!(users, [1]);
}
