//! `fetch`, a `ReadableStream`, and a decoder.

mod content_type;
mod decode;
mod options;
mod read;
mod request;
mod response;

use std::rc::Rc;

pub use options::{FetchOptions, HeadersContext};

use super::global_fetch::Abort;
use super::{Attempt, Report, Transport};
use crate::Error;
use crate::task::Task;

/// One request and its answer, aborted when dropped.
struct Fetch {
    _task: Task,
    _abort: Abort,
}

impl Transport for Fetch {}

fn open(options: &Rc<FetchOptions>, attempt: Attempt) -> Result<Box<dyn Transport>, Error> {
    let abort = Abort::new().map_err(|_| Error::no_browser())?;
    options.check(&attempt.url)?;
    let (options, signal) = (Rc::clone(options), abort.signal());
    let task = Task::spawn(async move {
        let report = match request::answer(&options, &attempt, &signal).await {
            Ok(response) => read::read(&response, &attempt, options.max_message_size).await,
            Err(error) => Report::Failed(error),
        };
        attempt.sink.report(report);
    });
    Ok(Box::new(Fetch { _task: task, _abort: abort }))
}
