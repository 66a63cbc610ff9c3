//! A transport whose URL a provider gives first.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use super::contract::{Attempt, Sink, Transport};
use crate::error::Error;
use crate::message::Kind;
use crate::platform::address;
use crate::platform::task::Task;

/// Returns a URL, or says why there is none.
pub(crate) type UrlProvider = dyn Fn(UrlContext) -> Pin<Box<dyn Future<Output = Result<String, String>>>>;

/// The argument of a [`url_provider`](crate::EventSourceBuilder::url_provider).
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use std::convert::Infallible;
/// # use eventsource_wasm::{Backoff, EventSource, UrlContext};
/// # async fn ticket() -> String { String::new() }
/// let source = EventSource::builder("/events")
///     .url_provider(async |_: UrlContext| Ok::<_, Infallible>(format!("/events?ticket={}", ticket().await)))
///     .reconnect(Backoff::default())
///     .open()?;
/// # drop(source);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UrlContext {
    /// The ID after which the connection is to continue; `""` if there is none.
    pub last_event_id: String,
}

impl UrlContext {
    /// For testing a provider.
    pub fn new(last_event_id: impl Into<String>) -> Self {
        Self { last_event_id: last_event_id.into() }
    }
}

/// What a provider's address becomes.
struct ByProvider {
    later: Rc<Later>,
    _task: Task,
}

#[derive(Default)]
struct Later {
    transport: RefCell<Option<Rc<dyn Transport>>>,
    address: RefCell<Option<String>>,
    kinds: RefCell<Vec<Rc<Kind>>>,
}

/// Asks the provider, and then makes the transport by `connect`.
pub(crate) fn connect(
    provider: &UrlProvider,
    attempt: Attempt,
    sink: Rc<dyn Sink>,
    connect: impl FnOnce(Attempt) -> Result<Box<dyn Transport>, Error> + 'static,
) -> Box<dyn Transport> {
    let address = provider(UrlContext::new(&*attempt.last_event_id));
    let later = Rc::new(Later::default());
    let made = Rc::clone(&later);
    let task = Task::spawn(async move {
        let address = address.await;
        // The provider may have closed the source, or asked for another connection.
        if !sink.is_live() {
            return;
        }
        let resolved = address
            .and_then(|address| address::resolve(&address).map_err(|_| ["\"", &*address, "\" is not a URL"].concat()));
        let made = resolved.map_err(|reason| Error::UrlProvider { reason }).and_then(|address| {
            made.address.replace(Some(address.clone()));
            let transport = connect(Attempt { address, ..attempt })?;
            made.set(transport, &*sink);
            Ok(())
        });
        if let Err(error) = made {
            sink.input(Box::new(move |connection, now| connection.failed(now, error)));
        }
    });
    Box::new(ByProvider { later, _task: task })
}

impl Later {
    fn set(&self, transport: Box<dyn Transport>, sink: &dyn Sink) {
        // Making it may run the page's code, and that may have closed the source.
        if !sink.is_live() {
            return;
        }
        let transport: Rc<dyn Transport> = transport.into();
        self.transport.replace(Some(Rc::clone(&transport)));
        let kinds = self.kinds.take();
        for kind in &kinds {
            transport.listen(kind);
        }
    }

    fn transport(&self) -> Option<Rc<dyn Transport>> {
        self.transport.borrow().clone()
    }
}

impl Transport for ByProvider {
    fn listen(&self, kind: &Rc<Kind>) {
        match self.later.transport() {
            Some(transport) => transport.listen(kind),
            None => self.later.kinds.borrow_mut().push(Rc::clone(kind)),
        }
    }

    fn unlisten(&self, kind: &Rc<Kind>) {
        match self.later.transport() {
            Some(transport) => transport.unlisten(kind),
            None => self.later.kinds.borrow_mut().retain(|known| !Rc::ptr_eq(known, kind)),
        }
    }

    fn address(&self) -> Option<String> {
        self.later.address.borrow().clone()
    }
}
