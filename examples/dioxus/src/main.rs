//! Shows the messages of a stream, and what the connection is doing.

use dioxus::prelude::*;
use eventsource_wasm_dioxus::eventsource_wasm::Backoff;
use eventsource_wasm_dioxus::{UseEventSourceOptions, use_event_source_with};

#[component]
fn Messages(url: ReadSignal<String>) -> Element {
    let stream = use_event_source_with(
        move || url.cloned(),
        || UseEventSourceOptions::new().limit(20).source(|builder| builder.reconnect(Backoff::default())),
    );
    rsx! {
        if let Some(error) = stream.error() {
            p { "{error}" }
        }
        ul {
            for message in stream.messages() {
                li { key: "{message.number()}", "{message.data()}" }
            }
        }
        button { onclick: move |_| stream.close(), "Close" }
        button { onclick: move |_| stream.open(), "Open" }
    }
}

fn app() -> Element {
    rsx! {
        main {
            h1 { "Messages" }
            Messages { url: "/events" }
        }
    }
}

fn main() {
    dioxus::launch(app);
}
