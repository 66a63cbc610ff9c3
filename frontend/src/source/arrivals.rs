//! Options that look at messages as they arrive: where the stream is, and what ends it.

use std::rc::Rc;

use super::builder::EventSourceBuilder;
use crate::message::Message;
use crate::runtime::positions::Positions;
use crate::runtime::reporter::Arrival;

impl EventSourceBuilder {
    /// The type of event that ends the stream. The event is delivered like any other; then the source closes as
    /// [complete](crate::CloseReason::Complete), and does not reconnect.
    ///
    /// With this option, a response that ends without that event counts as broken off. (Otherwise, over `fetch`, the
    /// end of the response is the end of the stream if its request [may not be repeated].) The same applies to
    /// [`end_when`](Self::end_when) and [`end_data`](Self::end_data).
    ///
    /// [may not be repeated]:
    /// https://docs.rs/eventsource-wasm/latest/eventsource_wasm/struct.FetchOptions.html#method.resend
    pub fn end_event(mut self, event_type: impl Into<String>) -> Self {
        let event_type = event_type.into();
        self.options.end_event = Some(event_type.clone());
        self.ends_by(move |message| if message.event_type() == event_type { Arrival::Last } else { Arrival::Message })
    }

    /// Like [`end_event`](Self::end_event), for streams whose last message is recognized by its data: the first message
    /// for which the function returns `true` is the last. It is delivered like any other.
    ///
    /// Over the native transport, the function sees only messages of types that have a reader.
    pub fn end_when(self, is_end: impl Fn(&Message) -> bool + 'static) -> Self {
        self.ends_by(move |message| if is_end(message) { Arrival::Last } else { Arrival::Message })
    }

    /// Like [`end_when`](Self::end_when), for streams that mark their end with this data, such as `[DONE]`. The message
    /// with the mark is not delivered.
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

    /// Returns the position in the stream after a message, for streams that have it in their data and not in an `id`
    /// field. It is used as the message's [last event ID](Message::last_event_id), and so in the parameter or header of
    /// the next connection, by [`url_provider`](Self::url_provider) and by
    /// [`resume_after_reload`](Self::resume_after_reload).
    ///
    /// If it returns `None`, or text that is not a valid ID (with a line break or NUL), the message's own `id` field
    /// counts, or else the position stays as it was.
    ///
    /// Over the native transport, the browser's own reconnections send the ID of the stream, not this position. A
    /// closure that holds a handle of its own source keeps that source open until it is closed; this also applies to
    /// [`end_when`](Self::end_when).
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
