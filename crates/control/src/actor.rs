//! Who acts. No operation can be called without an [`Actor`], and only the ways in here make one.

use crate::Error;
use crate::sign_in::ProviderSession;
use model::management_key::ManagementKey;
use model::role::{Action, Permission, PermissionSet, Reach, Resource, Rights};
use model::scim::ScimClient;
use model::user::User;
use model::{SessionId, TenantId, UserId};
use std::net::IpAddr;

/// Where a call came from, for the audit record and the lock-out.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The peer's address (of the proxy's word only when the proxy is trusted).
    pub ip: Option<IpAddr>,
    /// What the client calls itself; cut to 200 characters by the edge.
    pub user_agent: Option<String>,
    /// The session that it came in, if it came in one.
    pub session: Option<SessionId>,
}

/// Who acts, proven by a session, the master key, a management key, a SCIM client's token, or a shell on the machine.
#[derive(Clone, Debug)]
pub struct Actor {
    principal: Principal,
    client: Client,
    rights: Rights,
    /// Of a session: the version of the credentials that it was begun with.
    credential_version: Option<i64>,
    /// Of a session: the identity provider that it was begun with.
    provider: Option<Box<ProviderSession>>,
}

#[derive(Clone, Debug)]
enum Principal {
    User(Box<User>),
    ManagementKey(Box<KeyHolder>),
    ScimClient(Box<ScimHolder>),
    MasterKey,
    CommandLine,
    Configuration,
}

/// Who presents a management key.
#[derive(Clone, Debug)]
struct KeyHolder {
    key: ManagementKey,
    label: String,
    /// Whether the key is all that a `super_admin` is.
    is_super_admin: bool,
}

/// Who presents a SCIM client's token.
#[derive(Clone, Debug)]
struct ScimHolder {
    client: ScimClient,
    label: String,
}

impl Actor {
    /// Somebody who presented a management key. `creator` is who made it, with their rights of this moment; `None`: the
    /// installation's own hand.
    pub(crate) fn management_key(
        key: ManagementKey,
        creator: Option<(&User, Rights)>,
        client: Client,
    ) -> Self {
        let (highest, of_creator) =
            creator.map_or((true, Rights::everything()), |(user, rights)| (user.is_super_admin(), rights));
        let rights = of_creator.narrowed(key.permissions, key.tenant_id.as_ref());
        let is_super_admin = highest && rights == Rights::everything();
        let label = format!("management key {}", key.name);
        let holder = KeyHolder { key, label, is_super_admin };
        Self {
            principal: Principal::ManagementKey(Box::new(holder)),
            client,
            rights,
            credential_version: None,
            provider: None,
        }
    }

    /// Somebody who presented a SCIM client's token: accounts, and no more of them than `creator` may, who made the client.
    /// `None`: the installation's own hand. Never above a `super_admin`.
    pub(crate) fn scim_client(scim: ScimClient, creator: Option<Rights>, client: Client) -> Self {
        let of_creator = creator.unwrap_or_else(Rights::everything);
        let accounts =
            PermissionSet::NONE.with(Resource::Users, Action::Read).with(Resource::Users, Action::Write);
        let label = format!("SCIM client {}", scim.name);
        Self {
            principal: Principal::ScimClient(Box::new(ScimHolder { client: scim, label })),
            client,
            rights: of_creator.narrowed(accounts, None),
            credential_version: None,
            provider: None,
        }
    }

    /// A signed-in user, as loaded for this request: a session stores who, never what they may do.
    pub(crate) fn user_session(user: User, rights: Rights, version: i64, client: Client) -> Self {
        let principal = Principal::User(Box::new(user));
        Self { principal, client, rights, credential_version: Some(version), provider: None }
    }

    /// Somebody who presented the master key; the edge has compared it.
    pub fn master_key(client: Client) -> Self {
        Self {
            principal: Principal::MasterKey,
            client,
            rights: Rights::everything(),
            credential_version: None,
            provider: None,
        }
    }

    /// Somebody with a shell on the machine.
    pub fn command_line() -> Self {
        let client = Client::default();
        Self {
            principal: Principal::CommandLine,
            client,
            rights: Rights::everything(),
            credential_version: None,
            provider: None,
        }
    }

    /// The configuration file, at start.
    pub fn configuration() -> Self {
        let client = Client::default();
        Self {
            principal: Principal::Configuration,
            client,
            rights: Rights::everything(),
            credential_version: None,
            provider: None,
        }
    }

