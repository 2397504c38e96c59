//! Public keys that verify tokens: what each is for, and the signature check itself (ring).
//!
//! A key knows its own algorithms. A token's `alg` only chooses among them, so the bytes of an RSA key can never become
//! an HMAC secret: there is no way to say it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::identity::JwtAlgorithm;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};

/// A key that can verify.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum PublicKey {
    /// 2048 to 8192 bits; big-endian, without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// Uncompressed point.
    P256(Vec<u8>),
    /// Uncompressed point.
    P384(Vec<u8>),
    /// 32 bytes.
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// From modulus and exponent; `None` when too short to trust, too long to compute with, or no RSA key at all.
    pub(super) fn rsa(n: &[u8], e: &[u8]) -> Option<Self> {
        let (n, e) = (without_leading_zeros(n), without_leading_zeros(e));
        let bits = n.len() * 8 - n.first()?.leading_zeros() as usize;
        let odd = |bytes: &[u8]| bytes.last().is_some_and(|byte| byte & 1 == 1);
        // An exponent of 1 would make every signature its own message.
        let exponent_works = odd(e) && e != [1] && e.len() <= 4;
        let works = (2048..=8192).contains(&bits) && odd(n) && exponent_works;
        works.then(|| Self::Rsa { n: n.to_vec(), e: e.to_vec() })
    }

    /// From the coordinates, each of exactly the curve's length (RFC 7518 §6.2.1.2). ring refuses points off the curve.
    pub(super) fn ec(curve: &str, x: &[u8], y: &[u8]) -> Option<Self> {
        let point = [&[4], x, y].concat();
        match (curve, x.len(), y.len()) {
            ("P-256", 32, 32) => Some(Self::P256(point)),
            ("P-384", 48, 48) => Some(Self::P384(point)),
            _ => None,
        }
    }

    pub(super) fn ed25519(x: &[u8]) -> Option<Self> {
        (x.len() == 32).then(|| Self::Ed25519(x.to_vec()))
    }

    /// From `-----BEGIN PUBLIC KEY-----` (RFC 7468 §13) with nothing around it.
    pub(super) fn from_pem(pem: &str) -> Option<Self> {
        let body = pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----")?;
        let body = body.strip_suffix("-----END PUBLIC KEY-----")?;
        let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        Self::from_spki(&STANDARD.decode(body).ok()?)
    }

    /// From a DER-encoded `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7).
    fn from_spki(der: &[u8]) -> Option<Self> {
        const RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
        const P256: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
        const P384: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22";
        const ED25519: &[u8] = b"\x06\x03\x2b\x65\x70";
        let [algorithm, bits] = sequence_of(der, [SEQUENCE, BIT_STRING])?;
        let key = bits.strip_prefix(&[0])?;
        match algorithm {
            RSA => {
                let [n, e] = sequence_of(key, [INTEGER, INTEGER])?;
                Self::rsa(n, e)
            }
            P256 if key.len() == 65 && key[0] == 4 => Some(Self::P256(key.to_vec())),
            P384 if key.len() == 97 && key[0] == 4 => Some(Self::P384(key.to_vec())),
            ED25519 => Self::ed25519(key),
            _ => None,
        }
    }

    /// Whether this key is of the kind that `algorithm` needs.
    pub(super) fn fits(&self, algorithm: JwtAlgorithm) -> bool {
        match self {
            Self::Rsa { .. } => rsa_parameters(algorithm).is_some(),
            Self::P256(_) => algorithm == JwtAlgorithm::Es256,
            Self::P384(_) => algorithm == JwtAlgorithm::Es384,
            Self::Ed25519(_) => algorithm == JwtAlgorithm::EdDsa,
        }
    }

    /// Whether `signature` is this key's over `message`, with `algorithm` and no other.
    pub(super) fn verify(&self, algorithm: JwtAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        let one = |scheme: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(scheme, key).verify(message, signature).is_ok()
        };
        match (self, algorithm) {
            (Self::Rsa { n, e }, _) => rsa_parameters(algorithm).is_some_and(|parameters| {
                RsaPublicKeyComponents { n, e }.verify(parameters, message, signature).is_ok()
            }),
            (Self::P256(key), JwtAlgorithm::Es256) => one(&ECDSA_P256_SHA256_FIXED, key),
            (Self::P384(key), JwtAlgorithm::Es384) => one(&ECDSA_P384_SHA384_FIXED, key),
            (Self::Ed25519(key), JwtAlgorithm::EdDsa) => one(&ED25519, key),
            _ => false,
        }
    }
}

fn rsa_parameters(algorithm: JwtAlgorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        JwtAlgorithm::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        JwtAlgorithm::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        JwtAlgorithm::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        JwtAlgorithm::Ps256 => Some(&RSA_PSS_2048_8192_SHA256),
        JwtAlgorithm::Ps384 => Some(&RSA_PSS_2048_8192_SHA384),
        JwtAlgorithm::Ps512 => Some(&RSA_PSS_2048_8192_SHA512),
        JwtAlgorithm::Es256 | JwtAlgorithm::Es384 | JwtAlgorithm::EdDsa => None,
    }
}

fn without_leading_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

/// The contents of a DER sequence that holds exactly two elements with these tags.
fn sequence_of(der: &[u8], tags: [u8; 2]) -> Option<[&[u8]; 2]> {
    let (inner, rest) = element(der, SEQUENCE)?;
    let (first, after) = element(inner, tags[0])?;
    let (second, end) = element(after, tags[1])?;
    (rest.is_empty() && end.is_empty()).then_some([first, second])
}

/// The contents of the element at the start, and what follows it. Lengths of up to two bytes.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match *der.strip_prefix(&[tag])? {
        [short @ 0..=0x7f, ref rest @ ..] => (usize::from(short), rest),
        [0x81, length @ 0x80..=0xff, ref rest @ ..] => (usize::from(length), rest),
        [0x82, high @ 1..=0xff, low, ref rest @ ..] => (usize::from(high) << 8 | usize::from(low), rest),
        _ => return None,
    };
    rest.split_at_checked(length)
}
