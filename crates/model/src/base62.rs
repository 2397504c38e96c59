//! Base62 (`0-9A-Za-z`): the alphabet of key ids, secrets and checksums. Fixed widths, no padding characters.

/// The digits, in value order.
pub const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Fills `out` with base62 digits drawn without bias from `fill`, a source of random bytes.
pub fn random(out: &mut [u8], mut fill: impl FnMut(&mut [u8])) {
    let mut written = 0;
    let mut pool = [0u8; 64];
    while written < out.len() {
        fill(&mut pool);
        // 248 = 4 × 62: bytes above it would favour the first digits.
        for byte in pool.into_iter().filter(|byte| *byte < 248) {
            if written == out.len() {
                break;
            }
            out[written] = ALPHABET[usize::from(byte % 62)];
            written += 1;
        }
    }
}

/// `value` as exactly six digits (62⁶ > 2³²), most significant first.
pub fn encode_u32(mut value: u32) -> [u8; 6] {
    let mut out = [b'0'; 6];
    for slot in out.iter_mut().rev() {
        *slot = ALPHABET[(value % 62) as usize];
        value /= 62;
    }
    out
}

/// Whether every byte is a base62 digit.
pub fn is_base62(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_the_whole_u32_range_in_six_digits() {
        assert_eq!(&encode_u32(0), b"000000");
        assert_eq!(&encode_u32(61), b"00000z");
        assert_eq!(&encode_u32(62), b"000010");
        assert_eq!(&encode_u32(u32::MAX), b"4gfFC3");
    }

    #[test]
    fn random_digits_skip_biased_bytes() {
        let mut out = [0u8; 4];
        let mut round = 0u8;
        random(&mut out, |pool| {
            pool.fill(if round == 0 { 250 } else { 61 });
            round += 1;
        });
        assert_eq!(&out, b"zzzz");
    }
}
