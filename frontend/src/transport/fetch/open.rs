//! One request and its response, from beginning to end.

#[cfg(feature = "js")]
use std::future::poll_fn;
use std::rc::Rc;

use web_sys::{AbortSignal, Response};

use super::leaving::page_stays;
use super::options::FetchOptions;
#[cfg(feature = "share")]
use super::options::Identity;
use super::read::read;
use super::request;
use super::response::OpenResponse;
use super::withheld::Withheld;
use crate::core::close::CloseReason;
use crate::core::connection::Input;
#[cfg(feature = "share")]
use crate::core::rules::Again;
use crate::error::Error;
use crate::platform::fetch::Abort;
use crate::platform::task::Task;
use crate::transport::contract::{Attempt, Flow, Transport};

/// Aborted when dropped.
struct Fetch {
    _task: Task,
    _abort: Abort,
}

impl Transport for Fetch {}

/// What the attempts of one source have in common.
pub(crate) struct Fetching {
    options: FetchOptions,
    withheld: Withheld,
    response: OpenResponse,
}

impl Fetching {
    pub(crate) fn new(options: FetchOptions, response: OpenResponse) -> Rc<Self> {
        Rc::new(Self { options, withheld: Withheld::default(), response })
    }

    /// What the requests of sources that share a connection have in common.
    #[cfg(feature = "share")]
    pub(crate) fn identity(&self, again: Again) -> Result<Identity, Error> {
        self.options.identity(again)
    }

    pub(crate) fn open(self: &Rc<Self>, attempt: Attempt, sink: Rc<dyn Flow>) -> Result<Box<dyn Transport>, Error> {
        let abort = Abort::new().map_err(|_| Error::no_browser())?;
        request::check(&self.options, &attempt.url())?;
        let (this, signal) = (Rc::clone(self), abort.signal());
        let task = Task::spawn(async move {
            let Some(end) = this.run(&attempt, &sink, &signal).await else { return };
            // As the Standard queues its reconnection: a listener of the last message may close the source, and no further
            // request is made.
            #[cfg(feature = "js")]
            poll_fn(|cx| sink.poll_dispatched(cx)).await;
            sink.input(end);
        });
        Ok(Box::new(Fetch { _task: task, _abort: abort }))
    }

    /// How it ended, if that matters.
    async fn run(&self, attempt: &Attempt, sink: &Rc<dyn Flow>, signal: &AbortSignal) -> Option<Input> {
        match request::answer(&self.options, &self.withheld, &self.response, attempt, &**sink, signal).await {
            Ok(response) => {
                self.response.set(&response);
                sink.opened();
                if let Some(id) = self.other_place(&response, attempt) {
                    sink.lose_place(id);
                }
                read(&response, attempt, sink, self.options.max_message_size).await
            }
            Err(Error::Stopped { .. }) if attempt.resumes && self.options.resume.is_some() => {
                Some(Box::new(|connection, now| connection.end(now, CloseReason::Complete)))
            }
            Err(error) => {
                if error.is_loss() {
                    page_stays().await;
                }
                Some(Box::new(move |connection, now| connection.failed(now, error)))
            }
        }
    }

    /// The ID after which the response continues, if that is not the requested one.
    fn other_place(&self, response: &Response, attempt: &Attempt) -> Option<String> {
        let name = self.options.gap_header.as_deref().filter(|_| !attempt.last_event_id.is_empty())?;
        let id = response.headers().get(name).ok()??;
        (id != *attempt.last_event_id).then_some(id)
    }
}
