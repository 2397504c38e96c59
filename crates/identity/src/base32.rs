//! Base32 (RFC 4648, without padding): how secrets are typed into an authenticator.

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// `bytes` as text.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut pool, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        pool = (pool << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(digit(pool >> bits));
        }
    }
    if bits > 0 {
        text.push(digit(pool << (5 - bits)));
    }
    text
}

/// The bytes behind `text`, in either case; `None`: it holds something else than digits.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut pool, mut bits) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let letter = letter.to_ascii_uppercase();
        let value = ALPHABET.iter().position(|digit| *digit == letter)?;
        pool = (pool << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.extend((pool >> bits).to_be_bytes().last());
        }
    }
    Some(bytes)
}

fn digit(value: u32) -> char {
    char::from(ALPHABET[(value % 32) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_the_standard_says_and_reads_it_back() {
        // RFC 4648 §10, without the padding.
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(&text.to_lowercase()).unwrap(), bytes.as_bytes());
        }
        assert_eq!(decode("MZX="), None);
        assert_eq!(decode("MZ 6"), None);
    }
}
