//! From wasm to a package, as `wasm-bindgen --target web` does it.

use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

pub(super) fn generate(wasm: &Path, out: &Path, release: bool) -> Result<(), String> {
    // An interrupted build may have left files.
    let _ = std::fs::remove_dir_all(out);
    let mut bindgen = Bindgen::new();
    // The page calls `init()` without a URL, which loads the file beside the script.
    bindgen.input_path(wasm).debug(!release).typescript(true).omit_default_module_path(false);
    bindgen.web(true).and_then(|bindgen| bindgen.generate(out)).map_err(|error| explain(&format!("{error:#}")))
}

fn explain(error: &str) -> String {
    // wasm-bindgen's own advice is to install its command-line tool, which is not used here.
    if error.contains("different bindgen format") {
        return "wasm-bindgen-cli-support in dev-server/Cargo.toml has to be of the version that wasm-bindgen has in \
                Cargo.lock: change one of them."
            .to_owned();
    }
    format!("wasm-bindgen: {error}")
}
