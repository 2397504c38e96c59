//! From what was entered to what is asked of the server: a new key, or what of a key changes.

use super::entered::Entered;
use super::expiry::{Expiry, expiry};
use super::{JWKS, KeyForm, PEM, identity};
use crate::components::form::THESE;
use crate::components::limits::{self, RATE_LIMITS};
use crate::form::{Reading, changed};
use model::api_action::ApiAction;
use model::error::Problem;
use model::identity::{ClaimValue, IdentityRules, JwtAlgorithm, JwtRules};
use model::key::{Environment, KeyChange, KeyKind, KeyView, NewKey, Tags};
use model::limits::RateLimits;
use std::collections::BTreeMap;

/// What the form says of a key. What the form doesn't show stays as it was.
pub fn read(form: &KeyForm, entered: &Entered) -> Result<(NewKey, Expiry), Problem> {
    let mut reading = Reading::default();
    let mut key = form.before.as_ref().map(as_new).unwrap_or_default();
    let expiry = basics(form, entered, &mut key, &mut reading);
    if form.shows_bounds() {
        if key.kind == KeyKind::Restricted {
            key.allowed_actions = actions(entered);
            key.allowed_models = entered.allowed(&mut reading, "allowed_models");
            key.denied_models = entered.list(&mut reading, "denied_models");
            key.allowed_model_labels = entered.allowed(&mut reading, "allowed_model_labels");
            key.allowed_providers = entered.allowed(&mut reading, "allowed_providers");
        }
        key.rate_limits = limits(entered, &mut reading, RATE_LIMITS);
        key.allowed_ips = entered.allowed(&mut reading, "allowed_ips");
        key.identity = identity(form, entered, &mut reading);
        key.require_conversation_id = entered.ticked("require_conversation_id");
    }
    // The rest of what can be said without asking the server, so that all of it is said at once.
    reading.also(key.check(form.viewer.now));
    reading.done(Some((key, expiry)))
}

fn basics(form: &KeyForm, entered: &Entered, key: &mut NewKey, reading: &mut Reading) -> Expiry {
    entered.text("name").unwrap_or_default().clone_into(&mut key.name);
    key.description = entered.text("description").map(ToOwned::to_owned);
    if form.before.is_none() {
        key.environment = entered.text("environment").and_then(Environment::parse).unwrap_or_default();
        key.tenant_id = entered.text("tenant_id").and_then(|id| id.parse().ok());
    }
    if form.operator {
        if form.before.is_none() {
            key.kind = entered.text("kind").and_then(KeyKind::parse).unwrap_or_default();
            let person = entered.text("owner").filter(|_| key.kind == KeyKind::Restricted);
            key.owner = person.map(ToOwned::to_owned);
        }
        key.user_path = reading.optional("user_path", entered.text("user_path").unwrap_or_default());
    }
    if form.shows_tags() {
        let others = std::mem::take(&mut key.tags).into_iter().filter(|(name, _)| !form.may_tag(name));
        key.tags = others.chain(tags(entered, reading)).collect();
    }
    if !form.shows_bounds() {
        return Expiry::Keep;
    }
    let expiry = expiry(entered, reading);
    match expiry {
        // Days are the server's to count: what they come to isn't known here.
        Expiry::Never | Expiry::InDays(_) => key.expires_at = None,
        Expiry::At(end) => key.expires_at = Some(end),
        Expiry::Keep => {}
    }
    expiry
}

fn actions(entered: &Entered) -> Option<Vec<ApiAction>> {
    let ticked =
        || entered.words("allowed_actions").iter().filter_map(|word| ApiAction::parse(word)).collect();
    (entered.way("allowed_actions") == Some(THESE)).then(ticked)
}

fn limits(entered: &Entered, reading: &mut Reading, names: [&str; 5]) -> RateLimits {
    limits::read(reading, names, |nth| entered.text(names[nth]).unwrap_or_default().to_owned())
}

fn identity(form: &KeyForm, entered: &Entered, reading: &mut Reading) -> IdentityRules {
    IdentityRules {
        header_mode: entered.ticked("identity.header_mode"),
        enforce: entered.ticked("identity.enforce"),
        allowed_domains: entered.allowed(reading, "identity.allowed_domains"),
        jwt: jwt(form, entered, reading),
        rate_limits: limits(entered, reading, identity::LIMITS),
    }
}

