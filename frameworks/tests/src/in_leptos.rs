//! With Leptos.

use eventsource_wasm_leptos::{UseEventSource, use_event_source_with};
use leptos::prelude::*;

use crate::{options, text};

/// Shows the stream of a URL.
#[component]
pub fn Shows(
    /// The address of its stream.
    #[prop(into)]
    url: Signal<String>,
) -> impl IntoView {
    let stream = use_event_source_with(url, options());
    view! {
        <p class="leptos">{move || shown(stream)}</p>
        <button class="open" on:click=move |_| stream.open()></button>
        <button class="close" on:click=move |_| stream.close()></button>
    }
}

fn shown(stream: UseEventSource<u64>) -> String {
    let (messages, error) = (stream.messages.get(), stream.error.get());
    text(messages.len(), stream.message.get().as_ref(), &stream.state.get(), error)
}
