//! An `OpenID` provider for tests: honest, or lying in the way that a test asks for. No I/O: tests carry requests to
//! [`TestProvider::respond`], over HTTP or without.
//!
//! It keeps the rules that a provider keeps: codes work once, with the verifier and the redirect address that they were
//! asked for with. So a relying party that breaks one fails its own tests.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(clippy::missing_panics_doc, reason = "a test stops at the first surprise")]

mod keys;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keys::Key;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// What it calls the installation.
pub const CLIENT_ID: &str = "gatehouse";
/// Its secret.
pub const CLIENT_SECRET: &str = "canary-client-secret-77d1";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Where to, with a redirect.
    pub location: Option<String>,
    /// JSON, or nothing.
    pub body: String,
    /// How long to wait with it.
    pub after: Duration,
}

/// How it misbehaves at one path.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// This status and body.
    Answer(u16, String),
    /// A redirect to this address.
    Redirect(String),
    /// More than anybody should read.
    Endless,
    /// The right answer, but late.
    Late(Duration),
}

/// A provider.
pub struct TestProvider {
    issuer: String,
    state: Mutex<State>,
}

struct State {
    key: Key,
    keys_published: Vec<Value>,
    /// Claims of whoever signs in next.
    person: Value,
    /// Claims that replace the right ones in every token; `null` leaves one out.
    lies: Value,
    userinfo: Value,
    discovery: Value,
    unsigned: bool,
    says_issuer: Option<String>,
    troubles: HashMap<String, Trouble>,
    codes: HashMap<String, Asked>,
    access: HashMap<String, Value>,
    now: i64,
    count: u64,
    calls: Vec<String>,
}

struct Asked {
    nonce: String,
    challenge: String,
    redirect_uri: String,
    person: Value,
    anew: bool,
}

impl TestProvider {
    /// An honest one, at this address, at this moment (seconds since the epoch).
    pub fn new(issuer: &str, now: i64) -> Self {
        let key = Key::generate("key-1");
        let discovery = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "userinfo_endpoint": format!("{issuer}/me"),
            "end_session_endpoint": format!("{issuer}/logout"),
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        });
        let state = State {
            keys_published: vec![key.public()],
            key,
            person: json!({}),
            lies: json!({}),
            userinfo: json!({}),
            discovery,
            unsigned: false,
            says_issuer: Some(issuer.to_owned()),
            troubles: HashMap::new(),
            codes: HashMap::new(),
            access: HashMap::new(),
            now,
            count: 0,
            calls: Vec::new(),
        };
        Self { issuer: issuer.to_owned(), state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Its address.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What time it is there, in seconds since the epoch.
    pub fn set_now(&self, now: i64) {
        self.state().now = now;
    }

    /// Who signs in next: their claims, `sub` among them.
    pub fn set_person(&self, claims: Value) {
        self.state().person = claims;
    }

    /// What every token says instead of the truth; `null` leaves a claim out.
    pub fn set_lies(&self, claims: Value) {
        self.state().lies = claims;
    }

    /// What the userinfo endpoint says over the person's claims.
    pub fn set_userinfo(&self, claims: Value) {
        self.state().userinfo = claims;
    }

    /// What the discovery document says instead; `null` leaves it out.
    pub fn set_discovery(&self, changes: Value) {
        merge(&mut self.state().discovery, &changes);
    }

    /// Whether tokens carry no signature.
    pub fn set_unsigned(&self, unsigned: bool) {
        self.state().unsigned = unsigned;
    }

    /// What `iss` says when the browser is sent back; `None`: nothing.
    pub fn set_says_issuer(&self, issuer: Option<&str>) {
        self.state().says_issuer = issuer.map(ToOwned::to_owned);
    }

    /// What is wrong with a path, e.g. `/token`; `None`: nothing any more.
    pub fn set_trouble(&self, path: &str, trouble: Option<Trouble>) {
        let mut state = self.state();
        match trouble {
            Some(trouble) => state.troubles.insert(path.to_owned(), trouble),
            None => state.troubles.remove(path),
        };
    }

    /// Signs with a new key from now on; `published`: the key set has it.
    pub fn rotate(&self, published: bool) {
        let mut state = self.state();
        state.count += 1;
        state.key = Key::generate(&format!("key-r{}", state.count));
        if published {
            state.keys_published = vec![state.key.public()];
        }
    }

    /// How often a path was asked for.
    pub fn calls(&self, path: &str) -> usize {
        self.state().calls.iter().filter(|call| *call == path).count()
    }

    /// The person's browser comes to the authorization endpoint with this address, and is sent back at once: where to.
    pub fn authorize(&self, url: &str) -> String {
        let mut state = self.state();
        let query = url.strip_prefix(&format!("{}/authorize?", self.issuer)).unwrap();
        let asked: HashMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        for (name, value) in
            [("response_type", "code"), ("client_id", CLIENT_ID), ("code_challenge_method", "S256")]
        {
            assert_eq!(asked[name], value);
        }
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        state.count += 1;
        let code = format!("code-{}", state.count);
        let back = asked["redirect_uri"].clone();
        let about = Asked {
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect_uri: back.clone(),
            person: state.person.clone(),
            anew: asked.get("max_age").is_some_and(|age| age == "0"),
        };
        let mut answer = form_urlencoded::Serializer::new(String::new());
        answer.append_pair("code", &code).append_pair("state", &asked["state"]);
        if let Some(issuer) = &state.says_issuer {
            answer.append_pair("iss", issuer);
        }
        state.codes.insert(code, about);
        format!("{back}?{}", answer.finish())
    }

    /// Answers a request: its path, its `Authorization` header, its form.
    pub fn respond(&self, path: &str, authorization: Option<&str>, form: Option<&str>) -> Response {
        let mut state = self.state();
        state.calls.push(path.to_owned());
        let trouble = state.troubles.get(path).cloned();
        let plain = |status, body: String| Response { status, location: None, body, after: Duration::ZERO };
        match trouble {
            Some(Trouble::Answer(status, body)) => plain(status, body),
            Some(Trouble::Redirect(to)) => Response { location: Some(to), ..plain(302, String::new()) },
            Some(Trouble::Endless) => plain(200, "[".repeat(2_000_000)),
            Some(Trouble::Late(after)) => {
                Response { after, ..state.honest(&self.issuer, path, authorization, form) }
            }
            None => state.honest(&self.issuer, path, authorization, form),
        }
    }

    /// A logout token about this person and session; `changes` to its claims, `null` leaves one out.
    pub fn logout_token(&self, subject: Option<&str>, session: Option<&str>, changes: Value) -> String {
        let mut state = self.state();
        state.count += 1;
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "iat": state.now, "exp": state.now + 120,
            "jti": format!("logout-{}", state.count), "sub": subject, "sid": session, "events": { EVENT: {} },
        });
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        merge(&mut claims, &changes);
        state.key.sign("logout+jwt", &claims)
    }
}

