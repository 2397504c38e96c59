//! Which rules about end users are taken, and how they are written.

use super::*;

fn jwt() -> JwtRules {
    JwtRules {
        jwks_url: Some("https://issuer.example/keys?appid=1".into()),
        issuers: vec!["https://issuer.example/".into()],
        audiences: vec!["gateway".into()],
        ..JwtRules::default()
    }
}

fn fields(rules: &IdentityRules) -> Vec<String> {
    rules.check("identity").into_iter().map(|error| error.field.into_owned()).collect()
}

fn fields_with(change: impl FnOnce(&mut JwtRules)) -> Vec<String> {
    let mut jwt = jwt();
    change(&mut jwt);
    fields(&IdentityRules { jwt: Some(jwt), ..IdentityRules::default() })
}

#[test]
fn good_rules_have_no_errors() {
    assert!(fields(&IdentityRules::default()).is_empty());
    assert!(fields_with(|_| ()).is_empty());
    let header = IdentityRules {
        header_mode: true,
        enforce: true,
        allowed_domains: Some(vec!["company.com".into(), "bücher.example".into()]),
        ..IdentityRules::default()
    };
    assert!(fields(&header).is_empty());
    assert!(fields(&IdentityRules { allowed_domains: Some(vec![]), ..header }).is_empty());
}

#[test]
fn enforcing_what_nobody_can_give_is_an_error() {
    let rules = IdentityRules { enforce: true, ..IdentityRules::default() };
    assert_eq!(fields(&rules), ["identity.enforce"]);
    assert!(!rules.is_off());
    assert!(IdentityRules::default().is_off());
}

#[test]
fn domains_must_look_like_domains() {
    for bad in ["", ".", "company.com.", ".company.com", "a..b", "@company.com", "*.company.com", "a b.com"] {
        let rules = IdentityRules { allowed_domains: Some(vec![bad.into()]), ..IdentityRules::default() };
        assert_eq!(fields(&rules), ["identity.allowed_domains"], "{bad}");
    }
    let many = vec!["company.com".to_owned(); IdentityRules::MAX_DOMAINS + 1];
    let rules = IdentityRules { allowed_domains: Some(many), ..IdentityRules::default() };
    assert_eq!(fields(&rules), ["identity.allowed_domains"]);
}

#[test]
fn one_source_of_keys_issuers_and_audiences() {
    assert_eq!(fields_with(|jwt| jwt.jwks_url = None), ["identity.jwt.jwks_url"]);
    assert_eq!(fields_with(|jwt| jwt.public_key_pem = Some("pem".into())), ["identity.jwt.jwks_url"]);
    assert_eq!(fields_with(|jwt| jwt.issuers.clear()), ["identity.jwt.issuers"]);
    assert_eq!(fields_with(|jwt| jwt.audiences = vec![" a".into()]), ["identity.jwt.audiences"]);
    assert_eq!(fields_with(|jwt| jwt.client_ids = Some(vec![])), ["identity.jwt.client_ids"]);
    assert_eq!(fields_with(|jwt| jwt.algorithms = Some(vec![])), ["identity.jwt.algorithms"]);
    let unnamed = || BTreeMap::from([(String::new(), ClaimValue::Flag(true))]);
    assert_eq!(fields_with(|jwt| jwt.required_claims = unnamed()), ["identity.jwt.required_claims"]);
    let private = "-----BEGIN PRIVATE KEY-----".to_owned();
    let errors = fields_with(|jwt| (jwt.jwks_url, jwt.public_key_pem) = (None, Some(private)));
    assert_eq!(errors, ["identity.jwt.public_key_pem"]);
}

#[test]
fn jwks_urls() {
    let bad = [
        "",
        "https://",
        "https:///keys",
        "https://?x",
        "https://:443/keys",
        "HTTPS://issuer.example",
        "http://issuer.example/keys",
        "ftp://issuer.example",
        "file:///etc/passwd",
        "//issuer.example/keys",
        "https:issuer.example",
        "https://user@issuer.example",
        "https://issuer.example#@evil",
        "https://issuer.example\\@evil",
        "https://issuer.example/\n",
        " https://issuer.example",
    ];
    for url in bad {
        assert_eq!(fields_with(|jwt| jwt.jwks_url = Some(url.into())), ["identity.jwt.jwks_url"], "{url}");
    }
    let local = |jwt: &mut JwtRules| {
        jwt.jwks_url = Some("http://localhost:9000/keys".into());
        jwt.allow_private_addresses = true;
    };
    assert!(fields_with(local).is_empty());
}

#[test]
fn symmetric_and_unknown_words_are_refused() {
    for algorithm in ["HS256", "none", "None", "rs256", "ES512", ""] {
        let text = format!(r#"{{"jwt":{{"algorithms":["{algorithm}"]}}}}"#);
        assert!(serde_json::from_str::<IdentityRules>(&text).is_err(), "{algorithm}");
        assert_eq!(JwtAlgorithm::parse(algorithm), None);
    }
    assert!(serde_json::from_str::<IdentityRules>(r#"{"enforced":true}"#).is_err());
    for algorithm in JwtAlgorithm::ALL {
        assert_eq!(serde_json::to_string(&algorithm).unwrap(), format!("\"{}\"", algorithm.as_str()));
        assert_eq!(JwtAlgorithm::parse(algorithm.as_str()), Some(algorithm));
    }
}

#[test]
fn json_round_trip() {
    let text = concat!(
        r#"{"header_mode":false,"enforce":true,"allowed_domains":["company.com"],"jwt":{"#,
        r#""jwks_url":"https://issuer.example/keys","algorithms":["RS256","EdDSA"],"#,
        r#""issuers":["i"],"audiences":["a"],"#,
        r#""required_claims":{"/realm/tier":3,"https://gw.example/org":"acme","mfa":true},"#,
        r#""allow_private_addresses":false}}"#
    );
    let rules: IdentityRules = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&rules).unwrap(), text);
    assert_eq!(
        serde_json::to_string(&IdentityRules::default()).unwrap(),
        r#"{"header_mode":false,"enforce":false}"#
    );
}
