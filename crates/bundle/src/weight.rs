//! What a page's code weighs on its way to a browser: the first part and the page's own, as brotli leaves them.

use std::fmt::{self, Display};
use std::fs;
use std::path::Path;

use crate::manifest::Manifest;
use crate::{At as _, Error};

/// The parts of the pages that visits begin with: signing in, the Console, the admin's dashboard.
const BEGIN: [&str; 3] = ["sign_in", "console", "record"];

/// Bytes of WASM that each part's pages load, the first part's included.
pub(crate) struct Weights {
    first: Weight,
    parts: Vec<(String, Weight)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Weight {
    files: usize,
    raw: u64,
    brotli: u64,
}

impl Weights {
    /// Weighs what is in the site's folder.
    pub(crate) fn of(manifest: &Manifest, site: &Path) -> Result<Self, Error> {
        let first = weigh(site, [&manifest.wasm])?;
        let parts = manifest
            .parts
            .iter()
            .map(|(part, urls)| Ok((part.clone(), weigh(site, [&manifest.wasm].into_iter().chain(urls))?)));
        Ok(Self { first, parts: parts.collect::<Result<_, Error>>()? })
    }

    /// An error if a page that visits begin with loads more than so many bytes.
    pub(crate) fn check(&self, bound: u64) -> Result<(), Error> {
        let first = self.parts.iter().filter(|(part, _)| BEGIN.contains(&part.as_str()));
        match first.max_by_key(|(_, weight)| weight.brotli) {
            Some((part, weight)) if weight.brotli > bound => {
                Err(Error::Weight { part: part.clone(), weight: weight.brotli, bound })
            }
            _ => Ok(()),
        }
    }
}

/// A table for the terminal.
impl Display for Weights {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{:<12} {:>5} {:>9} {:>9}", "first load", "files", "raw", "brotli")?;
        let first = ("(frame)".to_owned(), self.first);
        for (part, weight) in [&first].into_iter().chain(&self.parts) {
            writeln!(out, "{part:<12} {:>5} {:>9} {:>9}", weight.files, weight.raw, weight.brotli)?;
        }
        Ok(())
    }
}

fn weigh<'url>(site: &Path, urls: impl IntoIterator<Item = &'url String>) -> Result<Weight, Error> {
    let mut sum = Weight { files: 0, raw: 0, brotli: 0 };
    for url in urls {
        let path = site.join(url.trim_start_matches('/'));
        let raw = fs::metadata(&path).at(&path)?.len();
        let twin = path.with_added_extension("br");
        sum.files += 1;
        sum.raw += raw;
        // What compression doesn't shrink has no twin.
        sum.brotli += fs::metadata(&twin).map_or(raw, |twin| twin.len());
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_weighs_what_it_loads() {
        let site = tempfile::tempdir().unwrap();
        for (name, size) in [("first", 100), ("first.br", 40), ("a", 10), ("a.br", 5), ("b", 3)] {
            fs::write(site.path().join(name), vec![0; size]).unwrap();
        }
        let manifest = Manifest {
            js: String::new(),
            wasm: "/first".into(),
            parts: [
                ("keys".into(), vec!["/first".into(), "/first".into()]),
                ("sign_in".into(), vec!["/a".into(), "/b".into()]),
            ]
            .into(),
            css: String::new(),
            files: [].into(),
        };
        let weights = Weights::of(&manifest, site.path()).unwrap();
        assert_eq!(weights.parts[0], ("keys".into(), Weight { files: 3, raw: 300, brotli: 120 }));
        assert_eq!(weights.parts[1], ("sign_in".into(), Weight { files: 3, raw: 113, brotli: 48 }));
        assert!(weights.check(48).is_ok());
        let error = weights.check(47).unwrap_err().to_string();
        assert_eq!(error, "the pages of `sign_in` load 48 bytes of WASM, more than 47");
    }
}
