//! A record on disk: kind, length and CRC-32 of the row, and the row's fields as `MessagePack`, in their order and without
//! their names: reading and writing names was half of the work. A later version reads what an earlier one left as long as
//! new fields come last and have a default; any other change of [`UsageRow`] needs new letters.

use crate::settle::clamp;
use model::RequestId;
use model::usage::UsageRow;
use rmp::decode::{read_array_len, read_int, read_str_from_slice};
use std::io;

/// Which moment of an attempt a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is being sent; the figures are those that were reserved.
    Open,
    Settled,
}

impl Kind {
    const fn letter(self) -> u8 {
        match self {
            Self::Open => b'o',
            Self::Settled => b's',
        }
    }
}

const HEAD: usize = 9;
/// No row comes near this; a longer length is damage.
const LONGEST: usize = 1024 * 1024;

/// Replaces what is in `buffer` by the record.
pub(super) fn encode(kind: Kind, row: &UsageRow, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.clear();
    buffer.extend_from_slice(&[0; HEAD]);
    rmp_serde::encode::write(buffer, row).map_err(io::Error::other)?;
    let (head, body) = buffer.split_at_mut(HEAD);
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    head[0] = kind.letter();
    head[1..5].copy_from_slice(&length.to_le_bytes());
    head[5..].copy_from_slice(&crc32fast::hash(body).to_le_bytes());
    Ok(())
}

/// Whose record it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Name {
    request_id: RequestId,
    attempt: u16,
}

impl Name {
    pub(super) fn of(row: &UsageRow) -> Self {
        Self { request_id: row.request_id.clone(), attempt: row.attempt }
    }

    /// From a row's first two fields.
    fn read(mut row: &[u8]) -> Option<Self> {
        read_array_len(&mut row).ok()?;
        let (id, mut rest) = read_str_from_slice(row).ok()?;
        Some(Self { request_id: id.parse().ok()?, attempt: read_int(&mut rest).ok()? })
    }
}

/// A whole record at the beginning of some bytes.
pub(super) struct Record<'a> {
    pub(super) kind: Kind,
    pub(super) name: Name,
    /// How many bytes it has.
    pub(super) size: usize,
    body: &'a [u8],
}

impl Record<'_> {
    /// What it says; `None`: a later version wrote something else.
    pub(super) fn row(&self) -> Option<UsageRow> {
        let mut row = rmp_serde::from_slice(self.body).ok()?;
        // A version before this one may have written anything.
        clamp(&mut row);
        Some(row)
    }
}

/// The record at the beginning of `bytes`; `None`: part of one, or damage.
pub(super) fn decode(bytes: &[u8]) -> Option<Record<'_>> {
    let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
    let [letter, l0, l1, l2, l3, c0, c1, c2, c3] = *head;
    let length = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
    let kind = [Kind::Open, Kind::Settled].into_iter().find(|kind| kind.letter() == letter)?;
    let body = rest.get(..length).filter(|_| length <= LONGEST)?;
    if crc32fast::hash(body) != u32::from_le_bytes([c0, c1, c2, c3]) {
        return None;
    }
    // Only the name, to begin with: most openings are never asked for more.
    let name = Name::read(body)?;
    Some(Record { kind, name, size: HEAD + length, body })
}
