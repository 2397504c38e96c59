//! Reading the spool at start: settled rows are sent on, attempts that were open at the end become interrupted ones.

use super::segment::{Segment, files};
use super::tracker::{Batch, Tracker};
use super::{BATCH, SinkUnavailable, UsageSink};
use model::usage::UsageRow;
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
    let mut count = 0;
    loop {
        let mut batch = Batch::default();
        let complete = tracker.gather(&segments, &mut batch)?;
        count += send(std::mem::take(&mut batch.rows), sink).await?;
        tracker.release(batch);
        if complete {
            break;
        }
    }
    count += send(tracker.into_open()?, sink).await?;
    for segment in segments {
        segment.delete()?;
    }
    Ok(count)
}

async fn send(mut rows: Vec<UsageRow>, sink: &dyn UsageSink) -> Result<usize, SinkUnavailable> {
    let count = rows.len();
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(BATCH));
        sink.append(rows.into()).await?;
        rows = rest;
    }
    Ok(count)
}
