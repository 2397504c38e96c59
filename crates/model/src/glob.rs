//! Patterns in which a star stands for any characters, also none.

/// Whether all of `text` is like `pattern`. Case matters; nothing but `*` is special.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    // The text before the first star stands at the beginning; without a star it is the whole name.
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut rest = rest;
    let mut last = None;
    for part in parts {
        if let Some(between) = last.replace(part) {
            // Between stars, the first place that fits leaves most for what follows.
            let Some(at) = str::find(rest, between) else { return false };
            rest = &rest[at + between.len()..];
        }
    }
    match last {
        Some(end) => rest.ends_with(end),
        None => rest.is_empty(),
    }
}
