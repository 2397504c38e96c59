//! The HTML document around the page, and the policy that it is sent with.

use crate::App;
use crate::edge::{no_store, set_header};
use crate::parts::Page;
use crate::viewer::Theme;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::request::Parts;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;
use std::collections::BTreeMap;
use std::iter;

/// What the server knows of the built page. Empty texts: not built; the page then works without scripts.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Address of the style sheet.
    pub css: String,
    /// Address of the start module.
    pub js: String,
    /// Address of the WASM module's first part.
    pub wasm: String,
    /// Addresses of what each other part consists of, by its name.
    pub parts: BTreeMap<String, Vec<String>>,
    /// Address of the icon.
    pub favicon: String,
    /// The configured base URL, without a slash at its end.
    pub base_url: String,
}

/// The Content-Security-Policy of a page whose scripts carry `nonce`. Scripts run by the nonce only; there is no
/// inline style; nobody frames the page; nothing is loaded from elsewhere.
pub fn csp(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; manifest-src 'self'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

/// The whole document. On the server it also sets the response's policy, and `no-store`: every page shows what only
/// its viewer may see.
pub fn shell(site: Site) -> impl IntoView {
    let nonce = use_nonce();
    let theme = Theme::of_request();
    send_headers(nonce.as_deref().unwrap_or_default());
    let scripts = (!site.js.is_empty()).then(|| {
        let start = format!(
            "import init,{{hydrate}} from \"{}\";init({{module_or_path:\"{}\"}}).then(hydrate)",
            site.js, site.wasm
        );
        let modules = iter::once(site.wasm.clone()).chain(parts_of_page(&site)).map(|module| {
            view! { <link rel="preload" href=module r#as="fetch" r#type="application/wasm" crossorigin="anonymous" /> }
        });
        view! {
            <link rel="modulepreload" href=site.js.clone() nonce=nonce.clone() />
            {modules.collect_view()}
            <script type="module" nonce=nonce.clone()>
                {start}
            </script>
        }
    });
    let style = (!site.css.is_empty()).then(|| view! { <link rel="stylesheet" href=site.css.clone() /> });
    let icon = (!site.favicon.is_empty())
        .then(|| view! { <link rel="icon" type="image/svg+xml" href=site.favicon.clone() /> });
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.as_str()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                {icon}
                {style}
                {scripts}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// What the page asked for needs beside the first part, so that the browser fetches both at once.
fn parts_of_page(site: &Site) -> Vec<String> {
    let page = use_context::<Parts>().and_then(|request| Page::at(request.uri.path()));
    page.and_then(|page| site.parts.get(page.part().name())).cloned().unwrap_or_default()
}

fn send_headers(nonce: &str) {
    set_header(CONTENT_SECURITY_POLICY, &csp(nonce));
    no_store();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_no_inline_code_and_nothing_from_elsewhere() {
        let policy = csp("abc");
        assert!(policy.starts_with("default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'"));
        for forbidden in ["unsafe-inline", "'unsafe-eval'", "http:", "https:", "*"] {
            assert!(!policy.contains(forbidden), "{forbidden}");
        }
    }
}
