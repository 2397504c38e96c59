//! The ways in, and what must not be one.

use crate::client::{Ask, COOKIE, Reply};
use crate::support::{ADMIN, PASSWORD, Place, Server};
use serde_json::{Value, json};

async fn attempt(server: &Server, email: &str, password: &str) -> Reply {
    server.form("session/sign-in", &[("email", email), ("password", password)]).ask().await
}

async fn viewer(server: &Server, cookie: &str) -> Value {
    server.call("session/viewer", &json!({})).header("cookie", cookie).ask().await.json()
}

/// What was said against an attempt, without the part that is new each time.
fn refusal(reply: &Reply) -> Value {
    assert!(reply.set_cookie().is_none(), "{:?}", reply.set_cookie());
    let mut problem = reply.answered_problem();
    assert!(problem.as_object_mut().unwrap().remove("correlation_id").is_some());
    problem
}

#[tokio::test]
async fn the_cookie_is_as_narrow_as_a_cookie_can_be() {
    let place = Place::new();
    let server = place.serve().await;
    for path in ["/login", "/healthz", "/admin/users"] {
        assert!(server.get(path).ask().await.set_cookie().is_none(), "no session before there is somebody");
    }
    let reply = attempt(&server, ADMIN, PASSWORD).await;
    assert_eq!(reply.json(), json!({ "Ok": "/admin/dashboard" }));
    assert_eq!(reply.header("cache-control"), "no-store");
    let line = reply.set_cookie().unwrap();
    assert!(line.starts_with("__Host-gatehouse="), "{line}");
    let attributes: Vec<_> = line.split(';').skip(1).map(str::trim).collect();
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(attributes.contains(&attribute), "{attribute}: {line}");
    }
    assert!(!line.contains("Domain"), "a __Host- cookie has none: {line}");
    let value = line[COOKIE.len() + 1..].split(';').next().unwrap();
    assert!(value.len() >= 22, "128 bits: {line}");
    assert!(!reply.text.contains(value));
    let file = std::fs::read(place.path("data/gatehouse.db")).unwrap();
    let wal = std::fs::read(place.path("data/gatehouse.db-wal")).unwrap_or_default();
    for bytes in [file, wal] {
        assert!(!String::from_utf8_lossy(&bytes).contains(value), "the database has only its hash");
    }
}

#[tokio::test]
async fn signing_in_changes_the_session_and_signing_out_ends_it() {
    let place = Place::new();
    let server = place.serve().await;
    let first = server.sign_in(ADMIN).await;
    assert_eq!(viewer(&server, &first).await["user"]["email"], ADMIN);
    // Again, with the first session in hand: its id must not live on.
    let form = server.form("session/sign-in", &[("email", ADMIN), ("password", PASSWORD)]);
    let second = form.header("cookie", &first).ask().await.session().unwrap();
    assert_ne!(first, second);
    assert_eq!(viewer(&server, &first).await, Value::Null);
    // A session id that somebody else chose.
    let planted = format!("{COOKIE}=AAAAAAAAAAAAAAAAAAAAAA");
    let form = server.form("session/sign-in", &[("email", ADMIN), ("password", PASSWORD)]);
    let third = form.header("cookie", &planted).ask().await.session().unwrap();
    assert_ne!(planted, third);
    assert_eq!(viewer(&server, &planted).await, Value::Null);

    let out = server.form("session/sign-out", &[]).header("cookie", &second).ask().await;
    assert_eq!(out.json(), json!({ "Ok": "/login" }));
    assert!(out.header("clear-site-data").contains("cache"), "{:?}", out.headers);
    assert!(out.set_cookie().unwrap().contains("Max-Age=0"), "{:?}", out.set_cookie());
    assert_eq!(viewer(&server, &second).await, Value::Null);
    assert_eq!(viewer(&server, &third).await["user"]["email"], ADMIN, "other sessions go on");
    let rows: Vec<i64> = place.column("SELECT COUNT(*) FROM sessions").await;
    assert_eq!(rows, [1]);
}

