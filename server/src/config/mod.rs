//! The configuration: `gatehouse.yaml`, with `GATEHOUSE__SECTION__KEY` variables over it. Everything has a default.

mod load;
mod secret;

pub(crate) use load::load;
pub(crate) use secret::Secret;

use model::catalog::{ModelLabel, NewModel, Prices, ProviderKind, ProviderOptions, Target, check_provider};
use model::id::{ModelName, ProviderName};
use model::ip_range::IpRange;
use model::second_factor::SecondFactorRule;
use serde::{Deserialize, Deserializer, de};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The whole configuration.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The file that was read, or would have been: objects in it are read-only elsewhere, and say so by its name.
    #[serde(skip)]
    pub(crate) file: String,
    pub(crate) server: ServerConfig,
    pub(crate) metrics: MetricsConfig,
    pub(crate) echo: EchoConfig,
    pub(crate) database: DatabaseConfig,
    pub(crate) secrets: SecretsConfig,
    /// Bearer of the Admin API that may do everything. Without it, the Admin API takes no bearer at all.
    pub(crate) master_key: Option<Secret>,
    pub(crate) identity: IdentityConfig,
    /// Accepted for configurations written for other gateways; unused, and said so once.
    pub(crate) edition: Option<EditionConfig>,
    pub(crate) providers: Vec<ProviderConfig>,
    pub(crate) models: Vec<ModelConfig>,
    pub(crate) log: LogConfig,
    pub(crate) limits: LimitsConfig,
}

/// Where and how to serve.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ServerConfig {
    /// Address and port; port 0 takes a free one.
    pub(crate) listen: SocketAddr,
    /// The address that people and applications use, without a path. Loopback and the port when absent.
    pub(crate) base_url: Option<String>,
    /// Peers whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<IpRange>,
    /// How long running requests get to end after SIGTERM.
    pub(crate) drain_seconds: u64,
    /// Threads of the data plane; the machine's cores when absent.
    pub(crate) threads: Option<u16>,
    /// Where the database (when SQLite), the spool and the made key live.
    pub(crate) data_dir: PathBuf,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            base_url: None,
            trusted_proxies: Vec::new(),
            drain_seconds: 30,
            threads: None,
            data_dir: PathBuf::from("data"),
        }
    }
}

/// Prometheus metrics; off when no address is given.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MetricsConfig {
    pub(crate) listen: Option<SocketAddr>,
}

/// The built-in provider and model `echo`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EchoConfig {
    pub(crate) enabled: bool,
    pub(crate) options: ProviderOptions,
}

impl Default for EchoConfig {
    fn default() -> Self {
        Self { enabled: true, options: ProviderOptions::default() }
    }
}

/// The database.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DatabaseConfig {
    /// `sqlite://path` or `postgres://…`; SQLite under the data folder when absent. May hold a password.
    pub(crate) url: Option<Secret>,
}

/// Sealing of stored credentials.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SecretsConfig {
    /// 64 hexadecimal digits; made and kept under the data folder when absent.
    pub(crate) key: Option<Secret>,
}

/// The pages and the first admin.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IdentityConfig {
    /// Whether the pages are served.
    pub(crate) enabled: bool,
    /// Accepted for configurations written for other gateways; unused, and said so once.
    pub(crate) jwt_secret: Option<Secret>,
    /// Creates this admin at the first start instead of printing a set-up link; needs `admin_password`.
    pub(crate) admin_email: Option<String>,
    pub(crate) admin_password: Option<Secret>,
    /// Which local accounts must have a second factor.
    #[serde(deserialize_with = "second_factor_rule")]
    pub(crate) require_second_factor: SecondFactorRule,
}

impl Default for IdentityConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            jwt_secret: None,
            admin_email: None,
            admin_password: None,
            require_second_factor: SecondFactorRule::default(),
        }
    }
}

/// YAML takes a bare `off` for `false`.
fn second_factor_rule<'de, D: Deserializer<'de>>(from: D) -> Result<SecondFactorRule, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "must be off, admins or everyone")]
    enum Written {
        Rule(SecondFactorRule),
        Switch(bool),
    }
    match Written::deserialize(from)? {
        Written::Rule(rule) => Ok(rule),
        Written::Switch(false) => Ok(SecondFactorRule::Off),
        Written::Switch(true) => Err(de::Error::custom("must be off, admins or everyone")),
    }
}

/// Accepted, unused.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EditionConfig {
    #[serde(rename = "name")]
    pub(crate) _name: String,
}

/// An upstream.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderConfig {
    pub(crate) name: ProviderName,
    pub(crate) kind: ProviderKind,
    #[serde(default)]
    pub(crate) base_url: String,
    #[serde(default)]
    pub(crate) api_key: Option<Secret>,
    #[serde(default)]
    pub(crate) sandbox: bool,
    #[serde(default)]
    pub(crate) allow_private_addresses: bool,
    #[serde(default)]
    pub(crate) options: ProviderOptions,
}

