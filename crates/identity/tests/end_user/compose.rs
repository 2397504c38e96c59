//! Header, token and domains together.

use crate::support::{ask, at, claims, claims_with, compiled, invalid, jwks, rules, token};
use identity::end_user::{CompiledIdentity, KeySources, Refusal, TokenError, prepare};
use model::identity::IdentityRules;
use serde_json::{Value, json};

fn header_rules() -> IdentityRules {
    IdentityRules { header_mode: true, ..IdentityRules::default() }
}

/// The address that is found, or the refusal.
fn email(rules: &IdentityRules, headers: &[(&str, &str)]) -> Result<Option<String>, Refusal> {
    let user = ask(&compiled(rules, &jwks()), headers, 1)?;
    Ok(user.and_then(|user| user.email.clone()))
}

#[test]
fn rules_that_are_off_read_nothing() {
    let off = IdentityRules::default();
    let headers =
        [("x-user-email", "jo@company.com"), ("x-user-email", "eve@evil.com"), ("X_User_Email", "")];
    assert_eq!(email(&off, &headers), Ok(None));
    assert_eq!(email(&off, &[("x-user-token", "junk")]), Ok(None));
}

#[test]
fn the_header() {
    let rules = header_rules();
    assert_eq!(email(&rules, &[("x-user-email", "jo@company.com")]), Ok(Some("jo@company.com".to_owned())));
    assert_eq!(email(&rules, &[("x-user-email", " Jo@COMPANY.com ")]), Ok(Some("jo@company.com".to_owned())));
    assert_eq!(email(&rules, &[]), Ok(None));
    assert_eq!(email(&rules, &[("x-user-email", "  ")]), Ok(None), "no one is signed in");
    for bad in
        ["jo", "jo@company.com, eve@evil.com", "a@b@company.com", "jo@company.com.", "j\u{f6}@company.com"]
    {
        assert_eq!(email(&rules, &[("x-user-email", bad)]), Err(Refusal::Required), "{bad}");
    }
    let enforced = IdentityRules { enforce: true, ..rules };
    assert_eq!(email(&enforced, &[]), Err(Refusal::Required));
    assert_eq!(email(&enforced, &[("x-user-email", "")]), Err(Refusal::Required));
    assert_eq!(
        email(&enforced, &[("x-user-email", "jo@company.com")]),
        Ok(Some("jo@company.com".to_owned()))
    );
    // Without rules for tokens a token is no identity, however good.
    assert_eq!(email(&enforced, &[("x-user-token", &token(&claims()))]), Err(Refusal::Required));
}

#[test]
fn bytes_that_are_no_text() {
    let rules = compiled(&header_rules(), &jwks());
    let headers: [(&str, &[u8]); 1] = [("x-user-email", b"jo\xff@company.com")];
    assert_eq!(rules.read(headers.into_iter()).unwrap_err(), Refusal::Required);
}

#[test]
fn doubled_headers_and_look_alikes() {
    let mut both = rules();
    both.header_mode = true;
    let (jo, good) = ("jo@company.com", token(&claims()));
    let bearer = format!("Bearer {good}");
    let hostile: &[&[(&str, &str)]] = &[
        &[("x-user-email", jo), ("x-user-email", jo)],
        &[("x-user-email", jo), ("X-USER-EMAIL", "eve@company.com")],
        &[("x-user-email", ""), ("x-user-email", jo)],
        &[("X_User_Email", jo)],
        &[("x-user_email", jo)],
        &[("xuseremail", jo)],
        &[("x.user.email", jo)],
        &[("x-user-email", jo), ("x_user_email", jo)],
        &[("x-user-token", &good), ("x-user-token", &good)],
        &[("x_user_token", &good)],
        &[("x-user-token", &good), ("authorization", &bearer)],
        &[("authorization", &bearer), ("authorization", &bearer)],
    ];
    for headers in hostile {
        assert_eq!(email(&both, headers), Err(Refusal::Conflicting), "{headers:?}");
    }
    // A header that isn't read can't conflict.
    let headers = [("x-user-email", "eve@evil.com"), ("x_user_email", ""), ("x-user-token", &good)];
    assert_eq!(email(&rules(), &headers), Ok(Some(jo.to_owned())));
}

