//! Files with their content's hash in the name, and their compressed twins.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::{At as _, Error};

/// How long to work on compression.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Effort {
    /// Quick, while developing.
    Dev,
    /// As small as it gets.
    Release,
}

/// Writes assets below `<site>/assets` and answers with their URLs.
pub(crate) struct Store {
    folder: PathBuf,
    effort: Effort,
}

impl Store {
    pub(crate) fn new(site: &Path, effort: Effort) -> Self {
        Self { folder: site.join("assets"), effort }
    }

    /// Writes one file, with `.br` and `.gz` beside it where they are smaller; returns its URL.
    pub(crate) fn put(&self, name: &str, content: &[u8]) -> Result<String, Error> {
        let name = hashed_name(name, content);
        let path = self.folder.join(&name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).at(parent)?;
        }
        fs::write(&path, content).at(&path)?;
        for (suffix, compressed) in [("br", self.brotli(content)), ("gz", self.gzip(content))] {
            let twin = PathBuf::from(format!("{}.{suffix}", path.display()));
            let compressed = compressed.at(&twin)?;
            if compressed.len() < content.len() {
                fs::write(&twin, compressed).at(&twin)?;
            }
        }
        Ok(format!("/assets/{name}"))
    }

    /// Writes a folder with all below it, hidden files left out; a missing folder is an empty one.
    /// Returns the path inside the folder → URL.
    pub(crate) fn put_folder(&self, folder: &Path) -> Result<BTreeMap<String, String>, Error> {
        let mut urls = BTreeMap::new();
        if folder.exists() {
            self.put_below(folder, "", &mut urls)?;
        }
        Ok(urls)
    }

    fn put_below(
        &self,
        folder: &Path,
        prefix: &str,
        urls: &mut BTreeMap<String, String>,
    ) -> Result<(), Error> {
        for entry in fs::read_dir(folder).at(folder)? {
            let path = entry.at(folder)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with('.') {
                continue;
            }
            let name = format!("{prefix}{name}");
            if path.is_dir() {
                self.put_below(&path, &format!("{name}/"), urls)?;
            } else {
                let url = self.put(&name, &fs::read(&path).at(&path)?)?;
                urls.insert(name, url);
            }
        }
        Ok(())
    }

    fn brotli(&self, content: &[u8]) -> std::io::Result<Vec<u8>> {
        let quality = match self.effort {
            Effort::Dev => 5,
            Effort::Release => 11,
        };
        let params = brotli::enc::BrotliEncoderParams { quality, ..Default::default() };
        let mut compressed = Vec::new();
        brotli::BrotliCompress(&mut &content[..], &mut compressed, &params)?;
        Ok(compressed)
    }

    fn gzip(&self, content: &[u8]) -> std::io::Result<Vec<u8>> {
        let level = match self.effort {
            Effort::Dev => flate2::Compression::fast(),
            Effort::Release => flate2::Compression::best(),
        };
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        encoder.write_all(content)?;
        encoder.finish()
    }
}

/// `gatehouse.js` → `gatehouse.0123456789abcdef.js`: 64 bits of SHA-256 before the last suffix.
fn hashed_name(name: &str, content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    let (first, _) = digest.split_at(8);
    let hash = first.iter().fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
    let file = name.rfind('/').map_or(0, |slash| slash + 1);
    match name[file..].rfind('.') {
        Some(dot) => format!("{}.{hash:016x}{}", &name[..file + dot], &name[file + dot..]),
        None => format!("{name}.{hash:016x}"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_hash_stands_before_the_suffix() {
        // The first 8 bytes of SHA-256("").
        for (name, expected) in [
            ("gatehouse.js", "gatehouse.e3b0c44298fc1c14.js"),
            ("fonts/inter.var.woff2", "fonts/inter.var.e3b0c44298fc1c14.woff2"),
            ("v1.2/licence", "v1.2/licence.e3b0c44298fc1c14"),
        ] {
            assert_eq!(hashed_name(name, b""), expected);
        }
    }

    #[test]
    fn another_content_is_another_name() {
        assert_ne!(hashed_name("a.css", b"a"), hashed_name("a.css", b"b"));
    }

    #[test]
    fn the_twins_unpack_to_the_content() {
        let site = tempfile::tempdir().unwrap();
        let content = b"body { margin: 0 }\n".repeat(50);
        for effort in [Effort::Dev, Effort::Release] {
            let url = Store::new(site.path(), effort).put("page.css", &content).unwrap();
            let path = site.path().join(url.trim_start_matches('/'));
            assert_eq!(fs::read(&path).unwrap(), content);

            let mut unpacked = Vec::new();
            let packed = fs::read(format!("{}.br", path.display())).unwrap();
            brotli::BrotliDecompress(&mut &packed[..], &mut unpacked).unwrap();
            assert_eq!(unpacked, content);

            unpacked.clear();
            let packed = fs::read(format!("{}.gz", path.display())).unwrap();
            flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap();
            assert_eq!(unpacked, content);
        }
    }

    #[test]
    fn what_compression_does_not_shrink_has_no_twin() {
        let site = tempfile::tempdir().unwrap();
        let url = Store::new(site.path(), Effort::Release).put("dot.svg", b"x").unwrap();
        assert!(!site.path().join(format!("{}.br", &url[1..])).exists());
    }

    #[test]
    fn a_folder_is_walked_and_hidden_files_are_left_out() {
        let (site, public) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(public.path().join("fonts")).unwrap();
        for name in ["favicon.svg", ".gitkeep", "fonts/a.woff2"] {
            fs::write(public.path().join(name), name).unwrap();
        }
        let urls = Store::new(site.path(), Effort::Dev).put_folder(public.path()).unwrap();
        assert_eq!(urls.keys().collect::<Vec<_>>(), ["favicon.svg", "fonts/a.woff2"]);
        for url in urls.values() {
            assert!(site.path().join(&url[1..]).exists(), "{url}");
        }
    }
}
