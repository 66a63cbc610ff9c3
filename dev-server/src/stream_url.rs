//! A stream's URL, parameter by parameter.

use std::fmt;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use crate::stream::params::answer::Cors;
use crate::stream::params::encoding::{Eol, Newline, Split};
use crate::stream::params::end::End;
use crate::stream::params::ids::{Data, IdMode};
use crate::stream::params::pace::HeartbeatMode;

/// Everything except letters, digits and these is percent-encoded, so that any value can be part of a URL and of a plan.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Builds a stream's URL, with a method for each parameter; `to_string()` returns it.
///
/// The server checks the URL: an invalid one gets a 400 that says what is allowed. `/help` explains the parameters in
/// detail.
///
/// ```
/// # async fn example() -> std::io::Result<()> {
/// use std::time::Duration;
/// use dev_server::{Data, End, StreamUrl, TestServer};
///
/// let server = TestServer::spawn().await?;
/// let url = server
///     .events()
///     .interval(Duration::ZERO)
///     .data(Data::N)
///     .plan("a", [StreamUrl::attempt(200).drop(2).end(End::Reset), StreamUrl::attempt(503), StreamUrl::attempt(204)])
///     .to_string();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct StreamUrl {
    base: String,
    params: Vec<(&'static str, Vec<u8>)>,
}

impl StreamUrl {
    pub(crate) fn new(base: String) -> Self {
        Self { base, params: Vec::new() }
    }

    /// An attempt of a [`plan`](Self::plan); its parameters apply only to it.
    pub fn attempt(status: u16) -> Self {
        Self::new(String::new()).status(status)
    }

    /// An attempt of a [`plan`](Self::plan) that gets no response.
    pub fn attempt_without_answer() -> Self {
        Self::new(String::new()).no_answer()
    }

    fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.params.push((name, value.to_string().into_bytes()));
        self
    }

    fn with_duration(self, name: &'static str, duration: Duration) -> Self {
        self.with(name, format_args!("{}us", duration.as_micros()))
    }

    /// The time between events, in whole microseconds; zero sends them as fast as the client reads.
    pub fn interval(self, interval: Duration) -> Self {
        self.with_duration("interval", interval)
    }

    /// The number of events; the stream ends after them, and a client that resumes after the last one gets 204.
    pub fn count(self, count: u64) -> Self {
        self.with("count", count)
    }

    /// The time before the first event.
    pub fn delay(self, delay: Duration) -> Self {
        self.with_duration("delay", delay)
    }

    /// With `count`, the time over which the events are spread; without it, the stream has the events due within this time.
    pub fn duration(self, duration: Duration) -> Self {
        self.with_duration("duration", duration)
    }

    /// Delays each event by a random time up to this.
    pub fn jitter(self, jitter: Duration) -> Self {
        self.with_duration("jitter", jitter)
    }

    /// Pads data to this many bytes.
    pub fn size(self, bytes: u64) -> Self {
        self.with("size", bytes)
    }

    /// The type of the events; of several, separated by commas, events take one in turn.
    pub fn event(self, types: &str) -> Self {
        self.with("event", types)
    }

    /// The time between heartbeats.
    pub fn heartbeat(self, heartbeat: Duration) -> Self {
        self.with_duration("heartbeat", heartbeat)
    }

    /// No heartbeats.
    pub fn no_heartbeat(self) -> Self {
        self.with("heartbeat", "off")
    }

    /// When heartbeats are sent, and what they are.
    pub fn heartbeat_mode(self, mode: HeartbeatMode) -> Self {
        self.with("heartbeat-mode", mode)
    }

    /// A `retry` field, in whole milliseconds, at the beginning of each connection.
    pub fn retry(self, retry: Duration) -> Self {
        // Digits only, because a duration may not be longer than a day.
        self.with("retry", retry.as_millis())
    }

    /// What the data is.
    pub fn data(self, data: Data) -> Self {
        self.with("data", data)
    }

    /// When the stream began, in milliseconds since the Unix epoch, so that ids and data are the same each time.
    pub fn t0(self, t0: u64) -> Self {
        self.with("t0", t0)
    }

    /// What ids events have.
    pub fn id(self, mode: IdMode) -> Self {
        self.with("id", mode)
    }

    /// The id to resume after.
    pub fn last_event_id(self, id: &str) -> Self {
        self.with("last-event-id", id)
    }

    /// A client that missed more events of an endless stream than this gets a `gap` event and a fresh start.
    pub fn history(self, events: u64) -> Self {
        self.with("history", events)
    }

    /// A client that missed events of an endless stream for longer than this gets a `gap` event and a fresh start.
    pub fn history_time(self, time: Duration) -> Self {
        self.with_duration("history", time)
    }

    /// The seed of everything random.
    pub fn seed(self, seed: u64) -> Self {
        self.with("seed", seed)
    }

    /// The status; any status but 200 sends a line of text instead of a stream.
    pub fn status(self, status: u16) -> Self {
        self.with("status", status)
    }

    /// Breaks the connection before any response.
    pub fn no_answer(self) -> Self {
        self.with("status", "none")
    }

    /// The `Content-Type`; `""` is none.
    pub fn mime(self, mime: &str) -> Self {
        self.with("mime", mime)
    }

    /// Redirects to a URL; `loop` redirects to the same URL.
    pub fn location(self, url: &str) -> Self {
        self.with("location", url)
    }

    /// The time before the response's status line and headers.
    pub fn delay_headers(self, delay: Duration) -> Self {
        self.with_duration("delay-headers", delay)
    }

    /// The CORS headers for pages of other origins.
    pub fn cors(self, cors: Cors) -> Self {
        self.with("cors", cors)
    }

    /// A `Set-Cookie` header.
    pub fn cookie(self, cookie: &str) -> Self {
        self.with("cookie", cookie)
    }

    /// A `Retry-After` header.
    pub fn retry_after(self, value: &str) -> Self {
        self.with("retry-after", value)
    }

    /// Adds a response header, which replaces the server's own of the same name; up to 20 are allowed.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with("header", format_args!("{name}: {value}"))
    }

    /// Sends a `Content-Length` of this many bytes instead of chunks, whether or not it is correct.
    pub fn content_length(self, bytes: u64) -> Self {
        self.with("content-length", bytes)
    }

    /// Sends a second chunk whose size is not a number.
    pub fn malformed_chunks(self) -> Self {
        self.with("chunks", "malformed")
    }

    /// What ends a line.
    pub fn eol(self, eol: Eol) -> Self {
        self.with("eol", eol)
    }

    /// How many byte order marks each connection begins with, 2 at most.
    pub fn bom(self, bom: u8) -> Self {
        self.with("bom", bom)
    }

    /// Which lines are ended.
    pub fn newline(self, newline: Newline) -> Self {
        self.with("newline", newline)
    }

    /// Sends these bytes for each event; `{id}`, `{n}` and `{time}` are replaced by those of the event.
    pub fn message(mut self, message: impl AsRef<[u8]>) -> Self {
        self.params.push(("message", message.as_ref().to_owned()));
        self
    }

    /// Cuts the stream into pieces of this many bytes, each sent separately.
    pub fn chunk_size(self, bytes: u64) -> Self {
        self.with("chunk-size", bytes)
    }

    /// Cuts the stream inside line ends, characters, or both.
    pub fn split(self, split: Split) -> Self {
        self.with("split", split)
    }

    /// The pause after each piece.
    pub fn chunk_delay(self, delay: Duration) -> Self {
        self.with_duration("chunk-delay", delay)
    }

    /// Each connection ends after this many events.
    pub fn drop(self, events: u64) -> Self {
        self.with("drop", events)
    }

    /// Each connection ends after this many bytes of the body.
    pub fn limit_data(self, bytes: u64) -> Self {
        self.with("limit-data", bytes)
    }

    /// How connections end.
    pub fn end(self, end: End) -> Self {
        self.with("end", end)
    }

    /// The bandwidth of the body, in thousands of bytes a second.
    pub fn rate(self, rate: u64) -> Self {
        self.with("rate", format_args!("{rate}KB/s"))
    }

    /// Omits every N-th event.
    pub fn gap(self, each: u64) -> Self {
        self.with("gap", each)
    }

    /// Omits each event with a probability of 1 to 99 percent.
    pub fn gap_percent(self, percent: u8) -> Self {
        self.with("gap", format_args!("{percent}%"))
    }

    /// Sends every N-th event twice.
    pub fn dup(self, each: u64) -> Self {
        self.with("dup", each)
    }

    /// Sends each event twice with a probability of 1 to 99 percent.
    pub fn dup_percent(self, percent: u8) -> Self {
        self.with("dup", format_args!("{percent}%"))
    }

    /// Shuffles each N consecutive events; with 2, neighbours change places.
    pub fn reorder(self, window: u64) -> Self {
        self.with("reorder", window)
    }

    /// Sends the events that are pushed to this channel, with [`TestServer::push`](crate::TestServer::push) or
    /// `POST /push/<name>`, instead of timed ones.
    pub fn channel(self, name: &str) -> Self {
        self.with("channel", name)
    }

    /// Counts the connections made with this token; [`TestServer::attempts`](crate::TestServer::attempts) returns the count.
    pub fn token(self, token: &str) -> Self {
        self.with("token", token)
    }

    /// What the 1st, 2nd, 3rd … connection with a token gets; all further connections get the last item.
    pub fn plan(self, token: &str, attempts: impl IntoIterator<Item = StreamUrl>) -> Self {
        let items: Vec<_> = attempts.into_iter().map(|attempt| attempt.as_attempt()).collect();
        self.with("token", token).with("plan", items.join(","))
    }

    fn as_attempt(&self) -> String {
        let status = self.params.iter().find(|(name, _)| *name == "status");
        let mut item = status.map_or("200".into(), |(_, status)| String::from_utf8_lossy(status)).into_owned();
        for (name, value) in self.params.iter().filter(|(name, _)| *name != "status") {
            item.extend([":", name, "="]);
            item.extend(percent_encode(value, ENCODED));
        }
        item
    }
}

