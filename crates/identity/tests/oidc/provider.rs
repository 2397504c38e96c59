//! A provider in this process. Tests change what it says.

use crate::signing::{jwks, token_of};
use identity::oidc::{
    Answer, Claims, Error, Expected, Http, IdToken, Known, Outgoing, Registration, RelyingParty, Sending,
    Unreachable,
};
use identity::secret::hash_token;
use model::time::{ManualClock, Timestamp};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

pub(crate) const START: i64 = 1_800_000_000;
pub(crate) const ISSUER: &str = "https://idp.example";
pub(crate) const CLIENT: &str = "gatehouse";
pub(crate) const NONCE: &str = "nonce-of-this-attempt";
/// The left half of the access token's SHA-256.
pub(crate) const ACCESS: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
pub(crate) const ACCESS_HASH: &str = "77QmUPtjPfzWtF2AnpK9RQ";

/// What it says.
#[derive(Clone)]
pub(crate) struct Says {
    pub(crate) discovery: Value,
    pub(crate) keys: Value,
    pub(crate) claims: Value,
    /// Header of the ID token.
    pub(crate) header: Value,
    /// What signs it, whatever the header says.
    pub(crate) signer: (&'static str, &'static str),
    /// The whole ID token instead.
    pub(crate) id_token: Option<String>,
    pub(crate) userinfo: Value,
    /// Where it doesn't answer as it should.
    pub(crate) trouble: Option<(&'static str, Trouble)>,
}

#[derive(Clone)]
pub(crate) enum Trouble {
    Unreachable(Unreachable),
    Answer(u16, String),
}

/// Path, authorization and form.
type Asked = (String, Option<String>, Option<String>);

pub(crate) struct Provider {
    pub(crate) says: Mutex<Says>,
    /// What was asked for: path, authorization and form.
    pub(crate) asked: Mutex<Vec<Asked>>,
}

pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "user-1", "aud": CLIENT, "exp": START + 300, "iat": START, "nonce": NONCE,
        "at_hash": ACCESS_HASH, "sid": "session-1", "email": "jo@company.com", "email_verified": true,
    })
}

impl Says {
    pub(crate) fn truth() -> Self {
        Self {
            discovery: json!({
                "issuer": ISSUER,
                "authorization_endpoint": format!("{ISSUER}/authorize"),
                "token_endpoint": format!("{ISSUER}/token"),
                "jwks_uri": format!("{ISSUER}/keys"),
                "userinfo_endpoint": format!("{ISSUER}/me"),
                "end_session_endpoint": format!("{ISSUER}/logout"),
                "response_types_supported": ["code"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "code_challenge_methods_supported": ["S256"],
            }),
            keys: jwks(),
            claims: claims(),
            header: json!({ "alg": "ES256", "kid": "p256", "typ": "JWT" }),
            signer: ("p256", "ES256"),
            id_token: None,
            userinfo: json!({ "sub": "user-1", "groups": ["staff"] }),
            trouble: None,
        }
    }

    pub(crate) fn id_token(&self) -> String {
        let (key, algorithm) = self.signer;
        let signed = || token_of(key, algorithm, &self.header.to_string(), &self.claims.to_string());
        self.id_token.clone().unwrap_or_else(signed)
    }

    /// Says something else in one claim; `null` leaves it out.
    pub(crate) fn claim(&mut self, name: &str, value: Value) {
        let claims = self.claims.as_object_mut().unwrap();
        if value.is_null() {
            claims.remove(name);
        } else {
            claims.insert(name.to_owned(), value);
        }
    }

    fn answer(&self, path: &str) -> Result<Answer, Unreachable> {
        match &self.trouble {
            Some((at, Trouble::Unreachable(why))) if *at == path => return Err(*why),
            Some((at, Trouble::Answer(status, body))) if *at == path => {
                return Ok(Answer { status: *status, body: body.clone().into_bytes() });
            }
            _ => {}
        }
        let body = match path {
            "/.well-known/openid-configuration" => self.discovery.clone(),
            "/keys" => self.keys.clone(),
            "/token" => {
                json!({ "access_token": ACCESS, "token_type": "Bearer", "id_token": self.id_token() })
            }
            "/me" => self.userinfo.clone(),
            other => unreachable!("nobody should ask for {other}"),
        };
        Ok(Answer { status: 200, body: body.to_string().into_bytes() })
    }
}

impl Provider {
    pub(crate) fn new(says: Says) -> Arc<Self> {
        Arc::new(Self { says: Mutex::new(says), asked: Mutex::default() })
    }

    /// How often a path was asked for.
    pub(crate) fn times(&self, path: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|(asked, ..)| asked == path).count()
    }
}

/// The provider, as the relying party reaches it.
pub(crate) struct Wire(pub(crate) Arc<Provider>);

impl Http for Wire {
    fn send(&self, request: Outgoing) -> Sending {
        let path = request.url.strip_prefix(ISSUER).unwrap().to_owned();
        let text = |text: Option<zeroize::Zeroizing<String>>| text.map(|text| text.to_string());
        let asked = (path.clone(), text(request.authorization), text(request.form));
        self.0.asked.lock().unwrap().push(asked);
        let answer = self.0.says.lock().unwrap().answer(&path);
        Box::pin(async move { answer })
    }
}

pub(crate) struct Bench {
    pub(crate) provider: Arc<Provider>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) party: RelyingParty,
}

pub(crate) fn registration() -> Registration {
    Registration {
        issuer: ISSUER.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: Some("s+cret/1".to_owned().into()),
        scopes: vec!["openid".to_owned(), "email".to_owned()],
        allow_private_addresses: false,
    }
}

impl Bench {
    pub(crate) fn with(says: Says) -> Self {
        let provider = Provider::new(says);
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(START * 1_000_000)));
        let party = RelyingParty::new(Arc::new(Wire(Arc::clone(&provider))), clock.clone());
        Self { provider, clock, party }
    }

    pub(crate) async fn known(&self) -> Result<Arc<Known>, Error> {
        self.party.known(&registration()).await
    }

    /// From a code to who it is, and to what the userinfo endpoint says.
    pub(crate) async fn sign_in(&self) -> Result<(IdToken, Claims), Error> {
        self.sign_in_after(None).await
    }

    pub(crate) async fn sign_in_after(&self, after: Option<Timestamp>) -> Result<(IdToken, Claims), Error> {
        let (registration, known) = (registration(), self.known().await?);
        let back = "https://gw.example/login/sso/idp/callback";
        let tokens = self.party.redeem(&registration, &known, back, "code-1", "verifier").await?;
        let nonce_hash = hash_token(NONCE);
        let expected = Expected { client_id: CLIENT, nonce_hash: &nonce_hash, authenticated_after: after };
        let id_token = self.party.id_token(&known, &tokens, &expected).await?;
        let claims = self.party.with_userinfo(&registration, &known, &tokens, &id_token).await?;
        Ok((id_token, claims))
    }
}
