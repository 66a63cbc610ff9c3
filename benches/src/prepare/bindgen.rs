//! From wasm to a module, as `wasm-pack build --target web` does it.

use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use crate::Result;

pub(super) fn generate(wasm: &Path, out: &Path) -> Result<()> {
    // What an earlier run has left there.
    let _ = std::fs::remove_dir_all(out);
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).typescript(false).omit_default_module_path(false);
    let generated = bindgen.web(true).and_then(|bindgen| bindgen.generate(out));
    Ok(generated.map_err(|error| format!("wasm-bindgen can't read {}: {error:#}", wasm.display()))?)
}
