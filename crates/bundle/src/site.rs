//! The site's folder is built under another name and then swapped in.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{At as _, Error};

/// A folder in the making. Dropped without `swap_in`, it is removed.
pub(crate) struct Staging {
    path: PathBuf,
}

impl Staging {
    /// Starts an empty folder on the same file system as `out`, where a rename is atomic.
    pub(crate) fn beside(out: &Path) -> Result<Self, Error> {
        let path = sibling(out, "new");
        remove(&path)?;
        fs::create_dir_all(&path).at(&path)?;
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the folder in the place of `out`; what was there is removed.
    pub(crate) fn swap_in(self, out: &Path) -> Result<(), Error> {
        let old = sibling(out, "old");
        remove(&old)?;
        if out.exists() {
            fs::rename(out, &old).at(out)?;
        }
        fs::rename(&self.path, out).at(out)?;
        remove(&old)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After a swap there is nothing; after a failure the first error is the one to report.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn sibling(out: &Path, suffix: &str) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!(".{name}.{suffix}"))
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).at(path),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_leaves_nothing_stale() {
        let dist = tempfile::tempdir().unwrap();
        let out = dist.path().join("site");
        for name in ["first", "second"] {
            let staging = Staging::beside(&out).unwrap();
            fs::write(staging.path().join(name), "").unwrap();
            staging.swap_in(&out).unwrap();
        }
        assert!(out.join("second").exists());
        assert!(!out.join("first").exists());
        assert_eq!(fs::read_dir(dist.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_build_changes_nothing() {
        let dist = tempfile::tempdir().unwrap();
        let out = dist.path().join("site");
        fs::create_dir(&out).unwrap();
        drop(Staging::beside(&out).unwrap());
        assert!(out.exists());
        assert_eq!(fs::read_dir(dist.path()).unwrap().count(), 1);
    }
}
