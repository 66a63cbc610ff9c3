use std::fmt;
use std::time::Duration;

/// Why a source could not be opened, lost its connection, or gave up.
///
/// An error that is the item of a subscription is final: the stream ends after it. One that is the
/// cause of [`State::Waiting`](crate::State::Waiting) is not.
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
    /// The connection was lost, or an attempt to make it failed, and the browser tries again by itself.
    Disconnected {
        /// The address of the connection.
        url: String,
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
    /// The server wants no reconnection: it answered [204]. Only a probe can tell; the browser's object can't.
    ///
    /// [204]: https://html.spec.whatwg.org/multipage/server-sent-events.html#server-sent-events-intro
    Stopped {
        /// The address of the connection.
        url: String,
    },
    /// The server answered with a status that has no stream, as a probe found.
    Status {
        /// The address of the connection.
        url: String,
        /// The HTTP status.
        status: u16,
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
}

impl Error {
    pub(crate) fn no_browser() -> Self {
        let reason = "there is no EventSource here; open the source in a browser's page or worker";
        Self::Unsupported { reason: reason.to_owned() }
    }

    /// Whether trying again can't help, so that no policy is asked.
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::InvalidUrl { .. } | Self::Unsupported { .. } | Self::Stopped { .. } => true,
            Self::Status { status, .. } => matches!(status, 401 | 403 | 404 | 410),
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidUrl { url } => {
                write!(f, "\"{url}\" is no valid URL; give an absolute one, or a path such as \"/events\"")
            }
            Self::Unsupported { reason } => f.write_str(reason),
            Self::Disconnected { url } => {
                write!(f, "no connection to {url}; the browser is reconnecting")
            }
            Self::ConnectionFailed { url } => write!(
                f,
                "the browser gave up on {url} without saying why; check that the server runs and answers 200 \
                 with Content-Type: text/event-stream, and with Access-Control-Allow-Origin if it is another origin's"
            ),
            Self::Stopped { url } => write!(
                f,
                "{url} answered 204: the server wants no more connections, so open none until there is more to read"
            ),
            Self::Status { url, status } => write!(
                f,
                "{url} answered {status} instead of 200 and a stream; see the server's log, or open the address in a tab"
            ),
            Self::OpenTimeout { after } => {
                write!(
                    f,
                    "no stream after {} ms; if the server is only slow, allow it a longer open_timeout",
                    after.as_millis()
                )
            }
            Self::IdleTimeout { after } => write!(
                f,
                "nothing came for {} ms; if the server is well, let it send its heartbeat event more often",
                after.as_millis()
            ),
            Self::UrlProvider { reason } => write!(f, "the URL provider gave no address: {reason}"),
        }
    }
}

impl std::error::Error for Error {}
