//! API keys: the credential of the data path.

use crate::dashboard::{DailyUsage, UsageTotals};
use crate::error::FieldError;
use crate::id::{KeyId, ProviderName, TenantId, UserId, UserPath};
use crate::key_token::display_prefix;
use crate::limits::RateLimits;
use crate::page::SortDirection;
use crate::tenant::TenantStatus;
use crate::time::Timestamp;
use crate::usage::UsageRow;
use crate::user::UserStatus;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What a key may reach by its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// `sk`: everything its tenant may do; at most one active per tenant and environment; owned by the tenant.
    Standard,
    /// `rk`: a chosen subset; as many as wanted.
    #[default]
    Restricted,
}

impl KeyKind {
    /// How a key of this kind begins: `sk` or `rk`.
    pub const fn token_prefix(self) -> &'static str {
        match self {
            Self::Standard => "sk",
            Self::Restricted => "rk",
        }
    }

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Restricted => "restricted",
        }
    }

    /// From the word in the database and the API.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Standard, Self::Restricted].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Which providers a key reaches: sandbox keys only those marked sandbox, production keys all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// `sand`: only providers marked sandbox.
    Sandbox,
    /// `prod`: every provider.
    #[default]
    Production,
}

impl Environment {
    /// How it is written in a key: `prod` or `sand`.
    pub const fn token_part(self) -> &'static str {
        match self {
            Self::Sandbox => "sand",
            Self::Production => "prod",
        }
    }

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }

    /// From the word in the database and the API.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Sandbox, Self::Production].into_iter().find(|environment| environment.as_str() == text)
    }
}

/// Who a key belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KeyOwner {
    /// A person; the key works only while they are Active and a member of the key's tenant.
    User(UserId),
    /// The tenant itself: a service key.
    Tenant,
}

impl KeyOwner {
    /// The person, if it is one.
    pub fn user_id(&self) -> Option<&UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::Tenant => None,
        }
    }
}

/// Whether a key was taken back. There is no way out of `Revoked`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Works until it expires.
    Active,
    /// Taken back for good.
    Revoked {
        /// When.
        at: Timestamp,
        /// By whom (an actor's label, e.g. an e-mail address or `master key`).
        by: String,
        /// Why, as given.
        reason: String,
    },
}

/// What a key's badge says; computed when read, never by a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// Works.
    Active,
    /// Past its expiry.
    Expired,
    /// Taken back for good.
    Revoked,
}

impl KeyStatus {
    /// All, in the order in which filters show them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Expired, Self::Revoked];

    /// The word in the API and in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// The word on pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Expired => "Expired",
            Self::Revoked => "Revoked",
        }
    }

    /// From the word in the API and in addresses.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Tags bound to a key by an operator: name to value.
pub type Tags = BTreeMap<String, String>;

/// An API key as the store keeps it, without the hash of its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The public id.
    pub id: KeyId,
    /// Says what uses the key, e.g. `checkout-service-prod`.
    pub name: String,
    /// More words, if any.
    pub description: Option<String>,
    /// Standard or restricted.
    pub kind: KeyKind,
    /// Sandbox or production.
    pub environment: Environment,
    /// The tenant that it acts in.
    pub tenant_id: TenantId,
    /// Who it belongs to.
    pub owner: KeyOwner,
    /// Scope for budgets, model access, usage and audit.
    pub user_path: Option<UserPath>,
    /// Bound tags, stored on every usage row.
    pub tags: Tags,
    /// `None`: all; empty: none.
    pub allowed_providers: Option<Vec<ProviderName>>,
    /// Limits of this key.
    pub rate_limits: RateLimits,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom (an actor's label).
    pub created_by: String,
    /// Active or Revoked.
    pub state: KeyState,
}

impl ApiKey {
    /// The badge at `now`. Revoked wins over Expired.
    pub fn status_at(&self, now: Timestamp) -> KeyStatus {
        match (&self.state, self.expires_at) {
            (KeyState::Revoked { .. }, _) => KeyStatus::Revoked,
            (KeyState::Active, Some(end)) if end <= now => KeyStatus::Expired,
            (KeyState::Active, _) => KeyStatus::Active,
        }
    }
}

/// A key as the API and the pages show it: flat, with the words of its owner and tenant beside their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    /// The public id (equals `public_id`).
    pub id: KeyId,
    /// The public id.
    pub public_id: KeyId,
    /// Name.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// The first characters, for recognising the key: `rk_prod_7Hq2`.
    pub prefix: String,
    /// Standard or restricted.
    pub kind: KeyKind,
    /// Sandbox or production.
    pub environment: Environment,
    /// Tenant slug.
    pub tenant_id: TenantId,
    /// Tenant name.
    pub tenant_name: String,
    /// Tenant status: keys of a suspended tenant are refused.
    pub tenant_status: TenantStatus,
    /// The owner's user id; `None` for a service key, which belongs to the tenant.
    pub owner_id: Option<UserId>,
    /// The owner's name.
    pub owner_name: Option<String>,
    /// The owner's e-mail address.
    pub owner_email: Option<String>,
    /// The owner's status: keys of an inactive owner are refused.
    pub owner_status: Option<UserStatus>,
    /// User path.
    pub user_path: Option<UserPath>,
    /// Bound tags.
    pub tags: Tags,
    /// `null`: all; empty: none.
    pub allowed_providers: Option<Vec<ProviderName>>,
    /// Limits.
    pub rate_limits: RateLimits,
    /// Expiry.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// Last request that it authenticated.
    pub last_used_at: Option<Timestamp>,
    /// Active, Expired or Revoked at the time of reading.
    pub status: KeyStatus,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// By whom it was revoked.
    pub revoked_by: Option<String>,
    /// Why it was revoked.
    pub revoke_reason: Option<String>,
}

