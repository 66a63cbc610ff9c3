//! How events become bytes, and where the bytes are cut.

use std::sync::Arc;
use std::time::Duration;

use super::param::{Param, Set};
use super::value::size;
use super::words::words;
use crate::duration::parse_duration;

/// Enough for a client's process to see one piece before the next one comes.
const CHUNK_DELAY: Duration = Duration::from_millis(5);
/// As many as 500 placeholders have with bytes between them. Each costs more than what it takes in the URL.
const MAX_PARTS: usize = 1_001;

words! {
    /// What ends a line.
    Eol {
        /// A line feed.
        #[default]
        Lf = "lf",
        /// A carriage return.
        Cr = "cr",
        /// Both.
        Crlf = "crlf",
        /// One of the three, chosen at random for each line.
        Mix = "mix",
    }
}

words! {
    /// Which lines are ended.
    Newline {
        /// All of them.
        #[default]
        All = "all",
        /// None: all of the stream is one line.
        None = "none",
        /// All but the empty line that would end the last event of a connection.
        Unfinished = "unfinished",
    }
}

words! {
    /// Where the bytes are cut, besides the ends of chunks.
    Split {
        /// Nowhere.
        #[default]
        Nowhere = "nowhere",
        /// Between a carriage return and its line feed.
        Crlf = "crlf",
        /// Before each byte of a character except the first.
        Utf8 = "utf8",
        /// Both.
        Both = "both",
    }
}

/// A part of `message=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Raw(Vec<u8>),
    Id,
    N,
    Time,
}

/// How events become bytes, and where the bytes are cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Encoding {
    pub(crate) eol: Eol,
    pub(crate) newline: Newline,
    pub(crate) bom: usize,
    /// Whether the URL says what ends a line, or which lines end.
    pub(crate) rewrites: bool,
    /// Shared by the attempts of a plan.
    pub(crate) message: Option<Arc<[Part]>>,
    pub(crate) chunk_size: Option<u64>,
    pub(crate) split: Split,
    chunk_delay: Option<Duration>,
}

impl Encoding {
    /// The pause at a cut.
    pub(crate) fn chunk_delay(&self) -> Duration {
        self.chunk_delay.unwrap_or(CHUNK_DELAY)
    }
}

/// Finds the placeholders of a message.
fn parts(mut rest: &[u8]) -> Vec<Part> {
    let names: [(&[u8], Part); 3] = [(b"{id}", Part::Id), (b"{n}", Part::N), (b"{time}", Part::Time)];
    let mut parts = Vec::new();
    let mut raw = Vec::new();
    while let Some((first, after)) = rest.split_first() {
        if let Some((name, part)) = names.iter().find(|(name, _)| rest.starts_with(name)) {
            if !raw.is_empty() {
                parts.push(Part::Raw(std::mem::take(&mut raw)));
            }
            parts.push(part.clone());
            rest = &rest[name.len()..];
        } else {
            raw.push(*first);
            rest = after;
        }
    }
    if !raw.is_empty() {
        parts.push(Part::Raw(raw));
    }
    parts
}

pub(crate) const PARAMS: &[Param<Encoding>] = &[
    Param {
        name: "eol",
        meaning: "what ends a line; mix chooses one of the three at random for each line",
        allowed: "lf, cr, crlf or mix",
        example: "eol=crlf&count=1",
        set: Set::Text(|encoding, value| {
            encoding.eol = Eol::parse(value)?;
            encoding.rewrites = true;
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "bom",
        meaning: "how many byte order marks each connection begins with; clients strip only one",
        allowed: "0, 1 or 2",
        example: "bom=2&count=1",
        set: Set::Text(|encoding, value| {
            encoding.bom = value.parse().ok().filter(|bom| *bom <= 2)?;
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "newline",
        meaning: "which lines end. none: no line does; unfinished: the last event of a connection lacks its empty line",
        allowed: "all, none or unfinished",
        example: "newline=unfinished&count=1",
        not_with: &["message"],
        set: Set::Text(|encoding, value| {
            encoding.newline = Newline::parse(value)?;
            encoding.rewrites = true;
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "message",
        meaning: "sends these bytes, unchanged, for each event: invalid UTF-8 (%FF), NUL (%00), unknown or empty fields, \
                  lines without a colon, unfinished events. {id}, {n} and {time} are replaced by those of the event",
        allowed: "one or more bytes, percent-encoded, with up to 500 placeholders; + is a space",
        example: "message=id:{id}%0Aunknown:1%0Adata%0Adata:%FF%00%0A%0A&count=1",
        not_with: &["event", "size", "data", "id", "newline"],
        set: Set::Bytes(|encoding, value| {
            let parts = parts(value);
            encoding.message = Some((1..=MAX_PARTS).contains(&parts.len()).then(|| parts.into())?);
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "chunk-size",
        aliases: &["chunk_size"],
        meaning: "cuts the stream into pieces of this many bytes, each sent separately",
        allowed: "a number of bytes from 1, such as 1, 100 or 64KiB",
        example: "chunk-size=7&count=1",
        set: Set::Text(|encoding, value| {
            encoding.chunk_size = Some(size(value).filter(|size| *size > 0)?);
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "split",
        meaning: "cuts inside each CR LF pair, inside each character of more than one byte, or both",
        allowed: "crlf, utf8, both or nowhere",
        example: "split=both&eol=crlf&message=data:%20%E2%82%AC%0D%0A%0D%0A&count=1",
        set: Set::Text(|encoding, value| {
            encoding.split = Split::parse(value)?;
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "chunk-delay",
        aliases: &["chunk_delay"],
        meaning: "the pause after each piece, 5ms by default, so that a client that reads at once receives each piece \
                  separately; with 0, pieces are only chunks of the transfer coding and may arrive together",
        allowed: "a duration such as 200ms, 5s or 1m, a day at most",
        example: "chunk-delay=20ms&chunk-size=10&count=1",
        needs: &["chunk-size", "split"],
        set: Set::Text(|encoding, value| {
            encoding.chunk_delay = Some(parse_duration(value).ok()?);
            Some(())
        }),
        ..Param::NEW
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_bytes_with_placeholders() {
        let raw = |bytes: &[u8]| Part::Raw(bytes.to_vec());
        assert_eq!(parts(b"id: {id}\n\xff{n}{time}"), [raw(b"id: "), Part::Id, raw(b"\n\xff"), Part::N, Part::Time]);
        assert_eq!(parts(b"{\"n\":1}{nn}{"), [raw(b"{\"n\":1}{nn}{")]);
        assert_eq!(parts(b""), []);
    }
}
