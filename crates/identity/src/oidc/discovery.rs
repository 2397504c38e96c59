//! What a provider says about itself (`OpenID` Connect Discovery 1.0 §3).

use model::identity::JwtAlgorithm;
use model::sso::is_protected;
use serde::Deserialize;

/// Why people can't sign in by a discovery document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Not the JSON that it should be.
    #[error("the discovery document isn't one")]
    Malformed,
    /// §4.3: the issuer must be the configured one, to the letter.
    #[error("the discovery document is of another issuer")]
    Issuer,
    /// An endpoint is missing, or neither https nor on this machine as the issuer is.
    #[error("the {0} is missing or not https")]
    Endpoint(&'static str),
    /// `code` isn't among the response types.
    #[error("the provider has no code flow")]
    CodeFlow,
    /// None of the algorithms can be verified here.
    #[error("the provider signs with none of the algorithms that are accepted")]
    Algorithms,
}

/// A discovery document that people can sign in by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Its issuer.
    pub issuer: String,
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where codes are redeemed.
    pub token_endpoint: String,
    /// Where the keys are.
    pub jwks_uri: String,
    /// What is known about somebody.
    pub userinfo_endpoint: Option<String>,
    /// Where people sign out of the provider itself.
    pub end_session_endpoint: Option<String>,
    /// Whether the answer to the browser always says who gave it (RFC 9207).
    pub says_issuer: bool,
    /// Whether the client secret goes into the form and not into a header.
    pub secret_in_form: bool,
    /// Whether PKCE with S256 is there; `None`: the document doesn't say.
    pub pkce: Option<bool>,
    /// What ID tokens may be signed with.
    pub algorithms: Vec<JwtAlgorithm>,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    jwks_uri: Option<String>,
    userinfo_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
    response_types_supported: Option<Vec<String>>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    authorization_response_iss_parameter_supported: Option<bool>,
}

/// Where an issuer's document is (§4.1: a slash at the end goes away first).
pub(super) fn address(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer))
}

/// The issuer that a document names, for who has to be told that it isn't the configured one.
pub(super) fn named_issuer(body: &[u8]) -> Option<String> {
    let document: Document = serde_json::from_slice(body).ok()?;
    Some(document.issuer.chars().filter(|c| !c.is_control()).take(500).collect())
}

impl Metadata {
    /// Reads the document of `issuer`.
    pub fn read(body: &[u8], issuer: &str) -> Result<Self, Flaw> {
        let document: Document = serde_json::from_slice(body).map_err(|_| Flaw::Malformed)?;
        if document.issuer != issuer {
            return Err(Flaw::Issuer);
        }
        let on_this_machine = issuer.starts_with("http://");
        let fits =
            |url: &String| is_endpoint(url.as_str()) && (on_this_machine || url.starts_with("https://"));
        let must = |url: Option<String>, name| url.filter(fits).ok_or(Flaw::Endpoint(name));
        let may = |url: Option<String>, name| match url {
            Some(url) if !fits(&url) => Err(Flaw::Endpoint(name)),
            url => Ok(url),
        };
        let lists = |list: &Option<Vec<String>>, word: &str| {
            list.as_ref().is_none_or(|list| list.iter().any(|entry| entry == word))
        };
        let authorization_endpoint = must(document.authorization_endpoint, "authorization endpoint")?;
        let token_endpoint = must(document.token_endpoint, "token endpoint")?;
        let jwks_uri = must(document.jwks_uri, "key set's address")?;
        let userinfo_endpoint = may(document.userinfo_endpoint, "userinfo endpoint")?;
        let end_session_endpoint = may(document.end_session_endpoint, "end-session endpoint")?;
        if !lists(&document.response_types_supported, "code") {
            return Err(Flaw::CodeFlow);
        }
        let named = document.id_token_signing_alg_values_supported;
        let named = named.unwrap_or_else(|| vec![JwtAlgorithm::Rs256.as_str().to_owned()]);
        let algorithms: Vec<_> = named.iter().filter_map(|name| JwtAlgorithm::parse(name)).collect();
        if algorithms.is_empty() {
            return Err(Flaw::Algorithms);
        }
        // What isn't listed is the header (§3); a provider that lists the form alone wants the form.
        let methods = document.token_endpoint_auth_methods_supported;
        let secret_in_form = !lists(&methods, "client_secret_basic") && lists(&methods, "client_secret_post");
        let challenges = document.code_challenge_methods_supported;
        Ok(Self {
            issuer: document.issuer,
            authorization_endpoint,
            token_endpoint,
            jwks_uri,
            userinfo_endpoint,
            end_session_endpoint,
            says_issuer: document.authorization_response_iss_parameter_supported.unwrap_or(false),
            secret_in_form,
            pkce: challenges.is_some().then(|| lists(&challenges, "S256")),
            algorithms,
        })
    }
}

