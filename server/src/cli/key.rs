//! `gatehouse key …`: API keys from a shell on the machine. Works beside a running server, which picks the change up
//! from the change feed; `revoke` waits for its word.

use super::prompt::say;
use super::{Failure, explain, open_control};
use crate::config::Config;
use clap::Subcommand;
use control::{Actor, Control};
use model::Timestamp;
use model::api_action::ApiAction;
use model::catalog::ModelLabel;
use model::id::{KeyId, ModelPattern, ProviderName, TenantId, UserPath};
use model::ip_range::IpRange;
use model::key::{Environment, Grace, KeyFilter, KeyKind, KeySort, NewKey, RotateKey, Tags};
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
    /// Give a key a new secret; it is printed once
    Rotate {
        /// The key's public id
        id: KeyId,
        /// How long the old secret still works: 0, 1h, 24h or 7d
        #[arg(long, default_value = "24h", value_parser = grace)]
        grace: Grace,
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
    /// A tag, e.g. cost-center=eu-7; repeat for more
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = tag)]
    tags: Vec<(String, String)>,
    /// RFC 3339 time from which on it is refused
    #[arg(long, value_parser = expiry)]
    expires_at: Option<Timestamp>,
    #[command(flatten)]
    scope: ScopeArguments,
    #[command(flatten)]
    limits: LimitArguments,
}

/// What it may reach and from where; each may be repeated, and means all when left out.
#[derive(clap::Args)]
struct ScopeArguments {
    /// What may be called, e.g. chat.completions
    #[arg(long = "allow-action", value_parser = action)]
    allowed_actions: Vec<ApiAction>,
    /// A model that may be called; * stands for any characters
    #[arg(long = "allow-model", value_name = "PATTERN")]
    allowed_models: Vec<ModelPattern>,
    /// A model that may not be called, whatever allows it; * stands for any characters
    #[arg(long = "deny-model", value_name = "PATTERN")]
    denied_models: Vec<ModelPattern>,
    /// A label of the models that may be called
    #[arg(long = "label")]
    allowed_model_labels: Vec<ModelLabel>,
    /// A provider that it may reach
    #[arg(long = "allow-provider")]
    allowed_providers: Vec<ProviderName>,
    /// An address or range from which requests may come, e.g. 10.0.0.0/8
    #[arg(long = "allow-ip")]
    allowed_ips: Vec<IpRange>,
    /// Each request must name its conversation
    #[arg(long)]
    require_conversation_id: bool,
}

#[derive(clap::Args)]
struct LimitArguments {
    /// Requests in any 60 seconds
    #[arg(long)]
    requests_per_minute: Option<u32>,
    /// Requests in a UTC day
    #[arg(long)]
    requests_per_day: Option<u32>,
    /// Tokens in any 60 seconds
    #[arg(long)]
    tokens_per_minute: Option<u64>,
    /// Tokens in a UTC day
    #[arg(long)]
    tokens_per_day: Option<u64>,
    /// Requests at the same time
    #[arg(long)]
    concurrent_requests: Option<u32>,
}

impl From<LimitArguments> for RateLimits {
    fn from(limits: LimitArguments) -> Self {
        Self {
            requests_per_minute: limits.requests_per_minute,
            requests_per_day: limits.requests_per_day,
            tokens_per_minute: limits.tokens_per_minute,
            tokens_per_day: limits.tokens_per_day,
            concurrent_requests: limits.concurrent_requests,
        }
    }
}

fn action(text: &str) -> Result<ApiAction, String> {
    ApiAction::parse(text).ok_or_else(|| {
        let known: Vec<_> = ApiAction::ALL.iter().map(|action| action.as_str()).collect();
        format!("must be one of {}", known.join(", "))
    })
}

fn grace(text: &str) -> Result<Grace, String> {
    let found = Grace::ALL.into_iter().find(|grace| grace.as_str() == text);
    found.ok_or_else(|| "must be 0, 1h, 24h or 7d".to_owned())
}

fn tag(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("must be a name, = and a value")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// A list that is left out on the command line means all.
fn listed<T>(items: Vec<T>) -> Option<Vec<T>> {
    Some(items).filter(|items| !items.is_empty())
}

fn expiry(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(text).ok_or_else(|| "must be a time such as 2026-12-31T23:59:59Z".to_owned())
}

pub(super) async fn run(config: &Config, command: KeyCommand) -> Result<(), Failure> {
    let control = open_control(config).await?;
    let actor = Actor::command_line();
    match command {
        KeyCommand::Create(arguments) => create(&control, &actor, *arguments).await,
        KeyCommand::List { q, all } => list(&control, &actor, q, all).await,
        KeyCommand::Rotate { id, grace } => {
            let rotated = control::keys::rotate(&control, &actor, &id, RotateKey { grace })
                .await
                .map_err(|error| explain(&error))?;
            say(&rotated.created.secret)
        }
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
    let mut tags = Tags::new();
    for (name, value) in arguments.tags {
        if tags.insert(name.clone(), value).is_some() {
            return Err(format!("the tag {name} is given twice").into());
        }
    }
    let scope = arguments.scope;
    let new = NewKey {
        name: arguments.name,
        description: arguments.description,
        kind: if arguments.standard { KeyKind::Standard } else { KeyKind::Restricted },
        environment: if arguments.sandbox { Environment::Sandbox } else { Environment::Production },
        tenant_id: arguments.tenant,
        owner: arguments.owner,
        user_path: arguments.user_path,
        tags,
        allowed_actions: listed(scope.allowed_actions),
        allowed_models: listed(scope.allowed_models),
        denied_models: scope.denied_models,
        allowed_model_labels: listed(scope.allowed_model_labels),
        allowed_providers: listed(scope.allowed_providers),
        allowed_ips: listed(scope.allowed_ips),
        rate_limits: arguments.limits.into(),
        require_conversation_id: scope.require_conversation_id,
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