/// What stands beside a key in lists but isn't its own: joined from owner, tenant and ledger.
#[derive(Clone, Debug)]
pub struct KeyContext {
    /// Tenant name.
    pub tenant_name: String,
    /// Tenant status.
    pub tenant_status: TenantStatus,
    /// Owner's name.
    pub owner_name: Option<String>,
    /// Owner's e-mail address.
    pub owner_email: Option<String>,
    /// Owner's status.
    pub owner_status: Option<UserStatus>,
    /// Last request that it authenticated.
    pub last_used_at: Option<Timestamp>,
}

impl KeyView {
    /// The view of `key` at `now`.
    pub fn new(key: ApiKey, context: KeyContext, now: Timestamp) -> Self {
        let status = key.status_at(now);
        let (revoked_at, revoked_by, revoke_reason) = match key.state {
            KeyState::Active => (None, None, None),
            KeyState::Revoked { at, by, reason } => (Some(at), Some(by), Some(reason)),
        };
        Self {
            id: key.id,
            public_id: key.id,
            prefix: display_prefix(key.kind, key.environment, key.id),
            name: key.name,
            description: key.description,
            kind: key.kind,
            environment: key.environment,
            tenant_id: key.tenant_id,
            tenant_name: context.tenant_name,
            tenant_status: context.tenant_status,
            owner_id: key.owner.user_id().cloned(),
            owner_name: context.owner_name,
            owner_email: context.owner_email,
            owner_status: context.owner_status,
            user_path: key.user_path,
            tags: key.tags,
            allowed_providers: key.allowed_providers,
            rate_limits: key.rate_limits,
            expires_at: key.expires_at,
            created_at: key.created_at,
            created_by: key.created_by,
            last_used_at: context.last_used_at,
            status,
            revoked_at,
            revoked_by,
            revoke_reason,
        }
    }
}

/// The answer to creating a key: the only one that ever holds the secret. Serialised flat, once, `no-store`.
#[derive(Clone, Serialize, Deserialize)]
pub struct CreatedKey {
    /// The record.
    #[serde(flatten)]
    pub key: KeyView,
    /// The whole key, e.g. `rk_prod_…`.
    pub secret: String,
}

impl std::fmt::Debug for CreatedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedKey").field("id", &self.key.id).finish_non_exhaustive()
    }
}

/// What a caller may say of a new key. Unknown and server-owned fields are refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// Name, 1 to 100 characters.
    pub name: String,
    /// Up to 1,000 characters.
    #[serde(default)]
    pub description: Option<String>,
    /// Restricted when left out.
    #[serde(default)]
    pub kind: KeyKind,
    /// Production when left out.
    #[serde(default)]
    pub environment: Environment,
    /// Tenant slug; `default` when left out.
    #[serde(default)]
    pub tenant_id: Option<TenantId>,
    /// A user's id or e-mail address; left out: the tenant owns the key.
    #[serde(default)]
    pub owner: Option<String>,
    /// User path.
    #[serde(default)]
    pub user_path: Option<UserPath>,
    /// Bound tags.
    #[serde(default)]
    pub tags: Tags,
    /// Left out: all; empty: none.
    #[serde(default)]
    pub allowed_providers: Option<Vec<ProviderName>>,
    /// Limits.
    #[serde(default)]
    pub rate_limits: RateLimits,
    /// Expiry, in the future.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

impl NewKey {
    /// Longest name in characters.
    pub const MAX_NAME: usize = 100;
    /// Longest description in characters.
    pub const MAX_DESCRIPTION: usize = 1_000;
    /// Most tags on one key.
    pub const MAX_TAGS: usize = 50;

