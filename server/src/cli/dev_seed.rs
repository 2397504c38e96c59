//! `gatehouse dev seed`: fills a database that nothing serves with invented people, keys and usage.

use super::Failure;
use crate::config::Config;
use crate::system::{OsEntropy, SystemClock};
use identity::secret::hash_key_secret;
use model::KeyId;
use model::key::{Environment, KeyKind};
use model::key_token::{KeySecret, assemble};
use model::time::{Clock, Entropy};
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;
use store::{KnownKey, SeedPlan, SeedProgress, Store};

/// The name under which the database is held meanwhile.
const HOLDER: &str = "dev-seed";

#[derive(clap::Args)]
pub(super) struct SeedArguments {
    /// People
    #[arg(long, default_value_t = 1_000)]
    users: u64,
    /// API keys
    #[arg(long, default_value_t = 10_000)]
    keys: u64,
    /// Tenants
    #[arg(long, default_value_t = 200)]
    tenants: u64,
    /// Days of usage, up to today
    #[arg(long, default_value_t = 90)]
    days: u16,
    /// Requests on a working day
    #[arg(long, default_value_t = 20_000)]
    requests_per_day: u64,
    /// The same number on an empty database gives the same people and keys
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Also where there are people or keys already
    #[arg(long)]
    add: bool,
    /// Write keys that work to this file, one a line; nobody knows the secrets of the others
    #[arg(long, value_name = "FILE")]
    known_secrets: Option<PathBuf>,
    /// How many of the keys these are
    #[arg(long, default_value_t = 1_000, requires = "known_secrets")]
    known: u64,
    /// The public id of a key that they have all rules of
    #[arg(long, value_name = "PUBLIC_ID", requires = "known_secrets")]
    like: Option<KeyId>,
}

pub(super) async fn run(config: &Config, arguments: SeedArguments) -> Result<(), Failure> {
    let store = Store::open(&config.database_url()).await?;
    // What a node has in memory would not be true any more.
    let _lock = store.lock_node(HOLDER).await?;
    if !arguments.add && store.is_in_use().await? {
        return Err("there are people or keys in this database; --add seeds it all the same".into());
    }
    let now = SystemClock.now();
    let mut known = Vec::new();
    if let Some(file) = &arguments.known_secrets {
        let like = match &arguments.like {
            Some(id) => Some(store.key(id, now).await?.ok_or_else(|| format!("there is no key {id}"))?),
            None => None,
        };
        let (kind, environment) = like.map_or_else(Default::default, |key| (key.kind, key.environment));
        known = known_keys(arguments.known.min(arguments.keys), kind, environment, file)?;
    }
    let plan = SeedPlan {
        users: arguments.users,
        keys: arguments.keys,
        tenants: arguments.tenants,
        days: arguments.days,
        requests_per_day: arguments.requests_per_day,
        seed: arguments.seed,
        now,
    };
    let mut bar = Bar::default();
    store.seed(&plan, &known, arguments.like.as_ref(), &mut |progress| bar.show(progress)).await?;
    bar.end();
    store.close().await;
    Ok(())
}

/// Makes keys and writes them to the file, which only this account can read.
fn known_keys(
    count: u64,
    kind: KeyKind,
    environment: Environment,
    file: &PathBuf,
) -> Result<Vec<KnownKey>, Failure> {
    let mut out = BufWriter::new(File::create(file)?);
    let mut known = Vec::new();
    for _ in 0..count {
        let id = KeyId::generate(|bytes| OsEntropy.fill(bytes));
        let secret = KeySecret::generate(|bytes| OsEntropy.fill(bytes));
        writeln!(out, "{}", assemble(kind, environment, id, &secret))?;
        known.push(KnownKey { id, secret_hash: hash_key_secret(secret.expose()) });
    }
    out.flush()?;
    Ok(known)
}

/// Progress on standard error: a line that is written over on a terminal, a line for each tenth elsewhere.
#[derive(Default)]
struct Bar {
    /// What is written, since when, and how much of it was said.
    of: Option<(&'static str, model::Timestamp, u64)>,
}

impl Bar {
    const WIDTH: u64 = 30;

    fn show(&mut self, at: SeedProgress) {
        let now = SystemClock.now();
        let terminal = std::io::stderr().is_terminal();
        let (since, said) = match self.of {
            Some((what, since, said)) if what == at.what => (since, said),
            _ => {
                self.end();
                (now, 0)
            }
        };
        let tenths = at.done * 10 / at.of.max(1);
        self.of = Some((at.what, since, tenths));
        if !terminal && tenths == said {
            return;
        }
        let elapsed = now.since(since).max(Duration::from_millis(1));
        let rate = u128::from(at.done) * 1_000 / elapsed.as_millis();
        let filled = usize::try_from(at.done * Self::WIDTH / at.of.max(1)).unwrap_or(0);
        let bar =
            format!("{:<width$}", "#".repeat(filled), width = usize::try_from(Self::WIDTH).unwrap_or(0));
        let line = format!("{:<9} [{bar}] {} of {}, {rate} a second", at.what, at.done, at.of);
        let (start, end) = if terminal { ("\r", "") } else { ("", "\n") };
        // Nothing is left to do if standard error is closed.
        drop(write!(std::io::stderr(), "{start}{line}{end}"));
    }

    fn end(&mut self) {
        if self.of.take().is_some() && std::io::stderr().is_terminal() {
            drop(writeln!(std::io::stderr()));
        }
    }
}
