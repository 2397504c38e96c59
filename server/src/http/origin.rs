//! The origin check: whatever changes something by a browser's cookie must come from our own pages.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::Problem;
use std::sync::Arc;

/// Where people reach us: scheme, host and port, from the configuration and never from a request.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    text: String,
    origin: Origin,
}

#[derive(Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    /// `None`: any name of this machine's loopback; they count as one origin.
    host: Option<String>,
    port: u16,
}

impl BaseUrl {
    /// From `http(s)://host[:port]`; `None` when it isn't one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('/').to_owned();
        let origin = Origin::parse(&text)?;
        Some(Self(Arc::new(Parts { text, origin })))
    }

    /// Without a trailing slash.
    pub(crate) fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Whether browsers talk to us over TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.0.origin.scheme == "https"
    }

    /// Whether browsers keep `__Host-` cookies here: over https, or on loopback.
    pub(crate) fn keeps_cookies(&self) -> bool {
        self.is_https() || self.0.origin.host.is_none()
    }

    fn is_own(&self, origin: &str) -> bool {
        Origin::parse(origin).is_some_and(|origin| origin == self.0.origin)
    }
}

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
        let host = uri.host()?.to_ascii_lowercase();
        Some(Self { scheme, host: (!is_loopback(&host)).then_some(host), port })
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Refuses what isn't a read, or reads the Admin API from another site, and doesn't come from our own pages. A call to the Admin API with its own bearer needs no
/// check, since no browser adds one by itself (Basic and Negotiate it does), and such a call uses no cookie. The portal's
/// path knows no cookie at all: whatever changes something there needs the bearer.
pub(super) async fn check(State(base): State<BaseUrl>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let own_bearer = request.uri().path().starts_with("/admin/api/") && has_bearer(request.headers());
    let knows_no_cookie = super::portal::is_portal(request.uri().path());
    // Some reads of the API are work, and are written down (exports): not for links of other sites.
    let reads =
        reads && !(request.uri().path().starts_with("/admin/api/v1/") && is_cross_site(request.headers()));
    if reads || own_bearer || knows_no_cookie || is_same_origin(&base, request.headers()) {
        return next.run(request).await;
    }
    let mut problem = Problem::new(403, "cross_origin", "This request didn't come from our own pages");
    problem = problem.detail(format!(
        "Open {} in the browser, or set server.base_url to the address that you use.",
        base.as_str()
    ));
    crate::admin_api::ProblemResponse(problem).into_response()
}

fn is_cross_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site")
}

fn has_bearer(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .all(|value| value.as_bytes().get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer ")))
        && headers.contains_key(header::AUTHORIZATION)
}

fn is_same_origin(base: &BaseUrl, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    match text(header::ORIGIN) {
        Some(origin) => base.is_own(origin),
        // Browsers too old for Origin on form posts don't exist among those that run our pages.
        None => text(header::HeaderName::from_static("sec-fetch-site")) == Some("same-origin"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(base: &str, origin: &str) -> bool {
        BaseUrl::parse(base).unwrap().is_own(origin)
    }

    #[test]
    fn scheme_host_and_port_must_agree() {
        assert!(own("https://gw.example.com", "https://GW.example.com"));
        assert!(own("https://gw.example.com/", "https://gw.example.com:443"));
        for other in [
            "http://gw.example.com",
            "https://gw.example.com:8443",
            "https://evil.gw.example.com",
            "https://gw.example.com.evil",
            "null",
            "",
        ] {
            assert!(!own("https://gw.example.com", other), "{other}");
        }
    }

    #[test]
    fn loopback_names_are_one_origin() {
        for same in ["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"] {
            assert!(own("http://localhost:8080", same), "{same}");
        }
        assert!(!own("http://localhost:8080", "http://localhost:8081"));
        assert!(!own("http://localhost:8080", "http://localhost.evil:8080"));
    }

    #[test]
    fn cookies_are_kept_over_https_or_on_loopback() {
        assert!(BaseUrl::parse("https://gw.example.com").unwrap().keeps_cookies());
        assert!(BaseUrl::parse("http://127.0.0.1:8080").unwrap().keeps_cookies());
        assert!(!BaseUrl::parse("http://gw.example.com").unwrap().keeps_cookies());
    }
}
