//! The compiled page through wasm-bindgen and, if there is one, wasm-opt.
//!
//! wasm-bindgen is linked in rather than run, so its version is always the one in `Cargo.lock`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use wasm_bindgen_cli_support::{Bindgen, Output};

use crate::asset::Store;
use crate::{At as _, Error};

/// The page's code.
pub(crate) struct Page {
    pub(crate) js: String,
    pub(crate) wasm: Vec<u8>,
}

/// Makes the JavaScript glue and the final module. What dependencies bring of JavaScript is put into `store`;
/// `scratch` holds two files while wasm-opt runs.
pub(crate) fn run(
    module: &Path,
    release: bool,
    wasm_opt: Option<&Path>,
    scratch: &Path,
    store: &Store,
) -> Result<Page, Error> {
    let failed = |error| Error::Bindgen(format!("{error:#}"));
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name("gatehouse").typescript(false);
    bindgen.web(true).map_err(failed)?;
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
    let wasm = output.wasm_mut().emit_wasm();
    let wasm = match wasm_opt {
        Some(program) => optimise(program, &wasm, scratch)?,
        None => wasm,
    };
    Ok(Page { js, wasm })
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
