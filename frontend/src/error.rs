//! What can go wrong, with advice on how to fix it.

use std::fmt;
use std::time::Duration;

use crate::core::digits::digits;
use crate::core::time::milliseconds;

/// Why a source could not be opened, lost its connection, or gave up.
///
/// An error that is the item of a subscription ends it. One that is the cause of
/// [`State::Waiting`](crate::State::Waiting) does not: another attempt follows.
///
/// ```
/// use eventsource_wasm::Error;
///
/// fn needs_login(error: &Error) -> bool {
///     error.status() == Some(401)
/// }
/// assert!(!needs_login(&Error::Stopped { url: "/events".to_owned() }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The address can't be parsed as a URL, relative to the page's or worker's own.
    InvalidUrl {
        /// The address as it was given.
        url: String,
    },
    /// This environment, or this transport, can't do what was asked.
    Unsupported {
        /// What can't be done, and what to do instead.
        reason: String,
    },
    /// The connection was lost, or an attempt to make it failed. The browser's object tries again by itself; over `fetch`
    /// the source does.
    Disconnected {
        /// The address of the connection.
        url: String,
        /// How many messages of types that someone listens to had come over it before it broke, without duplicates; `None` if
        /// it never opened.
        messages: Option<u64>,
    },
    /// The browser [failed the connection] and will not retry.
    ///
    /// It tells nobody why: a status other than 200 (204 among them), a `Content-Type` other than
    /// `text/event-stream`, a refusal by CORS, or, in Firefox, another origin's server that can't be reached.
    ///
    /// [failed the connection]: https://html.spec.whatwg.org/multipage/server-sent-events.html#fail-the-connection
    ConnectionFailed {
        /// The address of the connection.
        url: String,
    },
    /// The server wants no reconnection: it answered [204]. Over the native transport only a
    /// [probe](crate::EventSourceBuilder::probe) can tell.
    ///
    /// [204]: https://html.spec.whatwg.org/multipage/server-sent-events.html#server-sent-events-intro
    Stopped {
        /// The address of the connection.
        url: String,
    },
    /// The server answered with a status that has no stream.
    Status {
        /// The address of the connection.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What else it answered. A [probe](crate::EventSourceBuilder::probe) does not keep it.
        answer: Answer,
    },
    /// The server answered 200, but with another type than `text/event-stream`.
    #[cfg(feature = "fetch")]
    ContentType {
        /// The address of the connection.
        url: String,
        /// The answer's `Content-Type`; `""` when it had none.
        content_type: String,
        /// What else it answered.
        answer: Answer,
    },
    /// The server can be reached, and the browser withholds its answer, as [CORS] demands of it.
    ///
    /// [CORS]: https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS
    #[cfg(feature = "fetch")]
    Cors {
        /// The address of the connection.
        url: String,
        /// Whether the request had the header `Last-Event-ID`. The server may allow the same request without it.
        last_event_id_sent: bool,
    },
    /// A message was longer than the transport takes. Its id is not known, so that a new connection would get it again.
    #[cfg(feature = "fetch")]
    TooLarge {
        /// The address of the connection.
        url: String,
        /// The most bytes that its data, its type or its id may have.
        limit: usize,
    },
    /// An attempt took longer than [`open_timeout`](crate::EventSourceBuilder::open_timeout).
    OpenTimeout {
        /// That time.
        after: Duration,
    },
    /// Nothing came for longer than [`idle_timeout`](crate::EventSourceBuilder::idle_timeout).
    IdleTimeout {
        /// That time.
        after: Duration,
    },
    /// The [`url_provider`](crate::EventSourceBuilder::url_provider) failed, or gave what is no URL.
    UrlProvider {
        /// What it said.
        reason: String,
    },
    /// The `headers_provider` of the options for `fetch` failed, or gave what can't be a header.
    #[cfg(feature = "fetch")]
    HeadersProvider {
        /// What it said.
        reason: String,
    },
    /// The function of [`fetch_with`](crate::FetchOptions::fetch_with) failed.
    #[cfg(feature = "fetch")]
    Fetch {
        /// What it said.
        reason: String,
    },
    /// The answer broke off, and the provider of [`resume`](crate::FetchOptions::resume) failed, or gave what is no request.
    #[cfg(feature = "fetch")]
    Resume {
        /// What it said; `None` where it has nothing to resume the answer with, which is final.
        reason: Option<String>,
    },
}

