//! How soon a password would be guessed: by lists of the most common ones, by words, names, keyboard rows, dates and
//! repetitions, and by what belongs to the account.
//!
//! The lists (30,000 passwords among them) come with `zxcvbn`, after the paper of that name. A list alone would miss
//! nearly all that people make to be long enough: `password1234` is a common one and a number.

use zxcvbn::{Score, zxcvbn};

/// So many characters are looked at. With all of them, a text made for it would keep a processor for seconds.
const LOOKED_AT: usize = 64;

/// Whether somebody who tries the likely ones first has `password` within a hundred million guesses. `words` are known
/// to them too: names of the product, the person, their company.
pub(crate) fn is_guessable(password: &str, words: &[&str]) -> bool {
    let end = password.char_indices().nth(LOOKED_AT).map_or(password.len(), |(at, _)| at);
    zxcvbn(&password[..end], words).score() < Score::Three
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessable(text: &str, words: &[&str]) -> bool {
        is_guessable(text, words)
    }

    /// Taken from lists of what was found in leaks, those of at least 12 characters.
    #[test]
    fn the_common_ones_are() {
        for text in [
            "password1234",
            "passwordpassword",
            "Password123!",
            "P@ssw0rd1234",
            "123456789012",
            "1234567890123",
            "111111111111",
            "000000000000",
            "qwertyuiop12",
            "qwertyuiopasdf",
            "1q2w3e4r5t6y",
            "1qaz2wsx3edc",
            "zaq12wsxcde3",
            "qwerty123456",
            "asdfghjkl123",
            "abcdefghijkl",
            "abcd12345678",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "iloveyou1234",
            "letmein12345",
            "welcome12345",
            "Welcome2026!",
            "changeme1234",
            "administrator",
            "football1234",
            "superman1234",
            "sunshine1234",
            "princess1234",
            "liverpool123",
            "unbelievable",
            "strawberry12",
            "california12",
            "christopher1",
            "alexander123",
            "elizabeth123",
            "charlotte123",
            "qazwsxedcrfv",
            "q1w2e3r4t5y6",
            "1234qwerasdf",
            "drowssap1234",
            "iloveyouiloveyou",
        ] {
            assert!(guessable(text, &[]), "{text}");
        }
    }

    #[test]
    fn others_are_not() {
        for text in [
            "correct horse battery",
            "a long enough password",
            "another long password",
            "tr0ub4dor&3 and more",
            "kX9#vB2$mQ7!",
            "mein Vater isst Brot",
            "\u{1f40e}\u{1f50b}\u{1f4ce}\u{1f335}\u{1f9ca}\u{1f3b7}\u{1f6f6}\u{1f9f2}\u{1f52d}\u{1f3ba}\u{1f9ed}\u{1f3a8}",
        ] {
            assert!(!guessable(text, &[]), "{text}");
        }
    }

    #[test]
    fn words_of_the_account_give_nothing() {
        assert!(!guessable("Zwischenahn-1", &[]));
        assert!(guessable("Zwischenahn-1", &["Zwischenahn"]));
        assert!(guessable("Zw1schenahn2026", &["zwischenahn"]), "with a digit for a letter, and a year");
        assert!(guessable("nhanehcsiwz-1", &["zwischenahn"]), "backwards");
    }

    /// The work is bounded, whatever is sent.
    #[test]
    fn the_first_64_characters_count() {
        assert!(guessable(&("a".repeat(64) + "kX9#vB2$mQ7!"), &[]));
        assert!(!guessable(&("kX9#vB2$mQ7!".to_owned() + &"a".repeat(1_000)), &[]));
    }
}
