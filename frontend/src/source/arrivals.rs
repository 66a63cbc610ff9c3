//! Options that look at messages as they arrive: where the stream is, and what ends it.

use std::rc::Rc;

use super::builder::EventSourceBuilder;
use crate::message::Message;
use crate::runtime::positions::Positions;
use crate::runtime::reporter::Arrival;

impl EventSourceBuilder {
    /// The type of event that ends the stream: after it the source closes, as [complete](crate::CloseReason::Complete), and connects no
    /// more. It is delivered like any other.
    ///
    /// With it, an answer that ends without that event has broken off: over `fetch`, the end of a response is otherwise the end of
    /// a stream whose request [may not be made again]. The same goes for [`end_when`](Self::end_when)
    /// and [`end_data`](Self::end_data).
    ///
    /// [may not be made again]: https://docs.rs/eventsource-wasm/latest/eventsource_wasm/struct.FetchOptions.html#method.resend
    pub fn end_event(mut self, event_type: impl Into<String>) -> Self {
        let event_type = event_type.into();
        self.options.end_event = Some(event_type.clone());
        self.ends_by(move |message| if message.event_type() == event_type { Arrival::Last } else { Arrival::Message })
    }

    /// As [`end_event`](Self::end_event), for a stream whose last message shows in its data: the first message that this holds
    /// for is the last. It is delivered like any other.
    ///
    /// Over the native transport only messages are looked at whose types someone reads.
    pub fn end_when(self, is_end: impl Fn(&Message) -> bool + 'static) -> Self {
        self.ends_by(move |message| if is_end(message) { Arrival::Last } else { Arrival::Message })
    }

    /// As [`end_when`](Self::end_when), for a stream that marks its end with this data, such as `[DONE]`. A message that is no more
    /// than the mark of the end is not delivered.
    ///
    /// ```
    /// use eventsource_wasm::{EventSource, FetchOptions};
    ///
    /// let builder = EventSource::builder("/v1/chat/completions")
    ///     .fetch(FetchOptions::new().method("POST").body("{\"stream\":true}"))
    ///     .end_data("[DONE]");
    /// ```
    pub fn end_data(self, data: impl Into<String>) -> Self {
        let data = data.into();
        self.ends_by(move |message| if message.data() == data { Arrival::End } else { Arrival::Message })
    }

    fn ends_by(mut self, judge: impl Fn(&Message) -> Arrival + 'static) -> Self {
        self.options.rules.end_is_told = true;
        self.parts.arrivals.push(Rc::new(move |message| judge(message)));
        self
    }

    /// Where the stream is after a message, for one whose messages tell it in their data and have no `id` field of their own. It
    /// is taken for the message's [last event ID](Message::last_event_id), and so for the parameter or header of the next
    /// connection, [`url_provider`](Self::url_provider) and [`resume_after_reload`](Self::resume_after_reload).
    ///
    /// Where it gives `None`, or text that can't be an id (with a line break or NUL), the stream is where it was before the message,
    /// or where the message's own `id` field says.
    ///
    /// Over the native transport the browser's own reconnections know nothing of it, and send the id of the stream. A closure that
    /// holds a handle of its own source keeps it open until it is closed; so do those of [`end_when`](Self::end_when).
    ///
    /// ```
    /// # fn offset_of(_: &str) -> Option<u64> { None }
    /// use eventsource_wasm::EventSource;
    ///
    /// let builder = EventSource::builder("/topic/sse")
    ///     .last_event_id_param("since")
    ///     .position(|message| offset_of(message.data()).map(|offset| offset.to_string()));
    /// ```
    pub fn position(mut self, position: impl Fn(&Message) -> Option<String> + 'static) -> Self {
        let positions = Positions::new(position);
        // Before what may say that it is the last.
        self.parts.arrivals.insert(
            0,
            Rc::new(move |message| {
                positions.place(message);
                Arrival::Message
            }),
        );
        self
    }
}
