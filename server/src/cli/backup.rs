//! `gatehouse backup FILE`: everything in one file, of one moment, also while the server runs.

use super::Failure;
use super::progress::{show, tell};
use crate::config::Config;
use crate::sealing::find_key;
use crate::system::SystemClock;
use model::time::Clock;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use store::Store;
use store::backup::{Label, Sealing, SealingKeyText};

#[derive(clap::Args)]
pub(super) struct BackupArguments {
    /// The file, replaced when the backup is whole; - writes to standard output
    file: PathBuf,
    /// Put the key that seals stored credentials into it: whoever has the file can open these
    #[arg(long)]
    with_sealing_key: bool,
}

pub(super) async fn run(config: &Config, arguments: &BackupArguments) -> Result<(), Failure> {
    let sealing = sealing(config, arguments.with_sealing_key)?;
    let store = Store::open_for_backup(&config.database_url()).await?;
    let label = Label { version: env!("CARGO_PKG_VERSION").to_owned(), taken_at: SystemClock.now(), sealing };
    if arguments.file == Path::new("-") {
        let out = io::stdout();
        if out.is_terminal() {
            return Err("a backup is no text: send standard output to a file or a program".into());
        }
        control::backup::create(&store, label, BufWriter::new(out.lock()), &mut show).await?;
    } else {
        let partial = Partial::create(&arguments.file)?;
        let out = control::backup::create(&store, label, BufWriter::new(&partial.file), &mut show).await?;
        drop(out);
        partial.complete(&arguments.file)?;
        tell(&format!("The backup is whole: {}", arguments.file.display()));
    }
    store.close().await;
    tell(&what_is_missing(config, arguments.with_sealing_key));
    Ok(())
}

fn sealing(config: &Config, with_key: bool) -> Result<Option<Sealing>, Failure> {
    let found = find_key(config)?;
    if with_key && found.is_none() {
        return Err("there is no sealing key yet: the first start makes it".into());
    }
    Ok(found.map(|found| Sealing {
        id: found.key.id(),
        key: with_key.then(|| SealingKeyText::new(found.text.to_string())),
    }))
}

/// What a person must know who will need this backup one day.
fn what_is_missing(config: &Config, with_key: bool) -> String {
    let key = if with_key {
        "It holds the sealing key: whoever has this file can open the credentials of providers and the secrets of second \
         factors that are in it. Keep it as you would keep a password."
            .to_owned()
    } else {
        let place = if config.secrets.key.is_some() { "of your configuration" } else { "in the data folder" };
        format!(
            "The sealing key (secrets.key {place}) is not in it. Without that key, a restore brings everything but the \
             credentials of providers, which must be entered anew, and second factors, which must be reset. Keep a copy \
             of the key in another place than the backups, or use --with-sealing-key."
        )
    };
    format!("{key}\nNot in it: the configuration file, sessions, one-time links.")
}

/// A backup that isn't whole yet, under another name, readable by its owner only. Gone when dropped before it is.
struct Partial {
    file: File,
    path: PathBuf,
    whole: bool,
}

impl Partial {
    fn create(target: &Path) -> Result<Self, Failure> {
        let name = target.file_name().ok_or("the backup's file needs a name")?;
        let mut partial = OsString::from(".");
        partial.push(name);
        partial.push(format!(".{}.partial", std::process::id()));
        let path = target.with_file_name(partial);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { file, path, whole: false })
    }

    /// Gives it its name, once all of it is on the disk.
    fn complete(mut self, target: &Path) -> Result<(), Failure> {
        let rename = || -> io::Result<()> {
            self.file.sync_all()?;
            std::fs::rename(&self.path, target)?;
            let folder = target.parent().filter(|folder| *folder != Path::new(""));
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
        };
        rename().map_err(|error| format!("{}: {error}", target.display()))?;
        self.whole = true;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.whole {
            // It is useless, and its name says so, should it have to stay.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
