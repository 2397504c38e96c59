//! Taking somebody back from an identity provider.

use super::person::{Admitted, admit, find};
use super::returned::{Failed, Proven, redeem};
use super::{claims, person, target, target_named};
use crate::mapping;
use crate::sign_in::{FirstStep, HalfSession, START, SignedIn, Subject};
use crate::users;
use crate::{Actor, Client, Control, Error};
use identity::oidc::Callback;
use identity::secret::hash_token;
use model::IdentityProviderName;
use model::audit::AuditResult;
use model::change::Change;
use model::sso::{SignInRefusal, TestedSignIn};
use serde_json::{Value, json};
use store::{AttemptPurpose, SignInAttempt, StoredIdentityProvider};

const METHOD: &str = "sso";
const TEST: &str = "identity_provider.test";
const CONFIRM: &str = "session.confirm";
/// Somebody has proven who they are at a provider, and a second factor is asked for.
const USE: &str = "identity.use";

/// A browser that came back.
#[derive(Clone, Copy)]
pub struct Returned<'a> {
    /// What it kept.
    pub cookie: Option<&'a str>,
    /// The query that it came with.
    pub query: &'a str,
    /// Who is signed in in it.
    pub actor: Option<&'a Actor>,
    /// The configured base URL.
    pub base_url: &'a str,
    /// Where it is.
    pub client: &'a Client,
}

/// What came of an attempt.
pub enum Finished {
    /// Somebody has signed in, perhaps half way.
    SignedIn {
        /// How far.
        step: FirstStep,
        /// Where they wanted to go: a path of this site.
        next: Option<String>,
    },
    /// This is what a sign-in would have brought. Nothing was made or changed.
    Tested(TestedSignIn),
    /// Whoever is signed in has proven themselves once more.
    Confirmed {
        /// For the session.
        subject: Box<Subject>,
        /// Where they wanted to go: a path of this site.
        next: Option<String>,
    },
}

/// Finishes an attempt: it is used up, whatever comes of it. A refusal is written down.
pub async fn finish(
    control: &Control,
    name: &IdentityProviderName,
    returned: Returned<'_>,
) -> Result<Finished, Error> {
    match taken(control, name, returned).await {
        Ok((stored, attempt, callback)) => match attempt.purpose {
            AttemptPurpose::SignIn => {
                let signed_in = sign_in(control, &stored, &attempt, &callback, returned).await;
                let step = told(control, name, returned.client, signed_in).await?;
                Ok(Finished::SignedIn { step, next: attempt.next })
            }
            AttemptPurpose::StepUp => {
                let confirmed = step_up(control, &stored, &attempt, &callback, returned).await;
                let subject = told(control, name, returned.client, confirmed).await?;
                Ok(Finished::Confirmed { subject: Box::new(subject), next: attempt.next })
            }
            AttemptPurpose::Test => {
                Ok(Finished::Tested(test(control, &stored, &attempt, &callback, returned).await?))
            }
        },
        Err(failed) => told(control, name, returned.client, Err(failed)).await,
    }
}

/// The attempt that this browser began with this provider. It is gone then.
async fn taken(
    control: &Control,
    name: &IdentityProviderName,
    returned: Returned<'_>,
) -> Result<(StoredIdentityProvider, SignInAttempt, Callback), Failed> {
    let stored = control.store().identity_provider(name).await?.ok_or(SignInRefusal::NotOffered)?;
    let callback = Callback::read(returned.query).ok_or(SignInRefusal::AttemptOver)?;
    let cookie = returned.cookie.ok_or(SignInRefusal::OtherBrowser)?;
    let state = callback.state.as_deref().ok_or(SignInRefusal::AttemptOver)?;
    let (id, state) = (hash_token(cookie), hash_token(state));
    let attempt = control.store().take_attempt(&id, &state, &stored.provider.id, control.now()).await?;
    let attempt = attempt.ok_or(SignInRefusal::AttemptOver)?;
    Ok((stored, attempt, callback))
}

/// Writes a refusal down and makes it the error that people are told.
async fn told<T>(
    control: &Control,
    name: &IdentityProviderName,
    client: &Client,
    result: Result<T, Failed>,
) -> Result<T, Error> {
    let (why, cause, user) = match result {
        Ok(value) => return Ok(value),
        Err(Failed::Error(error)) => return Err(error),
        Err(Failed::Refused { why, cause, user }) => (why, cause, user),
    };
    let detail = json!({ "method": METHOD, "provider": name, "why": why.as_str(), "cause": cause });
    let target = user.as_deref().map_or_else(|| target_named(name), users::target);
    let failure = AuditResult::Failure;
    let entry = control.entry_by("anonymous", "anonymous", client, START, &target, failure, detail);
    control.record_refusal(entry).await?;
    Err(why.into())
}

