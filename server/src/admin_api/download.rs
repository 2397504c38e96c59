//! Answers that a browser saves as a file, written while their rows are read.

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::try_unfold;
use model::Timestamp;
use std::io;

/// Rows on their way out.
pub(super) trait Batches: Send + 'static {
    /// One of them.
    type Row: Send;

    /// The next ones; none: that was all.
    fn next(&mut self) -> impl Future<Output = Result<Vec<Self::Row>, control::Error>> + Send;
}

/// What a file is.
pub(super) struct File {
    /// What it is about, for its name.
    pub(super) about: &'static str,
    /// The ending of its name.
    pub(super) ending: &'static str,
    /// Its media type.
    pub(super) kind: &'static str,
}

impl File {
    /// A spreadsheet.
    pub(super) const fn csv(about: &'static str) -> Self {
        Self { about, ending: "csv", kind: "text/csv; charset=utf-8" }
    }

    /// A JSON object in each line.
    pub(super) const fn jsonl(about: &'static str) -> Self {
        Self { about, ending: "jsonl", kind: "application/x-ndjson" }
    }
}

/// The file, named after the day of `now`. `write` is told whether these are the first rows; with none at all it is called
/// once.
pub(super) fn download<B: Batches>(
    file: &File,
    now: Timestamp,
    rows: B,
    write: fn(Vec<B::Row>, first: bool) -> io::Result<Bytes>,
) -> Response {
    attachment(file, now, stream(file.about, rows, write))
}

/// A file whose content is there, named after the day of `now`.
pub(super) fn attachment(file: &File, now: Timestamp, content: Body) -> Response {
    let File { about, ending, kind } = file;
    let day: String = now.to_string().chars().take(10).collect();
    let headers = [
        (header::CONTENT_TYPE, (*kind).to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"gatehouse-{about}-{day}.{ending}\"")),
    ];
    (headers, content).into_response()
}

/// One batch is in memory at a time. What goes wrong half way breaks the answer off, so that a part isn't taken for the
/// whole.
fn stream<B: Batches>(
    about: &'static str,
    rows: B,
    write: fn(Vec<B::Row>, first: bool) -> io::Result<Bytes>,
) -> Body {
    Body::from_stream(try_unfold((rows, true), move |(mut rows, first)| async move {
        let batch = rows.next().await.map_err(|error| {
            tracing::error!(%error, about, "an export broke off");
            io::Error::other("the export broke off")
        })?;
        if batch.is_empty() && !first {
            return Ok(None);
        }
        Ok::<_, io::Error>(Some((write(batch, first)?, (rows, false))))
    }))
}
