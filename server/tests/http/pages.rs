//! The pages as a browser without JavaScript gets them, and the policy they are sent with.

use crate::client::{Ask, Reply, raw};
use crate::support::{ADMIN, PASSWORD, Place, text};
use app::parts::Page;
use leptos_axum::AxumRouteListing;
use serde_json::json;
use std::collections::BTreeSet;

/// Asserts what every page is sent with.
#[track_caller]
fn assert_policy(page: &Reply) {
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(!page.header("referrer-policy").is_empty());
    let policy = page.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    assert!(nonce.len() >= 22, "{policy}");
    for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
        assert!(policy.contains(part), "{part}: {policy}");
    }
    for part in ["unsafe-inline", "'unsafe-eval'", "https:", "http:", "*"] {
        assert!(!policy.contains(part), "{part}: {policy}");
    }
    for script in page.text.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap();
        assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "a script without the nonce: {tag}");
    }
    for inline in [" style=\"", "<style", " onclick=", "javascript:"] {
        assert!(!page.text.contains(inline), "{inline}");
    }
}

/// A browser finds the part to load by the path. A route that `Page` doesn't know stays without scripts.
#[tokio::test]
async fn each_route_is_a_page_that_lies_in_a_part() {
    let routes = leptos_axum::generate_route_list(app::App);
    let routes: BTreeSet<&str> = routes.iter().map(AxumRouteListing::path).collect();
    // These two only redirect.
    let pages = ["/", "/admin"].into_iter().chain(Page::ALL.map(Page::path)).collect();
    assert_eq!(routes, pages);
}

#[tokio::test]
async fn strangers_see_the_login_page_and_are_sent_there() {
    let place = Place::new();
    let server = place.serve().await;
    let page = server.get("/login?next=/admin/users").ask().await;
    assert_eq!(page.status, 200);
    assert_policy(&page);
    for part in
        ["action=\"/api/session/sign-in\"", "name=\"email\"", "name=\"password\"", "value=\"/admin/users\""]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let again = server.get("/login").ask().await;
    assert_ne!(
        page.header("content-security-policy"),
        again.header("content-security-policy"),
        "nonces are used once"
    );
    for (path, next) in [
        ("/admin/users", "%2Fadmin%2Fusers"),
        ("/admin/dashboard", "%2Fadmin%2Fdashboard"),
        ("/admin/api-keys?status=active&q=a%20b", "%2Fadmin%2Fapi-keys%3Fstatus%3Dactive%26q%3Da%2520b"),
        ("/console", "%2Fconsole"),
        ("/console/settings/api-keys", "%2Fconsole%2Fsettings%2Fapi-keys"),
    ] {
        let reply = server.get(path).ask().await;
        assert!(matches!(reply.status, 302 | 303), "{path}: {}", reply.status);
        assert_eq!(reply.header("location"), format!("/login?next={next}"));
    }
    assert_eq!(server.get("/").ask().await.header("location"), "/login");
    for path in
        ["/nothing", "/admin/nothing", "/login/x", "/..%2f..%2fetc/passwd", "/assets/nothing.js", "/%ff"]
    {
        let reply = server.get(path).ask().await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
    }
    assert_policy(&server.get("/nothing").ask().await);
}

