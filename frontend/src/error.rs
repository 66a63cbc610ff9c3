use std::fmt;

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
    /// The connection was lost, or an attempt to make it again failed. It is being retried.
    Disconnected {
        /// The address of the connection.
        url: String,
    },
    /// The browser [failed the connection] and will not retry.
    ///
    /// It tells nobody why: a status other than 200 (204 among them), a `Content-Type` other than
    /// `text/event-stream`, a refusal by CORS, or, in Firefox, a server that can't be reached.
    ///
    /// [failed the connection]: https://html.spec.whatwg.org/multipage/server-sent-events.html#fail-the-connection
    ConnectionFailed {
        /// The address of the connection.
        url: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidUrl { url } => {
                write!(f, "{url:?} is no valid URL; give an absolute one, or a path such as \"/events\"")
            }
            Self::Unsupported { reason } => f.write_str(reason),
            Self::Disconnected { url } => {
                write!(f, "the connection to {url} was lost; the browser is reconnecting")
            }
            Self::ConnectionFailed { url } => write!(
                f,
                "the browser gave up on {url} without saying why; check that the server runs and answers 200 \
                 with Content-Type: text/event-stream, and with Access-Control-Allow-Origin if it is another origin's"
            ),
        }
    }
}

impl std::error::Error for Error {}
