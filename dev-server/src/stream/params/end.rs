//! When and how a connection ends, and how fast it is until then.

use super::param::{Param, Set};
use super::value::{number, rate, size};
use super::words::words;

/// In bytes a second.
const MAX_RATE: u64 = 10_000_000_000;

words! {
    /// How a connection ends.
    End {
        /// The response is complete.
        #[default]
        Eof = "eof",
        /// The connection is closed in the middle of the response: the last chunk is missing.
        Abort = "abort",
        /// The connection is reset (RST).
        Reset = "reset",
        /// The connection stays open, but nothing more is sent, not even heartbeats.
        Stall = "stall",
        /// The stream is reset (`RST_STREAM`) and its connection stays open. Needs HTTP/2.
        RstStream = "rst-stream",
        /// The connection accepts no more streams (`GOAWAY`), and this one completes. Needs HTTP/2.
        GoAway = "goaway",
    }
}

impl End {
    /// Whether HTTP/1.1 has no equivalent.
    pub(crate) fn needs_http_2(self) -> bool {
        matches!(self, Self::RstStream | Self::GoAway)
    }
}

/// When and how a connection ends, and how fast it is until then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ending {
    /// After this many events.
    pub(crate) drop: Option<u64>,
    /// After this many bytes of the body.
    pub(crate) limit: Option<u64>,
    pub(crate) end: Option<End>,
    /// In bytes a second.
    pub(crate) rate: Option<u64>,
}

pub(crate) const PARAMS: &[Param<Ending>] = &[
    Param {
        name: "drop",
        meaning: "each connection ends after this many events; a client that reconnects resumes with the next one",
        allowed: "a whole number",
        example: "drop=2&interval=0&count=4",
        set: Set::Text(|end, value| {
            end.drop = Some(number(value)?);
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "limit-data",
        aliases: &["limit_data"],
        meaning: "each connection ends after this many bytes of the body, even in the middle of an event",
        allowed: "a number of bytes such as 100 or 64KiB",
        example: "limit-data=20",
        set: Set::Text(|end, value| {
            end.limit = Some(size(value)?);
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "end",
        meaning: "how connections end. eof: the response is complete; abort: closed without the last chunk; reset: a TCP \
                  reset (RST); stall: the connection stays open, but nothing more is sent. Only over HTTP/2: rst-stream: \
                  RST_STREAM; goaway: GOAWAY: the response is complete, but the connection accepts no more streams",
        allowed: "eof, abort, reset, stall, rst-stream or goaway",
        example: "drop=1&end=abort",
        needs: &["drop", "limit-data", "count", "duration", "status", "plan"],
        set: Set::Text(|end, value| {
            end.end = Some(End::parse(value)?);
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "rate",
        meaning: "the bandwidth of the body",
        allowed: "a number of bytes a second such as 500B/s, 32KB/s or 1MiB/s, from 1B/s to 10000MB/s",
        example: "rate=100KB/s&size=20KB&count=1",
        set: Set::Text(|end, value| {
            end.rate = Some(rate(value).filter(|rate| (1..=MAX_RATE).contains(rate))?);
            Some(())
        }),
        ..Param::NEW
    },
];
