//! Keys and signatures for the tests.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use serde_json::Value;
use std::path::PathBuf;

/// A file beside the test keys.
pub(crate) fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(name);
    std::fs::read_to_string(path).unwrap()
}

pub(crate) fn jwks() -> Value {
    serde_json::from_str(&file("jwks.json")).unwrap()
}

pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn pkcs8(key: &str) -> Vec<u8> {
    let pem = file(&format!("{key}.pem"));
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).unwrap()
}

/// The raw signature of `key` over `message`.
pub(crate) fn signature(key: &str, algorithm: &str, message: &str) -> Vec<u8> {
    let rng = SystemRandom::new();
    let rsa = |padding: &'static dyn RsaEncoding| {
        let pair = RsaKeyPair::from_pkcs8(&pkcs8(key)).unwrap();
        let mut bytes = vec![0; pair.public().modulus_len()];
        pair.sign(padding, &rng, message.as_bytes(), &mut bytes).unwrap();
        bytes
    };
    let ec = |scheme: &'static EcdsaSigningAlgorithm| {
        let pair = EcdsaKeyPair::from_pkcs8(scheme, &pkcs8(key), &rng).unwrap();
        pair.sign(&rng, message.as_bytes()).unwrap().as_ref().to_vec()
    };
    match algorithm {
        "RS256" => rsa(&RSA_PKCS1_SHA256),
        "RS384" => rsa(&RSA_PKCS1_SHA384),
        "RS512" => rsa(&RSA_PKCS1_SHA512),
        "PS256" => rsa(&RSA_PSS_SHA256),
        "PS384" => rsa(&RSA_PSS_SHA384),
        "PS512" => rsa(&RSA_PSS_SHA512),
        "ES256" => ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
        "ES384" => ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
        "EdDSA" => {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pkcs8(key)).unwrap();
            pair.sign(message.as_bytes()).as_ref().to_vec()
        }
        other => unreachable!("no {other}"),
    }
}

/// A token of exactly these texts, signed by `key` with `algorithm`, whatever they say.
pub(crate) fn token_of(key: &str, algorithm: &str, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", b64(header), b64(claims));
    let signature = b64(signature(key, algorithm, &message));
    format!("{message}.{signature}")
}
