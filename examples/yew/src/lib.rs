//! A component that shows the messages of a stream, and what the connection is doing.

use std::rc::Rc;

use eventsource_wasm::{Backoff, EventSource, State};
use futures_util::{StreamExt, future};
use yew::platform::spawn_local;
use yew::prelude::*;

/// The newest messages, and what is said of the connection.
#[derive(Clone, Default, PartialEq)]
struct Shown {
    messages: Vec<String>,
    problem: Option<String>,
}

enum News {
    Message(String),
    State(State),
}

impl Reducible for Shown {
    type Action = News;

    fn reduce(self: Rc<Self>, news: News) -> Rc<Self> {
        let mut shown = Rc::unwrap_or_clone(self);
        match news {
            News::Message(text) => shown.messages.push(text),
            News::State(state) => shown.problem = state.cause().map(ToString::to_string),
        }
        Rc::new(shown)
    }
}

/// The messages of the stream at `url`.
#[component]
pub fn Messages(props: &MessagesProps) -> Html {
    let shown = use_reducer(Shown::default);
    // On a server this is `Error::Unsupported`, and the page is rendered without messages.
    let source =
        use_memo(props.url.clone(), |url| EventSource::builder(url.as_str()).reconnect(Backoff::default()).open());
    let dispatcher = shown.dispatcher();
    // Effects run in browsers only, after the first rendering, and again when there is another source.
    use_effect_with(props.url.clone(), move |_| {
        if let Ok(source) = source.as_ref() {
            let messages = source.subscribe("message").filter_map(|message| future::ready(message.ok()));
            let messages = messages.map(|message| News::Message(message.into_data()));
            let states = source.states().map(News::State);
            let mut news = futures_util::stream::select(messages, states);
            spawn_local(async move {
                while let Some(news) = news.next().await {
                    dispatcher.dispatch(news);
                }
            });
        }
        // Ends the streams above, when the component goes.
        move || {
            if let Ok(source) = source.as_ref() {
                source.close();
            }
        }
    });
    html! {
        <>
            <p id="state">{ shown.problem.clone().unwrap_or_default() }</p>
            <ul id="messages">{ for shown.messages.iter().map(|text| html! { <li>{ text }</li> }) }</ul>
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
