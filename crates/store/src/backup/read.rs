//! Reading a backup line by line. What isn't exactly as it was written is refused, at the latest at its end.

use super::format::{End, FORMAT, Manifest, Mark, TableHead};
use super::{Error, Result};
use crate::audit_chain::hexadecimal;
use flate2::bufread::GzDecoder;
use sha2::{Digest, Sha256};
use std::io::{self, BufRead, BufReader, Read};

/// Longer than any row: the longest hold what an operator wrote, a body of the Admin API at the most.
const MAX_LINE: u64 = 256 * 1024 * 1024;

/// A backup that is being read: its manifest is known, its rows are to come.
pub struct BackupReader<R: Read> {
    lines: BufReader<GzDecoder<BufReader<R>>>,
    digest: Sha256,
    line: Vec<u8>,
    manifest: Manifest,
}

/// What comes next.
pub(super) enum Next {
    Table(TableHead),
    Row(Vec<serde_json::Value>),
    End(End),
}

impl<R: Read> BackupReader<R> {
    /// Reads the manifest.
    pub fn open(input: R) -> Result<Self> {
        let mut lines = BufReader::new(GzDecoder::new(BufReader::new(input)));
        let (mut digest, mut line) = (Sha256::new(), Vec::new());
        read_line(&mut lines, &mut line)?;
        digest.update(&line);
        // Before the rest of the manifest, which another format may write in another way.
        if let Ok(other) = serde_json::from_slice::<AnyFormat>(&line)
            && other.gatehouse.format != FORMAT
        {
            return Err(Error::OtherVersion(format!(
                "the backup was written by Gatehouse {} in another format: restore it with that version",
                other.gatehouse.version
            )));
        }
        let Ok(Mark::Gatehouse(manifest)) = serde_json::from_slice(&line) else {
            return Err(Error::Damaged("it doesn't begin with a manifest".to_owned()));
        };
        Ok(Self { lines, digest, line, manifest })
    }

    /// What the backup is of.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The next line. After [`Next::End`], which is given out only if all fits, there is none.
    pub(super) fn next(&mut self) -> Result<Next> {
        read_line(&mut self.lines, &mut self.line)?;
        let unknown = || Error::Damaged("a line is neither a row nor the beginning of a table".to_owned());
        if self.line.first() == Some(&b'[') {
            self.digest.update(&self.line);
            return serde_json::from_slice(&self.line).map(Next::Row).map_err(|_| unknown());
        }
        match serde_json::from_slice(&self.line).map_err(|_| unknown())? {
            Mark::Table(table) => {
                self.digest.update(&self.line);
                Ok(Next::Table(table))
            }
            Mark::End(end) => {
                self.check_end(&end)?;
                Ok(Next::End(end))
            }
            Mark::Gatehouse(_) => Err(Error::Damaged("it has two manifests".to_owned())),
        }
    }

    fn check_end(&mut self, end: &End) -> Result<()> {
        if hexadecimal(&self.digest.clone().finalize()) != end.sha256 {
            return Err(Error::Damaged("its content has another SHA-256 than its last line says".to_owned()));
        }
        // Reading on has the decoder compare its own checksum.
        let nothing_follows = self.lines.fill_buf().map_err(|error| unreadable(&error))?.is_empty()
            && self.lines.get_mut().get_mut().fill_buf().map_err(|error| unreadable(&error))?.is_empty();
        if nothing_follows {
            Ok(())
        } else {
            Err(Error::Damaged("something follows its last line".to_owned()))
        }
    }
}

fn read_line(lines: &mut impl BufRead, line: &mut Vec<u8>) -> Result<()> {
    line.clear();
    lines.take(MAX_LINE).read_until(b'\n', line).map_err(|error| unreadable(&error))?;
    if line.last() == Some(&b'\n') { Ok(()) } else { Err(Error::Damaged("it ends too early".to_owned())) }
}

fn unreadable(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::Damaged("it ends too early".to_owned()),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            Error::Damaged("its compression is broken".to_owned())
        }
        _ => Error::Damaged(format!("it can't be read: {error}")),
    }
}

/// What every format begins with.
#[derive(serde::Deserialize)]
struct AnyFormat {
    gatehouse: AnyManifest,
}

#[derive(serde::Deserialize)]
struct AnyManifest {
    format: u32,
    version: String,
}
