//! The audit log as a chain: each row holds a hash of itself and of the row before it, so that nothing can be changed,
//! taken out or put in without every later hash being wrong.
//!
//! The hash is SHA-256 over the hash of the row before (32 zero bytes for the first) and the row's other columns in the
//! order of [`Link`]. A number is `i` and 8 bytes, big-endian; a text is `t`, the number of its bytes in 8 bytes,
//! big-endian, and its UTF-8; NULL is `n`. So no two rows are written as the same bytes.

use sha2::{Digest, Sha256};

/// A row as it is hashed: the columns of the table, as stored.
pub(crate) struct Link<'a> {
    pub(crate) seq: i64,
    pub(crate) at: i64,
    pub(crate) actor_id: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) action: &'a str,
    pub(crate) target_type: &'a str,
    pub(crate) target_id: &'a str,
    pub(crate) target_name: &'a str,
    pub(crate) tenant_id: Option<&'a str>,
    pub(crate) result: &'a str,
    pub(crate) ip: Option<&'a str>,
    pub(crate) detail: &'a str,
}

impl Link<'_> {
    /// The row's hash, after a row with the hash `previous`.
    pub(crate) fn hash(&self, previous: Option<&[u8; 32]>) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(previous.unwrap_or(&[0; 32]));
        number(&mut hasher, self.seq);
        number(&mut hasher, self.at);
        let before_tenant =
            [self.actor_id, self.actor, self.action, self.target_type, self.target_id, self.target_name];
        for column in before_tenant {
            text(&mut hasher, Some(column));
        }
        text(&mut hasher, self.tenant_id);
        text(&mut hasher, Some(self.result));
        text(&mut hasher, self.ip);
        text(&mut hasher, Some(self.detail));
        hasher.finalize().into()
    }
}

fn number(hasher: &mut Sha256, number: i64) {
    hasher.update(b"i");
    hasher.update(number.to_be_bytes());
}

fn text(hasher: &mut Sha256, text: Option<&str>) {
    let Some(text) = text else { return hasher.update(b"n") };
    hasher.update(b"t");
    hasher.update((text.len() as u64).to_be_bytes());
    hasher.update(text.as_bytes());
}

/// A hash as people copy it.
pub(crate) fn hexadecimal(hash: &[u8]) -> String {
    let digits: Vec<String> = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link<'static> {
        Link {
            seq: 7,
            at: 1_773_835_200_000_000,
            actor_id: "master_key",
            actor: "master key",
            action: "key.create",
            target_type: "key",
            target_id: "7HqAAAAAAAAA",
            target_name: "Prüfstand",
            tenant_id: None,
            result: "success",
            ip: Some("192.0.2.1"),
            detail: "{}",
        }
    }

    /// Computed apart from this program, by the description in docs/audit.md.
    #[test]
    fn the_hash_is_the_documented_one() {
        assert_eq!(
            hexadecimal(&link().hash(None)),
            "bd6ea3e18f81899e82114c60b1e55f3dc6297ba3de6574f8d4960da8ee8d026e"
        );
        assert_eq!(
            hexadecimal(&link().hash(Some(&[0xab; 32]))),
            "2f44d7cacafe54bfb97de400f20b7377d433e69388f86067f73b50024b1c4612"
        );
    }

    #[test]
    fn moving_text_from_one_column_to_the_next_shows() {
        let moved = Link { target_id: "7HqAAAAAAAAAP", target_name: "rüfstand", ..link() };
        assert_ne!(moved.hash(None), link().hash(None));
        let emptied = Link { tenant_id: Some(""), ..link() };
        assert_ne!(emptied.hash(None), link().hash(None), "nothing isn't the empty text");
    }
}
