//! Build tool: turns the compiled page into the files that the server embeds and serves.
//!
//! ```text
//! bundle <frontend.wasm> <out dir> [--release] [--wasm-opt PATH] [--style DIR] [--public DIR] [--bound BYTES]
//! ```
//!
//! Every file gets a name with a hash of its content, so that the server may let browsers keep it for
//! ever; `manifest.json` says which name stands for what. The folder is built aside and then swapped in,
//! so a running server never sees half of it and nothing stale remains.

mod asset;
mod bindgen;
mod manifest;
mod site;
mod split;
mod stylesheet;
mod weight;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use asset::{Effort, Store};
use manifest::Manifest;
use weight::Weights;

/// What can go wrong, worded for the person at the terminal.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(
        "{0}\nusage: bundle <frontend.wasm> <out dir> [--release] [--wasm-opt PATH] [--style DIR] [--public DIR] [--bound BYTES]"
    )]
    Usage(String),
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("wasm-bindgen: {0}")]
    Bindgen(String),
    #[error("cutting the page: {0}")]
    Split(String),
    #[error("wasm-opt ({0}): {1}")]
    WasmOpt(PathBuf, String),
    #[error("{0}: {1}")]
    Stylesheet(PathBuf, String),
    #[error("the pages of `{part}` load {weight} bytes of WASM, more than {bound}")]
    Weight { part: String, weight: u64, bound: u64 },
    #[error("manifest.json: {0}")]
    Manifest(#[from] serde_json::Error),
}

/// Names the file in an I/O error.
trait At<T> {
    fn at(self, path: &Path) -> Result<T, Error>;
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, path: &Path) -> Result<T, Error> {
        self.map_err(|source| Error::File { path: path.to_owned(), source })
    }
}

/// The command line.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    wasm: PathBuf,
    out: PathBuf,
    style: PathBuf,
    public: PathBuf,
    wasm_opt: Option<PathBuf>,
    /// The most that a page's WASM may weigh, compressed.
    bound: Option<u64>,
    release: bool,
}

impl Options {
    fn parse(args: impl IntoIterator<Item = String>) -> Result<Self, Error> {
        let (mut paths, mut release) = (vec![], false);
        let (mut style, mut public, mut wasm_opt, mut bound) = (None, None, None, None);
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let option = match arg.as_str() {
                "--release" => {
                    release = true;
                    continue;
                }
                "--style" => &mut style,
                "--public" => &mut public,
                "--wasm-opt" => &mut wasm_opt,
                "--bound" => &mut bound,
                _ if arg.starts_with('-') => return Err(Error::Usage(format!("unknown option {arg}"))),
                _ => {
                    paths.push(PathBuf::from(arg));
                    continue;
                }
            };
            *option = Some(args.next().ok_or_else(|| Error::Usage(format!("{arg} needs a value")))?);
        }
        let [wasm, out] = <[PathBuf; 2]>::try_from(paths)
            .map_err(|paths| Error::Usage(format!("two paths are needed, {} given", paths.len())))?;
        let path = |option: Option<String>| option.map(PathBuf::from);
        let bound =
            bound.map(|bound| bound.parse().map_err(|_| Error::Usage(format!("--bound {bound}: no number"))));
        Ok(Self {
            wasm,
            out,
            style: path(style).unwrap_or_else(|| "style".into()),
            public: path(public).unwrap_or_else(|| "public".into()),
            wasm_opt: path(wasm_opt),
            bound: bound.transpose()?,
            release,
        })
    }
}

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)).and_then(|options| bundle(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing sensible is left to do if stderr is closed.
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bundle(options: &Options) -> Result<(), Error> {
    let staging = site::Staging::beside(&options.out)?;
    let effort = if options.release { Effort::Release } else { Effort::Dev };
    let store = Store::new(staging.path(), effort);

    let wasm_opt = options.wasm_opt.as_deref();
    let page = bindgen::run(&options.wasm, options.release, wasm_opt, staging.path(), &store)?;
    let manifest = Manifest {
        js: store.put("gatehouse.js", page.js.as_bytes())?,
        wasm: store.put("gatehouse_bg.wasm", &page.wasm)?,
        parts: page.parts,
        css: store.put("gatehouse.css", stylesheet::join(&options.style)?.as_bytes())?,
        files: store.put_folder(&options.public)?,
    };
    manifest.write(staging.path())?;
    let weights = Weights::of(&manifest, staging.path())?;
    // A closed stdout is no reason to fail.
    let _ = write!(std::io::stdout(), "{weights}");
    options.bound.map_or(Ok(()), |bound| weights.check(bound))?;
    staging.swap_in(&options.out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, Error> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_may_stand_anywhere() {
        let options = parse("--release page.wasm --wasm-opt /bin/wasm-opt dist/site --bound 600000").unwrap();
        assert_eq!(options.wasm, PathBuf::from("page.wasm"));
        assert_eq!(options.out, PathBuf::from("dist/site"));
        assert_eq!(options.style, PathBuf::from("style"));
        assert_eq!(options.wasm_opt, Some(PathBuf::from("/bin/wasm-opt")));
        assert_eq!(options.bound, Some(600_000));
        assert!(options.release);
    }

    #[test]
    fn a_wrong_command_line_says_what_is_wrong() {
        for (line, reason) in [
            ("page.wasm", "two paths are needed, 1 given"),
            ("page.wasm out more", "two paths are needed, 3 given"),
            ("page.wasm out --fast", "unknown option --fast"),
            ("page.wasm out --style", "--style needs a value"),
            ("page.wasm out --bound some", "--bound some: no number"),
        ] {
            let error = parse(line).unwrap_err().to_string();
            assert!(error.starts_with(reason), "{line}: {error}");
        }
    }
}
