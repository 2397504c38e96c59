//! An e-mail address that names an end user.

use super::domain;

/// A plain address, folded to lower case: `Jo@Company.com` and `jo@company.com` are one person with one limit.
///
/// Narrower than RFC 5322: no quoted local parts, comments or literals, and ASCII before the `@`. What is left can't
/// be read in two ways, and has exactly one `@`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Email {
    text: String,
    domain_at: usize,
}

/// RFC 5321 §4.5.3.1.3, without the angle brackets.
const MAX: usize = 254;
const MAX_LOCAL: usize = 64;

impl Email {
    /// From text without spaces around it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX {
            return None;
        }
        let (local, domain) = text.rsplit_once('@')?;
        let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
        if local.is_empty() || local.len() > MAX_LOCAL || !local.bytes().all(atom) {
            return None;
        }
        let text = format!("{}@{}", local.to_ascii_lowercase(), domain::canonical(domain)?);
        (text.len() <= MAX).then_some(Self { text, domain_at: local.len() + 1 })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn domain(&self) -> &str {
        &self.text[self.domain_at..]
    }

    pub(crate) fn into_string(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_folded_and_split() {
        let email = Email::parse("Jo.Doe+gate@Bücher.Example").unwrap();
        assert_eq!(email.as_str(), "jo.doe+gate@xn--bcher-kva.example");
        assert_eq!(email.domain(), "xn--bcher-kva.example");
        assert_eq!(Email::parse("JO@COMPANY.COM"), Email::parse("jo@company.com"));
    }

    #[test]
    fn what_is_no_address() {
        let long_local = format!("{}@company.com", "a".repeat(65));
        let long = format!("jo@{}", "a.".repeat(125) + "company.com");
        for bad in [
            "",
            "@",
            "jo",
            "jo@",
            "@company.com",
            "jo@evil.com@company.com",
            "\"jo@evil.com\"@company.com",
            "jo@company.com,eve@evil.com",
            "jo@company.com;x",
            "jo @company.com",
            "jo@company.com.",
            "jo@.company.com",
            "<jo@company.com>",
            "Jo <jo@company.com>",
            "jo\0@company.com",
            "jo\t@company.com",
            "jo@company.com\r\nx: y",
            "j\u{f6}@company.com",
            "jo(x)@company.com",
            "jo@[10.0.0.1]",
            &long_local,
            &long,
        ] {
            assert_eq!(Email::parse(bad), None, "{bad}");
        }
    }
}
