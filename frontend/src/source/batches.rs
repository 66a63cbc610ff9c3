//! Messages in batches.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::reader::Reader;
use crate::error::Error;
use crate::message::Message;
use crate::platform::frame::NextFrame;

/// A [`Subscription`](crate::Subscription) in batches, from [`Subscription::batches`](crate::Subscription::batches):
/// each has all messages that have arrived since the last poll, at least one. It ends, and is dropped, as a
/// subscription is.
///
/// ```no_run
/// # async fn example() -> Result<(), eventsource_wasm::Error> {
/// # use eventsource_wasm::EventSource;
/// # use futures_util::StreamExt;
/// let mut frames = EventSource::new("/events")?.subscribe("price").batches().per_frame();
/// while let Some(batch) = frames.next().await {
///     let batch = batch?; // all that has arrived since the last frame
///     println!("{} prices, the newest is {:?}", batch.len(), batch.last().map(|message| message.data()));
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "streams do nothing unless polled, and a dropped subscription ends"]
pub struct Batches {
    messages: Reader,
    frame: Option<NextFrame>,
}

impl Batches {
    pub(super) fn new(messages: Reader) -> Self {
        Self { messages, frame: None }
    }

    /// Yields at most one batch for each [animation frame], during the frame, for code that updates the page.
    ///
    /// A hidden page has no frames. Messages are then queued as for any slow reader; choose the queue's capacity for
    /// that ([`SubscribeOptions`](crate::SubscribeOptions)). The stream's end, and the error before it, do not wait for
    /// a frame unless messages are queued. Where there are no frames at all, as in shared and service workers, this has
    /// no effect.
    ///
    /// [animation frame]: https://developer.mozilla.org/en-US/docs/Web/API/Window/requestAnimationFrame
    pub fn per_frame(self) -> Self {
        Self { frame: Some(NextFrame::default()), ..self }
    }

    /// The same as [`Subscription::dropped`](crate::Subscription::dropped).
    pub fn dropped(&self) -> u64 {
        self.messages.queue().dropped()
    }
}

impl Stream for Batches {
    type Item = Result<Vec<Message>, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { messages, frame } = self.get_mut();
        if let Some(frame) = frame {
            if messages.poll_ready(cx).is_pending() {
                return Poll::Pending;
            }
            // Nothing is taken before the frame, so that what is late is in this batch too.
            if messages.queue().len() > 0 && frame.poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        messages.poll_batch(cx)
    }
}

impl FusedStream for Batches {
    fn is_terminated(&self) -> bool {
        self.messages.queue().is_terminated()
    }
}

impl std::fmt::Debug for Batches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batches").field("waiting", &self.messages.queue().len()).finish_non_exhaustive()
    }
}
