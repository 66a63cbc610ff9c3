//! The errors of a source. Their messages say what to do.

use std::fmt;
use std::time::Duration;

use crate::core::digits::digits;
use crate::core::time::milliseconds;

/// Why a source could not be opened, lost its connection, or gave up.
///
/// An error that a subscription yields ends that subscription. After an error that is the cause of
/// [`State::Waiting`](crate::State::Waiting), another attempt follows.
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
    /// The address can't be parsed as a URL, absolute or relative to that of the page or worker.
    InvalidUrl {
        /// The address as it was given.
        url: String,
    },
    /// This environment, or this transport, can't do what was asked.
    Unsupported {
        /// What is not possible, and what to do instead.
        reason: String,
    },
    /// The connection was lost, or an attempt to make it failed. The browser's object reconnects by itself; over
    /// `fetch`, the source does.
    Disconnected {
        /// The address of the connection.
        url: String,
        /// How many messages arrived before the connection broke, without duplicates, of types that have a reader;
        /// `None` if it never opened.
        messages: Option<u64>,
    },
    /// The browser [failed the connection] and will not retry.
    ///
    /// It does not expose the reason: a status other than 200 (including 204), a `Content-Type` other than
    /// `text/event-stream`, a refusal by CORS, or, in Firefox, another origin's server that can't be reached.
    ///
    /// [failed the connection]: https://html.spec.whatwg.org/multipage/server-sent-events.html#fail-the-connection
    ConnectionFailed {
        /// The address of the connection.
        url: String,
    },
    /// The server answered [204]: it wants no more connections. Over the native transport, this is known only with a
    /// [probe](crate::EventSourceBuilder::probe).
    ///
    /// [204]: https://html.spec.whatwg.org/multipage/server-sent-events.html#server-sent-events-intro
    Stopped {
        /// The address of the connection.
        url: String,
    },
    /// The server answered with a status other than 200.
    Status {
        /// The address of the connection.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The rest of the response; empty if a [probe](crate::EventSourceBuilder::probe) got it.
        answer: Answer,
    },
    /// The server answered 200, but with a content type other than `text/event-stream`.
    #[cfg(feature = "fetch")]
    ContentType {
        /// The address of the connection.
        url: String,
        /// The `Content-Type` of the response; `""` if it had none.
        content_type: String,
        /// The rest of the response.
        answer: Answer,
    },
    /// The server can be reached, but [CORS] does not allow this page to read its response.
    ///
    /// [CORS]: https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS
    #[cfg(feature = "fetch")]
    Cors {
        /// The address of the connection.
        url: String,
        /// Whether the request had the header `Last-Event-ID`. The server may allow the same request without it.
        last_event_id_sent: bool,
    },
    /// A message was longer than the limit. Its ID is not known, so a new connection would get it again.
    #[cfg(feature = "fetch")]
    TooLarge {
        /// The address of the connection.
        url: String,
        /// The maximum size of its data, its type or its ID, in bytes.
        limit: usize,
    },
    /// An attempt took longer than [`open_timeout`](crate::EventSourceBuilder::open_timeout).
    OpenTimeout {
        /// That time.
        after: Duration,
    },
    /// Nothing arrived for longer than [`idle_timeout`](crate::EventSourceBuilder::idle_timeout).
    IdleTimeout {
        /// That time.
        after: Duration,
    },
    /// The [`url_provider`](crate::EventSourceBuilder::url_provider) failed, or returned something that is not a URL.
    UrlProvider {
        /// What it said.
        reason: String,
    },
    /// The `headers_provider` of the options for `fetch` failed, or returned an invalid header.
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
    /// The response broke off, and the provider of [`resume`](crate::FetchOptions::resume) failed, or returned an
    /// invalid request or none.
    #[cfg(feature = "fetch")]
    Resume {
        /// What it said; `None` if it returned no request, which is final.
        reason: Option<String>,
    },
}

