//! Identity providers, each with its client secret, sealed.

use crate::commit::Tx;
use crate::error::{Error, Result};
use crate::fields::{Fields, to_json};
use crate::pool::Store;
use crate::sql::{Sql, text};
use model::sso::{ClaimsFrom, IdentityProvider, Linking, Preset};
use model::{IdentityProviderId, IdentityProviderName};
use sqlx::Executor;
use sqlx::any::{Any, AnyRow};

/// A provider with its secret, sealed.
#[derive(Clone)]
pub struct StoredIdentityProvider {
    /// The record.
    pub provider: IdentityProvider,
    /// Sealed; the identity crate opens it.
    pub sealed_client_secret: Option<Vec<u8>>,
}

impl std::fmt::Debug for StoredIdentityProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredIdentityProvider").field("provider", &self.provider).finish_non_exhaustive()
    }
}

const SELECT: &str =
    "SELECT id, name, title, preset, issuer, client_id, sealed_client_secret, scopes, allowed_domains,
       linking, claims_from, allow_private_addresses, enabled, created_at
     FROM identity_providers";

impl Store {
    /// Every provider, by title. There are a handful.
    pub async fn identity_providers(&self) -> Result<Vec<IdentityProvider>> {
        let mut sql = Sql::new(SELECT);
        sql.push(" ORDER BY title, name");
        let rows = sql.fetch_all(self.reader()).await?;
        rows.iter().map(|row| read_provider(row).map(|stored| stored.provider)).collect()
    }

    /// The provider of this name.
    pub async fn identity_provider(
        &self,
        name: &IdentityProviderName,
    ) -> Result<Option<StoredIdentityProvider>> {
        by_name(self.reader(), name).await
    }

    /// The provider with this id.
    pub async fn identity_provider_with(
        &self,
        id: &IdentityProviderId,
    ) -> Result<Option<StoredIdentityProvider>> {
        by_id(self.reader(), id).await
    }
}

async fn by_name<'c>(
    on: impl Executor<'c, Database = Any>,
    name: &IdentityProviderName,
) -> Result<Option<StoredIdentityProvider>> {
    let mut sql = Sql::new(SELECT);
    sql.push(" WHERE name = ").bind(name.as_str());
    sql.fetch_all(on).await?.first().map(read_provider).transpose()
}

async fn by_id<'c>(
    on: impl Executor<'c, Database = Any>,
    id: &IdentityProviderId,
) -> Result<Option<StoredIdentityProvider>> {
    let mut sql = Sql::new(SELECT);
    sql.push(" WHERE id = ").bind(id.as_str());
    sql.fetch_all(on).await?.first().map(read_provider).transpose()
}

impl Tx {
    /// The provider of this name, as this transaction sees it.
    pub async fn identity_provider(
        &mut self,
        name: &IdentityProviderName,
    ) -> Result<Option<StoredIdentityProvider>> {
        by_name(self.connection(), name).await
    }

    /// The provider with this id, as this transaction sees it.
    pub async fn identity_provider_with(
        &mut self,
        id: &IdentityProviderId,
    ) -> Result<Option<StoredIdentityProvider>> {
        by_id(self.connection(), id).await
    }

    /// Whether anybody can sign in with another provider than this one.
    pub async fn has_other_enabled_provider(&mut self, id: &IdentityProviderId) -> Result<bool> {
        let row = sqlx::query("SELECT 1 FROM identity_providers WHERE enabled = 1 AND id <> $1 LIMIT 1")
            .bind(id.as_str())
            .fetch_optional(self.connection())
            .await?;
        Ok(row.is_some())
    }

    /// Adds a provider. A taken name is the conflict `id`.
    pub async fn insert_identity_provider(
        &mut self,
        provider: &IdentityProvider,
        sealed: Option<&[u8]>,
    ) -> Result<()> {
        let done = sqlx::query(
            "INSERT INTO identity_providers (id, name, title, preset, issuer, client_id, sealed_client_secret, scopes,
                                             allowed_domains, linking, claims_from, allow_private_addresses, enabled,
                                             created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             ON CONFLICT (name) DO NOTHING",
        )
        .bind(provider.id.as_str())
        .bind(provider.name.as_str())
        .bind(text(&provider.title))
        .bind(provider.preset.as_str())
        .bind(text(&provider.issuer))
        .bind(text(&provider.client_id))
        .bind(sealed)
        .bind(to_json(&provider.scopes, "scopes")?)
        .bind(to_json(&provider.allowed_domains, "allowed_domains")?)
        .bind(provider.linking.as_str())
        .bind(provider.claims_from.as_str())
        .bind(i16::from(provider.allow_private_addresses))
        .bind(i16::from(provider.enabled))
        .bind(provider.created_at.as_micros())
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Conflict { what: "id" }) }
    }

    /// Writes what can change of a provider, its secret included: `None` leaves it without one.
    pub async fn update_identity_provider(
        &mut self,
        provider: &IdentityProvider,
        sealed: Option<&[u8]>,
    ) -> Result<()> {
        sqlx::query(
            "UPDATE identity_providers
             SET title = $2, preset = $3, issuer = $4, client_id = $5, sealed_client_secret = $6, scopes = $7,
                 allowed_domains = $8, linking = $9, claims_from = $10, allow_private_addresses = $11, enabled = $12
             WHERE id = $1",
        )
        .bind(provider.id.as_str())
        .bind(text(&provider.title))
        .bind(provider.preset.as_str())
        .bind(text(&provider.issuer))
        .bind(text(&provider.client_id))
        .bind(sealed)
        .bind(to_json(&provider.scopes, "scopes")?)
        .bind(to_json(&provider.allowed_domains, "allowed_domains")?)
        .bind(provider.linking.as_str())
        .bind(provider.claims_from.as_str())
        .bind(i16::from(provider.allow_private_addresses))
        .bind(i16::from(provider.enabled))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Removes a provider and the attempts that are under way with it. Its people's identities stay: they are the issuer's.
    pub async fn delete_identity_provider(&mut self, id: &IdentityProviderId) -> Result<()> {
        sqlx::query("DELETE FROM identity_providers WHERE id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn read_provider(row: &AnyRow) -> Result<StoredIdentityProvider> {
    let sealed_client_secret: Option<Vec<u8>> = row.get("sealed_client_secret")?;
    Ok(StoredIdentityProvider {
        provider: IdentityProvider {
            id: row.id("id")?,
            name: row.id("name")?,
            title: row.text("title")?,
            preset: row.word("preset", Preset::parse)?,
            issuer: row.text("issuer")?,
            client_id: row.text("client_id")?,
            has_client_secret: sealed_client_secret.is_some(),
            scopes: row.json("scopes")?,
            allowed_domains: row.json("allowed_domains")?,
            linking: row.word("linking", Linking::parse)?,
            claims_from: row.word("claims_from", ClaimsFrom::parse)?,
            allow_private_addresses: row.flag("allow_private_addresses")?,
            enabled: row.flag("enabled")?,
            created_at: row.time("created_at")?,
        },
        sealed_client_secret,
    })
}