/// A public model name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelConfig {
    pub(crate) name: ModelName,
    pub(crate) targets: Vec<Target>,
    #[serde(default)]
    pub(crate) labels: Vec<ModelLabel>,
    #[serde(default)]
    pub(crate) prices: Prices,
    #[serde(default)]
    pub(crate) max_output_tokens: Option<u64>,
    #[serde(default)]
    pub(crate) context_length: Option<u64>,
}

impl ModelConfig {
    /// The model that is asked for.
    pub(crate) fn to_new(&self) -> NewModel {
        NewModel {
            name: self.name.clone(),
            targets: self.targets.clone(),
            labels: self.labels.clone(),
            prices: self.prices,
            max_output_tokens: self.max_output_tokens,
            context_length: self.context_length,
        }
    }
}

/// The log, written to standard error.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogConfig {
    /// A level (`info`) or filter directives (`info,gateway=debug`).
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Bounds of the data plane.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitsConfig {
    /// Largest request body in bytes.
    pub(crate) max_body_bytes: u32,
    /// What the large bodies of all running requests can have together in bytes; at least one of the largest.
    pub(crate) body_memory_bytes: u64,
    /// Most connections of one address at a time, trusted proxies excepted.
    pub(crate) connections_per_address: u32,
    /// How old the last word of the change feed may be before requests are refused (503 `state_unavailable`).
    pub(crate) state_bound_seconds: u32,
    /// Most keys whose policies are kept in memory.
    pub(crate) directory_capacity: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            max_body_bytes: 10 * 1024 * 1024,
            body_memory_bytes: 256 * 1024 * 1024,
            connections_per_address: 1_024,
            state_bound_seconds: 10,
            directory_capacity: 100_000,
        }
    }
}

impl Config {
    /// Where the database is, from the configuration or the default under the data folder.
    pub(crate) fn database_url(&self) -> String {
        match &self.database.url {
            Some(url) => url.expose().to_owned(),
            None => format!("sqlite://{}", self.server.data_dir.join("gatehouse.db").display()),
        }
    }

    /// What is wrong beyond types and names: each line names its field.
    fn check(&self) -> Vec<String> {
        let mut errors = Vec::new();
        if let Some(url) = &self.server.base_url
            && !is_origin(url)
        {
            errors.push(format!(
                "server.base_url: must be http:// or https:// with a host and no path, not {url:?}"
            ));
        }
        if self.identity.admin_email.is_some() != self.identity.admin_password.is_some() {
            errors.push("identity: admin_email and admin_password must be given together".to_owned());
        }
        if let Some(key) = &self.master_key
            && key.expose().len() < 16
        {
            errors.push("master_key: must be at least 16 characters".to_owned());
        }
        if let Some(key) = &self.secrets.key
            && crate::sealing::parse_key(key.expose()).is_none()
        {
            errors.push("secrets.key: must be 64 hexadecimal digits (openssl rand -hex 32)".to_owned());
        }
        if self.limits.connections_per_address == 0 {
            errors.push("limits.connections_per_address: must be at least 1".to_owned());
        }
        self.check_providers(&mut errors);
        self.check_models(&mut errors);
        errors
    }

    fn check_providers(&self, errors: &mut Vec<String>) {
        for (at, provider) in self.providers.iter().enumerate() {
            let name = &provider.name;
            if self.echo.enabled && name.as_str() == "echo" {
                errors.push(format!("providers[{at}].name: echo is built in; set echo.enabled: false first"));
            }
            if self.providers[..at].iter().any(|other| other.name == *name) {
                errors.push(format!("providers[{at}].name: {name} is there twice"));
            }
            for error in check_provider(provider.kind, &provider.base_url, &provider.options) {
                errors.push(format!("providers[{at}].{}: {}", error.field, error.message));
            }
        }
    }

    fn check_models(&self, errors: &mut Vec<String>) {
        for (at, model) in self.models.iter().enumerate() {
            if self.echo.enabled && model.name.as_str() == "echo" {
                errors.push(format!("models[{at}].name: echo is built in; set echo.enabled: false first"));
            }
            if self.models[..at].iter().any(|other| other.name == model.name) {
                errors.push(format!("models[{at}].name: {} is there twice", model.name));
            }
            for error in model.to_new().check() {
                errors.push(format!("models[{at}].{}: {}", error.field, error.message));
            }
            for (number, target) in model.targets.iter().enumerate() {
                let known = self.providers.iter().any(|provider| provider.name == target.provider)
                    || (self.echo.enabled && target.provider.as_str() == "echo");
                if !known {
                    errors.push(format!(
                        "models[{at}].targets[{number}].provider: there is no provider {}",
                        target.provider
                    ));
                }
            }
        }
    }
}

fn is_origin(text: &str) -> bool {
    text.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
            && matches!(uri.path(), "" | "/")
            && uri.query().is_none()
    }) && !text.contains('#')
}
