//! Shows the messages of a stream, and what the connection is doing.

use eventsource_wasm_leptos::eventsource_wasm::Backoff;
use eventsource_wasm_leptos::{UseEventSourceOptions, use_event_source_with};
use leptos::prelude::*;

#[component]
fn Messages(#[prop(into)] url: Signal<String>) -> impl IntoView {
    let options = UseEventSourceOptions::new().limit(20).source(|builder| builder.reconnect(Backoff::default()));
    let stream = use_event_source_with(url, options);
    view! {
        <p>{move || stream.error.get().map(|error| error.to_string())}</p>
        <ul>
            <For each=move || stream.messages.get() key=|message| message.number() let:message>
                <li>{message.data().clone()}</li>
            </For>
        </ul>
        <button on:click=move |_| stream.close()>"Close"</button>
        <button on:click=move |_| stream.open()>"Open"</button>
    }
}

fn main() {
    leptos::mount::mount_to_body(|| view! { <main><h1>"Messages"</h1><Messages url="/events"/></main> });
}
