//! The second factor over HTTP: half a session opens nothing, and who must have one has nothing before it.

use crate::client::{Ask, Reply};
use crate::secrets::assert_clean;
use crate::server_functions::{Access, call, inventory, management_key, rule, scim_client};
use crate::support::{ADMIN, PASSWORD, Place, Server, text};
use identity::totp::TotpSecret;
use model::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

const DEV: &str = "dev@example.com";

/// Somebody's second factor, as they have it.
struct Factor {
    secret: TotpSecret,
    text: String,
    codes: Vec<String>,
    /// The session that it was enrolled in.
    session: String,
}

impl Factor {
    /// A code that is good once after enrolling: that of the next half minute, as of a clock that is fast.
    async fn code(&self, server: &Server) -> String {
        let soon = server_time(server, &self.session).await.after(Duration::from_secs(30));
        self.secret.code_at(soon).to_string()
    }
}

async fn server_time(server: &Server, session: &str) -> Timestamp {
    let state = server.call("second-factor/read", &json!({})).header("cookie", session).ask().await;
    Timestamp::parse_rfc3339(state.json()["now"].as_str().unwrap()).unwrap()
}

/// Turns a second factor on, as the page does.
async fn enrol(server: &Server, session: &str) -> Factor {
    let begun = server.call("second-factor/begin", &json!({})).header("cookie", session).ask().await;
    assert_eq!(begun.header("cache-control"), "no-store");
    let new = begun.json()["Ok"].clone();
    let secret = TotpSecret::parse(new["secret"].as_str().unwrap()).unwrap();
    let code = secret.code_at(server_time(server, session).await).to_string();
    let first = json!({ "ticket": new["ticket"], "current_password": PASSWORD, "code": code });
    let enrolled = server.call("second-factor/enrol", &first).header("cookie", session).ask().await;
    assert_eq!(enrolled.header("cache-control"), "no-store");
    let codes: Vec<String> = serde_json::from_value(enrolled.json()["Ok"].clone()).unwrap();
    Factor { secret, text: text(&new["secret"]), codes, session: enrolled.session().unwrap() }
}

async fn viewer(server: &Server, cookie: &str) -> Value {
    server.call("session/viewer", &json!({})).header("cookie", cookie).ask().await.json()
}

async fn first_step(server: &Server, email: &str) -> Reply {
    server
        .form("session/sign-in", &[("email", email), ("password", PASSWORD), ("next", "/console")])
        .ask()
        .await
}

async fn second_step(server: &Server, cookie: &str, code: &str) -> Reply {
    let form = server.form("session/second-step", &[("code", code), ("next", "/console")]);
    form.header("cookie", cookie).ask().await
}

#[tokio::test]
async fn half_a_session_opens_nothing_but_the_second_step() {
    let place = Place::new();
    let server = place.serve().await;
    let target = place.user("target@example.com", "user");
    let factor = enrol(&server, &server.sign_in(ADMIN).await).await;
    assert_eq!(viewer(&server, &factor.session).await["user"]["second_factor"], true);

    let step = first_step(&server, ADMIN).await;
    assert_eq!(step.json(), json!({ "Ok": "/login/second-step?next=%2Fconsole" }));
    assert!(step.set_cookie().unwrap().contains("Max-Age=300"), "{:?}", step.set_cookie());
    let half = step.session().unwrap();
    assert_eq!(viewer(&server, &half).await, Value::Null);
    let (key, _) = server.plain_key("target").await;
    let (rule, management) = (rule(&server).await, management_key(&server).await);
    let scim = scim_client(&server).await;
    let before = place.counts().await;
    for (endpoint, access, arguments) in inventory(&key, &target, &rule, &management, &scim) {
        if access != Access::Public {
            let reply = call(&server, endpoint, &arguments).session(&server, &half).ask().await;
            assert_eq!(reply.status, 401, "{endpoint}: {}", reply.text);
        }
    }
    let users = server.get("/admin/api/v1/users").session(&server, &half).ask().await;
    users.problem(401, "unauthenticated");
    assert_eq!(server.get("/console").header("cookie", &half).ask().await.status, 303);
    assert_eq!(place.counts().await, before);

    let wrong = second_step(&server, &half, "000000").await;
    assert_eq!(wrong.answered_problem()["code"], "invalid_code");
    let stranger = server.form("session/second-step", &[("code", &factor.code(&server).await)]).ask().await;
    assert_eq!(stranger.answered_problem()["code"], "second_step_over", "bound to the browser");
    let done = second_step(&server, &half, &factor.code(&server).await).await;
    assert_eq!(done.json(), json!({ "Ok": "/console" }));
    let session = done.session().unwrap();
    assert_ne!(session, half);
    assert_eq!(viewer(&server, &session).await["user"]["email"], ADMIN);
    assert_eq!(viewer(&server, &half).await, Value::Null);
    let again = second_step(&server, &half, &factor.codes[0]).await;
    assert_eq!(again.answered_problem()["code"], "second_step_over", "a half session is worth one");
}

