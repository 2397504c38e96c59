//! The key that seals stored credentials: from the configuration, or made once and kept in the data folder.

use crate::config::Config;
use identity::seal::SealingKey;
use model::time::Entropy;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// 32 bytes from 64 hexadecimal digits.
pub(crate) fn parse_key(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let text = text.trim().as_bytes();
    if text.len() != 64 {
        return None;
    }
    let mut key = Zeroizing::new([0u8; 32]);
    for (byte, pair) in key.iter_mut().zip(text.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        if !pair.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(key)
}

/// The configured key, or the kept one, or a new one that is kept from now on (readable by its owner only).
pub(crate) fn load_key(config: &Config, entropy: &dyn Entropy) -> io::Result<SealingKey> {
    match find_key(config)? {
        Some(found) => Ok(found.key),
        None => make_key(&key_file(config), entropy),
    }
}

/// A key that is there already.
pub(crate) struct FoundKey {
    pub(crate) key: SealingKey,
    /// Its 64 hexadecimal digits.
    pub(crate) text: Zeroizing<String>,
}

/// The configured key, or the kept one.
pub(crate) fn find_key(config: &Config) -> io::Result<Option<FoundKey>> {
    let (text, place) = if let Some(key) = &config.secrets.key {
        (Zeroizing::new(key.expose().trim().to_owned()), "secrets.key of the configuration".to_owned())
    } else {
        let file = key_file(config);
        match std::fs::read_to_string(&file).map(Zeroizing::new) {
            Ok(text) => (Zeroizing::new(text.trim().to_owned()), file.display().to_string()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        }
    };
    let material = parse_key(&text)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("{place} is damaged")))?;
    Ok(Some(FoundKey { key: SealingKey::new(&material), text }))
}

/// Where a key is kept that the configuration doesn't name.
pub(crate) fn key_file(config: &Config) -> PathBuf {
    config.server.data_dir.join("secrets.key")
}

fn make_key(file: &Path, entropy: &dyn Entropy) -> io::Result<SealingKey> {
    let mut key = Zeroizing::new([0u8; 32]);
    entropy.fill(&mut *key);
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    let text: Zeroizing<String> =
        Zeroizing::new(key.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect());
    keep_key(file, &text)?;
    Ok(SealingKey::new(&key))
}

/// Writes a key to its file, readable by its owner only. A key that is there stays: what it sealed would be lost.
pub(crate) fn keep_key(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(file)?;
    out.write_all(text.as_bytes())?;
    out.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_sixty_four_hexadecimal_digits() {
        assert!(parse_key(&"0f".repeat(32)).is_some());
        for bad in ["", "0f", &"0g".repeat(32), &"0f".repeat(33), &"+f".repeat(32)] {
            assert!(parse_key(bad).is_none(), "{bad}");
        }
    }
}