impl State {
    fn honest(
        &mut self,
        issuer: &str,
        path: &str,
        authorization: Option<&str>,
        form: Option<&str>,
    ) -> Response {
        let ok = |body: Value| (200, body);
        let (status, body) = match path {
            "/.well-known/openid-configuration" => ok(self.discovery.clone()),
            "/keys" => ok(json!({ "keys": self.keys_published })),
            "/token" => self.token(issuer, authorization, form.unwrap_or_default()),
            "/me" => self.userinfo(authorization.unwrap_or_default()),
            _ => (404, json!({})),
        };
        Response { status, location: None, body: body.to_string(), after: Duration::ZERO }
    }

    fn token(&mut self, issuer: &str, authorization: Option<&str>, form: &str) -> (u16, Value) {
        let given: HashMap<String, String> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"));
        if authorization != Some(&format!("Basic {basic}")) {
            return (401, json!({ "error": "invalid_client" }));
        }
        let code = given.get("code").and_then(|code| self.codes.remove(code));
        let verified = |asked: &Asked| {
            let verifier = given.get("code_verifier").cloned().unwrap_or_default();
            asked.challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
                && given.get("redirect_uri") == Some(&asked.redirect_uri)
        };
        let Some(asked) = code.filter(verified) else { return (400, json!({ "error": "invalid_grant" })) };
        self.count += 1;
        let access = format!("access-{}", self.count);
        let mut claims = json!({
            "iss": issuer, "aud": CLIENT_ID, "iat": self.now, "exp": self.now + 300, "nonce": asked.nonce,
        });
        if asked.anew {
            claims["auth_time"] = json!(self.now);
        }
        merge(&mut claims, &asked.person);
        merge(&mut claims, &self.lies);
        let mut info = json!({ "sub": asked.person["sub"] });
        merge(&mut info, &self.userinfo);
        self.access.insert(format!("Bearer {access}"), info);
        let id_token = if self.unsigned { keys::unsigned(&claims) } else { self.key.sign("JWT", &claims) };
        (200, json!({ "access_token": access, "token_type": "Bearer", "id_token": id_token }))
    }

    fn userinfo(&self, authorization: &str) -> (u16, Value) {
        match self.access.get(authorization) {
            Some(info) => (200, info.clone()),
            None => (401, json!({})),
        }
    }
}

/// Puts `changes` over an object; `null` takes away.
fn merge(object: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            object.as_object_mut().unwrap().remove(name);
        } else {
            object[name] = value.clone();
        }
    }
}
