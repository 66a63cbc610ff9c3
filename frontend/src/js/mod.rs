//! The face for JavaScript. Its classes are written in JavaScript, in the files beside this one: what they have to be, an
//! `EventTarget` with the platform's own habits, is that language's business. This side opens sources for them and tells
//! them what comes.
//!
//! Every module needs a block here (platform.js and report.js have theirs where they are used), or wasm-bindgen leaves it
//! out of the package.

mod batch_outlet;
mod convert;
mod list;
mod outlet;
mod platform;
mod settings;
mod sharing;
mod source;

use wasm_bindgen::prelude::*;

use source::Opener;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

/// Gives the classes what they are made of, so that they can be used once `init()` is done.
///
/// The name is one that no program has that takes this package's default features by mistake.
#[wasm_bindgen(start, private)]
fn start_eventsource_wasm() {
    install(Opener, cfg!(feature = "share"));
}

#[wasm_bindgen(module = "/frontend/src/js/core_engine.js")]
extern "C" {
    fn install(opener: Opener, shares: bool);
}

#[wasm_bindgen(module = "/frontend/src/js/core.js")]
extern "C" {
    #[wasm_bindgen(js_name = provide)]
    fn provide();
}

#[wasm_bindgen(module = "/frontend/src/js/pending_engine.js")]
extern "C" {
    #[wasm_bindgen(js_name = PendingEngine)]
    fn pending_engine();
}

#[wasm_bindgen(module = "/frontend/src/js/event_source.js")]
extern "C" {
    // Only a function is exported without a type of wasm-bindgen's own; `types.d.ts` says what it is.
    #[wasm_bindgen(reexport, skip_typescript, js_name = EventSource)]
    fn event_source();
}

#[wasm_bindgen(module = "/frontend/src/js/list_messages.js")]
extern "C" {
    #[wasm_bindgen(reexport, skip_typescript, js_name = listMessages)]
    fn list_messages();

    #[wasm_bindgen(reexport, skip_typescript, js_name = MessageList)]
    fn message_list();
}

#[wasm_bindgen(module = "/frontend/src/js/engine.js")]
extern "C" {
    #[wasm_bindgen(js_name = Engine)]
    fn engine();
}

#[wasm_bindgen(module = "/frontend/src/js/native_engine.js")]
extern "C" {
    #[wasm_bindgen(js_name = NativeEngine)]
    fn native_engine();
}

#[wasm_bindgen(module = "/frontend/src/js/pending_list.js")]
extern "C" {
    #[wasm_bindgen(js_name = PendingList)]
    fn pending_list();
}

#[wasm_bindgen(module = "/frontend/src/js/handler_attributes.js")]
extern "C" {
    #[wasm_bindgen(js_name = defineHandlers)]
    fn define_handlers();
}

#[wasm_bindgen(module = "/frontend/src/js/messages.js")]
extern "C" {
    #[wasm_bindgen(js_name = Messages)]
    fn messages();
}

#[wasm_bindgen(module = "/frontend/src/js/message_event.js")]
extern "C" {
    #[wasm_bindgen(js_name = OwnMessageEvent)]
    fn own_message_event();
}

#[wasm_bindgen(module = "/frontend/src/js/decoded.js")]
extern "C" {
    fn decoded();
}

#[wasm_bindgen(module = "/frontend/src/js/dictionary.js")]
extern "C" {
    #[wasm_bindgen(js_name = readOptions)]
    fn read_options();
}

#[wasm_bindgen(module = "/frontend/src/js/json_messages.js")]
extern "C" {
    #[wasm_bindgen(js_name = JsonMessages)]
    fn json_messages();
}

#[wasm_bindgen(module = "/frontend/src/js/reopened.js")]
extern "C" {
    fn reopened();
}

#[wasm_bindgen(module = "/frontend/src/js/request_options.js")]
extern "C" {
    #[wasm_bindgen(js_name = checkRequest)]
    fn check_request();
}

#[wasm_bindgen(module = "/frontend/src/js/options.js")]
extern "C" {
    #[wasm_bindgen(js_name = sourceOptions)]
    fn source_options();
}

#[wasm_bindgen(module = "/frontend/src/js/turns.js")]
extern "C" {
    #[wasm_bindgen(js_name = takeTurns)]
    fn take_turns();
}
