//! `gatehouse key …`: API keys from a shell on the machine. Works beside a running server, which picks the change up
//! from the change feed; `revoke` waits for its word.

use super::prompt::say;
use super::{Failure, explain, open_control};
use crate::config::Config;
use crate::wiring::OtherProcess;
use clap::Subcommand;
use control::{Actor, Control};
use model::Timestamp;
use model::id::{KeyId, ProviderName, TenantId, UserPath};
use model::key::{Environment, KeyFilter, KeyKind, KeySort, NewKey};
use model::limits::RateLimits;
use model::page::PageRequest;

#[derive(Subcommand)]
pub(super) enum KeyCommand {
    /// Issue a key; it is printed once
    Create(Box<CreateArguments>),
    /// List keys
    List {
        /// Only those whose name, owner or prefix matches
        #[arg(long)]
        q: Option<String>,
        /// Revoked ones too
        #[arg(long)]
        all: bool,
    },
    /// Revoke a key for good
    Revoke {
        /// The key's public id
        id: KeyId,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

#[derive(clap::Args)]
pub(super) struct CreateArguments {
    /// What uses the key, e.g. checkout-service-prod
    #[arg(long)]
    name: String,
    /// More words
    #[arg(long)]
    description: Option<String>,
    /// Tenant
    #[arg(long)]
    tenant: Option<TenantId>,
    /// The owner's id or e-mail address; the tenant itself when left out
    #[arg(long)]
    owner: Option<String>,
    /// A standard key (sk): everything its tenant may do
    #[arg(long)]
    standard: bool,
    /// A sandbox key (sand): only providers marked sandbox
    #[arg(long)]
    sandbox: bool,
    /// User path, e.g. /team/alpha/service
    #[arg(long)]
    user_path: Option<UserPath>,
    /// A provider that it may reach; repeat for more; all when left out
    #[arg(long = "allow-provider")]
    allowed_providers: Vec<ProviderName>,
    /// Requests in any 60 seconds
    #[arg(long)]
    requests_per_minute: Option<u32>,
    /// Tokens in a UTC day
    #[arg(long)]
    tokens_per_day: Option<u64>,
    /// RFC 3339 time from which on it is refused
    #[arg(long, value_parser = expiry)]
    expires_at: Option<Timestamp>,
}

fn expiry(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(text).ok_or_else(|| "must be a time such as 2026-12-31T23:59:59Z".to_owned())
}

pub(super) async fn run(config: &Config, command: KeyCommand) -> Result<(), Failure> {
    let control = open_control(config, OtherProcess::over).await?;
    let actor = Actor::command_line();
    match command {
        KeyCommand::Create(arguments) => create(&control, &actor, *arguments).await,
        KeyCommand::List { q, all } => list(&control, &actor, q, all).await,
        KeyCommand::Revoke { id, reason } => {
            let revoked = control::keys::revoke(&control, &actor, &id, &reason)
                .await
                .map_err(|error| explain(&error))?;
            say(&format!("revoked {} {}", revoked.key.prefix, revoked.key.name))?;
            say(&match revoked.receipt.nodes {
                0 => "no node is running".to_owned(),
                nodes => format!(
                    "{} of {nodes} nodes confirmed in {} ms",
                    revoked.receipt.nodes_acknowledged, revoked.receipt.milliseconds
                ),
            })
        }
    }
}

async fn create(control: &Control, actor: &Actor, arguments: CreateArguments) -> Result<(), Failure> {
    let new = NewKey {
        name: arguments.name,
        description: arguments.description,
        kind: if arguments.standard { KeyKind::Standard } else { KeyKind::Restricted },
        environment: if arguments.sandbox { Environment::Sandbox } else { Environment::Production },
        tenant_id: arguments.tenant,
        owner: arguments.owner,
        user_path: arguments.user_path,
        allowed_providers: Some(arguments.allowed_providers).filter(|names| !names.is_empty()),
        rate_limits: RateLimits {
            requests_per_minute: arguments.requests_per_minute,
            tokens_per_day: arguments.tokens_per_day,
            ..RateLimits::default()
        },
        expires_at: arguments.expires_at,
        ..NewKey::default()
    };
    let created = control::keys::create(control, actor, new).await.map_err(|error| explain(&error))?;
    say(&created.secret)
}

async fn list(control: &Control, actor: &Actor, q: Option<String>, all: bool) -> Result<(), Failure> {
    let filter = KeyFilter { q, include_revoked: all, ..KeyFilter::default() };
    let mut page = PageRequest { cursor: None, limit: PageRequest::MAX_LIMIT };
    loop {
        let found = control::keys::list(control, actor, &filter, KeySort::default(), &page)
            .await
            .map_err(|error| explain(&error))?;
        for key in found.items {
            let owner = key.owner_email.unwrap_or_else(|| format!("{} (service)", key.tenant_id));
            let last = key.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
            say(&format!(
                "{}\t{}…\t{}\t{owner}\t{}\tlast used {last}",
                key.id,
                key.prefix,
                key.name,
                key.status.label()
            ))?;
        }
        match found.next_cursor {
            Some(cursor) => page.cursor = Some(cursor),
            None => return Ok(()),
        }
    }
}
