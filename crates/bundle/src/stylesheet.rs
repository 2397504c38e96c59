//! One style sheet out of `style/main.css`.
//!
//! `main.css` is a list of `@import "name.css";` lines, each replaced by the file of that name in the same
//! folder; `@import "name.css" layer(base);` wraps it in `@layer base { … }`. Every other line stays as it
//! is. Imports do not nest: all of the order is to be read in one place.

use std::fs;
use std::path::Path;

use crate::{At as _, Error};

/// Reads `main.css` in `folder` and all that it imports.
pub(crate) fn join(folder: &Path) -> Result<String, Error> {
    let main = folder.join("main.css");
    let mut css = String::new();
    for (index, line) in fs::read_to_string(&main).at(&main)?.lines().enumerate() {
        if !line.trim_start().starts_with("@import") {
            css.push_str(line);
            css.push('\n');
            continue;
        }
        let import = Import::parse(line).ok_or_else(|| {
            let reason = format!("line {}: expected @import \"name.css\"; or … layer(name);", index + 1);
            Error::Stylesheet(main.clone(), reason)
        })?;
        let path = folder.join(import.file);
        let content = fs::read_to_string(&path).at(&path)?;
        if content.lines().any(|line| line.trim_start().starts_with("@import")) {
            return Err(Error::Stylesheet(path, "only main.css may import".into()));
        }
        import.append(&content, &mut css);
    }
    Ok(css)
}

#[derive(Debug, PartialEq, Eq)]
struct Import<'line> {
    file: &'line str,
    layer: Option<&'line str>,
}

impl<'line> Import<'line> {
    fn parse(line: &'line str) -> Option<Self> {
        let rest = line.trim().strip_prefix("@import")?.trim_start().strip_prefix('"')?;
        let (file, rest) = rest.split_once('"')?;
        let rest = rest.trim_start().strip_suffix(';')?.trim_end();
        let layer = match rest {
            "" => None,
            _ => Some(rest.strip_prefix("layer(")?.strip_suffix(')')?),
        };
        // A bare name: the sheet stays inside its folder, and a browser is sent nowhere else.
        let bare = file.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        (bare && Path::new(file).extension()? == "css").then_some(Self { file, layer })
    }

    fn append(&self, content: &str, css: &mut String) {
        if let Some(layer) = self.layer {
            css.push_str("@layer ");
            css.push_str(layer);
            css.push_str(" {\n");
        }
        css.push_str(content.trim_end());
        css.push_str(if self.layer.is_some() { "\n}\n" } else { "\n" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    #[test]
    fn imports_are_joined_in_their_order() {
        let folder = folder(&[
            ("main.css", "@layer base, page;\n@import \"b.css\";\n@import \"a.css\" layer(page);\n"),
            ("a.css", "a { color: red }\n"),
            ("b.css", "b { color: blue }"),
        ]);
        assert_eq!(
            join(folder.path()).unwrap(),
            "@layer base, page;\nb { color: blue }\n@layer page {\na { color: red }\n}\n"
        );
    }

    #[test]
    fn other_imports_are_refused() {
        for import in [
            "@import url(a.css);",
            "@import \"a.css\"",
            "@import \"../a.css\";",
            "@import \"https://example.com/a.css\";",
            "@import \"a.css\" screen;",
        ] {
            assert_eq!(Import::parse(import), None, "{import}");
        }
    }

    #[test]
    fn an_imported_file_imports_nothing() {
        let folder =
            folder(&[("main.css", "@import \"a.css\";"), ("a.css", "@import \"b.css\";"), ("b.css", "")]);
        assert!(join(folder.path()).unwrap_err().to_string().ends_with("only main.css may import"));
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = folder(&[("main.css", "@import \"gone.css\";")]);
        assert!(join(folder.path()).unwrap_err().to_string().contains("gone.css"));
    }
}
