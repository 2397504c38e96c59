//! Cuts the compiled page along the functions that it marks with `wasm_split`.
//!
//! What comes out is the first part, the others, and a script that fetches them. What several parts share and the
//! first one doesn't is a file of its own, so a part may consist of several files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use wasm_split_cli_support::{Options, transform};

use crate::{At as _, Error};

/// What the script takes the first part's functions from, and what the first part takes the script's from.
const LINK: &str = "./parts.js";

/// The page in parts.
pub(crate) struct Split {
    /// The first part, for wasm-bindgen.
    pub(crate) first: Vec<u8>,
    /// Name of a file, without its suffix → the other parts' code.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// Part → the files that it consists of.
    pub(crate) parts: BTreeMap<String, Vec<String>>,
    /// The script, a module of its own.
    script: String,
}

impl Split {
    /// Cuts. `scratch` holds a folder meanwhile.
    pub(crate) fn cut(module: &Path, scratch: &Path) -> Result<Self, Error> {
        let folder = scratch.join("split");
        let main = folder.join("main.wasm");
        fs::create_dir_all(&folder).at(&folder)?;
        let input = fs::read(module).at(module)?;
        let mut options = Options::new(&input);
        options.output_dir = &folder;
        options.main_out_path = &main;
        options.link_name = LINK;
        let output = transform(options).map_err(|error| Error::Split(format!("{error:#}")))?;
        let mut files = BTreeMap::new();
        for path in &output.split_modules {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, fs::read(path).at(path)?);
        }
        let script = folder.join(LINK);
        let split = Self {
            first: fs::read(&main).at(&main)?,
            files,
            parts: output.prefetch_map.into_iter().collect(),
            script: fs::read_to_string(&script).at(&script)?,
        };
        fs::remove_dir_all(&folder).at(&folder)?;
        Ok(split)
    }

    /// Puts the script into the glue. Apart, each of the two would name the other one, and neither could have its
    /// content's hash in its name.
    pub(crate) fn join_script(&self, glue: &str) -> Result<String, Error> {
        join(glue, &self.script).ok_or_else(|| Error::Split("the script doesn't fit the glue".into()))
    }
}

/// `import * as name from "./parts.js"` in the glue becomes an object of what the script would export.
fn join(glue: &str, script: &str) -> Option<String> {
    let from = format!("from \"{LINK}\"");
    let (mut own, mut name) = (Vec::new(), None);
    for line in glue.lines() {
        match line.strip_prefix("import * as ").filter(|rest| rest.contains(&from)) {
            Some(rest) => name = rest.split_whitespace().next(),
            None => own.push(line),
        }
    }
    let (mut body, mut exports) = (Vec::new(), Vec::new());
    for line in script.lines().filter(|line| !line.starts_with("import ")) {
        let line = match line.strip_prefix("export ") {
            Some(rest) => {
                exports.push(rest.strip_prefix("const ")?.split_whitespace().next()?);
                rest
            }
            None => line,
        };
        body.push(line);
    }
    let (own, body, exports) = (own.join("\n"), body.join("\n"), exports.join(", "));
    Some(format!("{own}\n{body}\nconst {} = {{ {exports} }};\n", name?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glue_and_script_become_one_module() {
        let glue = "import * as import1 from \"./parts.js\"\nexport { init as default };\nuse(import1);\n";
        let script = "import { initSync } from \"./main.js\";\n\nconst a = 1;\nexport const load_a = wrap(a);\nexport const load_b = wrap();\n";
        assert_eq!(
            join(glue, script).unwrap(),
            "export { init as default };\nuse(import1);\n\nconst a = 1;\nconst load_a = wrap(a);\n\
             const load_b = wrap();\nconst import1 = { load_a, load_b };\n"
        );
    }

    #[test]
    fn glue_that_takes_nothing_from_the_script_is_refused() {
        assert_eq!(join("export { init as default };\n", "export const load_a = 1;\n"), None);
    }
}
