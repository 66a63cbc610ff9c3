#![doc = include_str!("../README.md")]

use std::fmt;
use std::rc::Rc;

use dioxus::core::{Runtime, current_scope_id, use_drop, use_hook};
use dioxus::hooks::{use_effect, use_memo};
use dioxus::signals::{CopyValue, Memo, ReadableExt, Signal, WritableExt};
use eventsource_wasm_hooks::eventsource_wasm::State;
use eventsource_wasm_hooks::{Hook, Values};
pub use eventsource_wasm_hooks::{HookError, Received, UseEventSourceOptions, eventsource_wasm};

/// Receives the messages of the stream at a URL for as long as the component is mounted.
///
/// The URL may read signals. If the URL changes with them, the source is closed and another one is opened, which starts without messages.
/// While the URL is `""`, there is no source.
///
/// ```
/// use dioxus::prelude::*;
/// use eventsource_wasm_dioxus::use_event_source;
///
/// #[component]
/// fn Room(name: ReadSignal<String>) -> Element {
///     let stream = use_event_source(move || format!("/rooms/{name}/events"));
///     rsx! {
///         for message in stream.messages() {
///             p { key: "{message.number()}", "{message.data()}" }
///         }
///     }
/// }
/// ```
///
/// # On a server
///
/// No source is opened, because effects run only in browsers. The values are the same as in a browser before the first effect, so that
/// hydration finds what it expects.
pub fn use_event_source<U: Into<String>>(url: impl FnMut() -> U + 'static) -> UseEventSource<String> {
    use_event_source_with(url, UseEventSourceOptions::new)
}

/// The same as [`use_event_source`], with options; those of the first rendering apply.
///
/// ```
/// use dioxus::prelude::*;
/// use eventsource_wasm_dioxus::eventsource_wasm::Backoff;
/// use eventsource_wasm_dioxus::{UseEventSourceOptions, use_event_source_with};
///
/// #[component]
/// fn Ticks() -> Element {
///     let stream = use_event_source_with(
///         || "/events",
///         || {
///             let options = UseEventSourceOptions::new().types("tick");
///             let options = options.source(|builder| builder.reconnect(Backoff::default()));
///             options.decode(|message| message.data().parse::<u64>())
///         },
///     );
///     let last = stream.message().map(|tick| *tick.data()).unwrap_or_default();
///     rsx! { button { onclick: move |_| stream.close(), "{last}" } }
/// }
/// ```
pub fn use_event_source_with<T: 'static, U: Into<String>>(
    mut url: impl FnMut() -> U + 'static,
    options: impl FnOnce() -> UseEventSourceOptions<T>,
) -> UseEventSource<T> {
    let url = use_memo(move || url().into());
    let (hook, values) = use_hook(|| {
        let options = options();
        let values = Signal::new(Values::new(&options, &url.peek()));
        // The browser calls outside of everything that Dioxus knows.
        let (runtime, scope) = (Runtime::current(), current_scope_id());
        let tell = move |change| {
            runtime.in_scope(scope, || {
                // What is told while the component goes finds no values any more.
                let mut values = values;
                if let Ok(mut values) = values.try_write() {
                    values.apply(change);
                }
            });
        };
        (CopyValue::new(Rc::new(Hook::new(options, tell))), values)
    });
    use_effect(move || {
        let url = url();
        hook.peek().clone().want(&url);
    });
    use_drop(move || {
        if let Ok(hook) = hook.try_peek().map(|hook| Rc::clone(&hook)) {
            hook.release();
        }
    });
    UseEventSource {
        message: use_memo(move || values.read().message().cloned()),
        messages: use_memo(move || values.read().messages().to_vec()),
        state: use_memo(move || values.read().state().clone()),
        error: use_memo(move || values.read().error().cloned()),
        hook,
    }
}

/// What [`use_event_source`] returns: reactive values (a component that reads them is rendered again when they change), and functions that
/// open and close the source. It can be copied into closures.
pub struct UseEventSource<T: 'static = String> {
    message: Memo<Option<Received<T>>>,
    messages: Memo<Vec<Received<T>>>,
    state: Memo<State>,
    error: Memo<Option<HookError>>,
    hook: CopyValue<Rc<Hook<T>>>,
}

impl<T: 'static> UseEventSource<T> {
    /// The last message; `None` before the source has received one. If messages follow each other closely, a rendering may miss one;
    /// [`messages`](Self::messages) has them all.
    pub fn message(&self) -> Option<Received<T>> {
        self.message.cloned()
    }

    /// The last messages, at most [`limit`](UseEventSourceOptions::limit), oldest first.
    pub fn messages(&self) -> Vec<Received<T>> {
        self.messages.cloned()
    }

    /// What the source is doing. `Closed` without a source; `Connecting` if one is going to be opened.
    pub fn state(&self) -> State {
        self.state.cloned()
    }

    /// Why the connection was lost, until it is open again; why the source has given up; or why a message could not be decoded, until
    /// another one is received. `None` if there is no error, and when the source was closed.
    pub fn error(&self) -> Option<HookError> {
        self.error.cloned()
    }

    /// Opens a new source, which replaces the present one. Does nothing without a URL, before the component's first effects, and after it
    /// is unmounted.
    pub fn open(&self) {
        if let Some(hook) = self.hook() {
            hook.open();
        }
    }

    /// Closes the source; the messages that it has received are kept. Does nothing after the component is unmounted.
    pub fn close(&self) {
        if let Some(hook) = self.hook() {
            hook.close();
        }
    }

    fn hook(&self) -> Option<Rc<Hook<T>>> {
        self.hook.try_peek().ok().map(|hook| Rc::clone(&hook))
    }
}

impl<T: 'static> Clone for UseEventSource<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: 'static> Copy for UseEventSource<T> {}

/// Whether both belong to the same component; for use in props.
impl<T: 'static> PartialEq for UseEventSource<T> {
    fn eq(&self, other: &Self) -> bool {
        self.hook == other.hook
    }
}

impl<T: 'static> fmt::Debug for UseEventSource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UseEventSource").finish_non_exhaustive()
    }
}
