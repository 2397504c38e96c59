//! `gatehouse restore FILE`: an empty database is filled from a backup, or stays empty.

use super::Failure;
use super::progress::{show, tell};
use crate::config::Config;
use crate::sealing::{find_key, keep_key, key_file, parse_key};
use crate::system::SystemClock;
use identity::seal::SealingKey;
use model::time::Clock;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use store::Store;
use store::backup::{BackupReader, Manifest, Restored, Sealing};
use zeroize::Zeroizing;

#[derive(clap::Args)]
pub(super) struct RestoreArguments {
    /// The backup; - reads from standard input
    file: PathBuf,
}

pub(super) async fn run(config: &Config, arguments: &RestoreArguments) -> Result<(), Failure> {
    let input: Box<dyn Read> = if arguments.file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        let name = arguments.file.display();
        Box::new(File::open(&arguments.file).map_err(|error| format!("{name}: {error}"))?)
    };
    let backup = BackupReader::open(input)?;
    let manifest = backup.manifest().clone();
    tell(&format!(
        "A backup of {}, written by Gatehouse {} from {}",
        manifest.taken_at, manifest.version, manifest.database
    ));
    let key = Key::of(config, manifest.sealing.as_ref())?;
    let (store, lock) = Store::open_for_restore(&config.database_url(), &manifest).await?;
    // Before the rows: should it fail, nothing has happened yet.
    let kept = key.keep(config)?;
    let restored = control::backup::restore(&store, backup, SystemClock.now(), &mut show).await?;
    kept.stays();
    let verdict = report(&store, &manifest, &restored).await;
    store.close().await;
    drop(lock);
    tell(key.words());
    verdict
}

/// Says what was restored, and whether its audit log is as it was written.
async fn report(store: &Store, manifest: &Manifest, restored: &Restored) -> Result<(), Failure> {
    let rows: u64 = restored.rows.values().sum();
    tell(&format!("Restored: {rows} rows in {} tables", restored.rows.len()));
    for total in &restored.corrected {
        tell(&format!("The total of {} was {} and is now {}", total.name, total.was, total.is));
    }
    let log = store.verify_audit(None, u64::MAX).await?;
    if let Some(finding) = log.finding {
        // Not undone: a true copy of a log that was changed is still the only copy of everything else.
        return Err(format!(
            "everything is restored, but its audit log was not as it was written when the backup was taken: {finding}"
        )
        .into());
    }
    let head = manifest.audit_head.as_deref().unwrap_or("nothing");
    tell(&format!(
        "The audit log is intact; in the backup it ended with {head} (row {})",
        manifest.audit_seq
    ));
    Ok(())
}

/// How the backup's sealing key and this installation's stand to each other.
enum Key {
    /// The key is here, or nothing was ever sealed.
    Here,
    /// The backup brings it.
    Brought { text: Zeroizing<String> },
    /// Another one is here, or none.
    Missing,
}

impl Key {
    fn of(config: &Config, sealing: Option<&Sealing>) -> Result<Self, Failure> {
        let Some(sealing) = sealing else { return Ok(Self::Here) };
        let here = find_key(config)?.map(|found| found.key.id());
        if here.as_ref() == Some(&sealing.id) {
            return Ok(Self::Here);
        }
        match (&sealing.key, here) {
            (None, _) => Ok(Self::Missing),
            (Some(key), None) => {
                let material = parse_key(key.expose()).ok_or("the sealing key in the backup is damaged")?;
                if SealingKey::new(&material).id() != sealing.id {
                    return Err("the sealing key in the backup isn't the one that it says".into());
                }
                Ok(Self::Brought { text: Zeroizing::new(key.expose().to_owned()) })
            }
            (Some(_), Some(_)) => Err(format!(
                "the backup brings its sealing key, and this installation has another one: take away secrets.key from \
                 the configuration or {}",
                key_file(config).display()
            )
            .into()),
        }
    }

    fn keep(&self, config: &Config) -> Result<Kept, Failure> {
        let Self::Brought { text } = self else { return Ok(Kept(None)) };
        let file = key_file(config);
        keep_key(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Kept(Some(file)))
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Here => "Everybody signs in again.",
            Self::Brought { .. } => {
                "The sealing key is in the data folder (secrets.key). Everybody signs in again."
            }
            Self::Missing => {
                "The sealing key of this backup is not here. Before the first start, set secrets.key to it or put it into \
                 the data folder as secrets.key; without it, enter the credentials of providers anew, and reset second \
                 factors (gatehouse user reset-second-factor).\n\
                 Everybody signs in again."
            }
        }
    }
}

/// A key's file that this command has made: taken away again if nothing is restored.
struct Kept(Option<PathBuf>);

impl Kept {
    fn stays(mut self) {
        self.0 = None;
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(file) = &self.0 {
            let _ = std::fs::remove_file(file);
        }
    }
}
