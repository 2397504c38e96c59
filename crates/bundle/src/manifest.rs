//! `manifest.json`: the plain name of each asset → the URL with the hash. The server reads it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::{At as _, Error};

/// All assets of one build.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Manifest {
    pub(crate) js: String,
    /// The module's first part.
    pub(crate) wasm: String,
    /// Every other part → the URLs of what it consists of.
    pub(crate) parts: BTreeMap<String, Vec<String>>,
    pub(crate) css: String,
    /// Path below `public/` → URL.
    pub(crate) files: BTreeMap<String, String>,
}

impl Manifest {
    pub(crate) fn write(&self, site: &Path) -> Result<(), Error> {
        let path = site.join("manifest.json");
        let mut json = serde_json::to_string_pretty(self)?;
        json.push('\n');
        fs::write(&path, json).at(&path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_that_the_server_reads() {
        let site = tempfile::tempdir().unwrap();
        let manifest = Manifest {
            js: "/assets/gatehouse.1.js".into(),
            wasm: "/assets/gatehouse_bg.2.wasm".into(),
            parts: [("keys".into(), vec!["/assets/split_keys.5.wasm".into()])].into(),
            css: "/assets/gatehouse.3.css".into(),
            files: [("favicon.svg".into(), "/assets/favicon.4.svg".into())].into(),
        };
        manifest.write(site.path()).unwrap();
        let json: serde_json::Value =
            serde_json::from_slice(&fs::read(site.path().join("manifest.json")).unwrap()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "js": "/assets/gatehouse.1.js",
                "wasm": "/assets/gatehouse_bg.2.wasm",
                "parts": { "keys": ["/assets/split_keys.5.wasm"] },
                "css": "/assets/gatehouse.3.css",
                "files": { "favicon.svg": "/assets/favicon.4.svg" },
            })
        );
    }
}
