//! Signing in with an identity provider over HTTP, as a browser does it: a provider in this process, honest or lying.

mod flow;
mod hostile;
mod logout;

use crate::client::{Ask, Reply};
use crate::support::{Place, Server};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use testidp::{CLIENT_ID, CLIENT_SECRET, TestProvider};

/// The cookie of an attempt.
const ATTEMPT: &str = "__Host-gatehouse-sso";

/// A provider that listens.
pub(crate) struct Idp {
    pub(crate) provider: Arc<TestProvider>,
}

impl Idp {
    /// On a free port of this machine.
    #[expect(
        clippy::disallowed_methods,
        reason = "a test's tasks end with its runtime; its tokens are of now"
    )]
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let provider = Arc::new(TestProvider::new(&issuer, now.try_into().unwrap()));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&provider));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { provider }
    }

    /// Registers it.
    pub(crate) async fn register(&self, server: &Server, name: &str, fields: Value) {
        let mut new = json!({
            "name": name, "title": "Sign in with Okta", "preset": "okta", "issuer": self.provider.issuer(),
            "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "allow_private_addresses": true,
            "allowed_domains": ["example.com"],
        });
        for (field, value) in fields.as_object().unwrap() {
            new[field] = value.clone();
        }
        server.make("/identity-providers", new).await;
    }
}

async fn answer(State(provider): State<Arc<TestProvider>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1_000_000).await.unwrap();
    let authorization = parts.headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap());
    let form = std::str::from_utf8(&body).unwrap();
    let answer = provider.respond(parts.uri.path(), authorization, Some(form));
    tokio::time::sleep(answer.after).await;
    let mut response = Response::builder().status(answer.status).header("content-type", "application/json");
    if let Some(location) = &answer.location {
        response = response.header("location", location);
    }
    response.body(answer.body.into()).unwrap()
}

/// Claims of somebody, verified.
pub(crate) fn person(subject: &str, email: &str) -> Value {
    json!({ "sub": subject, "sid": format!("sid-{subject}"), "name": "Jo Doe", "email": email, "email_verified": true })
}

/// The value of a cookie that an answer sets; empty when it is taken away.
fn set(reply: &Reply, name: &str) -> Option<String> {
    let lines = reply.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let found = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')).next_back()?;
    found.split(';').next().map(ToOwned::to_owned)
}

/// A browser that is on its way: its cookie, and where the provider sent it.
pub(crate) struct Travel {
    pub(crate) cookie: String,
    pub(crate) back: String,
}

/// To the provider.
pub(crate) async fn go(server: &Server, idp: &Idp, path: &str) -> Travel {
    let begun = server.get(path).ask().await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    let cookie = format!("{ATTEMPT}={}", set(&begun, ATTEMPT).unwrap());
    let to = idp.provider.authorize(begun.header("location"));
    let back = to.strip_prefix(&server.origin).unwrap().to_owned();
    Travel { cookie, back }
}

/// And back.
pub(crate) async fn back(server: &Server, travel: &Travel) -> Reply {
    server.get(&travel.back).header("cookie", &travel.cookie).ask().await
}

/// Signs in: the session's cookie.
pub(crate) async fn sign_in(server: &Server, idp: &Idp, name: &str, claims: Value) -> String {
    idp.provider.set_person(claims);
    let reply = back(server, &go(server, idp, &format!("/login/sso/{name}")).await).await;
    assert_eq!(reply.status, 303, "{}", reply.text);
    assert!(!reply.header("location").contains("sso="), "{}", reply.header("location"));
    reply.session().unwrap()
}

/// The word with which a browser is sent back to the sign-in page.
fn word(reply: &Reply) -> &str {
    assert_eq!(reply.status, 303, "{}", reply.text);
    assert!(reply.session().is_none_or(|cookie| cookie.ends_with('=')), "{:?}", reply.headers);
    reply
        .header("location")
        .strip_prefix("/login?sso=")
        .unwrap_or_else(|| panic!("{}", reply.header("location")))
}

async fn viewer(server: &Server, cookie: &str) -> Value {
    server.call("session/viewer", &json!({})).header("cookie", cookie).ask().await.json()
}

async fn counts(place: &Place) -> Vec<i64> {
    place.column("SELECT COUNT(*) FROM users UNION ALL SELECT COUNT(*) FROM identities").await
}

fn headers_say_nothing_of(headers: &HeaderMap, text: &str, marks: &[&str]) {
    for mark in marks {
        assert!(!text.contains(mark), "{mark} on the page");
        assert!(!format!("{headers:?}").contains(mark), "{mark} in {headers:?}");
    }
}
