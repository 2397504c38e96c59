//! The compiled page through the cutter, wasm-bindgen and, if there is one, wasm-opt.
//!
//! wasm-bindgen is linked in rather than run, so its version is always the one in `Cargo.lock`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use wasm_bindgen_cli_support::{Bindgen, Output};

use crate::asset::Store;
use crate::split::{File, Split};
use crate::{At as _, Error};

/// The page's code.
pub(crate) struct Page {
    pub(crate) js: String,
    /// The first part.
    pub(crate) wasm: Vec<u8>,
    /// Every other part → the URLs of what it consists of.
    pub(crate) parts: BTreeMap<String, Vec<String>>,
}

/// Makes the JavaScript glue and the final modules. What dependencies bring of JavaScript is put into `store`, and
/// all parts but the first; `scratch` holds files meanwhile.
pub(crate) fn run(
    module: &Path,
    release: bool,
    wasm_opt: Option<&Path>,
    scratch: &Path,
    store: &Store,
) -> Result<Page, Error> {
    let failed = |error| Error::Bindgen(format!("{error:#}"));
    let mut split = Split::cut(module, scratch)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes("frontend", split.first.clone()).out_name("gatehouse").typescript(false);
    bindgen.web(true).map_err(failed)?;
    // The stack's pointer is the linker's, and all parts share it.
    bindgen.keep_lld_exports(true);
    // Function names make the stack traces of a development build readable.
    bindgen.remove_name_section(release).remove_producers_section(release);
    let mut output = bindgen.generate_output().map_err(failed)?;

    let mut js = output.js().to_owned();
    for (path, content) in modules(&output) {
        let url = store.put(&format!("snippets/{path}"), content.as_bytes())?;
        js = js.replace(&format!("./snippets/{path}"), &url);
    }
    if js.contains("gatehouse_bg.wasm") {
        return Err(Error::Bindgen("the JavaScript names the module, whose real name has a hash".into()));
    }
    let finish = |wasm: &[u8]| match wasm_opt {
        Some(program) => optimise(program, wasm, scratch),
        None => Ok(wasm.to_vec()),
    };
    for code in split.modules.values_mut() {
        *code = finish(code)?;
    }
    let mut files = Vec::new();
    for modules in split.pack() {
        let code: Vec<&Vec<u8>> = modules.iter().filter_map(|name| split.modules.get(name)).collect();
        let content: Vec<u8> = code.iter().copied().flatten().copied().collect();
        let name = modules.first().map(String::as_str).unwrap_or_default();
        let url = store.put(&format!("{name}.wasm"), &content)?;
        files.push(File { url, lengths: code.iter().map(|code| code.len()).collect(), modules });
    }
    let js = split.join_script(&js, &files)?;
    let wasm = finish(&output.wasm_mut().emit_wasm())?;
    Ok(Page { js, wasm, parts: split.urls(&files) })
}

/// Path below `snippets/` → content, as the glue imports them.
fn modules(output: &Output) -> BTreeMap<String, String> {
    let inline = output.snippets().iter().flat_map(|(id, snippets)| {
        snippets.iter().enumerate().map(move |(i, js)| (format!("{id}/inline{i}.js"), js.clone()))
    });
    let local = output.local_modules().iter().map(|(path, js)| (path.clone(), js.clone()));
    inline.chain(local).collect()
}

/// wasm-opt reads from the module itself which features of WASM it may use.
fn optimise(program: &Path, wasm: &[u8], scratch: &Path) -> Result<Vec<u8>, Error> {
    let (before, after) = (scratch.join("before.wasm"), scratch.join("after.wasm"));
    fs::write(&before, wasm).at(&before)?;
    let output = Command::new(program).arg("-Oz").arg(&before).arg("-o").arg(&after).output().at(program)?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::WasmOpt(program.to_owned(), reason));
    }
    let optimised = fs::read(&after).at(&after)?;
    fs::remove_file(&before).at(&before)?;
    fs::remove_file(&after).at(&after)?;
    Ok(optimised)
}
