//! A component that shows the messages of a stream, and what the connection is doing.

use eventsource_wasm_yew::eventsource_wasm::Backoff;
use eventsource_wasm_yew::{UseEventSourceOptions, use_event_source_with};
use yew::prelude::*;

/// The messages of the stream at `url`.
#[component]
pub fn Messages(props: &MessagesProps) -> Html {
    let stream = use_event_source_with(&props.url, || {
        UseEventSourceOptions::new().limit(20).source(|builder| builder.reconnect(Backoff::default()))
    });
    html! {
        <>
            <p id="state">{ stream.error().map(ToString::to_string) }</p>
            <ul id="messages">
                { for stream.messages().iter().map(|message| html! { <li key={message.number()}>{ message.data() }</li> }) }
            </ul>
        </>
    }
}

/// What [`Messages`] shows.
#[derive(Properties, PartialEq)]
pub struct MessagesProps {
    /// The stream's address.
    pub url: AttrValue,
}

/// The whole of what is rendered.
#[component]
pub fn App() -> Html {
    html! { <main><h1>{ "Messages" }</h1><Messages url="/events" /></main> }
}