#[test]
fn a_token_comes_in_either_header() {
    let good = token(&claims());
    let bearer = format!("bEARER {good}");
    let key = format!("Bearer sk_prod_{}", "a".repeat(50));
    assert_eq!(email(&rules(), &[("authorization", &bearer)]), Ok(Some("jo@company.com".to_owned())));
    assert_eq!(
        email(&rules(), &[("x-user-token", &good), ("authorization", &key)]),
        Ok(Some("jo@company.com".to_owned()))
    );
    assert_eq!(email(&rules(), &[("authorization", &key)]), Err(Refusal::Required));
    assert_eq!(email(&rules(), &[("authorization", "Basic am86am8=")]), Err(Refusal::Required));
    let malformed = Err(invalid(TokenError::Malformed));
    assert_eq!(email(&rules(), &[("authorization", "Bearer dummy")]), malformed);
    // A bad token is refused even where none is needed.
    let lenient = IdentityRules { enforce: false, ..rules() };
    assert_eq!(email(&lenient, &[("x-user-token", "junk")]), malformed);
    assert_eq!(email(&lenient, &[]), Ok(None));
}

#[test]
fn header_and_token_together() {
    let rules = IdentityRules { header_mode: true, ..rules() };
    let with = |claims: &Value, address: &str| {
        email(&rules, &[("x-user-token", &token(claims)), ("x-user-email", address)])
    };
    assert_eq!(with(&claims(), "JO@company.com"), Ok(Some("jo@company.com".to_owned())));
    assert_eq!(with(&claims(), "eve@company.com"), Err(Refusal::Conflicting));
    let nameless = claims_with("email", Value::Null);
    assert_eq!(with(&nameless, "jo@company.com"), Ok(Some("jo@company.com".to_owned())));
    let expired = claims_with("exp", json!(1));
    assert_eq!(
        with(&expired, "jo@company.com"),
        Err(invalid(TokenError::Expired)),
        "the header doesn't save it"
    );
    assert_eq!(email(&rules, &[("x-user-email", "jo@company.com")]), Ok(Some("jo@company.com".to_owned())));
    assert_eq!(email(&rules, &[]), Err(Refusal::Required));
}

#[test]
fn domains_on_both_ways() {
    let domains = Some(vec!["Company.COM".to_owned(), "bücher.example".to_owned()]);
    let by_token = IdentityRules { allowed_domains: domains.clone(), ..rules() };
    let by_header = IdentityRules { allowed_domains: domains, ..header_rules() };
    let both = |address: &str| {
        let by_token = email(&by_token, &[("x-user-token", &token(&claims_with("email", json!(address))))]);
        let by_header = email(&by_header, &[("x-user-email", address)]);
        assert_eq!(by_token, by_header, "{address}");
        by_token
    };
    assert_eq!(both("jo@company.com"), Ok(Some("jo@company.com".to_owned())));
    assert_eq!(both("jo@XN--BCHER-kva.example"), Ok(Some("jo@xn--bcher-kva.example".to_owned())));
    assert_eq!(both("jo@bücher.example"), Ok(Some("jo@xn--bcher-kva.example".to_owned())));
    for other in [
        "jo@comp\u{430}ny.com",
        "jo@sub.company.com",
        "jo@company.com.evil.com",
        "jo@evilcompany.com",
        "jo@company.co",
        "jo@com",
        "company.com@evil.com",
    ] {
        assert_eq!(both(other), Err(Refusal::DomainNotAllowed), "{other}");
    }
    let nameless = token(&claims_with("email", Value::Null));
    assert_eq!(email(&by_token, &[("x-user-token", &nameless)]), Err(Refusal::DomainNotAllowed));
    // Nor does the header lend it one.
    let all = IdentityRules { header_mode: true, ..by_token };
    let headers = [("x-user-token", nameless.as_str()), ("x-user-email", "jo@company.com")];
    assert_eq!(email(&all, &headers), Err(Refusal::DomainNotAllowed));
    let none = IdentityRules { allowed_domains: Some(vec![]), ..header_rules() };
    assert_eq!(email(&none, &[("x-user-email", "jo@company.com")]), Err(Refusal::DomainNotAllowed));
}

#[test]
fn rules_are_stored_in_one_spelling_and_refused_when_they_have_none() {
    let domains = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    let mut rules =
        IdentityRules { allowed_domains: domains(&["Z.com", "BÜCHER.example", "z.com"]), ..header_rules() };
    assert!(prepare(&mut rules, "identity").is_empty());
    assert_eq!(rules.allowed_domains, domains(&["xn--bcher-kva.example", "z.com"]));
    rules.allowed_domains = domains(&["a_b.com"]);
    let errors = prepare(&mut rules, "identity");
    assert_eq!(errors[0].field, "identity.allowed_domains");
    for broken in [rules, IdentityRules { enforce: true, ..IdentityRules::default() }] {
        assert!(CompiledIdentity::compile(&broken, &KeySources::default()).is_err());
    }
    assert!(compiled(&header_rules(), &jwks()).refresh_due(at(9999)).is_none());
}
