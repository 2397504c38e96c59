//! The identity rules of one key, compiled, and the one place where they compose.

use super::header::{self, Presented};
use super::jwt::{self, Verdict, Verifier};
use super::source::{KeySource, KeySources};
use super::{EndUser, Refusal, domain};
use model::error::FieldError;
use model::identity::IdentityRules;
use model::time::Timestamp;
use std::sync::Arc;

/// Brings `rules` into the form in which they are stored: domains in lower-case ASCII, each once, and says what only
/// IDNA and cryptography can tell is wrong. After [`IdentityRules::check`].
pub fn prepare(rules: &mut IdentityRules, prefix: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for name in rules.allowed_domains.iter_mut().flatten() {
        match domain::canonical(name) {
            Some(canonical) => *name = canonical,
            None => errors.push(FieldError::new(
                format!("{prefix}.allowed_domains"),
                format!("{name} is no domain such as company.com"),
            )),
        }
    }
    if let Some(domains) = &mut rules.allowed_domains {
        domains.sort_unstable();
        domains.dedup();
    }
    if let Some(jwt) = &rules.jwt
        && let Some(pem) = &jwt.public_key_pem
        && jwt::pem_key(jwt, pem).is_none()
    {
        errors.push(FieldError::new(
            format!("{prefix}.jwt.public_key_pem"),
            "must be one -----BEGIN PUBLIC KEY----- that fits the algorithms: RSA from 2048 bits, P-256, P-384 or Ed25519",
        ));
    }
    errors
}

/// Compiled rules. They own what they remember of verified tokens, so a change of the rules forgets it.
pub struct CompiledIdentity {
    header_mode: bool,
    enforce: bool,
    allowed_domains: Option<Vec<String>>,
    verifier: Option<Verifier>,
}

/// What came of a request's identity.
pub enum Step {
    /// Who it is; `None`: nobody said, and the rules don't ask.
    Done(Option<Arc<EndUser>>),
    /// Ask this source ([`KeySource::refresh`]), then resolve again.
    Fetch(Arc<KeySource>),
}

impl Step {
    /// The end user after a fetch: there is no second one.
    pub fn settled(self) -> Result<Option<Arc<EndUser>>, Refusal> {
        match self {
            Self::Done(user) => Ok(user),
            Self::Fetch(_) => Err(Refusal::InvalidToken(jwt::Error::UnknownKey)),
        }
    }
}

impl CompiledIdentity {
    /// Compiles `rules`. With an error the key must be refused: rules that can't be read must not become no rules.
    pub fn compile(rules: &IdentityRules, sources: &KeySources) -> Result<Self, Vec<FieldError>> {
        const PREFIX: &str = "identity";
        let mut rules = rules.clone();
        let mut errors = rules.check(PREFIX);
        if errors.is_empty() {
            errors = prepare(&mut rules, PREFIX);
        }
        let verifier = rules.jwt.as_ref().map(|jwt| Verifier::compile(jwt, sources));
        match verifier {
            _ if !errors.is_empty() => Err(errors),
            Some(None) => Err(vec![FieldError::new("identity.jwt", "has no key to verify with")]),
            None | Some(Some(_)) => Ok(Self {
                header_mode: rules.header_mode,
                enforce: rules.enforce,
                allowed_domains: rules.allowed_domains,
                verifier: verifier.flatten(),
            }),
        }
    }

    /// What the headers of a request present; names and values as they came.
    pub fn read<'a>(
        &self,
        headers: impl Iterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Presented<'a>, Refusal> {
        header::read(headers, self.header_mode, self.verifier.is_some())
    }

    /// Who the end user is at `now`.
    ///
    /// A token that is there must be good, enforced or not. Header and token may both be there if they don't name
    /// different addresses; a token without an address takes that of the header, which `header_mode` says to trust.
    pub fn resolve(&self, presented: &Presented<'_>, now: Timestamp) -> Result<Step, Refusal> {
        let email = presented.email.as_ref();
        if email.is_some_and(|email| !self.allows(email.domain())) {
            return Err(Refusal::DomainNotAllowed);
        }
        let verified = match (&self.verifier, presented.token) {
            (Some(verifier), Some(token)) => {
                match verifier.verify(token, now).map_err(Refusal::InvalidToken)? {
                    Verdict::Valid(user) => Some(user),
                    Verdict::Fetch(source) => return Ok(Step::Fetch(source)),
                }
            }
            _ => None,
        };
        if let Some(user) = &verified
            && self.allowed_domains.is_some()
            && !user.email_domain().is_some_and(|domain| self.allows(domain))
        {
            return Err(Refusal::DomainNotAllowed);
        }
        let named = email.map(|email| email.as_str().to_owned());
        let user = match (verified, named) {
            (Some(user), None) => user,
            (Some(user), Some(named)) => match &user.email {
                Some(email) if *email != named => return Err(Refusal::Conflicting),
                Some(_) => user,
                None => Arc::new(EndUser { email: Some(named), ..EndUser::clone(&user) }),
            },
            (None, Some(named)) => Arc::new(EndUser { email: Some(named), subject: None, issuer: None }),
            (None, None) if self.enforce => return Err(Refusal::Required),
            (None, None) => return Ok(Step::Done(None)),
        };
        Ok(Step::Done(Some(user)))
    }

    /// A key set that is old but still used: to be refreshed beside the request, on a task of its own.
    pub fn refresh_due(&self, now: Timestamp) -> Option<Arc<KeySource>> {
        self.verifier.as_ref()?.refresh_due(now).cloned()
    }

    fn allows(&self, domain: &str) -> bool {
        self.allowed_domains.as_ref().is_none_or(|allowed| allowed.iter().any(|known| known == domain))
    }
}
