//! What is known of each provider, kept: its discovery document and its keys, when they are fresh and when to ask again.

use super::Claims;
use super::discovery::{self, Metadata};
use super::error::{Endpoint, Error};
use super::http::{Answer, Http, Outgoing};
use crate::end_user::claims::text;
use crate::end_user::jwt::{Error as JwtError, Token};
use crate::end_user::source::{Lookup, count_keys};
use crate::end_user::{KeySource, KeySources};
use model::identity::JwtAlgorithm;
use model::time::{Clock, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

/// Older than this, a document is fetched again.
const FRESH: Duration = Duration::from_mins(10);
/// Older than this, it isn't used any more, even if the provider can't be asked.
const USABLE: Duration = Duration::from_hours(24);
/// Least time after a fetch that failed: many people at a provider that is down ask it once.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Our registration at a provider.
#[derive(Clone)]
pub struct Registration {
    /// The provider's issuer.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// The secret; `None`: we are a public client.
    pub client_secret: Option<Zeroizing<String>>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Whether its hosts may resolve to private or loopback addresses.
    pub allow_private_addresses: bool,
}

/// What is known of a provider.
pub struct Known {
    /// Its discovery document.
    pub metadata: Metadata,
    pub(super) keys: Arc<KeySource>,
}

/// Talks to providers, and remembers what they say about themselves.
pub struct RelyingParty {
    http: Arc<dyn Http>,
    clock: Arc<dyn Clock>,
    sources: KeySources,
    /// By issuer and whether it may be at a private address: what was fetched with permission isn't for those without.
    issuers: Mutex<HashMap<(String, bool), Arc<Issuer>>>,
}

#[derive(Default)]
struct Issuer {
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<(Arc<Known>, Timestamp)>,
    failed: Option<(Error, Timestamp)>,
}

impl Issuer {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn held(&self, now: Timestamp, within: Duration) -> Option<Arc<Known>> {
        self.held.as_ref().filter(|(_, at)| now.since(*at) < within).map(|(known, _)| Arc::clone(known))
    }

    fn failure(&self, now: Timestamp) -> Option<Error> {
        self.failed.as_ref().filter(|(_, at)| now.since(*at) < RETRY_AFTER).map(|(error, _)| error.clone())
    }
}

impl RelyingParty {
    /// Over these.
    pub fn new(http: Arc<dyn Http>, clock: Arc<dyn Clock>) -> Self {
        Self { http, clock, sources: KeySources::default(), issuers: Mutex::default() }
    }

    /// What is known of a provider; asks it if that is old, and goes on with the old if it can't be asked.
    pub async fn known(&self, registration: &Registration) -> Result<Arc<Known>, Error> {
        let issuer = self.issuer(registration);
        if let Some(known) = issuer.state().held(self.clock.now(), FRESH) {
            return Ok(known);
        }
        let _turn = issuer.turn.lock().await;
        let now = self.clock.now();
        {
            let state = issuer.state();
            // Somebody else asked while we waited.
            if let Some(known) = state.held(now, FRESH) {
                return Ok(known);
            }
            if let Some(error) = state.failure(now) {
                return state.held(now, USABLE).ok_or(error);
            }
        }
        let fetched = self.discover(registration).await;
        let now = self.clock.now();
        let mut state = issuer.state();
        match fetched {
            Ok(metadata) => {
                let keys = self.sources.get(&metadata.jwks_uri, registration.allow_private_addresses);
                let known = Arc::new(Known { metadata, keys });
                state.held = Some((Arc::clone(&known), now));
                state.failed = None;
                Ok(known)
            }
            Err(error) => {
                state.failed = Some((error.clone(), now));
                state.held(now, USABLE).ok_or(error)
            }
        }
    }

    fn issuer(&self, registration: &Registration) -> Arc<Issuer> {
        let mut issuers = self.issuers.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (registration.issuer.clone(), registration.allow_private_addresses);
        Arc::clone(issuers.entry(name).or_default())
    }

    /// Fetches the discovery document as it is, for who wants to look at it.
    pub async fn fetch_discovery(&self, registration: &Registration) -> Result<Vec<u8>, Error> {
        let request = Outgoing {
            url: discovery::address(&registration.issuer),
            allow_private_addresses: registration.allow_private_addresses,
            authorization: None,
            form: None,
        };
        let answer = self.send(Endpoint::Discovery, request).await?;
        if answer.status == 200 {
            Ok(answer.body)
        } else {
            Err(Error::Status(Endpoint::Discovery, answer.status))
        }
    }

    /// The issuer that a discovery document names.
    pub fn named_issuer(body: &[u8]) -> Option<String> {
        discovery::named_issuer(body)
    }

    async fn discover(&self, registration: &Registration) -> Result<Metadata, Error> {
        let body = self.fetch_discovery(registration).await?;
        Ok(Metadata::read(&body, &registration.issuer)?)
    }

    pub(super) async fn send(&self, endpoint: Endpoint, request: Outgoing) -> Result<Answer, Error> {
        self.http.send(request).await.map_err(|error| Error::Unreachable(endpoint, error))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The claims of a token that a key of the provider has signed, and with which algorithm. Nothing else of it was
    /// looked at. An unknown key is asked for, but not in every moment.
    pub(super) async fn verified(
        &self,
        known: &Known,
        token: &str,
        kinds: &[&str],
    ) -> Result<(Claims, JwtAlgorithm), Error> {
        let token = Token::parse(token.as_bytes(), kinds).map_err(flaw)?;
        if known.keys.refresh_due(self.now()) {
            self.refresh(known).await;
        }
        let find = || known.keys.lookup(token.key_id.as_deref(), token.algorithm, self.now());
        let mut found = find();
        if matches!(found, Lookup::Fetch) {
            self.refresh(known).await;
            found = find();
        }
        let key = match found {
            Lookup::Key { key, .. } => key,
            Lookup::Fetch | Lookup::Unknown => return Err(flaw(JwtError::UnknownKey)),
            Lookup::Refused => return Err(flaw(JwtError::Key)),
        };
        if !key.verify(token.algorithm, token.signed, &token.signature) {
            return Err(flaw(JwtError::Signature));
        }
        let claims = token.claims().map_err(flaw)?;
        if text(&claims, "iss").map_err(flaw)? != Some(known.metadata.issuer.as_str()) {
            return Err(flaw(JwtError::Issuer));
        }
        Ok((claims, token.algorithm))
    }

    async fn refresh(&self, known: &Known) {
        let request = Outgoing {
            url: known.keys.url().to_owned(),
            allow_private_addresses: known.keys.allow_private_addresses(),
            authorization: None,
            form: None,
        };
        let fetch = async {
            let answer = self.http.send(request).await.ok()?;
            (answer.status == 200).then_some(answer.body)
        };
        // What comes of it shows in the look-up that follows.
        let _ = known.keys.refresh(&*self.clock, fetch).await;
    }

    /// Fetches the key set and says how many of its keys can verify, for who wants to look at it.
    pub async fn count_keys(&self, registration: &Registration, metadata: &Metadata) -> Result<usize, Error> {
        let request = Outgoing {
            url: metadata.jwks_uri.clone(),
            allow_private_addresses: registration.allow_private_addresses,
            authorization: None,
            form: None,
        };
        let answer = self.send(Endpoint::Keys, request).await?;
        if answer.status != 200 {
            return Err(Error::Status(Endpoint::Keys, answer.status));
        }
        count_keys(&answer.body).ok_or(Error::Malformed(Endpoint::Keys))
    }
}

pub(super) fn flaw(error: JwtError) -> Error {
    Error::Token(error.into())
}
