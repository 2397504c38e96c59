//! Providers and models.

use crate::commit::Tx;
use crate::error::Result;
use crate::fields::{Fields, to_json};
use crate::pool::Store;
use crate::sql::{Sql, stored, text};
use model::catalog::{Model, Provider, ProviderKind};
use model::change::Epoch;
use model::{ModelName, ProviderName};
use sqlx::any::AnyRow;

/// A provider with its credential, sealed.
#[derive(Clone)]
pub struct StoredProvider {
    /// The record.
    pub provider: Provider,
    /// Sealed; the identity crate opens it.
    pub sealed_credential: Option<Vec<u8>>,
}

impl std::fmt::Debug for StoredProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredProvider").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// All providers and models, as they were at one moment.
#[derive(Clone, Debug)]
pub struct StoredCatalog {
    /// By name.
    pub providers: Vec<StoredProvider>,
    /// By name.
    pub models: Vec<Model>,
    /// The feed position of that moment.
    pub epoch: Epoch,
}

impl Store {
    /// All providers and models.
    pub async fn catalog(&self) -> Result<StoredCatalog> {
        let mut tx = self.reader().begin_with(self.dialect().snapshot()).await?;
        let epoch =
            sqlx::query("SELECT epoch FROM feed WHERE id = 1").fetch_one(&mut *tx).await?.get("epoch")?;
        let providers = sqlx::query(
            "SELECT name, kind, base_url, sandbox, allow_private_addresses, options, sealed_credential,
                    from_configuration
             FROM providers ORDER BY name",
        )
        .fetch_all(&mut *tx)
        .await?
        .iter()
        .map(read_provider)
        .collect::<Result<_>>()?;
        let models = sqlx::query(
            "SELECT name, targets, labels, prices, max_output_tokens, context_length, from_configuration
                 FROM models ORDER BY name",
        )
        .fetch_all(&mut *tx)
        .await?
        .iter()
        .map(read_model)
        .collect::<Result<_>>()?;
        tx.commit().await?;
        Ok(StoredCatalog { providers, models, epoch: Epoch(epoch) })
    }

    /// Those of `names` that exist, by name.
    pub async fn provider_names(&self, names: &[ProviderName]) -> Result<Vec<ProviderName>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("SELECT name FROM providers WHERE name IN (");
        sql.list(names.iter().map(ProviderName::as_str)).push(") ORDER BY name");
        sql.fetch_all(self.reader()).await?.iter().map(|row| row.id("name")).collect()
    }
}

impl Tx {
    /// Adds a provider or replaces the one of this name, its credential included: `None` leaves it without one.
    pub async fn upsert_provider(&mut self, provider: &Provider, sealed: Option<&[u8]>) -> Result<()> {
        sqlx::query(
            "INSERT INTO providers (name, kind, base_url, sandbox, allow_private_addresses, options,
                                    sealed_credential, from_configuration)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, base_url = excluded.base_url,
               sandbox = excluded.sandbox, allow_private_addresses = excluded.allow_private_addresses,
               options = excluded.options, sealed_credential = excluded.sealed_credential,
               from_configuration = excluded.from_configuration",
        )
        .bind(provider.name.as_str())
        .bind(provider.kind.as_str())
        .bind(text(&provider.base_url))
        .bind(i16::from(provider.sandbox))
        .bind(i16::from(provider.allow_private_addresses))
        .bind(to_json(&provider.options, "options")?)
        .bind(sealed)
        .bind(i16::from(provider.from_configuration))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Adds a model or replaces the one of this name.
    pub async fn upsert_model(&mut self, model: &Model) -> Result<()> {
        sqlx::query(
            "INSERT INTO models (name, targets, labels, prices, max_output_tokens, context_length, from_configuration)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (name) DO UPDATE SET targets = excluded.targets, labels = excluded.labels,
               prices = excluded.prices, max_output_tokens = excluded.max_output_tokens,
               context_length = excluded.context_length, from_configuration = excluded.from_configuration",
        )
        .bind(model.name.as_str())
        .bind(to_json(&model.targets, "targets")?)
        .bind(to_json(&model.labels, "labels")?)
        .bind(to_json(&model.prices, "prices")?)
        .bind(model.max_output_tokens.map(stored))
        .bind(model.context_length.map(stored))
        .bind(i16::from(model.from_configuration))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Deletes what the configuration once made and no longer names; how many.
    pub async fn remove_configured_except(
        &mut self,
        providers: &[ProviderName],
        models: &[ModelName],
    ) -> Result<u64> {
        let mut sql = Sql::new("DELETE FROM providers WHERE from_configuration = 1");
        if !providers.is_empty() {
            sql.push(" AND name NOT IN (").list(providers.iter().map(ProviderName::as_str)).push(")");
        }
        let removed = sql.execute_once(self.connection()).await?;
        let mut sql = Sql::new("DELETE FROM models WHERE from_configuration = 1");
        if !models.is_empty() {
            sql.push(" AND name NOT IN (").list(models.iter().map(ModelName::as_str)).push(")");
        }
        Ok(removed + sql.execute_once(self.connection()).await?)
    }
}

fn read_provider(row: &AnyRow) -> Result<StoredProvider> {
    let sealed_credential: Option<Vec<u8>> = row.get("sealed_credential")?;
    Ok(StoredProvider {
        provider: Provider {
            name: row.id("name")?,
            kind: row.word("kind", ProviderKind::parse)?,
            base_url: row.text("base_url")?,
            sandbox: row.flag("sandbox")?,
            allow_private_addresses: row.flag("allow_private_addresses")?,
            options: row.json("options")?,
            has_credential: sealed_credential.is_some(),
            from_configuration: row.flag("from_configuration")?,
        },
        sealed_credential,
    })
}

fn read_model(row: &AnyRow) -> Result<Model> {
    Ok(Model {
        name: row.id("name")?,
        targets: row.json("targets")?,
        labels: row.json("labels")?,
        prices: row.json("prices")?,
        max_output_tokens: row.maybe_number("max_output_tokens")?,
        context_length: row.maybe_number("context_length")?,
        from_configuration: row.flag("from_configuration")?,
    })
}
