//! What the data path must know of a key, read together with the feed position at which it was true.

use crate::error::Result;
use crate::fields::Fields;
use crate::keys::{key_columns, read_key};
use crate::pool::Store;
use model::change::Epoch;
use model::key::ApiKey;
use model::tenant::TenantStatus;
use model::user::UserStatus;
use model::{KeyId, Timestamp};

/// A key's owner, if it is a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyOwner {
    /// Active or Inactive.
    pub status: UserStatus,
    /// Whether they are a member of the key's tenant.
    pub member: bool,
}

/// A secret of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicySecret {
    /// SHA-256.
    pub hash: [u8; 32],
    /// Counts the key's secrets from 1.
    pub generation: u32,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// All that decides whether a key may act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPolicy {
    /// The record.
    pub key: ApiKey,
    /// Its secrets, newest first; those that are over are there for a while, to be answered by name.
    pub secrets: Vec<PolicySecret>,
    /// Keys of a suspended tenant are refused.
    pub tenant_status: TenantStatus,
    /// The owner; `None` for a service key.
    pub owner: Option<PolicyOwner>,
    /// The feed position of this view: changes up to it are in, later ones are not.
    pub epoch: Epoch,
}

/// One statement, thus one moment: row and epoch agree. A row for each secret.
const SELECT_POLICY: &str = concat!(
    "SELECT ",
    key_columns!(),
    ", t.status AS tenant_status, u.status AS owner_status, m.user_id AS member_id, s.hash, s.generation,
       s.expires_at AS secret_expires_at, f.epoch
     FROM feed f
     CROSS JOIN api_keys k
     JOIN tenants t ON t.id = k.tenant_id
     LEFT JOIN users u ON u.id = k.owner_id
     LEFT JOIN memberships m ON m.user_id = k.owner_id AND m.tenant_id = k.tenant_id
     LEFT JOIN key_secrets s ON s.key_id = k.id
     WHERE k.id = $1 AND f.id = 1
     ORDER BY s.generation DESC"
);

impl Store {
    /// The policy of a key; `None`: there is no such key.
    pub async fn key_policy(&self, id: &KeyId) -> Result<Option<KeyPolicy>> {
        let rows = sqlx::query(SELECT_POLICY).bind(id.as_str()).fetch_all(self.follower()).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let mut secrets = Vec::with_capacity(rows.len());
        for row in &rows {
            if row.get::<Option<&[u8]>>("hash")?.is_some() {
                secrets.push(PolicySecret {
                    hash: row.hash("hash")?,
                    generation: row.number("generation")?,
                    expires_at: row.maybe_time("secret_expires_at")?,
                });
            }
        }
        let member = row.maybe_text("member_id")?.is_some();
        let owner =
            row.maybe_word("owner_status", UserStatus::parse)?.map(|status| PolicyOwner { status, member });
        Ok(Some(KeyPolicy {
            key: read_key(row)?,
            secrets,
            tenant_status: row.word("tenant_status", TenantStatus::parse)?,
            owner,
            epoch: Epoch(row.get("epoch")?),
        }))
    }
}
