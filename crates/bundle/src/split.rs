//! Cuts the compiled page along the functions that it marks with `wasm_split`.
//!
//! What comes out is the first part, a module for every other part, and one for everything that several of them
//! share and the first one lacks. Each set of parts that shares something has such a module, so there are dozens, most
//! of them tiny: `pack` puts those into the files of others, and the script that fetches them is made here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use wasm_split_cli_support::{Options, transform};

use crate::{At as _, Error};

/// Where the first part imports the functions from that load the others.
const LINK: &str = "./parts.js";
/// A shared module below this size is no file of its own if another one can take it.
const SMALL: usize = 16 * 1024;

/// The page in parts.
pub(crate) struct Split {
    /// The first part, for wasm-bindgen.
    pub(crate) first: Vec<u8>,
    /// All other modules by name.
    pub(crate) modules: BTreeMap<String, Vec<u8>>,
    /// Part → the modules that it consists of.
    pub(crate) parts: BTreeMap<String, Vec<String>>,
    /// What the script begins with.
    runtime: String,
}

/// Modules, one behind the other.
pub(crate) struct File {
    pub(crate) url: String,
    pub(crate) modules: Vec<String>,
    pub(crate) lengths: Vec<usize>,
}

impl Split {
    /// Cuts. `scratch` holds a folder meanwhile.
    pub(crate) fn cut(module: &Path, scratch: &Path) -> Result<Self, Error> {
        let folder = scratch.join("split");
        let (main, script) = (folder.join("main.wasm"), folder.join(LINK));
        fs::create_dir_all(&folder).at(&folder)?;
        let input = fs::read(module).at(module)?;
        let mut options = Options::new(&input);
        options.output_dir = &folder;
        options.main_out_path = &main;
        options.link_name = LINK;
        let output = transform(options).map_err(|error| Error::Split(format!("{error:#}")))?;
        let mut modules = BTreeMap::new();
        for path in &output.split_modules {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            modules.insert(name, fs::read(path).at(path)?);
        }
        let split = Self {
            first: fs::read(&main).at(&main)?,
            modules,
            parts: output.prefetch_map.into_iter().collect(),
            runtime: runtime(&fs::read_to_string(&script).at(&script)?),
        };
        fs::remove_dir_all(&folder).at(&folder)?;
        Ok(split)
    }

    /// Which modules share a file. A small one goes to one that each part needs which needs the small one: no part
    /// fetches a file more for it. Of several it takes the one that the fewest parts need.
    pub(crate) fn pack(&self) -> Vec<Vec<String>> {
        let needed_by = |module: &str| -> BTreeSet<&str> {
            let needs = self.parts.iter().filter(|(_, modules)| modules.iter().any(|name| name == module));
            needs.map(|(part, _)| part.as_str()).collect()
        };
        let (small, large): (Vec<_>, Vec<_>) = self.modules.iter().partition(|(_, code)| code.len() < SMALL);
        let mut files: Vec<(BTreeSet<&str>, Vec<String>)> =
            large.into_iter().map(|(name, _)| (needed_by(name), vec![name.clone()])).collect();
        let mut small: Vec<_> = small.into_iter().map(|(name, _)| (needed_by(name), name)).collect();
        // Those that most parts need first, so that one without a large one above it can take others.
        small.sort_by_key(|(parts, _)| std::cmp::Reverse(parts.len()));
        for (parts, name) in small {
            let fits = files.iter_mut().filter(|(takers, _)| takers.is_superset(&parts));
            match fits.min_by_key(|(takers, _)| takers.len()) {
                Some((_, file)) => file.push(name.clone()),
                None => files.push((parts, vec![name.clone()])),
            }
        }
        files.into_iter().map(|(_, modules)| modules).collect()
    }

    /// Part → the URLs of its files.
    pub(crate) fn urls(&self, files: &[File]) -> BTreeMap<String, Vec<String>> {
        let urls = |part: &str| self.files_of(part, files).map(|(_, file)| file.url.clone()).collect();
        self.parts.keys().map(|part| (part.clone(), urls(part))).collect()
    }

    /// Puts the script into wasm-bindgen's glue. Apart, each of the two would import the other one, and neither could
    /// have its content's hash in its name.
    pub(crate) fn join_script(&self, glue: &str, files: &[File]) -> Result<String, Error> {
        // One import for each part that is loaded, under a name of its own.
        let from = format!("from \"{LINK}\"");
        let (imports, rest): (Vec<&str>, Vec<&str>) = glue.lines().partition(|line| line.contains(&from));
        let name_of =
            |import: &str| Some(import.strip_prefix("import * as ")?.split_whitespace().next()?.to_owned());
        let names: Option<Vec<String>> = imports.into_iter().map(name_of).collect();
        let Some((name, others)) = names.as_ref().and_then(|names| names.split_first()) else {
            return Err(Error::Split("the glue imports nothing that loads parts".into()));
        };
        let mut js = rest.join("\n");
        js.push('\n');
        js.push_str(&self.runtime);
        js.push_str(include_str!("load_file.js"));
        for (index, file) in files.iter().enumerate() {
            let _ = writeln!(js, "const file_{index} = loadFile(\"{}\", {:?});", file.url, file.lengths);
        }
        let _ = writeln!(js, "const {name} = {{");
        for part in self.parts.keys() {
            let own: Vec<_> = self.files_of(part, files).map(|(index, _)| format!("file_{index}")).collect();
            let _ = writeln!(js, "    __wasm_split_load_{part}: loadPart([{}]),", own.join(", "));
        }
        js.push_str("};\n");
        for other in others {
            let _ = writeln!(js, "const {other} = {name};");
        }
        Ok(js)
    }

