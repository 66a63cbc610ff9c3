//! Headers that the URL sets, and responses whose length or chunks are wrong.

use std::sync::Arc;

use axum::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::param::{Param, Set};
use super::value::size;

/// A header takes more memory than its text in the URL, and each of the 100 attempts of a plan may have such a list.
const MAX_HEADERS: usize = 20;

/// How the response marks the end of its body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Correctly.
    #[default]
    Right,
    /// With a `Content-Length` of this many bytes, however many are sent.
    Length(u64),
    /// With chunks, the second of which has a size that is not a number.
    Malformed,
}

/// Headers that the URL sets, and how the response marks the end of its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Framed {
    headers: Option<Arc<[(HeaderName, HeaderValue)]>>,
    pub(crate) framing: Framing,
}

impl Framed {
    /// Replaces the headers that have the same names.
    pub(crate) fn put_headers(&self, into: &mut HeaderMap) {
        let headers = || self.headers.iter().flat_map(|headers| headers.iter());
        for (name, _) in headers() {
            into.remove(name);
        }
        into.extend(headers().cloned());
    }

    fn add_header(&mut self, line: &str) -> Option<()> {
        let (name, value) = line.split_once(':')?;
        let name: HeaderName = name.parse().ok().filter(|name| !is_kept_back(name))?;
        let value = HeaderValue::from_str(value.trim_start()).ok()?;
        let before = self.headers.iter().flat_map(|headers| headers.iter().cloned());
        let headers: Arc<_> = before.chain([(name, value)]).collect();
        self.headers = Some((headers.len() <= MAX_HEADERS).then_some(headers)?);
        Some(())
    }
}

/// Whether a header frames the response, or protects other pages of this machine from whoever made the URL.
fn is_kept_back(name: &HeaderName) -> bool {
    let framing = ["connection", "content-length", "keep-alive", "trailer", "transfer-encoding", "upgrade"];
    let guarding =
        ["clear-site-data", "content-security-policy", "strict-transport-security", "x-content-type-options"];
    let name = name.as_str();
    framing.contains(&name) || guarding.contains(&name) || name.starts_with("access-control-")
}

pub(crate) const PARAMS: &[Param<Framed>] = &[
    Param {
        name: "header",
        meaning: "adds a response header, which replaces the server's own of the same name; may be given up to 20 times",
        allowed: "a name, a colon, and a value without line breaks; except headers that frame the response (Connection, \
                  Content-Length, Transfer-Encoding …: see `content-length` and `chunks`) and headers that protect other \
                  pages (Access-Control-…: see `cors`; Content-Security-Policy, X-Content-Type-Options, \
                  Clear-Site-Data, Strict-Transport-Security)",
        example: "header=X-Gap:%201&header=X-Gap:%202&count=1",
        repeats: true,
        set: Set::Text(Framed::add_header),
        ..Param::NEW
    },
    Param {
        name: "content-length",
        meaning: "sends this Content-Length instead of chunks, whether or not it is correct, and closes the connection \
                  after the stream. If the length is larger than the stream, the client sees a truncated response; if it \
                  is smaller, the client ignores the rest. Only for GET over HTTP/1.1",
        allowed: "a number of bytes such as 20 or 64KiB",
        example: "content-length=1KiB&count=1",
        not_with: &["chunks"],
        set: Set::Text(|framed, value| {
            framed.framing = Framing::Length(size(value)?);
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "chunks",
        meaning: "malformed: the first chunk is right, the size of the next one (or of the last) is not a number, and \
                  the connection is closed. Only for GET over HTTP/1.1",
        allowed: "right or malformed",
        example: "chunks=malformed&count=2",
        set: Set::Text(|framed, value| {
            framed.framing = match value {
                "right" => Framing::Right,
                "malformed" => Framing::Malformed,
                _ => return None,
            };
            Some(())
        }),
        ..Param::NEW
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_replace_those_of_their_name_and_may_be_several() {
        let mut framed = Framed::default();
        for line in ["X-Gap: 1", "x-gap:2", "Cache-Control: max-age=1"] {
            framed.add_header(line).expect(line);
        }
        let mut headers =
            HeaderMap::from_iter([(axum::http::header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))]);
        framed.put_headers(&mut headers);
        assert_eq!(headers.get_all("x-gap").iter().collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(headers.get_all("cache-control").iter().collect::<Vec<_>>(), ["max-age=1"]);
    }

    #[test]
    fn what_cannot_be_sent_frames_the_answer_or_guards_pages_is_refused() {
        for line in [
            "",
            "x",
            ": a",
            "a b: c",
            "a: b\r\nc: d",
            "Content-Length: 3",
            "transfer-encoding: chunked",
            "Connection: x",
            "Access-Control-Allow-Origin: *",
            "content-security-policy: none",
        ] {
            assert_eq!(Framed::default().add_header(line), None, "{line}");
        }
        let mut framed = Framed::default();
        assert!((0..MAX_HEADERS).all(|n| framed.add_header(&format!("x-{n}: 1")).is_some()));
        assert_eq!(framed.add_header("x: 1"), None);
    }
}