/// What a server answered besides a status, in [`Error::Status`] and [`Error::ContentType`](Error#variant.ContentType).
///
/// ```
/// use eventsource_wasm::Error;
///
/// /// What a server that refuses says of it.
/// fn explanation(error: &Error) -> Option<&str> {
///     match error {
///         Error::Status { answer, .. } => Some(&answer.body),
///         _ => None,
///     }
/// }
/// # assert_eq!(explanation(&Error::Stopped { url: String::new() }), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The headers that a script may read, by name; from another origin that takes `Access-Control-Expose-Headers`. Another
    /// tab's leader does not tell them.
    pub headers: Vec<(String, String)>,
    /// The body, or as much of it as came within half a second, at most 16 KiB.
    pub body: String,
    /// Whether the body has more, or may have.
    pub body_truncated: bool,
    /// How long the server asks clients to wait before they try again ([`Retry-After`]).
    ///
    /// [`Retry-After`]: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Retry-After
    pub retry_after: Option<Duration>,
}

impl Error {
    pub(crate) fn no_browser() -> Self {
        let reason = "there is no EventSource here; open the source in a browser's page or worker";
        Self::Unsupported { reason: reason.to_owned() }
    }

    /// The HTTP status of the answer, where the server gave one that says why.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Stopped { .. } => Some(204),
            Self::Status { status, .. } => Some(*status),
            #[cfg(feature = "fetch")]
            Self::ContentType { .. } => Some(200),
            _ => None,
        }
    }

    /// The address that it is about, if it is about one.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::InvalidUrl { url }
            | Self::Disconnected { url, .. }
            | Self::ConnectionFailed { url }
            | Self::Stopped { url }
            | Self::Status { url, .. } => Some(url),
            #[cfg(feature = "fetch")]
            Self::ContentType { url, .. } | Self::Cors { url, .. } | Self::TooLarge { url, .. } => Some(url),
            _ => None,
        }
    }

    /// Whether trying the same again can't help: a 4xx other than 408, 409, 425 and 429, a 204, a message that is too large, a
    /// request that can't be made. No policy is asked then, unless a
    /// [`url_provider`](crate::EventSourceBuilder::url_provider) may give another address.
    pub fn is_final(&self) -> bool {
        match self {
            Self::InvalidUrl { .. } | Self::Unsupported { .. } | Self::Stopped { .. } => true,
            #[cfg(feature = "fetch")]
            Self::TooLarge { .. } | Self::Resume { reason: None } => true,
            Self::Status { status, .. } => matches!(status, 400..=499) && !matches!(status, 408 | 409 | 425 | 429),
            _ => false,
        }
    }

    /// Whether nothing was done: the server says that it has not acted on the request, nobody answered, or none was made.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::OpenTimeout { .. } => false,
            _ => self.status().is_none_or(|status| matches!(status, 408 | 425 | 429 | 503 | 529)),
        }
    }

    /// Whether the Standard has the connection made again.
    #[cfg(any(feature = "fetch", test))]
    pub(crate) fn is_loss(&self) -> bool {
        matches!(self, Self::Disconnected { .. })
    }

    /// How long the server wants to be left alone.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { answer, .. } => answer.retry_after,
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    // In pieces: a program that formats nothing else need not hold what `write!` brings along.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut say = |pieces: &[&str]| pieces.iter().try_for_each(|piece| f.write_str(piece));
        match self {
            Self::InvalidUrl { url } => {
                say(&["\"", url, "\" is no valid URL; give an absolute one, or a path such as \"/events\""])
            }
            Self::Unsupported { reason } => say(&[reason]),
            Self::Disconnected { url, messages: Some(messages) } => say(&[
                "the connection to ",
                url,
                " broke after ",
                &digits(*messages),
                if *messages == 1 { " message" } else { " messages" },
                "; check the network, the server, and what lies between (a proxy may end quiet connections)",
            ]),
            Self::Disconnected { url, messages: None } => say(&[
                "no connection to ",
                url,
                "; check the network, and that the server runs and lets this page in (CORS)",
            ]),
            Self::ConnectionFailed { url } => say(&[
                "the browser gave up on ",
                url,
                " without saying why; check that the server runs and answers 200 with Content-Type: text/event-stream, \
                 and with Access-Control-Allow-Origin if it is another origin's",
            ]),
            Self::Stopped { url } => say(&[
                url,
                " answered 204: the server wants no more connections, so open none until there is more to read",
            ]),
            Self::Status { url, status, answer } => {
                say(&[url, " answered ", &digits((*status).into()), " instead of 200 and a stream; "])?;
                match answer.body.trim_ascii() {
                    "" => say(&["see the server's log, or open the address in a tab"]),
                    body => say(&["it says: ", beginning(body, 200)]),
                }
            }
            #[cfg(feature = "fetch")]
            Self::ContentType { url, content_type, answer } => {
                say(&[
                    url,
                    " answered with Content-Type \"",
                    content_type,
                    "\"; an event stream has to be text/event-stream",
                ])?;
                match answer.body.trim_ascii() {
                    "" => Ok(()),
                    body => say(&["; it says: ", beginning(body, 200)]),
                }
            }
            #[cfg(feature = "fetch")]
            Self::Cors { url, last_event_id_sent } => say(&[
                url,
                " can be reached, but the browser may not show its answer to this page; let the server answer with \
                 Access-Control-Allow-Origin, and allow the request's own headers (Access-Control-Allow-Headers) when asked \
                 by OPTIONS",
                if *last_event_id_sent {
                    "; this request had Last-Event-ID, which it has to allow too, unless the id goes into the query \
                     (last_event_id_param, lastEventIdParam)"
                } else {
                    ""
                },
            ]),
            #[cfg(feature = "fetch")]
            Self::TooLarge { url, limit } => say(&[
                url,
                " sent a message of more than ",
                &digits(*limit as u64),
                " bytes; allow more (max_message_size, maxMessageSize), or let it send less at once",
            ]),
            Self::OpenTimeout { after } => say(&[
                "no stream after ",
                &digits(milliseconds(*after)),
                " ms; if the server is only slow, allow it longer (open_timeout, openTimeout)",
            ]),
            Self::IdleTimeout { after } => say(&[
                "nothing came for ",
                &digits(milliseconds(*after)),
                " ms; if the server is well, let it send something, such as its heartbeat, more often",
            ]),
            Self::UrlProvider { reason } => say(&["the URL provider gave no address: ", reason]),
            #[cfg(feature = "fetch")]
            Self::HeadersProvider { reason } => say(&["the headers provider gave no headers: ", reason]),
            #[cfg(feature = "fetch")]
            Self::Fetch { reason } => say(&["what was given as fetch failed: ", reason]),
            #[cfg(feature = "fetch")]
            Self::Resume { reason: Some(reason) } => say(&["there is no request to resume the answer: ", reason]),
            #[cfg(feature = "fetch")]
            Self::Resume { reason: None } => say(&["there is nothing to resume the answer with"]),
        }
    }
}

