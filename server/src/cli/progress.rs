//! Progress of a backup or a restore on standard error: a line that is written over on a terminal, a line for each table
//! elsewhere.

use std::io::{IsTerminal, Write};
use store::backup::Progress;

/// Says how many rows of which table there are so far.
pub(super) fn show(progress: Progress<'_>) {
    let Progress { table, rows, complete } = progress;
    let line = match (std::io::stderr().is_terminal(), complete) {
        // Clears what the line before it was longer by.
        (true, false) => format!("\r{table}: {rows} rows\x1b[K"),
        (true, true) => format!("\r{table}: {rows} rows\x1b[K\n"),
        (false, true) => format!("{table}: {rows} rows\n"),
        (false, false) => return,
    };
    // Nothing is left to do if standard error is closed.
    drop(write!(std::io::stderr(), "{line}"));
}

/// A line for people, on standard error: standard output may be the backup.
pub(super) fn tell(line: &str) {
    drop(writeln!(std::io::stderr(), "{line}"));
}