#[tokio::test]
async fn unknown_wrong_and_inactive_are_answered_alike() {
    let place = Place::new();
    let server = place.serve().await;
    place.user("gone@example.com", "super_admin");
    let session = server.sign_in("gone@example.com").await;
    place.change("UPDATE users SET status = 'inactive' WHERE email = 'gone@example.com'").await;

    let unknown = refusal(&attempt(&server, "nobody@example.com", PASSWORD).await);
    assert_eq!((&unknown["status"], &unknown["code"]), (&json!(401), &json!("invalid_credentials")));
    assert_eq!(refusal(&attempt(&server, ADMIN, "wrong wrong wrong").await), unknown);
    assert_eq!(refusal(&attempt(&server, "gone@example.com", PASSWORD).await), unknown);
    assert_eq!(refusal(&attempt(&server, "", "").await), unknown);
    assert_eq!(refusal(&attempt(&server, "' OR 1=1 --", "' OR 1=1 --").await), unknown);
    assert_eq!(refusal(&attempt(&server, ADMIN, &"x".repeat(50_000)).await), unknown);
    assert_eq!(viewer(&server, &session).await, Value::Null, "the session of an inactive account is none");
    server
        .get("/admin/api/v1/tenants")
        .header("cookie", &session)
        .ask()
        .await
        .problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_changed_role_counts_from_the_next_request() {
    let place = Place::new();
    let server = place.serve().await;
    place.user("ops@example.com", "super_admin");
    let session = server.sign_in("ops@example.com").await;
    let keys = || server.get("/admin/api/v1/auth-keys").header("cookie", &session);
    assert_eq!(keys().ask().await.status, 200);
    place.change("UPDATE users SET role = 'user' WHERE email = 'ops@example.com'").await;
    keys().ask().await.problem(403, "forbidden");
}

#[tokio::test]
async fn guessing_locks_the_account_for_every_spelling_of_it() {
    let place = Place::new();
    let server = place.serve().await;
    place.user("other@example.com", "user");
    let spellings = [
        "admin@example.com",
        "ADMIN@example.com",
        "Admin@Example.com",
        " admin@example.com",
        "admin@EXAMPLE.com",
    ];
    for (number, email) in spellings.iter().enumerate() {
        let form = server.form("session/sign-in", &[("email", email), ("password", "wrong wrong wrong")]);
        let reply = form.header("x-forwarded-for", format!("192.0.{number}.7")).ask().await;
        assert_eq!(refusal(&reply)["code"], "invalid_credentials");
    }
    let locked = attempt(&server, ADMIN, PASSWORD).await;
    let problem = refusal(&locked);
    assert_eq!(
        (&problem["status"], &problem["code"]),
        (&json!(429), &json!("locked_out")),
        "{}",
        locked.text
    );
    let wait = problem["retry_after"].as_u64().unwrap();
    assert!((1..=31).contains(&wait), "{wait}");
    // An account that isn't there locks just the same.
    for _ in 0..5 {
        attempt(&server, "nobody@example.com", "wrong").await;
    }
    assert_eq!(refusal(&attempt(&server, "nobody@example.com", "wrong").await)["code"], "locked_out");
    server.sign_in("other@example.com").await;
    let failures: Vec<String> = place
        .column("SELECT target_name FROM audit_log WHERE action = 'session.start' AND result = 'failure'")
        .await;
    let of_admin = failures.iter().filter(|name| *name == ADMIN).count();
    assert_eq!(of_admin, 6, "five guesses, and the attempt at the locked account");
    assert!(
        !failures.iter().any(|name| name.contains("nobody")),
        "what strangers type isn't kept: {failures:?}"
    );
}

#[tokio::test]
async fn good_sign_ins_lock_nobody_out_however_many_share_an_address() {
    let place = Place::new();
    let server = place.serve().await;
    for number in 1..=60 {
        let reply = attempt(&server, ADMIN, PASSWORD).await;
        assert!(reply.set_cookie().is_some(), "sign-in {number}: {}", reply.text);
    }
    // Wrong ones do, spread over accounts as they may be.
    for number in 0..60 {
        attempt(&server, &format!("guess{number}@example.com"), "wrong").await;
    }
    assert_eq!(refusal(&attempt(&server, ADMIN, PASSWORD).await)["code"], "locked_out");
}

#[tokio::test]
async fn nothing_in_next_leads_off_this_site() {
    let place = Place::new();
    let server = place.serve().await;
    let session = server.sign_in(ADMIN).await;
    let hostile = [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "http://evil.example",
        "HTTPS://evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/%09/evil.example\\",
        "evil.example",
        "@evil.example",
        ".evil.example",
        "/\u{0}/evil.example",
        "/\u{a0}/evil.example",
        "/x\r\nSet-Cookie: a=b",
        "?next=//evil.example",
        "#//evil.example",
        "/\u{2f}evil.example",
        "http:///evil.example",
        "/\\/evil.example",
        "//user@evil.example",
        "//[::1]",
        "/..//evil.example\\",
    ];
    for next in hostile.iter().copied().chain(["/admin/users", "/console?a=b"]) {
        let good = next.starts_with("/admin") || next.starts_with("/console");
        // Without JavaScript: the browser itself follows.
        let form =
            server.form("session/sign-in", &[("email", ADMIN), ("password", PASSWORD), ("next", next)]);
        let reply = form.header("accept", "text/html").ask().await;
        let expected = if good { next } else { "/admin/dashboard" };
        assert!(matches!(reply.status, 302 | 303), "{next:?}: {} {}", reply.status, reply.text);
        assert_eq!(reply.header("location"), expected, "{next:?}");
        assert!(!reply.headers.get_all("set-cookie").iter().any(|line| line == "a=b"));
        // Already signed in: the page redirects; and the form keeps nothing of it.
        let page = server.get("/login").query(&[("next", next)]);
        let signed_in = page.try_clone().unwrap().header("cookie", &session).ask().await;
        assert_eq!(signed_in.header("location"), expected, "{next:?}");
        let anonymous = page.ask().await;
        assert!(good || !anonymous.text.contains("evil"), "{next:?}: {}", anonymous.text);
    }
    // With JavaScript: the page follows, by what the answer says.
    for (next, to) in [("//evil.example", "/admin/dashboard"), ("/admin/users", "/admin/users")] {
        let form =
            server.form("session/sign-in", &[("email", ADMIN), ("password", PASSWORD), ("next", next)]);
        assert_eq!(form.ask().await.json(), json!({ "Ok": to }), "{next:?}");
    }
}

#[tokio::test]
async fn the_set_up_link_works_once() {
    let place = Place::first_run();
    let server = place.serve().await;
    let replaced = server.setup_token.clone().unwrap();
    server.kill();
    let server = place.serve().await;
    let token = server.setup_token.clone().unwrap();
    assert_ne!(token, replaced, "each start prints a new link, and the old one is void");
    let set_up = async |token: &str, email: &str, password: &str| {
        let fields = [("token", token), ("name", "Ada"), ("email", email), ("password", password)];
        server.form("session/set-up", &fields).ask().await
    };
    for wrong in [replaced.as_str(), "", "x", &token[1..], &token.to_uppercase()] {
        assert_eq!(refusal(&set_up(wrong, ADMIN, PASSWORD).await)["code"], "link_invalid");
        assert_eq!(server.get("/setup").query(&[("token", wrong)]).ask().await.status, 410);
    }
    let page = server.get("/setup").query(&[("token", &token)]).ask().await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("/api/session/set-up"), "{}", page.text);
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(
        ["same-origin", "no-referrer"].contains(&page.header("referrer-policy")),
        "the link is in no Referer"
    );

    for (email, password, field) in [
        (ADMIN, "short", "password"),
        (ADMIN, "password1234", "password"),
        ("not an address", PASSWORD, "email"),
    ] {
        let problem = refusal(&set_up(&token, email, password).await);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let made = set_up(&token, ADMIN, PASSWORD).await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(viewer(&server, &made.session().unwrap()).await["user"]["role"], "super_admin");
    assert_eq!(refusal(&set_up(&token, "eve@example.com", PASSWORD).await)["code"], "link_invalid");
    assert_eq!(server.get("/setup").query(&[("token", &token)]).ask().await.status, 410);
    let users: Vec<String> = place.column("SELECT email FROM users").await;
    assert_eq!(users, [ADMIN]);
    assert!(!place.log().contains(&token) && !place.log().contains(&replaced));
}

#[tokio::test]
async fn two_who_use_the_set_up_link_at_once_make_one_account() {
    let place = Place::first_run();
    let server = place.serve().await;
    let token = server.setup_token.clone().unwrap();
    let mut race = tokio::task::JoinSet::new();
    for number in 0..8 {
        let email = format!("ada{number}@example.com");
        let fields = [("token", token.as_str()), ("name", "Ada"), ("email", &email), ("password", PASSWORD)];
        race.spawn(server.form("session/set-up", &fields).send());
    }
    let mut won = 0;
    while let Some(response) = race.join_next().await {
        let reply = Reply::read(response.unwrap().unwrap()).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        won += usize::from(reply.set_cookie().is_some());
    }
    assert_eq!(won, 1);
    let users: Vec<i64> = place.column("SELECT COUNT(*) FROM users").await;
    assert_eq!(users, [1]);
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let place = Place::new();
    let server = place.serve().await;
    let (here, there) = (server.sign_in(ADMIN).await, server.sign_in(ADMIN).await);
    let change = async |current: &str, new: &str| {
        let fields = [("current_password", current), ("new_password", new)];
        server.form("session/change-password", &fields).header("cookie", &here).ask().await
    };
    let before = place.counts().await;
    assert!(change("wrong wrong wrong", "a whole new password").await.answered_problem()["code"].is_string());
    assert!(change(PASSWORD, "short").await.answered_problem()["errors"][0]["field"].is_string());
    assert_eq!(viewer(&server, &there).await["user"]["email"], ADMIN);
    assert_eq!(place.counts().await[..3], before[..3]);
    let guessed = change(PASSWORD, "gatehouse-2026").await.answered_problem();
    assert_eq!(guessed["errors"][0]["field"], "new_password");
    let changed = change(PASSWORD, "a whole new password").await;
    assert_eq!(changed.json(), json!({ "Ok": null }), "{}", changed.text);
    assert_eq!(viewer(&server, &there).await, Value::Null);
    assert_eq!(viewer(&server, &changed.session().unwrap()).await["user"]["email"], ADMIN);
    assert_eq!(refusal(&attempt(&server, ADMIN, PASSWORD).await)["code"], "invalid_credentials");
}
