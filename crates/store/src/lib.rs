//! All SQL of Gatehouse, for SQLite and PostgreSQL.
//!
//! [`Store`] reads, and writes what is a record by itself: the usage ledger, sessions, lock-out buckets, nodes. Every
//! change of the control plane goes through [`Tx`], and [`Tx::commit`] asks for the audit entry: without it nothing
//! can be committed.
//!
//! One set of statements serves both databases; what must differ is in `dialect`. Invariants:
//! - statements are literals, values are bound, ORDER BY comes from enums, LIKE input is escaped;
//! - one control-plane transaction runs at a time, so audit and feed sequences commit in order and without gaps;
//! - a time, a count or a word that can't be read back is [`Error::Corrupt`], never a guess.

mod access_rules;
mod activity;
mod audit_chain;
mod audit_list;
mod audit_verify;
pub mod backup;
mod catalog;
mod catalog_list;
mod commit;
mod cursor;
mod dialect;
mod error;
mod feed;
mod fields;
mod find;
mod idempotency;
mod identities;
mod identity_providers;
mod key_conditions;
mod key_list;
mod key_scan;
mod key_secrets;
mod keys;
mod keyset;
mod last_uses;
mod ledger;
mod links;
mod lock;
mod login_buckets;
mod management_keys;
mod memberships;
mod migration;
mod nodes;
mod policy;
mod pool;
mod provider_sessions;
mod provisioning_log;
mod role_mapping;
mod roles;
mod scim_clients;
mod scim_groups;
mod scim_users;
mod search;
mod second_factors;
mod seed;
mod sessions;
mod settings;
mod sign_in_attempts;
mod sql;
mod tenant_holdings;
mod tenants;
mod transport;
mod usage;
mod usage_spans;
mod usage_totals;
mod user_list;
mod users;

pub use activity::ActivityPosition;
pub use catalog::{StoredCatalog, StoredProvider};
pub use commit::Tx;
pub use error::{Error, Result};
pub use idempotency::{IdempotentRequest, Remembered};
pub use identities::IdentitySeen;
pub use identity_providers::StoredIdentityProvider;
pub use key_scan::ScannedKey;
pub use key_secrets::Rotation;
pub use keys::KeyCounts;
pub use links::{Link, LinkPurpose};
pub use lock::NodeLock;
pub use login_buckets::LoginBucket;
pub use management_keys::StoredManagementKey;
pub use nodes::NodeRow;
pub use policy::{KeyPolicy, PolicyOwner, PolicySecret};
pub use pool::Store;
pub use role_mapping::MappedGrants;
pub use scim_clients::StoredScimClient;
pub use scim_groups::{GroupsOfUsers, ScimGroup, ScimGroupKey};
pub use scim_users::{Provisioner, ScimUser, ScimUserKey};
pub use second_factors::SecondFactor;
pub use seed::{KnownKey, SeedPlan, SeedProgress};
pub use sessions::SessionRow;
pub use sign_in_attempts::{AttemptPurpose, SignInAttempt};
pub use tenant_holdings::TenantFigures;
pub use transport::may_be_in_clear;
pub use usage::UsageScope;
pub use users::{Credentials, Standing};
