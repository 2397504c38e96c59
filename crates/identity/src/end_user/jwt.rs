//! JSON Web Tokens of end users (RFC 7519, with the advice of RFC 8725).

use super::jwks::VerificationKey;
use super::key::PublicKey;
use super::source::{KeySource, KeySources, Lookup};
use super::{EndUser, claims, strict_json};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::identity::{JwtAlgorithm, JwtRules};
use model::time::Timestamp;
use quick_cache::sync::Cache;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 16 * 1024;
const MAX_KEY_ID: usize = 512;
/// Tokens that one key remembers as verified.
const REMEMBERED: usize = 1_000;

/// Why a token wasn't taken. For the log; the client learns only that it wasn't.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// More than 16 KiB.
    #[error("the token is longer than 16 KiB")]
    TooLong,
    /// Not three parts of base64url, or not JSON objects with each name once.
    #[error("the token is malformed")]
    Malformed,
    /// Its header asks for something that isn't done: a key or a URL from the token, an extension.
    #[error("the token's header has {0}, which is refused")]
    Header(&'static str),
    /// Neither an ID token nor an access token.
    #[error("the token is of another kind")]
    Kind,
    /// `none`, HMAC, or not in the rules' list.
    #[error("the token's algorithm isn't allowed")]
    Algorithm,
    /// The issuer has no key of that id, or couldn't be asked.
    #[error("the token's key isn't known")]
    UnknownKey,
    /// The key is for another algorithm, or several fit.
    #[error("the token's key doesn't fit")]
    Key,
    /// The signature is wrong.
    #[error("the token's signature is wrong")]
    Signature,
    /// There is no `exp`.
    #[error("the token never expires")]
    NoExpiry,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` is to come.
    #[error("the token isn't valid yet")]
    NotYet,
    /// `iss` isn't in the list.
    #[error("the token's issuer isn't in the list")]
    Issuer,
    /// `aud` has nothing in common with the list.
    #[error("the token is for somebody else")]
    Audience,
    /// `azp` or `client_id` isn't in the list.
    #[error("the token's client isn't in the list")]
    Client,
    /// A required claim is missing or different.
    #[error("a required claim is missing or different")]
    RequiredClaim,
    /// This claim has a form that it can't have.
    #[error("the claim {0} is malformed")]
    Claim(&'static str),
    /// The issuer says that the e-mail address isn't verified.
    #[error("the token's e-mail address isn't verified")]
    EmailUnverified,
    /// Neither `sub` nor `email`.
    #[error("the token names nobody")]
    Nobody,
}

/// What verifying came to.
pub(super) enum Verdict {
    Valid(Arc<EndUser>),
    /// Ask this source, then verify again.
    Fetch(Arc<KeySource>),
}

/// Verifies the tokens of one key's rules, and remembers those that were good: with other rules comes another verifier.
pub(super) struct Verifier {
    rules: JwtRules,
    keys: Keys,
    /// By SHA-256 of the whole token.
    remembered: Cache<[u8; 32], Remembered>,
}

enum Keys {
    Fixed(Arc<VerificationKey>),
    Source(Arc<KeySource>),
}

#[derive(Clone)]
struct Remembered {
    user: Arc<EndUser>,
    expires_at: Timestamp,
    /// The key set that verified it; under another one it must prove itself anew.
    generation: u64,
}

impl Verifier {
    /// `None`: no key to verify with, or one that no allowed algorithm fits.
    pub(super) fn compile(rules: &JwtRules, sources: &KeySources) -> Option<Self> {
        let keys = match (&rules.jwks_url, &rules.public_key_pem) {
            (Some(url), None) => Keys::Source(sources.get(url, rules.allow_private_addresses)),
            (None, Some(pem)) => Keys::Fixed(Arc::new(VerificationKey::fixed(pem_key(rules, pem)?))),
            _ => return None,
        };
        Some(Self { rules: rules.clone(), keys, remembered: Cache::new(REMEMBERED) })
    }

    pub(super) fn verify(&self, token: &[u8], now: Timestamp) -> Result<Verdict, Error> {
        if token.len() > MAX_TOKEN {
            return Err(Error::TooLong);
        }
        let name: [u8; 32] = Sha256::digest(token).into();
        let generation = match &self.keys {
            Keys::Fixed(_) => Some(0),
            Keys::Source(source) => source.generation(now),
        };
        if let Some(known) = self.remembered.get(&name)
            && generation == Some(known.generation)
            && now < known.expires_at
        {
            return Ok(Verdict::Valid(known.user));
        }
        let token = Token::parse(token, &KINDS)?;
        if self.rules.algorithms.as_ref().is_some_and(|allowed| !allowed.contains(&token.algorithm)) {
            return Err(Error::Algorithm);
        }
        let (key, generation) = match &self.keys {
            Keys::Fixed(key) => (Arc::clone(key), 0),
            Keys::Source(source) => match source.lookup(token.key_id.as_deref(), token.algorithm, now) {
                Lookup::Key { key, generation } => (key, generation),
                Lookup::Fetch => return Ok(Verdict::Fetch(Arc::clone(source))),
                Lookup::Unknown => return Err(Error::UnknownKey),
                Lookup::Refused => return Err(Error::Key),
            },
        };
        if !key.fits(token.algorithm) {
            return Err(Error::Key);
        }
        if !key.verify(token.algorithm, token.signed, &token.signature) {
            return Err(Error::Signature);
        }
        let (user, expires_at) = claims::check(&token.claims()?, &self.rules, now)?;
        let user = Arc::new(user);
        self.remembered.insert(name, Remembered { user: Arc::clone(&user), expires_at, generation });
        Ok(Verdict::Valid(user))
    }

    /// The source whose set should be fetched again, beside the requests.
    pub(super) fn refresh_due(&self, now: Timestamp) -> Option<&Arc<KeySource>> {
        match &self.keys {
            Keys::Source(source) if source.refresh_due(now) => Some(source),
            _ => None,
        }
    }
}

/// The key in `pem`, if one of the allowed algorithms fits it.
pub(super) fn pem_key(rules: &JwtRules, pem: &str) -> Option<PublicKey> {
    let allowed = rules.algorithms.as_deref().unwrap_or(&JwtAlgorithm::ALL);
    PublicKey::from_pem(pem).filter(|key| allowed.iter().any(|algorithm| key.fits(*algorithm)))
}

/// A token taken apart. Nothing in it is to be believed yet.
pub(crate) struct Token<'a> {
    pub(crate) algorithm: JwtAlgorithm,
    pub(crate) key_id: Option<String>,
    pub(crate) signed: &'a [u8],
    payload: &'a [u8],
    pub(crate) signature: Vec<u8>,
}

/// Kinds of tokens that name an end user.
const KINDS: [&str; 4] = ["JWT", "at+jwt", "application/at+jwt", "id_token+jwt"];

/// Headers that would have us take a key from the token or its author, or that change what is signed. `x5t` is only a
/// name and common, so it may stay.
const REFUSED_HEADERS: [&str; 8] = ["crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc"];

impl<'a> Token<'a> {
    /// Of one of these `kinds` (its `typ`), if it says of which kind it is.
    pub(crate) fn parse(token: &'a [u8], kinds: &[&str]) -> Result<Self, Error> {
        if token.len() > MAX_TOKEN {
            return Err(Error::TooLong);
        }
        let mut parts = token.split(|byte| *byte == b'.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Error::Malformed);
        };
        let signed = &token[..header.len() + 1 + payload.len()];
        let header = object(header)?;
        if let Some(name) = REFUSED_HEADERS.into_iter().find(|name| header.contains_key(*name)) {
            return Err(Error::Header(name));
        }
        // RFC 8725 §3.11: what is signed for another purpose is no identity.
        match header.get("typ") {
            None => {}
            Some(Value::String(kind)) if kinds.iter().any(|known| known.eq_ignore_ascii_case(kind)) => {}
            Some(_) => return Err(Error::Kind),
        }
        let algorithm = header.get("alg").and_then(Value::as_str).and_then(JwtAlgorithm::parse);
        let algorithm = algorithm.ok_or(Error::Algorithm)?;
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(id)) if id.len() <= MAX_KEY_ID => Some(id.clone()),
            Some(_) => return Err(Error::Header("an odd kid")),
        };
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Error::Malformed)?;
        Ok(Self { algorithm, key_id, signed, payload, signature })
    }

    pub(crate) fn claims(&self) -> Result<Map<String, Value>, Error> {
        object(self.payload)
    }
}

fn object(part: &[u8]) -> Result<Map<String, Value>, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Error::Malformed)?;
    strict_json::object(&bytes).ok_or(Error::Malformed)
}