/// What a server's response had besides its status, in [`Error::Status`] and
/// [`Error::ContentType`](Error#variant.ContentType).
///
/// ```
/// use eventsource_wasm::Error;
///
/// /// Why the server has refused the request, in its own words.
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
    /// The headers that scripts may read, by name; for another origin, `Access-Control-Expose-Headers` decides which.
    /// Empty if another tab has the connection.
    pub headers: Vec<(String, String)>,
    /// The body, or as much of it as arrived within half a second, at most 16 KiB.
    pub body: String,
    /// Whether `body` is incomplete, or may be.
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

    /// The HTTP status of the response, if that is the cause.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Stopped { .. } => Some(204),
            Self::Status { status, .. } => Some(*status),
            #[cfg(feature = "fetch")]
            Self::ContentType { .. } => Some(200),
            _ => None,
        }
    }

    /// The URL that the error is about, if any.
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

    /// Whether another attempt can't help: after a 4xx status other than 408, 409, 425 and 429, after a 204, after a
    /// message that is too large, or if the request can't be made. The policy is not called then, unless a
    /// [`url_provider`](crate::EventSourceBuilder::url_provider) may return another URL.
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

    /// Whether the Standard requires a reconnection.
    #[cfg(any(feature = "fetch", test))]
    pub(crate) fn is_loss(&self) -> bool {
        matches!(self, Self::Disconnected { .. })
    }

    /// How long the server asks clients to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { answer, .. } => answer.retry_after,
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    // Written in pieces, because `write!` would add its code to programs that format nothing else.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut say = |pieces: &[&str]| pieces.iter().try_for_each(|piece| f.write_str(piece));
        match self {
            Self::InvalidUrl { url } => {
                say(&["\"", url, "\" is not a valid URL; use an absolute one or a path like \"/events\""])
            }
            Self::Unsupported { reason } => say(&[reason]),
            Self::Disconnected { url, messages: Some(messages) } => say(&[
                "the connection to ",
                url,
                " broke after ",
                &digits(*messages),
                if *messages == 1 { " message" } else { " messages" },
                "; check the network, the server, and proxies, which may close idle connections",
            ]),
            Self::Disconnected { url, messages: None } => say(&[
                "no connection to ",
                url,
                "; check the network, and that the server runs and allows this page (CORS)",
            ]),
            Self::ConnectionFailed { url } => say(&[
                "the browser gave up on ",
                url,
                " without saying why; check that the server runs and answers 200 with Content-Type: text/event-stream, \
                 and with Access-Control-Allow-Origin if it is cross-origin",
            ]),
            Self::Stopped { url } => {
                say(&[url, " answered 204: the server wants no more connections; reconnect when there is more to read"])
            }
            Self::Status { url, status, answer } => {
                say(&[url, " answered ", &digits((*status).into()), " instead of 200 and a stream; "])?;
                match answer.body.trim_ascii() {
                    "" => say(&["see the server's log, or open the URL in a tab"]),
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
                " can be reached, but CORS hides its response from this page; let the server send \
                 Access-Control-Allow-Origin, and allow the request's headers (Access-Control-Allow-Headers) when it \
                 answers OPTIONS",
                if *last_event_id_sent {
                    "; these include Last-Event-ID, unless the ID is sent in the query \
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
                " bytes; allow more (max_message_size, maxMessageSize), or send smaller messages",
            ]),
            Self::OpenTimeout { after } => say(&[
                "no stream after ",
                &digits(milliseconds(*after)),
                " ms; if the server is only slow, allow more time (open_timeout, openTimeout)",
            ]),
            Self::IdleTimeout { after } => say(&[
                "nothing arrived for ",
                &digits(milliseconds(*after)),
                " ms; if the server works, let it send its heartbeat more often",
            ]),
            Self::UrlProvider { reason } => say(&["the URL provider failed: ", reason]),
            #[cfg(feature = "fetch")]
            Self::HeadersProvider { reason } => say(&["the headers provider failed: ", reason]),
            #[cfg(feature = "fetch")]
            Self::Fetch { reason } => say(&["the custom fetch failed: ", reason]),
            #[cfg(feature = "fetch")]
            Self::Resume { reason: Some(reason) } => say(&["can't resume the response: ", reason]),
            #[cfg(feature = "fetch")]
            Self::Resume { reason: None } => say(&["can't resume the response; request it again"]),
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
