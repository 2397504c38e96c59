//! The command line.

mod audit;
mod backup;
mod config_check;
mod dev_seed;
mod health;
mod key;
mod progress;
mod prompt;
mod restore;
mod serve;
mod user;

use crate::config::{self, Config};
use crate::sealing;
use crate::system::{OsEntropy, SystemClock};
use crate::wiring::{Nodes, OtherProcess, ProviderHttp};
use clap::{Args, Parser, Subcommand};
use control::{Control, Parts};
use identity::oidc::RelyingParty;
use identity::password::Hasher;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use store::Store;
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;

/// A self-hosted, identity-aware LLM gateway with its admin dashboard and developer console.
#[derive(Parser)]
#[command(name = "gatehouse", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

#[derive(Args)]
struct Global {
    /// The configuration file; gatehouse.yaml when it exists
    #[arg(long, global = true, env = "GATEHOUSE_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the gateway, the Admin API and the pages
    Serve,
    /// Issue, list, rotate and revoke API keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Create and list accounts, reset a password or a second factor
    #[command(subcommand)]
    User(user::UserCommand),
    /// Check the audit log
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Write everything into one file, also while the server runs
    Backup(backup::BackupArguments),
    /// Fill an empty database from a backup, of SQLite or of PostgreSQL
    Restore(restore::RestoreArguments),
    /// Ask the server of this configuration whether it may take traffic; exits with 1 if not
    Health,
    /// Print the OpenAPI document of the Admin API
    Openapi,
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// For those who work on Gatehouse, or want to see it at its full size
    #[command(subcommand)]
    Dev(DevCommand),
}

#[derive(Subcommand)]
enum DevCommand {
    /// Fill an empty database with invented people, keys and usage
    Seed(dev_seed::SeedArguments),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Check the configuration and say what it means
    Check,
}

/// What a command fails with: a line for people.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command line to its end.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    // What we write (database, spool, sealing key) is for this account only.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nothing is left to do if standard error is closed.
            drop(writeln!(std::io::stderr(), "gatehouse: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(cli: Cli) -> Result<(), Failure> {
    let config = config::load(cli.global.config.as_deref(), std::env::vars())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_start(crate::system::step_back)
        .build()?;
    match cli.command {
        Command::Serve => serve::run(&runtime, config),
        Command::Key(command) => runtime.block_on(key::run(&config, command)),
        Command::User(command) => runtime.block_on(user::run(&config, command)),
        Command::Audit(command) => runtime.block_on(audit::run(&config, command)),
        Command::Backup(arguments) => runtime.block_on(backup::run(&config, &arguments)),
        Command::Restore(arguments) => runtime.block_on(restore::run(&config, &arguments)),
        Command::Health => health::run(&config),
        Command::Openapi => prompt::say(crate::admin_api::openapi_text().trim_end()),
        Command::Config(ConfigCommand::Check) => config_check::run(&config),
        Command::Dev(DevCommand::Seed(arguments)) => runtime.block_on(dev_seed::run(&config, arguments)),
    }
}

/// Opens the database for a command, beside a server or without one.
async fn open_control(config: &Config) -> Result<Control, Failure> {
    let store = Store::open(&config.database_url()).await?;
    let nodes = OtherProcess::over(&store);
    control_over(config, store, nodes)
}

/// Builds the control plane on an open database.
fn control_over(config: &Config, store: Store, nodes: Nodes) -> Result<Control, Failure> {
    let Nodes { broadcast, probe } = nodes;
    let parts = Parts {
        hasher: Hasher::new(2)?,
        sealing_key: sealing::load_key(config, &OsEntropy)?,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        broadcast,
        probe,
        configuration_file: config.file.clone(),
        tasks: TaskTracker::new(),
        sign_in_gate: Mutex::new(()),
        second_factor_rule: config.identity.require_second_factor,
        refusals: control::audit::Refusals::default(),
        relying_party: RelyingParty::new(Arc::new(ProviderHttp::default()), Arc::new(SystemClock)),
        store,
    };
    Ok(Control::new(parts))
}

/// An operation's error as the line that the command line prints.
fn explain(error: &control::Error) -> Failure {
    error.to_problem("command-line").to_string().into()
}
