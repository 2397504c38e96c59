//! Recovery codes: what lets somebody in whose authenticator is lost. 128 bits each, so a plain hash can't be guessed
//! back; the account is hashed with them, so that one guess is a guess at one account.

use crate::base32;
use crate::secret::hash_token;
use model::time::Entropy;
use std::fmt;
use zeroize::Zeroizing;

/// How many somebody gets.
pub const COUNT: usize = 10;
/// Random bytes in each: 26 digits.
const LENGTH: usize = 16;
/// As many as codes had at first: 16 digits. Those that are about stay good.
const FORMER_LENGTH: usize = 10;
/// Digits between two dashes.
const GROUP: usize = 4;

/// One code, e.g. `k3xw-7qpl-mz2a-vd5t-6rbn-u4ye-hi`. Shown once; the store keeps its hash.
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// A new one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        entropy.fill(&mut *bytes);
        Self(Zeroizing::new(base32::encode(&*bytes).to_lowercase()))
    }

    /// From what was typed: case, spaces and dashes don't count. `None`: it can't be one.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 64 {
            return None;
        }
        let digits = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let text = Zeroizing::new(digits.collect::<String>().to_ascii_lowercase());
        let bytes = base32::decode(&text)?.len();
        let whole = [LENGTH, FORMER_LENGTH].contains(&bytes) && text.len() == (bytes * 8).div_ceil(5);
        whole.then_some(Self(text))
    }

    /// As it is shown.
    pub fn expose(&self) -> String {
        let digits: Vec<char> = self.0.chars().collect();
        let groups: Vec<String> = digits.chunks(GROUP).map(|group| group.iter().collect()).collect();
        groups.join("-")
    }

    /// What the store keeps for this account.
    pub fn hash(&self, account: &str) -> [u8; 32] {
        hash_token(&Zeroizing::new(format!("{account}:{}", &*self.0)))
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0x5a);
        }
    }

    #[test]
    fn is_read_back_however_it_is_typed_and_belongs_to_one_account() {
        let code = RecoveryCode::generate(&Fixed);
        let shown = code.expose();
        assert_eq!(shown.len(), 26 + 6);
        for typed in [shown.clone(), shown.to_uppercase(), shown.replace('-', " "), format!(" {shown}\n")] {
            assert_eq!(RecoveryCode::parse(&typed).unwrap().hash("a"), code.hash("a"), "{typed:?}");
        }
        assert_ne!(code.hash("a"), code.hash("b"));
        assert_eq!(format!("{code:?}"), "RecoveryCode");
    }

    #[test]
    fn one_of_before_is_still_one() {
        let code = RecoveryCode::parse("K3XW-7QPL-MZ2A-VD5T").unwrap();
        assert_eq!(code.hash("a"), hash_token("a:k3xw7qplmz2avd5t"));
    }

    #[test]
    fn what_can_t_be_one_isn_t_looked_up() {
        for typed in ["", "123456", "abcd-abcd-abcd-abc1"] {
            assert!(RecoveryCode::parse(typed).is_none(), "{typed}");
        }
        for digits in (0..100).chain([1_000]).filter(|digits| ![16, 26].contains(digits)) {
            assert!(RecoveryCode::parse(&"a".repeat(digits)).is_none(), "{digits}");
        }
    }
}
