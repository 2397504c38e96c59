//! Key sets as issuers publish them (RFC 7517).

use super::key::PublicKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::identity::JwtAlgorithm;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::sync::Arc;

/// The largest key set that is read, in bytes; a fetch can stop there.
pub const MAX_BYTES: usize = 256 * 1024;
const MAX_KEYS: usize = 100;

/// Why a key set was turned down as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The issuer couldn't be asked; the caller's log says why.
    #[error("the key set couldn't be fetched")]
    NotFetched,
    /// More than [`MAX_BYTES`] bytes.
    #[error("the key set is larger than 256 KiB")]
    TooLarge,
    /// More than 100 keys.
    #[error("the key set has more than 100 keys")]
    TooManyKeys,
    /// Not `{"keys": […]}`.
    #[error("the answer is no JSON Web Key Set")]
    Malformed,
}

/// One key of a set, or the one of a PEM text.
#[derive(PartialEq, Eq)]
pub(crate) struct VerificationKey {
    id: Option<String>,
    /// The only algorithm that it may be used with, if the issuer says so.
    only: Option<JwtAlgorithm>,
    key: PublicKey,
}

impl VerificationKey {
    pub(super) fn fixed(key: PublicKey) -> Self {
        Self { id: None, only: None, key }
    }

    pub(crate) fn fits(&self, algorithm: JwtAlgorithm) -> bool {
        self.key.fits(algorithm) && self.only.is_none_or(|only| only == algorithm)
    }

    pub(crate) fn verify(&self, algorithm: JwtAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        self.fits(algorithm) && self.key.verify(algorithm, message, signature)
    }
}

/// The keys of an issuer that can verify a signature.
#[derive(PartialEq, Eq)]
pub(super) struct KeySet(Vec<Arc<VerificationKey>>);

/// What a set has for a token's `kid` and `alg`.
pub(super) enum Match {
    One(Arc<VerificationKey>),
    /// No key of that id (or, without an id, none that fits): perhaps the issuer has a new one.
    None,
    /// Fetching again wouldn't help: the key is for another algorithm, or it can't be told which one is meant.
    Refused,
}

impl KeySet {
    /// Reads a key set. Keys that can't verify are passed over: symmetric, short, for encryption, of other curves.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            keys: Vec<&'a RawValue>,
        }
        if body.len() > MAX_BYTES {
            return Err(Error::TooLarge);
        }
        let body: Body = serde_json::from_slice(body).map_err(|_| Error::Malformed)?;
        if body.keys.len() > MAX_KEYS {
            return Err(Error::TooManyKeys);
        }
        let mut keys: Vec<Arc<VerificationKey>> = Vec::new();
        for key in body.keys.into_iter().filter_map(|raw| read(raw.get())) {
            if !keys.iter().any(|known| **known == key) {
                keys.push(Arc::new(key));
            }
        }
        Ok(Self(keys))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The one key for a token. Never a guess: where two could be meant, none is taken.
    pub(super) fn find(&self, id: Option<&str>, algorithm: JwtAlgorithm) -> Match {
        let mut named = self.0.iter().filter(|key| id.is_none() || key.id.as_deref() == id).peekable();
        if id.is_some() && named.peek().is_none() {
            return Match::None;
        }
        let mut fitting = named.filter(|key| key.fits(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Match::One(Arc::clone(key)),
            (None, _) if id.is_none() => Match::None,
            _ => Match::Refused,
        }
    }
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// The private part: whoever publishes it has lost the key.
    d: Option<Value>,
}