    /// What is wrong with these fields by themselves, without looking anything up. Empty when nothing is.
    pub fn check(&self, now: Timestamp) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_text(&mut errors, "name", &self.name, 1, Self::MAX_NAME);
        if let Some(description) = &self.description {
            check_text(&mut errors, "description", description, 0, Self::MAX_DESCRIPTION);
        }
        self.check_tags(&mut errors);
        if self.expires_at.is_some_and(|end| end <= now) {
            errors.push(FieldError::new("expires_at", "must be in the future"));
        }
        if self.kind == KeyKind::Standard {
            if self.allowed_providers.is_some() {
                errors.push(FieldError::new(
                    "allowed_providers",
                    "a standard key reaches everything of its tenant; leave this out or make the key restricted",
                ));
            }
            if self.owner.is_some() {
                errors
                    .push(FieldError::new("owner", "a standard key is owned by its tenant; leave this out"));
            }
        }
        errors.extend(self.rate_limits.check("rate_limits"));
        errors
    }

    fn check_tags(&self, errors: &mut Vec<FieldError>) {
        if self.tags.len() > Self::MAX_TAGS {
            errors.push(FieldError::new("tags", "must be at most 50"));
        }
        for (name, value) in &self.tags {
            let good_name = (1..=64).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            if !good_name {
                errors.push(FieldError::new(
                    "tags",
                    "tag names must be 1 to 64 letters, digits and - _ . characters",
                ));
            }
            if value.is_empty() || value.chars().count() > 256 || value.chars().any(char::is_control) {
                errors.push(FieldError::new(
                    format!("tags.{name}"),
                    "must be 1 to 256 characters without control characters",
                ));
            }
        }
    }
}

/// Pushes an error unless `text` has `shortest..=longest` characters, no control characters and no space at its ends.
pub(crate) fn check_text(
    errors: &mut Vec<FieldError>,
    field: &'static str,
    text: &str,
    shortest: usize,
    longest: usize,
) {
    let count = text.chars().count();
    if count < shortest || text.trim().len() != text.len() {
        errors.push(FieldError::new(field, "must not be empty, nor begin or end with a space"));
    } else if count > longest {
        errors.push(FieldError::new(field, format!("must be at most {longest} characters")));
    } else if text.chars().any(|c| c.is_control() && c != '\n') {
        errors.push(FieldError::new(field, "must not contain control characters"));
    }
}

/// Which keys a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyFilter {
    /// Search text: name, owner's name and e-mail address, prefix.
    pub q: Option<String>,
    /// Badge; `None` shows Active and Expired and counts the hidden Revoked ones.
    pub status: Option<KeyStatus>,
    /// Whether Revoked ones are listed too when `status` is `None`.
    pub include_revoked: bool,
    /// Keys of this user.
    pub owner_id: Option<UserId>,
    /// Keys of this tenant.
    pub tenant_id: Option<TenantId>,
    /// Not used for more than this many days (never used counts from creation).
    pub unused_days: Option<u16>,
}

/// What a list of keys is sorted by. Ties are broken by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySortField {
    /// Name, folded.
    Name,
    /// Time of creation.
    #[default]
    CreatedAt,
    /// Time of last use; never used comes first when ascending.
    LastUsedAt,
}

/// Order of a list of keys; in addresses `last_used_at` or `-last_used_at`. Newest first when left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySort {
    /// By what.
    pub field: KeySortField,
    /// Which way.
    pub direction: SortDirection,
}

impl Default for KeySort {
    fn default() -> Self {
        Self { field: KeySortField::CreatedAt, direction: SortDirection::Descending }
    }
}

impl KeySort {
    /// From `field` or `-field`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, direction) = SortDirection::split(text);
        let field = match name {
            "name" => KeySortField::Name,
            "created_at" => KeySortField::CreatedAt,
            "last_used_at" => KeySortField::LastUsedAt,
            _ => return None,
        };
        Some(Self { field, direction })
    }

    /// As `field` or `-field`.
    pub fn to_param(self) -> String {
        let name = match self.field {
            KeySortField::Name => "name",
            KeySortField::CreatedAt => "created_at",
            KeySortField::LastUsedAt => "last_used_at",
        };
        self.direction.prefix(name)
    }
}

/// What happened to requests in flight when a key was cut off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutReceipt {
    /// Requests ended.
    pub requests_cut: u32,
    /// Nodes that confirmed the change.
    pub nodes_acknowledged: u32,
    /// Nodes there are.
    pub nodes: u32,
    /// From commit to the last confirmation, in milliseconds.
    pub milliseconds: u32,
}

impl CutReceipt {
    /// One line for people: "14 requests cut on 3 of 3 nodes in 38 ms".
    pub fn sentence(&self) -> String {
        let requests = if self.requests_cut == 1 { "request" } else { "requests" };
        let nodes = if self.nodes == 1 { "node" } else { "nodes" };
        format!(
            "{} {requests} cut on {} of {} {nodes} in {} ms",
            self.requests_cut, self.nodes_acknowledged, self.nodes, self.milliseconds
        )
    }
}

/// The answer to revoking a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokedKey {
    /// The record as it is now.
    pub key: KeyView,
    /// What was cut.
    pub receipt: CutReceipt,
}

/// How long an expiry counts as near: a second badge says "Expires in 6 days".
pub const EXPIRES_SOON: Duration = Duration::from_hours(7 * 24);

/// A key with its usage history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyDetail {
    /// The record.
    pub key: KeyView,
    /// Usage of the last 24 hours.
    pub last_24h: UsageTotals,
    /// The last 30 UTC days, oldest first, gap-free.
    pub daily: Vec<DailyUsage>,
    /// The newest requests, at most 20.
    pub recent: Vec<UsageRow>,
}
