//! Sending somebody to an identity provider.

use super::{WRITE, redirect_uri, registration, target_named};
use crate::sign_in::{START, network};
use crate::{Actor, Client, Control, Error};
use identity::oidc::{Authorization, Secrets};
use identity::secret::LinkToken;
use model::IdentityProviderName;
use model::audit::AuditResult;
use model::sso::SignInRefusal;
use serde_json::json;
use std::time::Duration;
use store::{AttemptPurpose, SignInAttempt};

/// How long an attempt may take.
pub const ATTEMPT_LIFE: Duration = Duration::from_mins(10);
/// Attempts of one network that may be open at a time: strangers can begin them without end.
const OPEN_ATTEMPTS: u64 = 200;
/// What a verifier is sealed for.
pub(super) const VERIFIER: &str = "sign-in-attempt";

/// What somebody goes there for.
#[derive(Clone, Copy)]
pub enum Purpose<'a> {
    /// To sign in, and go to this path of ours then.
    SignIn {
        /// A path of this site, checked.
        next: Option<&'a str>,
    },
    /// To see what the provider says; nothing is made or changed. Needs `sso:write`.
    Test(&'a Actor),
    /// To prove once more who they are, at the provider that they came through.
    StepUp {
        /// Who is signed in.
        actor: &'a Actor,
        /// A path of this site, checked.
        next: Option<&'a str>,
    },
}

/// An attempt, for the answer that sends the browser away.
pub struct Begun {
    /// Where to.
    pub url: String,
    /// What this browser keeps until it comes back.
    pub cookie: LinkToken,
}

/// Begins an attempt. `base_url` is the configured one: nothing of the request is in what the provider is sent.
pub async fn begin(
    control: &Control,
    name: &IdentityProviderName,
    purpose: Purpose<'_>,
    base_url: &str,
    client: &Client,
) -> Result<Begun, Error> {
    if let Purpose::Test(actor) = purpose {
        control.authorise(actor, WRITE, "identity_provider.test", &target_named(name)).await?;
    }
    match attempt(control, name, purpose, base_url, client).await {
        Err(Error::SignInRefused(why)) => {
            let detail = json!({ "method": "sso", "why": why.as_str() });
            let target = target_named(name);
            let failure = AuditResult::Failure;
            let entry = control.entry_by("anonymous", "anonymous", client, START, &target, failure, detail);
            control.record_refusal(entry).await?;
            Err(why.into())
        }
        other => other,
    }
}

async fn attempt(
    control: &Control,
    name: &IdentityProviderName,
    purpose: Purpose<'_>,
    base_url: &str,
    client: &Client,
) -> Result<Begun, Error> {
    let stored = control.store().identity_provider(name).await?;
    // A provider is tested before it is switched on.
    let testing = matches!(purpose, Purpose::Test(_));
    let stored = stored.filter(|stored| stored.provider.enabled || testing);
    let stored = stored.ok_or(SignInRefusal::NotOffered)?;
    let (word, user_id, next) = match purpose {
        Purpose::SignIn { next } => (AttemptPurpose::SignIn, None, next),
        Purpose::Test(actor) => (AttemptPurpose::Test, actor.user(), None),
        Purpose::StepUp { actor, next } => {
            if actor.provider().is_none_or(|session| session.provider_id != stored.provider.id) {
                return Err(SignInRefusal::NotOffered.into());
            }
            (AttemptPurpose::StepUp, actor.user(), next)
        }
    };
    let network = client.ip.map(network);
    let now = control.now();
    if let Some(network) = &network
        && control.store().count_attempts(network, now).await? >= OPEN_ATTEMPTS
    {
        return Err(SignInRefusal::TooManyAttempts.into());
    }
    let registration = registration(control, &stored)?;
    let known = control.0.relying_party.known(&registration).await.map_err(|error| {
        tracing::warn!(provider = %name, %error, "a sign-in can't begin");
        Error::from(super::returned::refusal_of(&error))
    })?;
    let secrets = Secrets::generate(control.entropy());
    let redirect_uri = redirect_uri(base_url, name);
    let anew = word == AttemptPurpose::StepUp;
    let url =
        Authorization { registration: &registration, redirect_uri: &redirect_uri, secrets: &secrets, anew }
            .url(&known.metadata);
    let attempt = SignInAttempt {
        provider_id: stored.provider.id,
        purpose: word,
        user_id: user_id.map(|user| user.id.clone()),
        nonce_hash: secrets.nonce.hash(),
        sealed_verifier: control.0.sealing_key.seal(
            secrets.verifier.expose(),
            VERIFIER,
            control.entropy(),
        )?,
        next: next.map(ToOwned::to_owned),
        network,
        created_at: now,
        expires_at: now.after(ATTEMPT_LIFE),
    };
    control.store().insert_attempt(&secrets.cookie.hash(), &secrets.state.hash(), &attempt).await?;
    Ok(Begun { url, cookie: secrets.cookie })
}
