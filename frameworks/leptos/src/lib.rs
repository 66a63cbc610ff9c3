#![doc = include_str!("../README.md")]

use std::fmt;
#[cfg(not(target_family = "wasm"))]
use std::marker::PhantomData;

#[cfg(target_family = "wasm")]
use eventsource_wasm_hooks::Hook;
use eventsource_wasm_hooks::Values;
use eventsource_wasm_hooks::eventsource_wasm::State;
pub use eventsource_wasm_hooks::{HookError, Received, UseEventSourceOptions, eventsource_wasm};
use leptos::prelude::*;

/// Receives the messages of the stream at `url` for as long as the component is mounted.
///
/// A change of the URL closes the source and opens another one, which starts without messages. While the URL is `""`, there is no source.
///
/// ```
/// use eventsource_wasm_leptos::use_event_source;
/// use leptos::prelude::*;
///
/// #[component]
/// fn Room(#[prop(into)] name: Signal<String>) -> impl IntoView {
///     let stream = use_event_source(Signal::derive(move || format!("/rooms/{}/events", name.get())));
///     move || stream.message.get().map(|message| message.data().clone())
/// }
/// ```
///
/// # On a server
///
/// No source is opened. The returned object is `Send`, and its values are the same as in a browser before the first effect, so that
/// hydration finds what it expects.
pub fn use_event_source(url: impl Into<Signal<String>>) -> UseEventSource<String> {
    use_event_source_with(url, UseEventSourceOptions::new())
}

/// The same as [`use_event_source`], with options.
///
/// ```
/// use eventsource_wasm_leptos::eventsource_wasm::Backoff;
/// use eventsource_wasm_leptos::{UseEventSourceOptions, use_event_source_with};
/// use leptos::prelude::*;
///
/// #[component]
/// fn Ticks() -> impl IntoView {
///     let options = UseEventSourceOptions::new().types("tick").source(|builder| builder.reconnect(Backoff::default()));
///     let stream = use_event_source_with("/events", options.decode(|message| message.data().parse::<u64>()));
///     view! { <button on:click=move |_| stream.close()>{move || stream.message.get().map(|tick| *tick.data())}</button> }
/// }
/// ```
pub fn use_event_source_with<T: Send + Sync + 'static>(
    url: impl Into<Signal<String>>,
    options: UseEventSourceOptions<T>,
) -> UseEventSource<T> {
    let url = url.into();
    let values = RwSignal::new(Values::new(&options, &url.get_untracked()));
    UseEventSource {
        message: Memo::new(move |_| values.with(|values| values.message().cloned())).into(),
        messages: Memo::new(move |_| values.with(|values| values.messages().to_vec())).into(),
        state: Memo::new(move |_| values.with(|values| values.state().clone())).into(),
        error: Memo::new(move |_| values.with(|values| values.error().cloned())).into(),
        hook: start(url, options, values),
    }
}

/// What exists only in a browser, and not on a server, where the returned object may move to another thread.
#[cfg(target_family = "wasm")]
type Kept<T> = StoredValue<std::rc::Rc<Hook<T>>, LocalStorage>;
#[cfg(not(target_family = "wasm"))]
type Kept<T> = PhantomData<fn() -> T>;

#[cfg(target_family = "wasm")]
fn start<T: Send + Sync + 'static>(
    url: Signal<String>,
    options: UseEventSourceOptions<T>,
    values: RwSignal<Values<T>>,
) -> Kept<T> {
    // What is told while the component goes finds no values any more.
    let tell = move |change| {
        let _ = values.try_update(|values| values.apply(change));
    };
    let kept = StoredValue::new_local(std::rc::Rc::new(Hook::new(options, tell)));
    Effect::new(move || {
        let url = url.get();
        if let Some(hook) = kept.try_get_value() {
            hook.want(&url);
        }
    });
    on_cleanup(move || {
        if let Some(hook) = kept.try_get_value() {
            hook.release();
        }
    });
    kept
}

#[cfg(not(target_family = "wasm"))]
fn start<T>(_: Signal<String>, _: UseEventSourceOptions<T>, _: RwSignal<Values<T>>) -> Kept<T> {
    PhantomData
}

/// What [`use_event_source`] returns: signals, and functions that open and close the source. It can be copied into closures.
#[non_exhaustive]
pub struct UseEventSource<T: Send + Sync + 'static = String> {
    /// The last message; `None` before the source has received one. If messages follow each other closely, an effect may miss one;
    /// [`messages`](Self::messages) has them all.
    pub message: Signal<Option<Received<T>>>,
    /// The last messages, at most [`limit`](UseEventSourceOptions::limit), oldest first.
    pub messages: Signal<Vec<Received<T>>>,
    /// What the source is doing. `Closed` without a source; `Connecting` if one is going to be opened.
    pub state: Signal<State>,
    /// Why the connection was lost, until it is open again; why the source has given up; or why a message could not be decoded, until
    /// another one is received. `None` if there is no error, and when the source was closed.
    pub error: Signal<Option<HookError>>,
    #[allow(dead_code, reason = "nothing is kept on a server")]
    hook: Kept<T>,
}

impl<T: Send + Sync + 'static> UseEventSource<T> {
    /// Opens a new source, which replaces the present one. Does nothing without a URL, before the component's first effects, after it is
    /// unmounted, and on a server.
    pub fn open(&self) {
        #[cfg(target_family = "wasm")]
        if let Some(hook) = self.hook.try_get_value() {
            hook.open();
        }
    }

    /// Closes the source; the messages that it has received are kept. Does nothing after the component is unmounted, and on a server.
    pub fn close(&self) {
        #[cfg(target_family = "wasm")]
        if let Some(hook) = self.hook.try_get_value() {
            hook.close();
        }
    }
}

impl<T: Send + Sync + 'static> Clone for UseEventSource<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for UseEventSource<T> {}

impl<T: Send + Sync + 'static> fmt::Debug for UseEventSource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.try_get_untracked();
        f.debug_struct("UseEventSource").field("state", &state).finish_non_exhaustive()
    }
}