/// Endpoints may have a query, as issuers may not; RFC 6749 §3.1: never a fragment.
fn is_endpoint(url: &str) -> bool {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(&byte);
    url.len() <= 2_000 && is_protected(address) && query.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn document() -> Value {
        json!({
            "issuer": "https://idp.example/", "authorization_endpoint": "https://idp.example/authorize?p=x",
            "token_endpoint": "https://token.example/token", "jwks_uri": "https://idp.example/keys",
            "response_types_supported": ["code", "id_token"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        })
    }

    fn read(changes: Value) -> Result<Metadata, Flaw> {
        let mut document = document();
        for (name, value) in changes.as_object().unwrap() {
            document[name] = value.clone();
        }
        Metadata::read(document.to_string().as_bytes(), "https://idp.example/")
    }

    #[test]
    fn a_good_document_is_read() {
        let read = read(json!({})).unwrap();
        assert_eq!(read.algorithms, [JwtAlgorithm::Rs256]);
        assert_eq!((read.pkce, read.says_issuer, read.secret_in_form), (None, false, false));
        let post = json!({ "token_endpoint_auth_methods_supported": ["client_secret_post"] });
        assert!(self::read(post).unwrap().secret_in_form);
        let pkce = json!({ "code_challenge_methods_supported": ["plain"] });
        assert_eq!(self::read(pkce).unwrap().pkce, Some(false));
        assert_eq!(address("https://a.example/"), "https://a.example/.well-known/openid-configuration");
        assert_eq!(address("https://a.example/x"), "https://a.example/x/.well-known/openid-configuration");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (changes, flaw) in [
            (json!({ "issuer": "https://idp.example" }), Flaw::Issuer),
            (json!({ "issuer": "https://IDP.example/" }), Flaw::Issuer),
            (json!({ "issuer": null }), Flaw::Malformed),
            (json!({ "token_endpoint": null }), Flaw::Endpoint("token endpoint")),
            (json!({ "token_endpoint": "http://idp.example/token" }), Flaw::Endpoint("token endpoint")),
            (json!({ "token_endpoint": "http://127.0.0.1/token" }), Flaw::Endpoint("token endpoint")),
            (json!({ "jwks_uri": "https://u@idp.example/" }), Flaw::Endpoint("key set's address")),
            (
                json!({ "authorization_endpoint": "https://idp.example/a#b" }),
                Flaw::Endpoint("authorization endpoint"),
            ),
            (
                json!({ "authorization_endpoint": "javascript:alert(1)" }),
                Flaw::Endpoint("authorization endpoint"),
            ),
            (json!({ "userinfo_endpoint": "http://idp.example/me" }), Flaw::Endpoint("userinfo endpoint")),
            (json!({ "end_session_endpoint": "//evil.example" }), Flaw::Endpoint("end-session endpoint")),
            (json!({ "response_types_supported": ["id_token"] }), Flaw::CodeFlow),
            (json!({ "id_token_signing_alg_values_supported": ["HS256", "none"] }), Flaw::Algorithms),
            (json!({ "id_token_signing_alg_values_supported": [] }), Flaw::Algorithms),
        ] {
            assert_eq!(read(changes.clone()).unwrap_err(), flaw, "{changes}");
        }
        for body in ["", "[]", "<html>", "null"] {
            assert_eq!(Metadata::read(body.as_bytes(), "https://a").unwrap_err(), Flaw::Malformed);
        }
    }
}
