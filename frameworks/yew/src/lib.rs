#![doc = include_str!("../README.md")]

use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use eventsource_wasm_hooks::{Change, Hook};
pub use eventsource_wasm_hooks::{HookError, Received, UseEventSourceOptions, Values, eventsource_wasm};
use yew::prelude::*;

/// Receives the messages of the stream at `url` for as long as the component is mounted.
///
/// A change of the URL closes the source and opens another one, which starts without messages. While the URL is `""`, there is no source.
///
/// ```
/// use eventsource_wasm_yew::use_event_source;
/// use yew::prelude::*;
///
/// #[derive(Properties, PartialEq)]
/// struct RoomProps {
///     name: AttrValue,
/// }
///
/// #[component]
/// fn Room(props: &RoomProps) -> Html {
///     let stream = use_event_source(format!("/rooms/{}/events", props.name));
///     html! { for message in stream.messages() { <p key={message.number()}>{ message.data() }</p> } }
/// }
/// ```
///
/// # On a server
///
/// No source is opened, because effects run only in browsers. The values are the same as in a browser before the first effect, so that
/// hydration finds what it expects.
#[hook]
pub fn use_event_source(url: impl Into<AttrValue>) -> UseEventSource<String> {
    use_event_source_with(url, UseEventSourceOptions::new)
}

/// The same as [`use_event_source()`], with options; those of the first rendering apply.
///
/// ```
/// use eventsource_wasm_yew::eventsource_wasm::Backoff;
/// use eventsource_wasm_yew::{UseEventSourceOptions, use_event_source_with};
/// use yew::prelude::*;
///
/// #[component]
/// fn Ticks() -> Html {
///     let stream = use_event_source_with("/events", || {
///         let options = UseEventSourceOptions::new().types("tick");
///         let options = options.source(|builder| builder.reconnect(Backoff::default()));
///         options.decode(|message| message.data().parse::<u64>())
///     });
///     let last = stream.message().map(|tick| *tick.data());
///     html! { <button onclick={move |_| stream.close()}>{ last }</button> }
/// }
/// ```
#[hook]
pub fn use_event_source_with<T: 'static>(
    url: impl Into<AttrValue>,
    options: impl FnOnce() -> UseEventSourceOptions<T>,
) -> UseEventSource<T> {
    let url: AttrValue = url.into();
    let options = use_memo((), |()| options());
    let values = use_reducer(|| Shown(Values::new(&options, &url)));
    let dispatcher = values.dispatcher();
    let hook = use_memo((), |()| Hook::new(Rc::clone(&options), move |change| dispatcher.dispatch(change)));
    // The component alone keeps the hook.
    let weak = Rc::downgrade(&hook);
    use_effect_with((), move |()| {
        move || {
            if let Some(hook) = weak.upgrade() {
                hook.release();
            }
        }
    });
    let weak = Rc::downgrade(&hook);
    use_effect_with(url, move |url| {
        if let Some(hook) = weak.upgrade() {
            hook.want(url);
        }
    });
    UseEventSource { values, hook }
}

/// The values, as state of Yew's.
struct Shown<T>(Values<T>);

impl<T> Reducible for Shown<T> {
    type Action = Change<T>;

    fn reduce(self: Rc<Self>, change: Change<T>) -> Rc<Self> {
        let mut values = Rc::try_unwrap(self).unwrap_or_else(|shared| Self(shared.0.clone()));
        values.0.apply(change);
        Rc::new(values)
    }
}

/// What [`use_event_source()`] returns: the [values](Values) of this rendering, as methods, and functions that open and close the source.
pub struct UseEventSource<T: 'static = String> {
    values: UseReducerHandle<Shown<T>>,
    hook: Rc<Hook<T>>,
}

impl<T: 'static> UseEventSource<T> {
    /// Opens a new source, which replaces the present one. Does nothing without a URL, before the component's first effects, and after it
    /// is unmounted.
    pub fn open(&self) {
        self.hook.open();
    }

    /// Closes the source; the messages that it has received are kept.
    pub fn close(&self) {
        self.hook.close();
    }
}

impl<T: 'static> Deref for UseEventSource<T> {
    type Target = Values<T>;

    fn deref(&self) -> &Values<T> {
        &self.values.0
    }
}

impl<T: 'static> Clone for UseEventSource<T> {
    fn clone(&self) -> Self {
        Self { values: self.values.clone(), hook: Rc::clone(&self.hook) }
    }
}

/// Whether both belong to the same component and have the same values; for use in props.
impl<T: 'static> PartialEq for UseEventSource<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.hook, &other.hook) && self.values.0 == other.values.0
    }
}

impl<T: 'static> fmt::Debug for UseEventSource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UseEventSource").field("state", self.state()).finish_non_exhaustive()
    }
}