/// In one transaction: who it is, what the mapping makes of them, that they came, and the audit row.
async fn sign_in(
    control: &Control,
    stored: &StoredIdentityProvider,
    attempt: &SignInAttempt,
    callback: &Callback,
    returned: Returned<'_>,
) -> Result<FirstStep, Failed> {
    let Proven { subject, claims, session } =
        redeem(control, stored, attempt, callback, returned.base_url).await?;
    let mut tx = control.store().begin().await?;
    // Looked at again where nothing moves any more: it may have been switched off meanwhile, or given another issuer.
    let now_stored = tx.identity_provider_with(&stored.provider.id).await?;
    let provider = now_stored.map(|stored| stored.provider);
    let provider = provider.filter(|now| now.enabled && now.issuer == stored.provider.issuer);
    let provider = provider.ok_or(SignInRefusal::NotOffered)?;
    let who = match find(&mut tx, &provider, &subject, &claims).await? {
        Ok(who) => who,
        Err((why, user)) => return Err(Failed::Refused { why, cause: None, user }),
    };
    let Admitted { user, identity, how } = admit(control, &mut tx, &provider, &subject, &claims, who).await?;
    let source = Some(provider.name.as_str());
    let mapped = mapping::apply(control, &mut tx, source, &user, &Value::Object(claims)).await?;
    if mapped.denied() {
        let (why, cause) = (SignInRefusal::NoAccess, Some(mapped.detail.to_string()));
        return Err(Failed::Refused { why, cause, user: Some(Box::new(user)) });
    }
    let mut changes = mapped.changes;
    if how == "created" {
        changes.insert(0, Change::User { id: user.id.clone(), inactive: false });
    }
    let id = user.id.clone();
    let user = tx.user(&id).await?.ok_or(Error::NotFound)?;
    let credential_version = tx.credential_version(&id).await?;
    let subject = Subject { user_id: id.clone(), credential_version, provider: Some(session) };
    let detail = json!({
        "method": METHOD, "provider": provider.name, "identity": identity, "account": how,
        "created": (how == "created").then_some(&user), "mapping": mapped.detail,
    });
    let action = if user.second_factor { USE } else { START };
    if !user.second_factor {
        tx.set_last_sign_in(&id, control.now()).await?;
    }
    let (client, success) = (returned.client, AuditResult::Success);
    let entry =
        control.entry_by(id.as_str(), &user.email, client, action, &users::target(&user), success, detail);
    control.commit(tx, entry, changes).await?;
    // A provider that is believed about who it is isn't an authenticator that was enrolled here.
    if user.second_factor {
        return Ok(FirstStep::HalfWay(HalfSession::begin(control, subject, METHOD)));
    }
    let standing = control.store().standing(&id).await?.ok_or(Error::NotFound)?;
    let rights = standing.rights();
    Ok(FirstStep::SignedIn(Box::new(SignedIn { user: standing.user, rights, subject })))
}

/// Whoever is signed in has gone to their provider and come back as the same.
async fn step_up(
    control: &Control,
    stored: &StoredIdentityProvider,
    attempt: &SignInAttempt,
    callback: &Callback,
    returned: Returned<'_>,
) -> Result<Subject, Failed> {
    let actor = returned.actor.ok_or(SignInRefusal::OtherPerson)?;
    let user = actor.user().filter(|user| attempt.user_id.as_ref() == Some(&user.id));
    let user = user.ok_or(SignInRefusal::OtherPerson)?;
    let Proven { subject, mut session, .. } =
        redeem(control, stored, attempt, callback, returned.base_url).await?;
    let mut tx = control.store().begin().await?;
    let identity = tx.identity(&stored.provider.issuer, &subject).await?;
    let version = actor.credential_version().unwrap_or_default();
    let same = identity.is_some_and(|identity| identity.user_id == user.id);
    if !same || !tx.has_credentials(&user.id, version).await? {
        return Err(Failed::Refused {
            why: SignInRefusal::OtherPerson,
            cause: None,
            user: Some(Box::new(user.clone())),
        });
    }
    session.confirmed_at = Some(control.now());
    let detail = json!({ "method": METHOD, "provider": stored.provider.name });
    let entry = control.entry(actor, CONFIRM, &users::target(user), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(Subject { user_id: user.id.clone(), credential_version: version, provider: Some(session) })
}

/// What a sign-in would bring. Looks, and changes nothing.
async fn test(
    control: &Control,
    stored: &StoredIdentityProvider,
    attempt: &SignInAttempt,
    callback: &Callback,
    returned: Returned<'_>,
) -> Result<TestedSignIn, Error> {
    let actor = returned.actor.ok_or(Error::Unauthenticated)?;
    if actor.user().map(|user| &user.id) != attempt.user_id.as_ref() {
        return told(control, &stored.provider.name, returned.client, Err(SignInRefusal::OtherPerson.into()))
            .await;
    }
    let mut tested = TestedSignIn {
        provider: stored.provider.name.clone(),
        at: control.now(),
        claims: None,
        refused: None,
        account: None,
    };
    let mut cause = None;
    match redeem(control, stored, attempt, callback, returned.base_url).await {
        Ok(proven) => {
            tested.claims = Some(claims::kept(&proven.claims));
            let mut tx = control.store().begin().await?;
            match find(&mut tx, &stored.provider, &proven.subject, &proven.claims).await? {
                Ok(person::Who::Known(_, user) | person::Who::Linked(user)) => {
                    tested.account = Some(user.email);
                }
                Ok(person::Who::New { .. }) => {}
                Err((why, _)) => tested.refused = Some(why.as_str().to_owned()),
            }
        }
        Err(Failed::Refused { why, cause: said, .. }) => {
            tested.refused = Some(why.as_str().to_owned());
            cause = said;
        }
        Err(Failed::Error(error)) => return Err(error),
    }
    let result = if tested.refused.is_none() { AuditResult::Success } else { AuditResult::Failure };
    let detail = json!({ "why": tested.refused, "cause": cause });
    control.write(control.entry(actor, TEST, &target(&stored.provider), result, detail)).await?;
    Ok(tested)
}
