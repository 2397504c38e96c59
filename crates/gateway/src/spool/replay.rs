//! Reading the spool at start: settled rows are sent on, attempts that were open at the end become interrupted ones.

use super::writer::Kind;
use super::{SinkUnavailable, UsageSink};
use crate::settle::clamp;
use model::RequestId;
use model::usage::UsageRow;
use std::collections::HashMap;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

pub(super) const EXTENSION: &str = "spool";
const BATCH: usize = 500;

/// Why the spool couldn't be replayed. Nothing is lost: the files are still there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    #[error("the usage spool couldn't be read: {0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Sink(#[from] SinkUnavailable),
}

/// Sends everything that an earlier run left in `dir`, then deletes it. Returns the number of rows. To be called
/// before this run writes its own segments.
pub(crate) async fn replay(dir: &Path, sink: &dyn UsageSink) -> Result<usize, ReplayError> {
    let files = segments(dir)?;
    let mut rows: HashMap<(RequestId, u16), (Kind, UsageRow)> = HashMap::new();
    for path in &files {
        read(path, &mut rows)?;
    }
    let count = rows.len();
    let mut rows: Vec<_> = rows.into_values().map(|(_, row)| row).collect();
    rows.sort_by_key(|row| row.started_at);
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(BATCH));
        sink.append(rows).await?;
        rows = rest;
    }
    for path in files {
        fs::remove_file(path)?;
    }
    Ok(count)
}

fn segments(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    match fs::read_dir(dir) {
        Ok(entries) => {
            for entry in entries {
                let path = entry?.path();
                if path.extension().is_some_and(|extension| extension == EXTENSION) {
                    files.push(path);
                }
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(files)
}

fn read(path: &Path, rows: &mut HashMap<(RequestId, u16), (Kind, UsageRow)>) -> io::Result<()> {
    let mut lines = BufReader::new(fs::File::open(path)?);
    let mut line = Vec::new();
    let mut damaged = 0usize;
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let Some((kind, mut row)) = decode(&line) else {
            damaged += 1;
            continue;
        };
        // A version before this one may have written anything.
        clamp(&mut row);
        let name = (row.request_id.clone(), row.attempt);
        // Settled wins over open in whichever order, and in whichever file, they come.
        if kind == Kind::Settled || !rows.contains_key(&name) {
            rows.insert(name, (kind, row));
        }
    }
    if damaged > 0 {
        // One torn line at the end is what a kill leaves.
        tracing::warn!(damaged, file = %path.display(), "lines of the usage spool couldn't be read");
    }
    Ok(())
}

fn decode(line: &[u8]) -> Option<(Kind, UsageRow)> {
    let line = line.strip_suffix(b"\n")?;
    let (head, json) = line.split_at_checked(11)?;
    let kind = [Kind::Open, Kind::Settled].into_iter().find(|kind| kind.letter() == head[0])?;
    let crc = u32::from_str_radix(std::str::from_utf8(&head[2..10]).ok()?, 16).ok()?;
    (crc32fast::hash(json) == crc).then(|| serde_json::from_slice(json).ok())?.map(|row| (kind, row))
}