    /// Whether this actor may do it, everywhere.
    pub fn may(&self, permission: Permission) -> bool {
        self.rights.may(permission)
    }

    /// Whether this actor may do it in this tenant.
    pub fn may_in(&self, permission: Permission, tenant: &TenantId) -> bool {
        self.rights.may_in(permission, tenant)
    }

    /// Where this actor may do it, for lists.
    pub fn reach(&self, permission: Permission) -> Reach {
        self.rights.reach(permission)
    }

    /// The same, refused when that is nowhere.
    pub(crate) fn reach_or_refuse(&self, permission: Permission) -> Result<Reach, Error> {
        match self.reach(permission) {
            Reach::Nowhere => Err(Error::Forbidden(permission)),
            reach => Ok(reach),
        }
    }

    /// Refuses unless this actor may see an object of this tenant; `None`: there is no such object, or it belongs to no
    /// tenant. Beyond one's reach is the same as not there.
    pub(crate) fn sees(&self, read: Permission, tenant: Option<&TenantId>) -> Result<(), Error> {
        match self.reach_or_refuse(read)? {
            Reach::Everywhere => Ok(()),
            reach if tenant.is_some_and(|tenant| reach.covers(tenant)) => Ok(()),
            _ => Err(Error::NotFound),
        }
    }

    /// All that this actor may do.
    pub fn rights(&self) -> &Rights {
        &self.rights
    }

    /// Whether this actor may stand above a `super_admin`: one of them, or the installation's own hand.
    pub fn is_super_admin(&self) -> bool {
        match &self.principal {
            Principal::User(user) => user.is_super_admin(),
            Principal::ManagementKey(holder) => holder.is_super_admin,
            Principal::ScimClient(_) => false,
            Principal::MasterKey | Principal::CommandLine | Principal::Configuration => true,
        }
    }

    /// Whether nothing is to be taken from this account: it is a `super_admin`, and this actor is none.
    pub(crate) fn is_outranked_by(&self, user: &User) -> bool {
        user.is_super_admin() && !self.is_super_admin()
    }

    /// The person, if it is one.
    pub fn user(&self) -> Option<&User> {
        match &self.principal {
            Principal::User(user) => Some(user),
            _ => None,
        }
    }

    /// The version of the credentials that their session was begun with.
    pub(crate) fn credential_version(&self) -> Option<i64> {
        self.credential_version
    }

    /// The same, with the identity provider that they came through.
    #[must_use]
    pub(crate) fn through(mut self, provider: Option<&ProviderSession>) -> Self {
        self.provider = provider.cloned().map(Box::new);
        self
    }

    /// The identity provider that their session was begun with.
    pub(crate) fn provider(&self) -> Option<&ProviderSession> {
        self.provider.as_deref()
    }

    /// Whether this is the person whose account that is, and no key of theirs.
    pub(crate) fn is(&self, id: &UserId) -> bool {
        self.user().is_some_and(|user| user.id == *id)
    }

    /// The management key, if it is one.
    pub(crate) fn presented_key(&self) -> Option<&ManagementKey> {
        match &self.principal {
            Principal::ManagementKey(holder) => Some(&holder.key),
            _ => None,
        }
    }

    /// The person who answers for this: who is signed in, or who made the management key.
    pub(crate) fn answerable(&self) -> Option<&UserId> {
        match &self.principal {
            Principal::User(user) => Some(&user.id),
            Principal::ManagementKey(holder) => holder.key.creator_id.as_ref(),
            Principal::ScimClient(holder) => holder.client.creator_id.as_ref(),
            Principal::MasterKey | Principal::CommandLine | Principal::Configuration => None,
        }
    }

    /// Where the call came from.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The stable id in audit rows.
    pub fn id(&self) -> &str {
        match &self.principal {
            Principal::User(user) => user.id.as_str(),
            Principal::ManagementKey(holder) => holder.key.id.as_str(),
            Principal::ScimClient(holder) => holder.client.id.as_str(),
            Principal::MasterKey => "master_key",
            Principal::CommandLine => "command_line",
            Principal::Configuration => "configuration",
        }
    }

    /// The words for people in audit rows and "created by".
    pub fn label(&self) -> &str {
        match &self.principal {
            Principal::User(user) => &user.email,
            Principal::ManagementKey(holder) => &holder.label,
            Principal::ScimClient(holder) => &holder.label,
            Principal::MasterKey => "master key",
            Principal::CommandLine => "command line",
            Principal::Configuration => "configuration",
        }
    }
}
