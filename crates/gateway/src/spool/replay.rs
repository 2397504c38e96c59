//! Reading the spool at start: settled rows are sent on, attempts that were open at the end become interrupted ones.

use super::segment::{Segment, files};
use super::tracker::Tracker;
use super::{BATCH, SinkUnavailable, UsageSink};
use std::io;
use std::path::Path;

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
    let segments = files(dir)?.into_iter().map(Segment::left).collect::<io::Result<Vec<_>>>()?;
    let mut tracker = Tracker::default();
    let mut batch = Vec::new();
    let mut count = 0;
    loop {
        let complete = tracker.gather(&segments, &mut batch)?;
        count += batch.len();
        let rows: Vec<_> = batch.iter().map(|settled| settled.row.clone()).collect();
        if !rows.is_empty() {
            sink.append(rows).await?;
        }
        tracker.release(&mut batch);
        if complete {
            break;
        }
    }
    let mut open: Vec<_> = tracker.into_open().collect();
    count += open.len();
    while !open.is_empty() {
        let rest = open.split_off(open.len().min(BATCH));
        sink.append(open).await?;
        open = rest;
    }
    for segment in segments {
        segment.delete()?;
    }
    Ok(count)
}
