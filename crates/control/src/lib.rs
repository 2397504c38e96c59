//! The control plane: every operation on users, keys, tenants and usage, however it is reached.
//!
//! An operation takes an [`Actor`], checks what that actor may do, and writes the change, its audit row and its
//! change-feed rows in one transaction. Edges (pages, Admin API, command line) only translate.

pub mod access_rules;
pub mod actor;
pub mod audit;
pub mod backup;
pub mod broadcast;
pub mod catalog;
pub mod error;
pub mod keys;
pub mod management_keys;
pub mod mapping;
pub mod memberships;
pub mod roles;
pub mod scim;
pub mod second_factor;
pub mod sign_in;
pub mod sso;
pub mod tenants;
pub mod usage;
pub mod users;

mod commit;
mod cut;
mod new_password;
mod once;
mod reason;

pub use actor::{Actor, Client};
pub use broadcast::Broadcast;
pub use error::Error;
pub use identity::password::Password;
pub use once::{Answer, Attempt, IdempotencyKey, Made, Once};

use catalog::UpstreamProbe;
use identity::oidc::RelyingParty;
use identity::password::Hasher;
use identity::seal::SealingKey;
use model::Timestamp;
use model::second_factor::SecondFactorRule;
use model::time::{Clock, Entropy};
use once::Claim;
use std::sync::Arc;
use store::Store;
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;

/// What the operations work with, and the claim of a request that is to be done once. Cheap to clone.
#[derive(Clone)]
pub struct Control(Arc<Parts>, Option<Arc<Claim>>);

/// Everything that is handed in, so that tests can hand in their own.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Hashes passwords.
    pub hasher: Hasher,
    /// Seals provider credentials.
    pub sealing_key: SealingKey,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random bytes.
    pub entropy: Arc<dyn Entropy>,
    /// Carries changes to the nodes' data planes.
    pub broadcast: Arc<dyn Broadcast>,
    /// Commits run in here, so that a client that hangs up can't stop one between commit and broadcast, and a
    /// shutdown waits for them.
    pub tasks: TaskTracker,
    /// Talks to identity providers.
    pub relying_party: RelyingParty,
    /// What the data plane knows of upstreams.
    pub probe: Arc<dyn UpstreamProbe>,
    /// The configuration file's name, for who tries to change what it owns.
    pub configuration_file: String,
    /// Attempts to sign in are counted one at a time.
    pub sign_in_gate: Mutex<()>,
    /// Who must have a second factor.
    pub second_factor_rule: SecondFactorRule,
    /// Refused attempts of this minute: how many of the same were written down.
    pub refusals: audit::Refusals,
}

impl Control {
    /// From its parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts), None)
    }

    /// The database, for edges that keep their own records in it (sessions, ledger, nodes).
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The same for a request that is to be done once.
    fn claiming(&self, claim: Arc<Claim>) -> Self {
        Self(self.0.clone(), Some(claim))
    }

    fn entropy(&self) -> &dyn Entropy {
        &*self.0.entropy
    }

    /// Waits until no commit is running any more.
    pub async fn drain(&self) {
        if let Err(error) = self.write_due(true).await {
            tracing::error!(%error, "refused attempts that were only counted can't be written down");
        }
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}