impl fmt::Display for StreamUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)?;
        for (index, (name, value)) in self.params.iter().enumerate() {
            let separator = if index == 0 { '?' } else { '&' };
            write!(f, "{separator}{name}={}", percent_encode(value, ENCODED))?;
        }
        Ok(())
    }
}

impl From<StreamUrl> for String {
    fn from(url: StreamUrl) -> Self {
        url.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::description::Stream;
    use crate::stream::query::{Endpoint, with_query};
    use crate::stream::table::rows;

    const SECOND: Duration = Duration::from_secs(1);

    fn url() -> StreamUrl {
        StreamUrl::new("/events".to_owned())
    }

    fn parse(url: &StreamUrl) -> Result<Stream, String> {
        let text = url.to_string();
        with_query(Stream::new(SECOND), Endpoint::Events, text.split_once('?').map_or("", |(_, query)| query))
    }

    #[test]
    fn there_is_a_method_for_every_parameter_and_the_server_takes_what_it_writes() {
        let urls = [
            url().interval(SECOND).count(1).delay(SECOND).jitter(SECOND).size(1).event("a,,b").heartbeat(SECOND),
            url()
                .no_heartbeat()
                .duration(SECOND)
                .retry(SECOND)
                .data(Data::N)
                .t0(1)
                .id(IdMode::None)
                .last_event_id("1-1"),
            url().channel("a"),
            url().header("X-Gap", "1").header("X-Gap", "2").content_length(3),
            url().malformed_chunks(),
            url().history(3),
            url().history_time(SECOND),
            url().heartbeat_mode(HeartbeatMode::Event).seed(1).no_answer().end(End::Stall).mime("").cors(Cors::Off),
            url()
                .location("http://a/?b&c")
                .status(307)
                .delay_headers(SECOND)
                .cookie("a=1; Path=/")
                .retry_after("2")
                .eol(Eol::Mix)
                .bom(2),
            url().message(b"\xff\0 +%&{n}").chunk_size(1).split(Split::Both).chunk_delay(SECOND).drop(1).limit_data(1),
            url().newline(Newline::None).rate(1).gap(2).dup(1).reorder(2),
            url().gap_percent(1).dup_percent(99).token("a b"),
            url().plan("a", [StreamUrl::attempt_without_answer().end(End::Reset), StreamUrl::attempt(204)]),
        ];
        for url in &urls {
            assert!(parse(url).is_ok(), "{:?}", parse(url));
        }
        let all: Vec<_> = urls.iter().flat_map(|url| url.params.iter().map(|(name, _)| *name)).collect();
        for param in rows() {
            assert!(all.contains(&param.name), "{}", param.name);
        }
    }

    #[test]
    fn values_arrive_as_they_were_given_inside_a_plan_too() {
        let plain = url().location("http://a/?b&c=%2C,:").message(b"\xff\0 +%&");
        let planned = url().plan("t", [StreamUrl::attempt(302).location("http://a/?b&c=%2C,:").message(b"\xff\0 +%&")]);
        let (plain, planned) = (parse(&plain).expect("a stream"), parse(&planned).expect("a plan").attempt(1));
        assert_eq!(plain.answer.location, planned.answer.location);
        assert_eq!(plain.encoding, planned.encoding);
    }
}
