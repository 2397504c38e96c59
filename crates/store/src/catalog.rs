//! Providers and models.

use crate::commit::Tx;
use crate::error::Result;
use crate::fields::{Fields, to_json};
use crate::pool::Store;
use crate::sql::{Sql, stored, text};
use model::catalog::{Model, Provider, ProviderKind};
use model::change::Epoch;
use model::{ModelName, ProviderName};
use sqlx::Executor;
use sqlx::any::{Any, AnyRow};

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

/// The columns that [`read_provider`] reads.
macro_rules! provider_columns {
    () => {
        "p.name, p.kind, p.base_url, p.sandbox, p.allow_private_addresses, p.options, p.sealed_credential,
         p.from_configuration FROM providers p"
    };
}

/// The columns that [`read_model`] reads.
macro_rules! model_columns {
    () => {
        "m.name, m.targets, m.labels, m.prices, m.max_output_tokens, m.context_length, m.from_configuration
         FROM models m"
    };
}

pub(crate) const SELECT_PROVIDER: &str = concat!("SELECT ", provider_columns!());
pub(crate) const SELECT_MODEL: &str = concat!("SELECT ", model_columns!());

impl Store {
    /// All providers and models.
    pub async fn catalog(&self) -> Result<StoredCatalog> {
        let mut tx = self.follower().begin_with(self.dialect().snapshot()).await?;
        let epoch =
            sqlx::query("SELECT epoch FROM feed WHERE id = 1").fetch_one(&mut *tx).await?.get("epoch")?;
        let providers = sqlx::query(concat!("SELECT ", provider_columns!(), " ORDER BY p.name"))
            .fetch_all(&mut *tx)
            .await?
            .iter()
            .map(read_provider)
            .collect::<Result<_>>()?;
        let models = all_models(&mut *tx).await?;
        tx.commit().await?;
        Ok(StoredCatalog { providers, models, epoch: Epoch(epoch) })
    }

    /// The provider of this name.
    pub async fn provider(&self, name: &ProviderName) -> Result<Option<StoredProvider>> {
        provider(self.reader(), name).await
    }

    /// The model of this name.
    pub async fn model(&self, name: &ModelName) -> Result<Option<Model>> {
        model(self.reader(), name).await
    }

    /// Those of `names` that exist, by name.
    pub async fn provider_names(&self, names: &[ProviderName]) -> Result<Vec<ProviderName>> {
        provider_names(self.reader(), names).await
    }

    /// The models that have a target at this provider, by name.
    pub async fn models_using(&self, provider: &ProviderName) -> Result<Vec<ModelName>> {
        models_using(self.reader(), provider).await
    }
}

async fn provider<'c>(
    on: impl Executor<'c, Database = Any>,
    name: &ProviderName,
) -> Result<Option<StoredProvider>> {
    let mut sql = Sql::new(SELECT_PROVIDER);
    sql.push(" WHERE p.name = ").bind(name.as_str());
    sql.fetch_all(on).await?.first().map(read_provider).transpose()
}

async fn model<'c>(on: impl Executor<'c, Database = Any>, name: &ModelName) -> Result<Option<Model>> {
    let mut sql = Sql::new(SELECT_MODEL);
    sql.push(" WHERE m.name = ").bind(name.as_str());
    sql.fetch_all(on).await?.first().map(read_model).transpose()
}

async fn all_models<'c>(on: impl Executor<'c, Database = Any>) -> Result<Vec<Model>> {
    sqlx::query(concat!("SELECT ", model_columns!(), " ORDER BY m.name"))
        .fetch_all(on)
        .await?
        .iter()
        .map(read_model)
        .collect()
}

async fn provider_names<'c>(
    on: impl Executor<'c, Database = Any>,
    names: &[ProviderName],
) -> Result<Vec<ProviderName>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new("SELECT name FROM providers WHERE name IN (");
    sql.list(names.iter().map(ProviderName::as_str)).push(") ORDER BY name");
    sql.fetch_all(on).await?.iter().map(|row| row.id("name")).collect()
}

/// Targets are JSON, which the two databases look into in different ways; there are hundreds of models at most.
async fn models_using<'c>(
    on: impl Executor<'c, Database = Any>,
    provider: &ProviderName,
) -> Result<Vec<ModelName>> {
    let mut models = all_models(on).await?;
    models.retain(|model| model.targets.iter().any(|target| target.provider == *provider));
    Ok(models.into_iter().map(|model| model.name).collect())
}

impl Tx {
    /// The provider of this name, as this transaction sees it.
    pub async fn provider(&mut self, name: &ProviderName) -> Result<Option<StoredProvider>> {
        provider(self.connection(), name).await
    }

    /// The model of this name, as this transaction sees it.
    pub async fn model(&mut self, name: &ModelName) -> Result<Option<Model>> {
        model(self.connection(), name).await
    }

    /// Those of `names` that exist, as this transaction sees it.
    pub async fn provider_names(&mut self, names: &[ProviderName]) -> Result<Vec<ProviderName>> {
        provider_names(self.connection(), names).await
    }

    /// The models that have a target at this provider, as this transaction sees it.
    pub async fn models_using(&mut self, provider: &ProviderName) -> Result<Vec<ModelName>> {
        models_using(self.connection(), provider).await
    }

    /// Deletes a provider, unless the configuration owns it; whether there was one.
    pub async fn delete_provider(&mut self, name: &ProviderName) -> Result<bool> {
        let done = sqlx::query("DELETE FROM providers WHERE name = $1 AND from_configuration = 0")
            .bind(name.as_str())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Deletes a model, unless the configuration owns it; whether there was one.
    pub async fn delete_model(&mut self, name: &ModelName) -> Result<bool> {
        let done = sqlx::query("DELETE FROM models WHERE name = $1 AND from_configuration = 0")
            .bind(name.as_str())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }

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

pub(crate) fn read_provider(row: &AnyRow) -> Result<StoredProvider> {
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

pub(crate) fn read_model(row: &AnyRow) -> Result<Model> {
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
