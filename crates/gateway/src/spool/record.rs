//! A record on disk: kind, length and CRC-32 of the row, and the row as MessagePack with the names of its fields, so
//! that a later version reads what an earlier one left.

use crate::settle::clamp;
use model::usage::UsageRow;
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
            Self::Open => b'O',
            Self::Settled => b'S',
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
    rmp_serde::encode::write_named(buffer, row).map_err(io::Error::other)?;
    let (head, body) = buffer.split_at_mut(HEAD);
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    head[0] = kind.letter();
    head[1..5].copy_from_slice(&length.to_le_bytes());
    head[5..].copy_from_slice(&crc32fast::hash(body).to_le_bytes());
    Ok(())
}

/// What stands at the beginning of some bytes.
pub(super) enum Decoded {
    /// A record, and how long it is.
    Record(Kind, Box<UsageRow>, usize),
    /// Not a whole one.
    Nothing,
}

pub(super) fn decode(bytes: &[u8]) -> Decoded {
    let Some((head, rest)) = bytes.split_first_chunk::<HEAD>() else { return Decoded::Nothing };
    let [letter, l0, l1, l2, l3, c0, c1, c2, c3] = *head;
    let length = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
    let kind = [Kind::Open, Kind::Settled].into_iter().find(|kind| kind.letter() == letter);
    let (Some(kind), true) = (kind, length <= LONGEST) else { return Decoded::Nothing };
    let Some(body) = rest.get(..length) else { return Decoded::Nothing };
    if crc32fast::hash(body) != u32::from_le_bytes([c0, c1, c2, c3]) {
        return Decoded::Nothing;
    }
    match rmp_serde::from_slice::<Box<UsageRow>>(body) {
        Ok(mut row) => {
            // A version before this one may have written anything.
            clamp(&mut row);
            Decoded::Record(kind, row, HEAD + length)
        }
        Err(_) => Decoded::Nothing,
    }
}
