//! Domains of e-mail addresses, in the one spelling in which they are stored and compared.

/// The ASCII form (IDNA, UTS 46, strict), lower-cased; `None` for what is no domain or another spelling of one.
///
/// A trailing dot, an empty label, wildcards and address literals are no domains. Full-width letters and other
/// characters that IDNA would quietly map to a plain domain are refused: whoever wrote them meant something else.
pub fn canonical(domain: &str) -> Option<String> {
    // IDNA's work grows with the input; no domain is longer, in any script.
    if domain.len() > 1_000 {
        return None;
    }
    let ascii = idna::domain_to_ascii_strict(domain).ok()?;
    if !domain.is_ascii() {
        let (unicode, valid) = idna::domain_to_unicode(&ascii);
        valid.ok()?;
        if unicode != domain.to_lowercase() {
            return None;
        }
    }
    Some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_one_domain() {
        assert_eq!(canonical("Company.COM").unwrap(), "company.com");
        assert_eq!(canonical("bücher.example").unwrap(), "xn--bcher-kva.example");
        assert_eq!(canonical("BÜCHER.example").unwrap(), "xn--bcher-kva.example");
        assert_eq!(canonical("XN--BCHER-KVA.example").unwrap(), "xn--bcher-kva.example");
        assert_eq!(canonical("localhost").unwrap(), "localhost");
    }

    #[test]
    fn look_alikes_stay_different() {
        // Cyrillic a: a domain of its own.
        assert_eq!(canonical("comp\u{430}ny.com").unwrap(), "xn--compny-6nf.com");
        // Full-width letters, an ideographic full stop, a soft hyphen, a decomposed umlaut.
        for other in
            ["\u{ff43}ompany.com", "company\u{3002}com", "comp\u{ad}any.com", "bu\u{308}cher.example"]
        {
            assert_eq!(canonical(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_no_domain() {
        let long = "a.".repeat(200) + "com";
        let huge = "ü".repeat(100_000);
        for bad in [
            "",
            ".",
            "company.com.",
            ".company.com",
            "company..com",
            "*.company.com",
            "[127.0.0.1]",
            "a b.com",
            "a_b.com",
            "company.com\0",
            "company.com\n",
            "@company.com",
            "xn--a.com",
            &long,
            &huge,
        ] {
            assert_eq!(canonical(bad), None, "{bad}");
        }
    }
}
