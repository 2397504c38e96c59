//! What a browser brought back, proven: from the code to who it stands for.

use super::begin::VERIFIER;
use super::{redirect_uri, registration};
use crate::sign_in::ProviderSession;
use crate::{Control, Error};
use identity::oidc::{self, Callback, Claims, Endpoint, Expected};
use model::sso::{ClaimsFrom, SignInRefusal};
use model::user::User;
use store::{AttemptPurpose, SignInAttempt, StoredIdentityProvider};

/// Why an attempt came to nothing.
pub(super) enum Failed {
    /// Nobody is signed in.
    Refused {
        /// What people are told.
        why: SignInRefusal,
        /// What the audit record says beside it: fixed words, nothing of what came from outside.
        cause: Option<String>,
        /// Whose account it is, if it is known.
        user: Option<Box<User>>,
    },
    /// It is our own fault.
    Error(Error),
}

impl From<SignInRefusal> for Failed {
    fn from(why: SignInRefusal) -> Self {
        Self::Refused { why, cause: None, user: None }
    }
}

impl From<oidc::Error> for Failed {
    fn from(error: oidc::Error) -> Self {
        Self::Refused { why: refusal_of(&error), cause: Some(error.to_string()), user: None }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<store::Error> for Failed {
    fn from(error: store::Error) -> Self {
        Self::Error(error.into())
    }
}

/// What people are told when a provider can't be asked, or not be believed.
pub(super) fn refusal_of(error: &oidc::Error) -> SignInRefusal {
    match error {
        oidc::Error::Unreachable(..) | oidc::Error::Status(_, 500..) => SignInRefusal::ProviderUnreachable,
        _ => SignInRefusal::ProviderAnswer,
    }
}

/// Somebody for whom a provider has spoken.
pub(super) struct Proven {
    pub(super) subject: String,
    pub(super) claims: Claims,
    pub(super) session: ProviderSession,
}

/// Redeems the code and looks at everything that comes for it.
pub(super) async fn redeem(
    control: &Control,
    stored: &StoredIdentityProvider,
    attempt: &SignInAttempt,
    callback: &Callback,
    base_url: &str,
) -> Result<Proven, Failed> {
    let provider = &stored.provider;
    let party = &control.0.relying_party;
    let registration = registration(control, stored)?;
    let known = party.known(&registration).await?;
    callback.check_issuer(&known.metadata)?;
    if callback.refused {
        return Err(SignInRefusal::ProviderRefused.into());
    }
    let code = callback.code.as_deref().ok_or(oidc::Error::Malformed(Endpoint::Token))?;
    let verifier = control.0.sealing_key.open(&attempt.sealed_verifier, VERIFIER).map_err(Error::from)?;
    let redirect_uri = redirect_uri(base_url, &provider.name);
    let tokens = party.redeem(&registration, &known, &redirect_uri, code, &verifier).await?;
    let expected = Expected {
        client_id: &provider.client_id,
        nonce_hash: &attempt.nonce_hash,
        authenticated_after: (attempt.purpose == AttemptPurpose::StepUp).then_some(attempt.created_at),
    };
    let id_token = party.id_token(&known, &tokens, &expected).await?;
    let claims = match provider.claims_from {
        ClaimsFrom::IdToken => id_token.claims.clone(),
        ClaimsFrom::Userinfo => party.with_userinfo(&registration, &known, &tokens, &id_token).await?,
    };
    let session = ProviderSession::new(control, provider.id.clone(), id_token.session, &tokens.id_token)?;
    Ok(Proven { subject: id_token.subject, claims, session })
}
