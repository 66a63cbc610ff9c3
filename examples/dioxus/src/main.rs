//! Shows the messages of a stream, and what the connection is doing. With the feature `ssr`, prints the page that the feature
//! `hydration` takes over.

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

#[cfg(all(feature = "ssr", not(target_family = "wasm")))]
fn main() {
    let mut dom = VirtualDom::new(app);
    dom.rebuild_in_place();
    print!("{}", include_str!("page.html").replace("<!-- app -->", &dioxus::ssr::pre_render(&dom)));
}

#[cfg(not(all(feature = "ssr", not(target_family = "wasm"))))]
fn main() {
    dioxus::launch(app);
}