fn read(json: &str) -> Option<VerificationKey> {
    let jwk: Jwk = serde_json::from_str(json).ok()?;
    let signs = jwk.purpose.is_none_or(|purpose| purpose == "sig")
        && jwk.key_ops.is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
    if !signs || jwk.d.is_some() {
        return None;
    }
    let bytes = |part: Option<String>| URL_SAFE_NO_PAD.decode(part?).ok();
    let key = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => PublicKey::rsa(&bytes(jwk.n)?, &bytes(jwk.e)?)?,
        ("EC", Some(curve)) => PublicKey::ec(curve, &bytes(jwk.x)?, &bytes(jwk.y)?)?,
        ("OKP", Some("Ed25519")) => PublicKey::ed25519(&bytes(jwk.x)?)?,
        _ => return None,
    };
    let only = match jwk.alg.as_deref() {
        None => None,
        // RFC 9864's name for the same.
        Some("Ed25519") => Some(JwtAlgorithm::EdDsa),
        Some(name) => Some(JwtAlgorithm::parse(name)?),
    };
    (only.is_none_or(|only| key.fits(only))).then_some(VerificationKey { id: jwk.kid, only, key })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ed(kid: Option<&str>, byte: u8) -> Value {
        let mut key = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode([byte; 32])});
        if let Some(kid) = kid {
            key["kid"] = kid.into();
        }
        key
    }

    fn with(mut key: Value, name: &str, value: Value) -> Value {
        key[name] = value;
        key
    }

    fn rsa(n: &[u8], e: &[u8]) -> Value {
        json!({"kty": "RSA", "kid": "r", "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e)})
    }

    fn set(keys: &[Value]) -> KeySet {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    }

    fn found(keys: &[Value], kid: Option<&str>) -> &'static str {
        match set(keys).find(kid, JwtAlgorithm::EdDsa) {
            Match::One(_) => "one",
            Match::None => "none",
            Match::Refused => "refused",
        }
    }

    #[test]
    fn the_id_picks_the_key() {
        let two = [ed(Some("a"), 1), ed(Some("b"), 2)];
        assert_eq!(found(&two, Some("a")), "one");
        assert_eq!(found(&two, Some("c")), "none");
        assert_eq!(found(&two, Some("")), "none");
        assert_eq!(found(&two, None), "refused");
        assert_eq!(found(&two[..1], None), "one");
        assert_eq!(found(&[], None), "none");
        assert_eq!(found(&[ed(None, 1)], Some("a")), "none");
        assert_eq!(found(&[ed(Some("a"), 1), ed(Some("a"), 2)], Some("a")), "refused");
        assert_eq!(found(&[ed(Some("a"), 1), ed(Some("a"), 1)], Some("a")), "one");
        assert!(matches!(set(&two).find(Some("a"), JwtAlgorithm::Rs256), Match::Refused));
    }

    #[test]
    fn keys_that_can_not_verify_are_passed_over() {
        let mut n = [0xff; 256];
        let e = [1, 0, 1];
        assert_eq!(set(&[rsa(&n, &e)]).0.len(), 1);
        assert_eq!(set(&[rsa(&[&[0][..], &n].concat(), &e)]).0.len(), 1, "a leading zero is no bit");
        n[0] = 0x7f;
        let useless = [
            rsa(&n, &e),
            rsa(&[0xff; 128], &e),
            rsa(&[0xff; 1025], &e),
            rsa(&[], &e),
            rsa(&[0xfe; 256], &e),
            rsa(&[0xff; 256], &[1]),
            rsa(&[0xff; 256], &[2]),
            rsa(&[0xff; 256], &[]),
            rsa(&[0xff; 256], &[1, 0, 0, 0, 1]),
            with(rsa(&[0xff; 256], &e), "alg", "HS256".into()),
            with(rsa(&[0xff; 256], &e), "alg", "none".into()),
            with(rsa(&[0xff; 256], &e), "alg", "RSA-OAEP".into()),
            with(rsa(&[0xff; 256], &e), "alg", "ES256".into()),
            with(rsa(&[0xff; 256], &e), "d", "AQAB".into()),
            with(ed(Some("a"), 1), "use", "enc".into()),
            with(ed(Some("a"), 1), "key_ops", json!(["sign"])),
            with(ed(Some("a"), 1), "key_ops", json!([])),
            with(ed(Some("a"), 1), "crv", "X25519".into()),
            with(ed(Some("a"), 1), "x", "AAAA".into()),
            with(ed(Some("a"), 1), "x", json!(5)),
            json!({"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"}),
            json!({"kty": "EC", "crv": "secp256k1", "x": URL_SAFE_NO_PAD.encode([1; 32]), "y": URL_SAFE_NO_PAD.encode([1; 32])}),
            json!({"kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode([1; 31]), "y": URL_SAFE_NO_PAD.encode([1; 32])}),
            json!({}),
            json!("key"),
            json!(null),
        ];
        for key in &useless {
            assert!(set(std::slice::from_ref(key)).0.is_empty(), "{key}");
        }
        let mut all = useless.to_vec();
        all.push(with(with(ed(Some("a"), 1), "use", "sig".into()), "key_ops", json!(["verify"])));
        assert_eq!(set(&all).0.len(), 1, "they don't spoil the others");
    }

    #[test]
    fn sets_are_bounded() {
        let error = |body: &[u8]| KeySet::parse(body).err();
        assert_eq!(error(&vec![b' '; MAX_BYTES + 1]), Some(Error::TooLarge));
        let many = json!({"keys": vec![json!({}); MAX_KEYS + 1]}).to_string();
        assert_eq!(error(many.as_bytes()), Some(Error::TooManyKeys));
        for bad in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":null}"#, "<html>", r#"{"keys":[}"#] {
            assert_eq!(error(bad.as_bytes()), Some(Error::Malformed), "{bad}");
        }
    }
}
