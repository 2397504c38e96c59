//! Claims as they are kept: whole ones, as many as there is room for.

use identity::oidc::Claims;
use serde_json::Value;

/// Most bytes of kept claims.
const ROOM: usize = 16 * 1024;

/// A JSON object of the claims; the largest are left out where they don't fit together.
pub(super) fn kept(claims: &Claims) -> String {
    let mut by_size: Vec<_> =
        claims.iter().map(|(name, value)| (value.to_string().len() + name.len(), name)).collect();
    by_size.sort();
    let mut kept = Claims::new();
    let mut room = ROOM;
    for (size, name) in by_size {
        // Quotes, colon and comma; a name's own escapes are rare, and counted as three.
        let size = size + 2 * name.len() + 8;
        let Some(left) = room.checked_sub(size) else { break };
        room = left;
        if let Some(value) = claims.get(name) {
            kept.insert(name.clone(), value.clone());
        }
    }
    Value::Object(kept).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_kept_has_an_end() {
        let claims =
            json!({ "sub": "1", "groups": vec!["group"; 10_000], "photo": "x".repeat(9_000), "\n": 1 });
        let text = kept(claims.as_object().unwrap());
        assert!(text.len() <= ROOM);
        let kept: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(kept["sub"], "1");
        assert!(kept.get("groups").is_none() && kept.get("photo").is_some());
    }
}
