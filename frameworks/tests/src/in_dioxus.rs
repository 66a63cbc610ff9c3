//! With Dioxus.

use dioxus::prelude::*;
use eventsource_wasm_dioxus::use_event_source_with;

use crate::{options, text};

/// Shows the stream of a URL.
#[component]
pub fn Shows(url: ReadSignal<String>) -> Element {
    let stream = use_event_source_with(move || url.cloned(), options);
    let shown = text(stream.messages().len(), stream.message().as_ref(), &stream.state(), stream.error());
    rsx! {
        p { class: "dioxus", "{shown}" }
        button { class: "open", onclick: move |_| stream.open() }
        button { class: "close", onclick: move |_| stream.close() }
    }
}