#[tokio::test]
async fn both_steps_work_without_scripts() {
    let place = Place::new();
    let server = place.serve().await;
    let factor = enrol(&server, &server.sign_in(ADMIN).await).await;
    let plain = |endpoint: &'static str, fields: &[(&str, &str)]| {
        server.form(endpoint, fields).header("accept", "text/html")
    };
    let step = plain("session/sign-in", &[("email", ADMIN), ("password", PASSWORD)]).ask().await;
    assert_eq!((step.status, step.header("location")), (303, "/login/second-step"));
    let half = step.session().unwrap();
    let page = server.get("/login/second-step").header("cookie", &half).ask().await;
    for part in
        ["action=\"/api/session/second-step\"", "autocomplete=\"one-time-code\"", "inputmode=\"numeric\""]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let recovery = server.get("/login/second-step?with=recovery").header("cookie", &half).ask().await;
    assert!(recovery.text.contains("recovery codes that you put away"), "{}", recovery.text);
    let path = format!("{}/login/second-step", server.origin);
    let wrong = plain("session/second-step", &[("code", "000000")]).header("cookie", &half);
    let wrong = wrong.header("referer", &path).ask().await;
    assert!(matches!(wrong.status, 302 | 303), "{}", wrong.status);
    let back = wrong.header("location").split_once("/login").unwrap().1.to_owned();
    let told = server.get(&format!("/login{back}")).header("cookie", &half).ask().await;
    assert!(told.text.contains("The code is wrong, or was used"), "{back}: {}", told.text);
    let done =
        plain("session/second-step", &[("code", &factor.codes[0])]).header("cookie", &half).ask().await;
    assert_eq!((done.status, done.header("location")), (303, "/admin/dashboard"));
    // Who has no sign-in under way is told so.
    let page = server.get("/login/second-step").ask().await;
    assert!(page.text.contains("This sign-in is over"), "{}", page.text);
}

#[tokio::test]
async fn who_must_have_one_is_led_there_and_nowhere_else() {
    let place = Place::new().configured("identity: {require_second_factor: everyone}\n");
    let server = place.serve().await;
    let target = place.user("target@example.com", "user");
    place.user(DEV, "user");
    let (key, secret) = server.plain_key("target").await;
    let (rule, management) = (rule(&server).await, management_key(&server).await);
    let scim = scim_client(&server).await;
    let session = server.sign_in(ADMIN).await;
    let seen = viewer(&server, &session).await;
    assert_eq!((&seen["must_enrol"], &seen["tenants"]), (&json!(true), &json!([])));
    for path in ["/admin/users?q=a", "/console", "/admin/audit"] {
        let reply = server.get(path).header("cookie", &session).ask().await;
        assert_eq!(reply.status, 303, "{path}");
        assert!(reply.header("location").starts_with("/second-factor?next="), "{}", reply.header("location"));
    }
    assert_eq!(server.get("/second-factor").header("cookie", &session).ask().await.status, 200);
    let open = ["second-factor/read", "second-factor/begin", "second-factor/enrol"];
    let before = place.counts().await;
    for (endpoint, access, arguments) in inventory(&key, &target, &rule, &management, &scim) {
        if access == Access::Public || open.contains(&endpoint) {
            continue;
        }
        let reply = call(&server, endpoint, &arguments).session(&server, &session).ask().await;
        assert_eq!(reply.status, 403, "{endpoint}: {}", reply.text);
        assert_eq!(reply.json()["code"], "second_factor_required", "{endpoint}: {}", reply.text);
    }
    let users = || server.get("/admin/api/v1/users").session(&server, &session);
    users().ask().await.problem(403, "second_factor_required");
    assert_eq!(place.counts().await, before);
    // Programs go on.
    assert_eq!(server.chat(&secret, "x", false).ask().await.status, 200);
    assert_eq!(server.get("/admin/api/v1/users").master().ask().await.status, 200);

    let factor = enrol(&server, &session).await;
    assert_eq!(viewer(&server, &factor.session).await["must_enrol"], false);
    assert_eq!(viewer(&server, &session).await, Value::Null, "the session from before is over");
    let users = server.get("/admin/api/v1/users").session(&server, &factor.session).ask().await;
    let listed = users.json();
    let of =
        |email: &str| listed["items"].as_array().unwrap().iter().find(|user| user["email"] == email).cloned();
    assert_eq!(of(ADMIN).unwrap()["second_factor"], true);
    assert_eq!(of(DEV).unwrap()["second_factor"], false);
}

