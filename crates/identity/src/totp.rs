//! Time-based one-time passwords: RFC 6238 with what every authenticator knows (SHA-1, 6 digits, 30 seconds).

use crate::base32;
use crate::secret::same_secret;
use model::Timestamp;
use model::time::Entropy;
use ring::hmac;
use std::fmt;
use std::fmt::Write;
use zeroize::Zeroizing;

/// How long one code is shown.
const STEP_MICROS: i64 = 30_000_000;
/// How many steps a clock may be off, to either side.
const WINDOW: i64 = 1;
/// 160 bits: as long as the hash, as RFC 4226 recommends.
const LENGTH: usize = 20;

/// What an authenticator and we both know. Can't be printed, serialised or compared; wiped when dropped.
pub struct TotpSecret(Zeroizing<[u8; LENGTH]>);

impl TotpSecret {
    /// A new one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        entropy.fill(&mut *bytes);
        Self(bytes)
    }

    /// From its text; `None`: it isn't one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(base32::decode(text)?);
        bytes.as_slice().try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// As it is typed into an authenticator, and as it is sealed.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(base32::encode(&*self.0))
    }

    /// The address behind the QR code, which authenticators read.
    pub fn uri(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let (issuer, account) = (escaped(issuer), escaped(account));
        let secret = self.expose();
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
            &*secret
        ))
    }

    /// The time step whose code this is, among those that a clock may show now and that come after `last`. A code is
    /// good for once: RFC 6238 §5.2.
    pub fn step_of(&self, code: &str, now: Timestamp, last: Option<i64>) -> Option<i64> {
        let present = now.as_micros().div_euclid(STEP_MICROS);
        // Each is computed, whichever fits: the time that it takes tells nothing.
        let mut found = None;
        for step in present - WINDOW..=present + WINDOW {
            let fits = same_secret(code, &self.code_at(Timestamp::from_micros(step * STEP_MICROS)));
            if fits && last.is_none_or(|last| step > last) {
                found = Some(step);
            }
        }
        found
    }

    /// The code that an authenticator shows at this moment: RFC 4226 §5.3.
    pub fn code_at(&self, moment: Timestamp) -> Zeroizing<String> {
        let step = moment.as_micros().div_euclid(STEP_MICROS);
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &*self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let bytes = tag.as_ref();
        let offset = usize::from(bytes.last().copied().unwrap_or_default() & 0xf);
        let picked = bytes.iter().skip(offset).take(4).fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
        Zeroizing::new(format!("{:06}", (picked & 0x7fff_ffff) % 1_000_000))
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret")
    }
}

/// A part of the address: everything but unreserved characters escaped, so that no name can add a parameter.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // A String takes everything.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> TotpSecret {
        TotpSecret(Zeroizing::new(*b"12345678901234567890"))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // RFC 6238 appendix B has eight digits; ours are their last six.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret().step_of(code, at(seconds), None), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_clock_may_be_one_step_off_and_no_more() {
        let now = 1_111_111_111;
        let offered = |seconds: i64| secret().step_of("050471", at(seconds), None).is_some();
        let found: Vec<_> = (-3..=3).filter(|steps| offered(now + steps * 30)).collect();
        assert_eq!(found, [-1, 0, 1]);
    }

    #[test]
    fn a_code_is_taken_once_and_none_before_it_afterwards() {
        let (secret, now) = (secret(), at(1_111_111_111));
        let step = secret.step_of("050471", now, None).unwrap();
        assert_eq!(secret.step_of("050471", now, Some(step - 1)), Some(step));
        assert_eq!(secret.step_of("050471", now, Some(step)), None);
        assert_eq!(secret.step_of("081804", now, Some(step)), None, "the one before");
    }

    #[test]
    fn what_is_no_code_fits_nothing() {
        for wrong in ["", "050472", "50471", "0504710", "０５０４７１", "050471 "] {
            assert_eq!(secret().step_of(wrong, at(1_111_111_111), None), None, "{wrong:?}");
        }
    }

    #[test]
    fn text_and_address_hold_the_secret_and_nothing_that_a_name_adds() {
        let text = secret().expose();
        assert_eq!(text.as_str(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(*TotpSecret::parse(&text).unwrap().0, *b"12345678901234567890");
        assert!(TotpSecret::parse("GEZDGNBV").is_none());
        let uri = secret().uri("Gatehouse", "a&secret=x@example.com");
        assert_eq!(
            uri.as_str(),
            "otpauth://totp/Gatehouse:a%26secret%3Dx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Gatehouse&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(format!("{:?}", secret()), "TotpSecret");
    }
}