fn jwt(form: &KeyForm, entered: &Entered, reading: &mut Reading) -> Option<JwtRules> {
    let way = entered.way("identity.jwt").filter(|way| [JWKS, PEM].contains(way))?;
    let algorithms: Vec<_> = entered
        .words("identity.jwt.algorithms")
        .iter()
        .filter_map(|word| JwtAlgorithm::parse(word))
        .collect();
    let client_ids = entered.words("identity.jwt.client_ids");
    let mut required_claims = BTreeMap::new();
    for word in entered.words("identity.jwt.required_claims") {
        match pair(&word) {
            Some((name, value)) => {
                required_claims.insert(name.to_owned(), claim_value(value));
            }
            None => reading.wrong("identity.jwt.required_claims", not_a_pair(&word)),
        }
    }
    // One of the two is there, be it empty: whether it is any good is told at its own field.
    let of_way = |word, field| (way == word).then(|| entered.text(field).unwrap_or_default().to_owned());
    let public_key_pem = of_way(PEM, "identity.jwt.public_key_pem");
    if public_key_pem.as_deref() == Some("") {
        reading.wrong("identity.jwt.public_key_pem", "must not be empty");
    }
    let jwks_url = of_way(JWKS, "identity.jwt.jwks_url");
    // A developer's form has no box for it: what an operator vouched for holds as long as the host stays.
    let vouched_for = form
        .before
        .as_ref()
        .and_then(|key| key.scope.identity.jwt.as_ref())
        .is_some_and(|jwt| jwt.allow_private_addresses && jwt.jwks_url == jwks_url);
    let ticked = entered.ticked("identity.jwt.allow_private_addresses");
    Some(JwtRules {
        allow_private_addresses: way == JWKS && if form.operator { ticked } else { vouched_for },
        jwks_url,
        public_key_pem,
        algorithms: (!algorithms.is_empty()).then_some(algorithms),
        issuers: entered.words("identity.jwt.issuers"),
        audiences: entered.words("identity.jwt.audiences"),
        client_ids: (!client_ids.is_empty()).then_some(client_ids),
        required_claims,
    })
}

fn tags(entered: &Entered, reading: &mut Reading) -> Tags {
    let mut tags = Tags::new();
    for word in entered.words("tags") {
        match pair(&word) {
            Some((name, value)) => {
                tags.insert(name.to_owned(), value.to_owned());
            }
            None => reading.wrong("tags", not_a_pair(&word)),
        }
    }
    tags
}

/// `name=value`; both there.
pub(super) fn pair(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    (!name.is_empty() && !value.is_empty()).then_some((name, value))
}

fn not_a_pair(word: &str) -> String {
    format!("“{word}” must be name=value")
}

/// `true` and `3` as what they look like; in quotes they are text.
fn claim_value(text: &str) -> ClaimValue {
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    match (quoted, text) {
        (Some(text), _) => ClaimValue::Text(text.to_owned()),
        (None, "true") => ClaimValue::Flag(true),
        (None, "false") => ClaimValue::Flag(false),
        (None, text) => text.parse().map_or_else(|_| ClaimValue::Text(text.to_owned()), ClaimValue::Number),
    }
}

/// A claim's value as [`claim_value`] reads it.
pub fn claim_text(value: &ClaimValue) -> String {
    match value {
        ClaimValue::Flag(flag) => flag.to_string(),
        ClaimValue::Number(number) => number.to_string(),
        ClaimValue::Text(text) if claim_value(text) == *value => text.clone(),
        ClaimValue::Text(text) => format!("\"{text}\""),
    }
}

/// What somebody would have asked for to get this key.
fn as_new(key: &KeyView) -> NewKey {
    let key = key.clone();
    NewKey {
        name: key.name,
        description: key.description,
        kind: key.kind,
        environment: key.environment,
        tenant_id: Some(key.tenant_id),
        owner: None,
        user_path: key.user_path,
        tags: key.tags,
        allowed_actions: key.scope.allowed_actions,
        allowed_models: key.scope.allowed_models,
        denied_models: key.scope.denied_models,
        allowed_model_labels: key.scope.allowed_model_labels,
        allowed_providers: key.scope.allowed_providers,
        allowed_ips: key.scope.allowed_ips,
        rate_limits: key.scope.rate_limits,
        identity: key.scope.identity,
        require_conversation_id: key.scope.require_conversation_id,
        expires_at: key.expires_at,
    }
}

/// What of `before` has to change so that it becomes `after`.
pub fn difference(before: &KeyView, after: NewKey) -> KeyChange {
    let before = as_new(before);
    KeyChange {
        name: changed(&before.name, after.name),
        description: changed(&before.description, after.description),
        user_path: changed(&before.user_path, after.user_path),
        tags: changed(&before.tags, after.tags),
        allowed_actions: changed(&before.allowed_actions, after.allowed_actions),
        allowed_models: changed(&before.allowed_models, after.allowed_models),
        denied_models: changed(&before.denied_models, after.denied_models),
        allowed_model_labels: changed(&before.allowed_model_labels, after.allowed_model_labels),
        allowed_providers: changed(&before.allowed_providers, after.allowed_providers),
        allowed_ips: changed(&before.allowed_ips, after.allowed_ips),
        rate_limits: changed(&before.rate_limits, after.rate_limits),
        identity: changed(&before.identity, after.identity),
        require_conversation_id: changed(&before.require_conversation_id, after.require_conversation_id),
        expires_at: changed(&before.expires_at, after.expires_at),
    }
}

#[cfg(test)]
mod tests;
