//! Errors of forms sent without JavaScript come back in the address (`__err`). Anybody can write such an address, and
//! its texts would stand on our page: one that doesn't come from our own page loses them.

use axum::extract::Request;
use axum::http::{HeaderMap, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

/// Sends an address with somebody else's form error to the same address without it.
pub(super) async fn own_only(request: Request, next: Next) -> Response {
    match without_error(request.uri()) {
        Some(clean) if is_foreign(request.headers()) => Redirect::to(&clean).into_response(),
        _ => next.run(request).await,
    }
}

/// Every browser that runs our pages says where a navigation comes from.
fn is_foreign(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin")
}

/// The address without the form's parameters; `None` when it has no error.
fn without_error(uri: &Uri) -> Option<String> {
    let query = uri.query()?;
    let pairs = || form_urlencoded::parse(query.as_bytes());
    pairs().any(|(name, _)| name == "__err").then(|| {
        let mut kept = form_urlencoded::Serializer::new(String::new());
        kept.extend_pairs(pairs().filter(|(name, _)| name != "__err" && name != "__path"));
        let kept = kept.finish();
        // One slash: two would name another host.
        let path = format!("/{}", uri.path().trim_start_matches('/'));
        if kept.is_empty() { path } else { format!("{path}?{kept}") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_error_is_taken_out() {
        let clean = |uri: &str| without_error(&uri.parse().unwrap());
        assert_eq!(clean("/login?next=%2Fconsole"), None);
        assert_eq!(clean("/login?__path=%2Fapi&__err=x&next=%2Fconsole").unwrap(), "/login?next=%2Fconsole");
        assert_eq!(clean("/login?%5F_err=x").unwrap(), "/login");
        assert_eq!(clean("//evil.example/?__err=x").unwrap(), "/evil.example/");
    }
}
