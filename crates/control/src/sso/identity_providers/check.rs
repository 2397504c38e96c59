//! Looking at an identity provider as a sign-in would, step by step, and saying what was found.

use super::super::{WRITE, redirect_uri, registration, target, target_named};
use crate::{Actor, Control, Error};
use identity::oidc::{Error as OidcError, Flaw, Metadata, Registration, RelyingParty};
use model::IdentityProviderName;
use model::audit::AuditResult;
use model::sso::{CheckStep, ProviderCheck};
use serde_json::json;

const ACTION: &str = "identity_provider.check";

/// Fetches what the provider says about itself, and its keys. Needs `sso:write`, because it has the server call an
/// address; written down whatever comes of it. `base_url` is the configured one.
pub async fn check(
    control: &Control,
    actor: &Actor,
    name: &IdentityProviderName,
    base_url: &str,
) -> Result<ProviderCheck, Error> {
    control.authorise(actor, WRITE, ACTION, &target_named(name)).await?;
    let stored = control.store().identity_provider(name).await?.ok_or(Error::NotFound)?;
    let registration = registration(control, &stored)?;
    let steps = look(&control.0.relying_party, &registration).await;
    let ok = steps.iter().all(|step| step.ok);
    let result = if ok { AuditResult::Success } else { AuditResult::Failure };
    let failed: Vec<_> = steps.iter().filter(|step| !step.ok).map(|step| &step.step).collect();
    let entry = control.entry(actor, ACTION, &target(&stored.provider), result, json!({ "failed": failed }));
    control.write(entry).await?;
    Ok(ProviderCheck {
        ok,
        steps,
        redirect_uri: redirect_uri(base_url, name),
        backchannel_logout_uri: format!("{base_url}/login/sso/{name}/backchannel-logout"),
    })
}

fn step(step: &str, ok: bool, message: impl Into<String>) -> CheckStep {
    CheckStep { step: step.to_owned(), ok, message: message.into() }
}

/// What is right with a discovery document, in the order in which it is looked at.
const RIGHT: [(&str, &str); 4] = [
    ("issuer", "The document's issuer is the configured one."),
    ("endpoints", "Its endpoints are there, and https."),
    ("code_flow", "It has the code flow."),
    ("algorithms", "It signs with an algorithm that is accepted."),
];

async fn look(party: &RelyingParty, registration: &Registration) -> Vec<CheckStep> {
    let body = match party.fetch_discovery(registration).await {
        Ok(body) => body,
        Err(error) => return vec![step("discovery", false, unreached(&error))],
    };
    let fetched = step("discovery", true, "The discovery document is there.");
    let metadata = match Metadata::read(&body, &registration.issuer) {
        Ok(metadata) => metadata,
        Err(flaw) => return flawed(fetched, &flaw, &body),
    };
    let mut steps = vec![fetched];
    steps.extend(RIGHT.map(|(name, message)| step(name, true, message)));
    steps.push(match metadata.pkce {
        Some(true) => step("pkce", true, "It takes PKCE with S256."),
        None => step("pkce", true, "It doesn't say whether it takes PKCE with S256; it is sent anyway."),
        Some(false) => step("pkce", false, "It doesn't take PKCE with S256, which is always sent."),
    });
    steps.push(match party.count_keys(registration, &metadata).await {
        Ok(0) => step("keys", false, "Its key set has no key that can verify a signature."),
        Ok(1) => step("keys", true, "Its key set has one key that can verify signatures."),
        Ok(keys) => step("keys", true, format!("Its key set has {keys} keys that can verify signatures.")),
        Err(error) => step("keys", false, unreached(&error)),
    });
    steps
}

fn flawed(fetched: CheckStep, flaw: &Flaw, body: &[u8]) -> Vec<CheckStep> {
    let (nth, message) = match flaw {
        Flaw::Malformed => {
            return vec![step("discovery", false, "What is there isn't a discovery document.")];
        }
        Flaw::Issuer => {
            let named = RelyingParty::named_issuer(body).unwrap_or_default();
            (
                0,
                format!(
                    "The document calls its issuer {named:?}: write exactly that, if it is the right one."
                ),
            )
        }
        Flaw::Endpoint(endpoint) => (1, format!("The {endpoint} is missing or not https.")),
        Flaw::CodeFlow => (2, "It doesn't have the code flow (response type `code`).".to_owned()),
        Flaw::Algorithms => (
            3,
            "It signs with nothing that is accepted: RS, PS and ES with 256 and 384, RS512, PS512 or EdDSA."
                .to_owned(),
        ),
    };
    let mut steps = vec![fetched];
    steps.extend(RIGHT.into_iter().take(nth).map(|(name, message)| step(name, true, message)));
    steps.push(step(RIGHT[nth].0, false, message));
    steps
}

fn unreached(error: &OidcError) -> String {
    match error {
        OidcError::Unreachable(endpoint, why) => format!(
            "{} {why}. Is the address right, its certificate valid, and a private address allowed if it has one?",
            capital(&endpoint.to_string())
        ),
        OidcError::Status(endpoint, status @ 300..=399) => format!(
            "{} answered with status {status}. Redirects aren't followed: give the address that it points to.",
            capital(&endpoint.to_string())
        ),
        other => format!("{}.", capital(&other.to_string())),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
