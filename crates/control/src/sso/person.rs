//! Who comes back from a provider: somebody known, somebody who is here already, or somebody new.

use crate::users::{insert, new_local_user};
use crate::{Control, Error};
use identity::oidc::{self, Claims};
use model::IdentityId;
use model::role::RoleName;
use model::sso::{Identity, IdentityProvider, Linking, SignInRefusal};
use model::user::{NewUser, User, UserSource, UserStatus};
use serde_json::Value;
use store::{IdentitySeen, Tx};

/// Longest name that is taken over, in characters.
const MAX_NAME: usize = 100;

/// Who it is.
pub(super) enum Who {
    /// Issuer and subject are an account's.
    Known(Identity, User),
    /// An account that the provider may be joined with.
    Linked(User),
    /// Nobody here: an account is made.
    New {
        /// Verified, and of an allowed domain.
        email: String,
    },
}

/// Nobody that may come in, and whose account it is if it is known.
pub(super) type Nobody = (SignInRefusal, Option<Box<User>>);

/// Finds out who it is, and changes nothing.
pub(super) async fn find(
    tx: &mut Tx,
    provider: &IdentityProvider,
    subject: &str,
    claims: &Claims,
) -> Result<Result<Who, Nobody>, Error> {
    let inactive = |user: User| Err((SignInRefusal::AccountInactive, Some(Box::new(user))));
    if let Some(identity) = tx.identity(&provider.issuer, subject).await? {
        let user = tx.user(&identity.user_id).await?.ok_or(Error::NotFound)?;
        // Never reactivated by signing in.
        let gone = user.status == UserStatus::Inactive;
        return Ok(if gone { inactive(user) } else { Ok(Who::Known(identity, user)) });
    }
    let Some((email, domain)) = oidc::email(claims) else {
        return Ok(Err((SignInRefusal::EmailMissing, None)));
    };
    if !oidc::is_email_verified(claims) {
        return Ok(Err((SignInRefusal::EmailUnverified, None)));
    }
    if !provider.allowed_domains.contains(&domain) {
        return Ok(Err((SignInRefusal::DomainNotAllowed, None)));
    }
    let Some(id) = tx.user_id_by_email(&email).await? else { return Ok(Ok(Who::New { email })) };
    let user = tx.user(&id).await?.ok_or(Error::NotFound)?;
    let may_be_linked = provider.linking == Linking::VerifiedEmail
        && !user.is_super_admin()
        && tx.identities_of(&id).await?.is_empty();
    Ok(match (may_be_linked, user.status) {
        (false, _) => Err((SignInRefusal::EmailTaken, Some(Box::new(user)))),
        (true, UserStatus::Inactive) => inactive(user),
        (true, UserStatus::Active) => Ok(Who::Linked(user)),
    })
}

/// Somebody who is let in.
pub(super) struct Admitted {
    pub(super) user: User,
    pub(super) identity: IdentityId,
    /// `known`, `linked` or `created`.
    pub(super) how: &'static str,
}

/// Notes on the identity that they came; makes what isn't there.
pub(super) async fn admit(
    control: &Control,
    tx: &mut Tx,
    provider: &IdentityProvider,
    subject: &str,
    claims: &Claims,
    who: Who,
) -> Result<Admitted, Error> {
    let kept = super::claims::kept(claims);
    let claimed = oidc::email(claims).map(|(email, _)| email);
    let email = claimed.as_deref();
    let seen = IdentitySeen { provider: &provider.id, email, claims: &kept, at: control.now() };
    let (user, how) = match who {
        Who::Known(identity, user) => {
            tx.touch_identity(&identity.id, &seen).await?;
            return Ok(Admitted { user, identity: identity.id, how: "known" });
        }
        Who::Linked(user) => (user, "linked"),
        Who::New { email } => {
            let user = new_user(control, email, claims);
            insert(tx, &user, None).await?;
            (user, "created")
        }
    };
    let identity = IdentityId::generate(|bytes| control.entropy().fill(bytes));
    tx.insert_identity(&identity, &user.id, &provider.issuer, subject, &seen).await?;
    Ok(Admitted { user, identity, how })
}

/// With the lowest role and in no tenant: the mapping gives what is given.
fn new_user(control: &Control, email: String, claims: &Claims) -> User {
    let name = name_of(claims).unwrap_or_else(|| email.clone());
    let mut new = NewUser { name, email, role: RoleName::default(), organization_unit: None };
    if !new.check().is_empty() {
        new.name.clone_from(&new.email);
    }
    User { source: UserSource::Sso, tenant_ids: Vec::new(), ..new_local_user(control, new) }
}

/// The name for people, as the provider has it.
fn name_of(claims: &Claims) -> Option<String> {
    let text = |name| claims.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let parts = || match (text("given_name"), text("family_name")) {
        (Some(given), Some(family)) => Some(format!("{given} {family}")),
        _ => None,
    };
    let name = text("name").map(ToOwned::to_owned).or_else(parts)?;
    let name: String = name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    Some(name.trim().to_owned())
}
