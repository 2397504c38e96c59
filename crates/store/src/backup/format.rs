//! The lines of a backup that aren't rows.

use super::schema::Column;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The number of this format. Another one is another format.
pub(super) const FORMAT: u32 = 1;

/// A line that isn't a row.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mark {
    Gatehouse(Manifest),
    Table(TableHead),
    End(End),
}

/// What a backup is of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// The number of the format.
    pub format: u32,
    /// The number of the last migration of its database.
    pub schema: i64,
    /// The version of the program that wrote it.
    pub version: String,
    /// The moment that the rows are of.
    pub taken_at: Timestamp,
    /// `sqlite` or `postgres`: where it comes from. It can go to either.
    pub database: String,
    /// The change feed's position.
    pub epoch: i64,
    /// The number of the newest audit row.
    pub audit_seq: i64,
    /// That row's hash in hexadecimal digits.
    pub audit_head: Option<String>,
    /// What is known of the key that seals stored credentials.
    pub sealing: Option<Sealing>,
}

/// What the database doesn't know of itself.
#[derive(Clone, Debug)]
pub struct Label {
    /// The version of this program.
    pub version: String,
    /// The time.
    pub taken_at: Timestamp,
    /// The key that seals stored credentials, if there is one.
    pub sealing: Option<Sealing>,
}

/// The key that seals stored credentials.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sealing {
    /// Its id, which every sealed value begins with.
    pub id: String,
    /// The key itself, in a backup that was asked to hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<SealingKeyText>,
}

/// A sealing key as text. It is shown nowhere but in the backup.
#[derive(Clone, Serialize, Deserialize)]
pub struct SealingKeyText(String);

impl SealingKeyText {
    /// From the text.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SealingKeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKeyText")
    }
}

/// Before a table's rows.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TableHead {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
}

/// After all rows.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct End {
    /// How many rows each table has.
    pub(super) rows: BTreeMap<String, u64>,
    /// SHA-256 of every byte before this line, in hexadecimal digits.
    pub(super) sha256: String,
}
