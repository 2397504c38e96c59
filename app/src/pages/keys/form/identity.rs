//! Who may be behind a key's requests.

use super::limits::NamedLimits;
use super::read::{claim_text, pair};
use super::{JWKS, PEM};
use crate::components::field::Field;
use crate::components::form::{AllOrThese, Form, Section, TextField, Tick, Ticks, Ways, ways_name};
use crate::components::tokens::TokenField;
use crate::pages::keys::words;
use leptos::prelude::*;
use model::identity::{IdentityRules, JwtAlgorithm, JwtRules};

/// Names of a person's limits in the API.
pub const LIMITS: [&str; 5] = [
    "identity.rate_limits.requests_per_minute",
    "identity.rate_limits.requests_per_day",
    "identity.rate_limits.tokens_per_minute",
    "identity.rate_limits.tokens_per_day",
    "identity.rate_limits.concurrent_requests",
];

/// The section.
#[component]
pub fn Identity(
    /// The form.
    form: Form,
    /// What is set now.
    rules: IdentityRules,
    /// Whether as an operator.
    operator: bool,
) -> impl IntoView {
    let summary = words::identity(&rules);
    view! {
        <Section form title="Identity" summary fields=&["identity"]>
            <p class="sub">
                "The person behind each request, for usage, limits and audit by person. What is set here holds together."
            </p>
            <Tick
                form
                field="identity.header_mode"
                label="Read the X-User-Email header"
                help="For backends that sign their users in themselves: whoever has the key may name anybody."
                checked=rules.header_mode
            />
            <Jwt form rules=rules.jwt.clone() operator />
            <Tick
                form
                field="identity.enforce"
                label="Require an identity"
                help="Requests without a valid header or token are refused."
                checked=rules.enforce
            />
            <AllOrThese
                field="identity.allowed_domains"
                legend="E-mail domains"
                all="Any"
                these="Only these"
                listed=rules.allowed_domains.is_some()
            >
                <TokenField
                    form
                    field="identity.allowed_domains"
                    label="Allowed domains"
                    help="Exactly the part after the @, e.g. company.com."
                    words=rules.allowed_domains.clone().unwrap_or_default()
                />
            </AllOrThese>
            <fieldset class="group">
                <legend>"Limits of each person"</legend>
                <NamedLimits form names=LIMITS limits=rules.rate_limits />
            </fieldset>
        </Section>
    }
}

#[component]
fn Jwt(form: Form, rules: Option<JwtRules>, operator: bool) -> impl IntoView {
    let chosen = match &rules {
        None => "none",
        Some(rules) if rules.public_key_pem.is_some() => PEM,
        Some(_) => JWKS,
    };
    let rules = rules.unwrap_or_default();
    let private = operator.then(|| {
        view! {
            <Tick
                form
                field="identity.jwt.allow_private_addresses"
                label="The host may have a private address"
                help="And may be asked over plain http. Only where you vouch for the network."
                checked=rules.allow_private_addresses
            />
        }
    });
    let claims: Vec<_> =
        rules.required_claims.iter().map(|(name, value)| format!("{name}={}", claim_text(value))).collect();
    let algorithms = rules.algorithms.iter().flatten().map(|algorithm| algorithm.as_str()).collect();
    view! {
        <Ways
            name=ways_name("identity.jwt")
            legend="Signed tokens (JWT)"
            ways=vec![("none", "Not accepted"), (JWKS, "Keys from a JWKS URL"), (PEM, "A fixed public key")]
            chosen
        >
            <div class="jwks">
                <TextField
                    form
                    field="identity.jwt.jwks_url"
                    label="JWKS URL"
                    help="Where the issuer publishes its keys, e.g. https://issuer.example/.well-known/jwks.json."
                    value=rules.jwks_url.clone().unwrap_or_default()
                    kind="url"
                    maxlength=2_000
                />
                {private}
            </div>
            <div class="pem">
                <PemField form pem=rules.public_key_pem.clone().unwrap_or_default() />
            </div>
            <div class="jwks pem">
                <TokenField
                    form
                    field="identity.jwt.issuers"
                    label="Issuers"
                    help="The token's iss must be one of these."
                    words=rules.issuers.clone()
                />
                <TokenField
                    form
                    field="identity.jwt.audiences"
                    label="Audiences"
                    help="The token's aud must name one of these."
                    words=rules.audiences.clone()
                />
                <TokenField
                    form
                    field="identity.jwt.client_ids"
                    label="Clients (optional)"
                    help="The token's azp or client_id must be one of these. Empty: not looked at."
                    words=rules.client_ids.clone().unwrap_or_default()
                />
                <TokenField
                    form
                    field="identity.jwt.required_claims"
                    label="Required claims (optional)"
                    help="claim=value, e.g. tier=gold or /realm/tier=3. In quotes, a figure is text."
                    words=claims
                    check=check_claim
                />
                <fieldset class="group">
                    <legend>"Algorithms"</legend>
                    <p class="sub">"None ticked: every one that fits the key."</p>
                    <Ticks
                        form
                        field="identity.jwt.algorithms"
                        label="Allowed algorithms"
                        words=JwtAlgorithm::ALL.map(JwtAlgorithm::as_str).to_vec()
                        chosen=algorithms
                    />
                </fieldset>
            </div>
        </Ways>
    }
}

#[component]
fn PemField(form: Form, pem: String) -> impl IntoView {
    const NAME: &str = "identity.jwt.public_key_pem";
    let id = form.id(NAME);
    let error = form.error(NAME);
    view! {
        <Field
            id=id.clone()
            label="Public key (PEM)"
            help="RSA of 2048 bits or more, P-256, P-384 or Ed25519. Never the private key."
            error
        >
            <textarea
                id=id.clone()
                class="pem-text"
                name=NAME
                rows="5"
                autocomplete="off"
                spellcheck="false"
                placeholder="-----BEGIN PUBLIC KEY-----"
                aria-describedby=format!("{id}-help")
                aria-invalid=move || error.read().is_some().then_some("true")
                prop:value=pem
            ></textarea>
        </Field>
    }
}

fn check_claim(word: &str) -> Option<String> {
    pair(word).is_none().then(|| "must be claim=value".to_owned())
}
