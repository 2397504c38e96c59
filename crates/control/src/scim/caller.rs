//! A SCIM client that has proven who it is, and on which version of a resource it means to act.

use crate::{Actor, Control, users};
use identity::scim::ScimError;
use model::ScimClientId;
use model::role::Permission;
use model::scim::ScimClient;
use model::user::UserStatus;
use store::Tx;

/// A SCIM client that has proven who it is. No operation for clients can be called without one, and only
/// [`super::authenticate`] makes it.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(super) actor: Actor,
    pub(super) client: ScimClient,
}

impl Caller {
    /// Which client.
    pub fn client(&self) -> &ScimClient {
        &self.client
    }

    pub(super) fn id(&self) -> &ScimClientId {
        &self.client.id
    }

    /// Refuses unless whoever made the client may see accounts.
    pub(super) fn may_read(&self) -> Result<(), crate::Error> {
        let permission: Permission = users::READ;
        if self.actor.may(permission) { Ok(()) } else { Err(crate::Error::Forbidden(permission)) }
    }

    /// A change in the making. Looks again at the client and at who made it, where nothing moves any more: after a
    /// revocation has returned, its token changes nothing.
    pub(super) async fn begin(&self, control: &Control) -> Result<Tx, crate::Error> {
        let mut tx = control.store().begin().await?;
        let client = tx.scim_client(self.id()).await?.filter(|client| client.revoked_at.is_none());
        let maker = match client.ok_or(crate::Error::Unauthenticated)?.creator_id {
            Some(creator) => tx.user(&creator).await?.map(|user| user.status),
            None => Some(UserStatus::Active),
        };
        match maker {
            Some(UserStatus::Active) => Ok(tx),
            _ => Err(crate::Error::Unauthenticated),
        }
    }
}

/// `If-Match`: the versions of which the resource must be one.
#[derive(Clone, Debug)]
pub enum Precondition {
    /// Any that is there.
    Exists,
    /// One of these entity tags.
    OneOf(Vec<String>),
}

impl Precondition {
    /// From the header's value.
    pub fn parse(header: &str) -> Self {
        let tags = header.split(',').map(str::trim);
        if header.trim() == "*" { Self::Exists } else { Self::OneOf(tags.map(ToOwned::to_owned).collect()) }
    }

    /// Whether the resource of this version is meant. All our tags are weak, and compared as such: SCIM clients send back
    /// what they were given.
    pub fn is_met(&self, version: &str) -> bool {
        let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
        match self {
            Self::Exists => true,
            Self::OneOf(tags) => tags.iter().any(|tag| tag == "*" || opaque(tag) == opaque(version)),
        }
    }

    /// Refuses what isn't meant.
    pub(super) fn check(precondition: Option<&Self>, version: &str) -> Result<(), ScimError> {
        if precondition.is_none_or(|wanted| wanted.is_met(version)) {
            return Ok(());
        }
        Err(ScimError::new(412, format!("the resource has changed: its version is {version} now")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_weakly() {
        for met in ["*", "W/\"7\"", "\"7\"", "W/\"6\", W/\"7\""] {
            assert!(Precondition::parse(met).is_met("W/\"7\""), "{met}");
        }
        for other in ["", "7", "W/\"6\"", "W/\"77\""] {
            assert!(!Precondition::parse(other).is_met("W/\"7\""), "{other}");
        }
        assert!(Precondition::check(None, "W/\"7\"").is_ok());
        assert_eq!(
            Precondition::check(Some(&Precondition::parse("W/\"6\"")), "W/\"7\"").unwrap_err().status,
            412
        );
    }
}
