//! Doors that were open once: each of these tests stands for a way in that somebody found.

use crate::client::Ask;
use crate::support::{ADMIN, PASSWORD, Place};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test]
async fn no_file_of_the_working_folder_is_ever_answered() {
    let place = Place::new();
    std::fs::write(place.path("canary.txt"), "canary of the working folder").unwrap();
    let server = place.serve().await;
    let root = place.path("");
    let files = files_below(&root);
    assert!(files.iter().any(|file| file.ends_with("secrets.key")), "{files:?}");
    for file in files {
        let path = format!("/{}", file.strip_prefix(&root).unwrap().display());
        for address in [path.clone(), format!("/assets/..%2f..{path}"), format!("/assets/..{path}")] {
            let reply = server.get(&address).ask().await;
            assert_eq!(reply.status, 404, "{address}");
            assert!(!reply.text.contains("canary"), "{address}");
        }
    }
}

#[tokio::test]
async fn what_is_written_is_for_its_owner_only() {
    let place = Place::new();
    let _server = place.serve().await;
    for file in files_below(&place.path("data")) {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", file.display());
    }
}

#[tokio::test]
async fn an_authorization_header_that_browsers_add_opens_no_second_door() {
    let place = Place::new();
    let server = place.serve().await;
    let cookie = server.sign_in(ADMIN).await;
    for header in ["Basic dTpw", "Negotiate x", "Bearer x", "bearer x", "NTLM x"] {
        let reply = server
            .request(reqwest::Method::POST, "/api/keys/create-own")
            .header("authorization", header)
            .header("origin", "https://evil.example")
            .header("cookie", &cookie)
            .header("content-type", "application/json")
            .body(json!({ "new": { "name": "stolen" } }).to_string())
            .ask()
            .await;
        assert_eq!(reply.status, 403, "{header}");
        let sign_in = server
            .request(reqwest::Method::POST, "/api/session/sign-in")
            .header("authorization", header)
            .header("origin", "https://evil.example")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("email={ADMIN}&password={PASSWORD}&next="))
            .ask()
            .await;
        assert_eq!(sign_in.status, 403, "{header}");
        let api = server
            .request(reqwest::Method::POST, "/admin/api/v1/tenants")
            .header("authorization", header)
            .header("origin", "https://evil.example")
            .header("cookie", &cookie)
            .json(&json!({ "id": "stolen", "name": "Stolen" }))
            .ask()
            .await;
        assert!(matches!(api.status, 401 | 403), "{header}: {}", api.status);
    }
}

#[tokio::test]
async fn texts_that_a_stranger_put_into_an_address_stand_on_no_page() {
    let place = Place::new();
    let server = place.serve().await;
    let cookie = server.sign_in(ADMIN).await;
    let address =
        "/console/settings/profile?__path=%2Fapi%2Fsession%2Fchange-password&__err=Y2FuYXJ5&tenant=default";
    for site in ["cross-site", "none", "same-site"] {
        let page = server.get(address).header("cookie", &cookie).header("sec-fetch-site", site).ask().await;
        assert_eq!(page.status, 303, "{site}");
        assert_eq!(page.header("location"), "/console/settings/profile?tenant=default");
    }
}
