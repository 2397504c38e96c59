//! Who acts. No operation can be called without an [`Actor`], and only the ways in here make one.

use model::role::Permission;
use model::user::User;
use std::net::IpAddr;

/// Where a call came from, for the audit record and the lock-out.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The peer's address (of the proxy's word only when the proxy is trusted).
    pub ip: Option<IpAddr>,
    /// What the client calls itself; cut to 200 characters by the edge.
    pub user_agent: Option<String>,
}

/// Who acts, proven by a session, the master key, or a shell on the machine.
#[derive(Clone, Debug)]
pub struct Actor {
    principal: Principal,
    client: Client,
}

#[derive(Clone, Debug)]
enum Principal {
    User(Box<User>),
    MasterKey,
    CommandLine,
    Configuration,
}

impl Actor {
    /// A signed-in user, as loaded for this request: a session stores who, never what they may do.
    pub(crate) fn user_session(user: User, client: Client) -> Self {
        Self { principal: Principal::User(Box::new(user)), client }
    }

    /// Somebody who presented the master key; the edge has compared it.
    pub fn master_key(client: Client) -> Self {
        Self { principal: Principal::MasterKey, client }
    }

    /// Somebody with a shell on the machine.
    pub fn command_line() -> Self {
        Self { principal: Principal::CommandLine, client: Client::default() }
    }

    /// The configuration file, at start.
    pub fn configuration() -> Self {
        Self { principal: Principal::Configuration, client: Client::default() }
    }

    /// Whether this actor may do it.
    pub fn may(&self, permission: Permission) -> bool {
        match &self.principal {
            Principal::User(user) => user.role.allows(permission),
            Principal::MasterKey | Principal::CommandLine | Principal::Configuration => true,
        }
    }

    /// The person, if it is one.
    pub fn user(&self) -> Option<&User> {
        match &self.principal {
            Principal::User(user) => Some(user),
            _ => None,
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
            Principal::MasterKey => "master_key",
            Principal::CommandLine => "command_line",
            Principal::Configuration => "configuration",
        }
    }

    /// The words for people in audit rows and "created by".
    pub fn label(&self) -> &str {
        match &self.principal {
            Principal::User(user) => &user.email,
            Principal::MasterKey => "master key",
            Principal::CommandLine => "command line",
            Principal::Configuration => "configuration",
        }
    }
}
