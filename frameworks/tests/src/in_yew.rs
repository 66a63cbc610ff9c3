//! With Yew.

use eventsource_wasm_yew::use_event_source_with;
use yew::prelude::*;

use crate::{options, text};

/// What [`Shows`] shows.
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ShowsProps {
    /// The address of its stream.
    pub url: AttrValue,
}

/// Shows the stream of a URL.
#[component]
pub fn Shows(props: &ShowsProps) -> Html {
    let stream = use_event_source_with(&props.url, options);
    let shown = text(stream.messages().len(), stream.message(), stream.state(), stream.error());
    let (open, close) = (stream.clone(), stream);
    html! {
        <>
            <p class="yew">{ shown }</p>
            <button class="open" onclick={move |_| open.open()}></button>
            <button class="close" onclick={move |_| close.close()}></button>
        </>
    }
}
