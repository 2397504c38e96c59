//! `gatehouse config check`: the configuration was read without an error; this says what it means.

use super::Failure;
use super::prompt::say;
use crate::config::Config;

pub(super) fn run(config: &Config) -> Result<(), Failure> {
    say("The configuration is valid.")?;
    say(&format!("listen:     {}", config.server.listen))?;
    say(&format!("base_url:   {}", config.server.base_url.as_deref().unwrap_or("(loopback and the port)")))?;
    let database = match &config.database.url {
        // It may hold a password: only its kind is shown.
        Some(url) => url.expose().split(':').next().unwrap_or_default().to_owned(),
        None => config.database_url(),
    };
    say(&format!("database:   {database}"))?;
    say(&format!("master key: {}", if config.master_key.is_some() { "set" } else { "not set" }))?;
    say(&format!("pages:      {}", if config.identity.enabled { "on" } else { "off" }))?;
    say(&format!("echo:       {}", if config.echo.enabled { "on" } else { "off" }))?;
    for provider in &config.providers {
        say(&format!("provider:   {} ({})", provider.name, provider.kind.as_str()))?;
    }
    for model in &config.models {
        say(&format!("model:      {} ({} targets)", model.name, model.targets.len()))?;
    }
    for line in unused(config).into_iter().chain(in_clear(config)?) {
        say(&format!("note:       {line}"))?;
    }
    Ok(())
}

/// A database on another machine, to which everything may go in clear. The network may be one that needs nothing more, so
/// it is no error.
pub(crate) fn in_clear(config: &Config) -> Result<Option<&'static str>, Failure> {
    Ok(store::may_be_in_clear(&config.database_url())?.then_some(
        "database.url: what goes to PostgreSQL may go over the network in clear; add ?sslmode=verify-full (and \
         &sslrootcert=FILE for a certificate authority of your own)",
    ))
}

/// Settings that are accepted for the sake of configurations written for other gateways, and do nothing here.
pub(crate) fn unused(config: &Config) -> Vec<&'static str> {
    let mut lines = Vec::new();
    if config.edition.is_some() {
        lines.push("edition is accepted and unused: there is one edition, and it has everything");
    }
    if config.identity.jwt_secret.is_some() {
        lines.push("identity.jwt_secret is accepted and unused: sessions are kept in the database");
    }
    lines
}