/// At most so many characters.
fn beginning(text: &str, characters: usize) -> &str {
    let end = text.char_indices().nth(characters).map(|(end, _)| end);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_tells_its_status_its_address_and_whether_it_is_final() {
        let url = || "/events".to_owned();
        let status = |status| Error::Status { url: url(), status, answer: Answer::default() };
        for (error, code, is_final) in [
            (Error::Stopped { url: url() }, Some(204), true),
            (status(404), Some(404), true),
            (status(408), Some(408), false),
            (status(409), Some(409), false),
            (status(425), Some(425), false),
            (status(429), Some(429), false),
            (status(503), Some(503), false),
            (Error::InvalidUrl { url: url() }, None, true),
            (Error::ConnectionFailed { url: url() }, None, false),
            (Error::Disconnected { url: url(), messages: None }, None, false),
        ] {
            assert_eq!((error.status(), error.is_final(), error.url()), (code, is_final, Some("/events")), "{error}");
        }
        let nowhere = Error::Unsupported { reason: String::new() };
        assert_eq!((nowhere.status(), nowhere.is_final(), nowhere.url()), (None, true, None));
    }

    #[test]
    fn a_connection_that_broke_says_after_how_many_messages() {
        let lost = |messages| Error::Disconnected { url: "/events".into(), messages }.to_string();
        assert!(lost(None).starts_with("no connection to /events"), "{}", lost(None));
        assert!(lost(Some(1)).starts_with("the connection to /events broke after 1 message;"), "{}", lost(Some(1)));
        assert!(lost(Some(20)).contains("after 20 messages"), "{}", lost(Some(20)));
    }
}