#[tokio::test]
async fn a_lost_one_is_reset_by_an_admin_and_from_the_shell() {
    let place = Place::new();
    let server = place.serve().await;
    let id = place.user(DEV, "user");
    let path = format!("/admin/api/v1/users/{id}/second-factor");
    for by_shell in [false, true] {
        let factor = enrol(&server, &server.sign_in(DEV).await).await;
        if by_shell {
            let said = place.run_well(&["user", "reset-second-factor", "--email", DEV], "");
            assert!(said.contains("sessions ended: 1"), "{said}");
        } else {
            let reply = server.delete(&path).master().ask().await;
            assert_eq!((reply.status, reply.json()), (200, json!({ "sessions_ended": 1, "current": false })));
        }
        assert_eq!(viewer(&server, &factor.session).await, Value::Null);
        assert_eq!(
            first_step(&server, DEV).await.json(),
            json!({ "Ok": "/console" }),
            "the password is enough"
        );
    }
    assert!(
        place.run_well(&["user", "reset-second-factor", "--email", DEV], "").contains("no second factor")
    );
    // Nobody takes their own off that way, however they come.
    let admin = enrol(&server, &server.sign_in(ADMIN).await).await.session;
    let own = text(&viewer(&server, &admin).await["user"]["id"]);
    let own = format!("/admin/api/v1/users/{own}/second-factor");
    server.delete(&own).session(&server, &admin).ask().await.problem(409, "own_second_factor");
    let key = json!({ "name": "mine", "permissions": ["users:read", "users:write"] });
    let made = server.post("/admin/api/v1/management-keys").session(&server, &admin).json(&key).ask().await;
    let secret = text(&made.json()["secret"]);
    // It is less than its maker, so it stands below a super_admin.
    server.delete(&own).bearer_auth(secret).ask().await.problem(403, "forbidden");
}

#[tokio::test]
async fn secret_and_codes_are_shown_once_and_kept_nowhere() {
    let place = Place::new();
    let server = place.serve().await;
    let factor = enrol(&server, &server.sign_in(ADMIN).await).await;
    let half = first_step(&server, ADMIN).await.session().unwrap();
    for wrong in [&factor.text, &factor.codes[1].replace('-', "x")] {
        let plain = server.form("session/second-step", &[("code", wrong)]).header("accept", "text/html");
        let path = format!("{}/login/second-step", server.origin);
        let reply = plain.header("cookie", &half).header("referer", path).ask().await;
        assert!(!reply.text.contains(wrong.as_str()) && !reply.header("location").contains(wrong.as_str()));
    }
    let done = second_step(&server, &half, &factor.codes[0]).await;
    let session = done.session().unwrap();
    let mut pages = Vec::new();
    for path in ["/console/settings/profile", "/admin/users", "/admin/audit", "/second-factor"] {
        pages.push(server.get(path).header("cookie", &session).ask().await.text);
    }
    let export = server.get("/admin/api/v1/audit/export?format=jsonl").session(&server, &session).ask().await;
    assert_eq!(export.status, 200, "{}", export.text);
    assert!(export.text.contains("second_factor.recovery_used"), "{}", export.text);
    pages.push(export.text);
    let mut secrets = vec![factor.text.clone()];
    secrets.extend(factor.codes.iter().cloned());
    secrets.extend(factor.codes.iter().map(|code| code.replace('-', "")));
    for secret in &secrets {
        assert!(pages.iter().all(|page| !page.contains(secret.as_str())), "{secret}");
    }
    server.kill();
    assert_clean(&place, &secrets);
}
