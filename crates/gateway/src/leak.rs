//! A provider's credential in what a client is about to be told: some upstreams quote it in their errors, and a hostile
//! one would in whatever form it isn't looked for.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use memchr::memmem;

/// A base64 form of less would be found by chance.
const SHORTEST: usize = 8;

/// The forms in which one credential is looked for.
pub(crate) struct Traces(Vec<Box<[u8]>>);

impl Traces {
    /// As it is, and the part of its base64 that is the same whatever stands before and after it.
    pub(crate) fn of(credential: &str) -> Self {
        let mut forms: Vec<Box<[u8]>> = Vec::new();
        if !credential.is_empty() {
            forms.push(credential.as_bytes().into());
        }
        for shift in 0..3 {
            let shifted = [&[0; 3][..shift], credential.as_bytes()].concat();
            // Six bits make a character; the first and the last can have bits of their neighbours.
            let (first, end) = ((shift * 8).div_ceil(6), shifted.len() * 8 / 6);
            for engine in [STANDARD, URL_SAFE] {
                let text = engine.encode(&shifted);
                let core = text.as_bytes().get(first..end).unwrap_or_default();
                if core.len() >= SHORTEST && !forms.iter().any(|form| **form == *core) {
                    forms.push(core.into());
                }
            }
        }
        Self(forms)
    }

    /// Whether the credential is in `text`, also behind the escapes of JSON, and of JSON within JSON.
    pub(crate) fn are_in(&self, text: &[u8]) -> bool {
        if self.is_in_plain(text) {
            return true;
        }
        let once = unescaped(text);
        let twice = once.as_deref().and_then(unescaped);
        [once, twice].into_iter().flatten().any(|text| self.is_in_plain(&text))
    }

    fn is_in_plain(&self, text: &[u8]) -> bool {
        self.0.iter().any(|form| memmem::find(text, form).is_some())
    }
}

/// `text` without JSON's escapes; `None`: it has none. What is escaped beyond ASCII matters to nobody here.
fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let mut next = memchr::memchr(b'\\', text)?;
    let (mut out, mut from) = (Vec::with_capacity(text.len()), 0);
    loop {
        out.extend_from_slice(&text[from..next]);
        let (byte, length) = match text.get(next + 1) {
            Some(b'u') => (unicode(text.get(next + 2..next + 6)), 6),
            Some(b'n') => (b'\n', 2),
            Some(b'r') => (b'\r', 2),
            Some(b't') => (b'\t', 2),
            Some(other) => (*other, 2),
            None => break,
        };
        out.push(byte);
        from = (next + length).min(text.len());
        match memchr::memchr(b'\\', &text[from..]) {
            Some(at) => next = from + at,
            None => break,
        }
    }
    out.extend_from_slice(&text[from..]);
    Some(out)
}

fn unicode(digits: Option<&[u8]>) -> u8 {
    let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
    let number = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
    number.and_then(|number| u8::try_from(number).ok()).unwrap_or(b'?')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "sk-canary?/>~0123";

    #[test]
    fn a_credential_is_found_in_every_form() {
        let traces = Traces::of(SECRET);
        let spelled = SECRET.bytes().map(|byte| format!("\\u{byte:04X}")).collect::<Vec<_>>().concat();
        let mut forms = vec![
            SECRET.to_owned(),
            SECRET.replace('/', "\\/"),
            spelled.clone(),
            SECRET.replace('-', "\\u002d"),
            // JSON within JSON.
            spelled.replace('\\', "\\\\"),
            format!("broken \\u00 {SECRET} \\"),
        ];
        for around in ["", "a", "ab", "Bearer "] {
            for engine in [STANDARD, URL_SAFE] {
                forms.push(engine.encode(format!("{around}{SECRET}")));
                forms.push(engine.encode(format!("{around}{SECRET}{around}")));
            }
        }
        for form in forms {
            let text = format!("{{\"error\":{{\"message\":\"\\\"key\\\" {form} is bad\"}}}}");
            assert!(traces.are_in(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn nothing_else_is() {
        let traces = Traces::of(SECRET);
        for text in ["", "\\", "\\u", "\\u00", "\\u00zz", "sk-canary", "\\\\\\", "a\\nb\\ud83d\\ude00"] {
            assert!(!traces.are_in(text.as_bytes()), "{text}");
        }
        assert!(!Traces::of("").are_in(b"anything"));
        assert!(
            !Traces::of("ab").are_in(STANDARD.encode("ab").as_bytes()),
            "too short to be told from chance"
        );
    }
}