#[tokio::test]
async fn lists_are_in_the_page_itself_and_nothing_in_them_is_markup() {
    let place = Place::new();
    let server = place.serve().await;
    let hostile = "</script><img src=x onerror=alert(1)>\"'&";
    let create =
        ["user", "create", "--email", "eve@example.com", "--name", hostile, "--organization-unit", hostile];
    place.run_well(&create, PASSWORD);
    let key =
        server.key(json!({ "name": hostile, "description": hostile, "owner": "eve@example.com" })).await;
    let (_, secret) = server.plain_key("plainly-named").await;
    let session = server.sign_in(ADMIN).await;
    let page = async |path: &str| server.get(path).header("cookie", &session).ask().await;

    let users = page("/admin/users").await;
    assert_eq!(users.status, 200);
    assert_policy(&users);
    for part in ["eve@example.com", ADMIN, "&lt;/script&gt;&lt;img", "super_admin"] {
        assert!(users.text.contains(part), "{part}: {}", users.text);
    }
    let keys = page("/admin/api-keys").await;
    assert_eq!(keys.status, 200);
    assert_policy(&keys);
    for part in ["plainly-named", &secret[..12], "&lt;/script&gt;&lt;img"] {
        assert!(keys.text.contains(part), "{part}: {}", keys.text);
    }
    assert!(!keys.text.contains(&secret[20..]));
    let drawer = page(&format!("/admin/api-keys?key={}", text(&key["id"]))).await;
    assert!(drawer.text.contains("eve@example.com"));
    let found = page("/admin/api-keys?q=PLAINLY").await;
    assert!(
        found.text.contains("plainly-named") && !found.text.contains("eve@example.com"),
        "{}",
        found.text
    );
    let echoed = page("/admin/api-keys?q=%3C/script%3E%3Cimg%20src=x%20onerror=alert(1)%3E%22").await;
    let dashboard = page("/admin/dashboard").await;
    assert_eq!(dashboard.status, 200);
    assert_policy(&dashboard);
    for page in [&users, &keys, &drawer, &found, &echoed] {
        assert!(!page.text.contains("<img src=x"), "{}", page.text);
        assert!(!page.text.contains("alert(1)>\""), "an attribute was broken out of: {}", page.text);
    }
}

#[tokio::test]
async fn a_developer_has_the_console_and_no_admin_page() {
    let place = Place::new();
    let server = place.serve().await;
    place.user("dev@example.com", "user");
    let session = server.sign_in("dev@example.com").await;
    let page = async |path: &str| server.get(path).header("cookie", &session).ask().await;
    for path in
        ["/admin/users", "/admin/api-keys", "/admin/management-keys", "/admin/sso", "/admin/dashboard"]
    {
        let reply = page(path).await;
        assert_eq!(reply.status, 403, "{path}");
        assert!(!reply.text.contains(ADMIN), "{path}");
    }
    for path in ["/console", "/console/settings/api-keys", "/console/settings/profile"] {
        let reply = page(path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_policy(&reply);
        assert!(reply.text.contains("dev@example.com"), "{path}");
    }
    assert_eq!(page("/").await.header("location"), "/console");
    assert!(
        page("/console").await.text.contains(&format!("{}/v1", server.origin)),
        "the quick start's address"
    );
}

#[tokio::test]
async fn our_address_is_never_what_a_client_says() {
    let place = Place::new();
    let server = place.serve().await;
    let session = server.sign_in(ADMIN).await;
    let names = "Host: evil.example\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n\
                 Forwarded: host=evil.example\r\nX-Original-URL: //evil.example";
    for path in [
        "/",
        "/admin/users",
        "/login",
        "/console",
        "/nothing",
        "//evil.example/console",
        "http://evil.example/console",
    ] {
        for cookie in ["", &session] {
            let request =
                format!("GET {path} HTTP/1.1\r\n{names}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");
            let answer = raw(&server, request.as_bytes());
            assert!(answer.starts_with("HTTP/1.1 "), "{path}: {answer}");
            let head = answer.split("\r\n\r\n").next().unwrap();
            assert!(!head.contains("evil.example"), "{path}: {head}");
            let links = ["href=\"//evil", "href=\"http://evil", "href=\"https://evil", "action=\"//evil"];
            assert!(!links.iter().any(|link| answer.contains(link)), "{path}: {answer}");
        }
    }
}

#[tokio::test]
async fn over_https_browsers_are_told_to_stay_there() {
    let place = Place::new().with("GATEHOUSE__SERVER__BASE_URL", "https://gw.example.com");
    let output = place.run_well(&["config", "check"], "");
    assert!(output.contains("https://gw.example.com"), "{output}");
    let server = place.serve().await;
    let page = server.get("/login").ask().await;
    assert!(page.header("strict-transport-security").contains("max-age="), "{:?}", page.headers);
}