    fn files_of<'file>(
        &self,
        part: &str,
        files: &'file [File],
    ) -> impl Iterator<Item = (usize, &'file File)> {
        let own: BTreeSet<&String> = self.parts.get(part).into_iter().flatten().collect();
        files.iter().enumerate().filter(move |(_, file)| file.modules.iter().any(|name| own.contains(name)))
    }
}

/// The cutter's script up to the loaders, one for each module, that it ends with: ours load files. Its import of the
/// glue goes too: it becomes a part of that.
fn runtime(script: &str) -> String {
    let is_loader =
        |line: &&str| ["/* ", "const __chunk_", "export const "].iter().any(|start| line.starts_with(start));
    let lines = script.lines().take_while(|line| !is_loader(line));
    lines.filter(|line| !line.starts_with("import ")).flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(modules: &[(&str, usize)], parts: &[(&str, &[&str])]) -> Split {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Split {
            first: Vec::new(),
            modules: modules.iter().map(|(name, size)| ((*name).to_owned(), vec![0; *size])).collect(),
            parts: parts.iter().map(|(part, names)| ((*part).to_owned(), owned(names))).collect(),
            runtime: "const runtime = 1;\n".to_owned(),
        }
    }

    #[test]
    fn a_small_module_goes_where_nobody_fetches_a_file_more_for_it() {
        let split = split(
            &[("all", SMALL), ("ab", SMALL), ("own_a", SMALL), ("tiny_ab", 1), ("tiny_bc", 1), ("tiny_a", 1)],
            &[
                ("a", &["all", "ab", "own_a", "tiny_ab", "tiny_a"]),
                ("b", &["all", "ab", "tiny_ab", "tiny_bc"]),
                ("c", &["all", "tiny_bc"]),
            ],
        );
        assert_eq!(split.pack(), [vec!["ab", "tiny_ab"], vec!["all", "tiny_bc"], vec!["own_a", "tiny_a"]]);
    }

    #[test]
    fn small_modules_with_no_large_one_above_them_stay_together() {
        let split = split(&[("x", 1), ("y", 1)], &[("a", &["x", "y"]), ("b", &["y"])]);
        assert_eq!(split.pack(), [["y", "x"]]);
    }

    #[test]
    fn glue_and_script_become_one_module() {
        let split = split(&[("x", 1), ("y", 1)], &[("a", &["x"]), ("b", &["x", "y"])]);
        let file = |url: &str, modules: &[&str]| File {
            url: url.to_owned(),
            modules: modules.iter().map(|name| (*name).to_owned()).collect(),
            lengths: vec![1; modules.len()],
        };
        let files = [file("/assets/x.1.wasm", &["x"]), file("/assets/y.2.wasm", &["y"])];
        let import = |name: &str| format!("import * as {name} from \"./parts.js\"\n");
        let glue = import("import1") + &import("import2") + "use(import1, import2);\n";
        let js = split.join_script(&glue, &files).unwrap();
        assert!(js.starts_with("use(import1, import2);\nconst runtime = 1;\n"), "{js}");
        assert!(
            js.ends_with(
                "const file_0 = loadFile(\"/assets/x.1.wasm\", [1]);\n\
                 const file_1 = loadFile(\"/assets/y.2.wasm\", [1]);\n\
                 const import1 = {\n    __wasm_split_load_a: loadPart([file_0]),\n    \
                 __wasm_split_load_b: loadPart([file_0, file_1]),\n};\nconst import2 = import1;\n"
            ),
            "{js}"
        );
        assert_eq!(split.urls(&files)["b"], ["/assets/x.1.wasm", "/assets/y.2.wasm"]);
    }

    #[test]
    fn glue_that_loads_no_parts_is_refused() {
        assert!(split(&[], &[]).join_script("export { init as default };\n", &[]).is_err());
    }

    #[test]
    fn the_cutters_own_loaders_are_left_out() {
        let script = "import { initSync } from \"./main.js\";\n\nfunction makeLoad() {\n    // why\n}\n\
                      /* a, b */\nconst __chunk_7 = makeLoad(() => {\n});\nexport const __wasm_split_load_a = 1;\n";
        assert_eq!(runtime(script), "\nfunction makeLoad() {\n    // why\n}\n");
    }
}
