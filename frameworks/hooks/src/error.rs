//! What a hook reports.

use std::fmt;

use eventsource_wasm::Error;

/// What has gone wrong with the source of a hook, or with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HookError {
    /// The source could not be opened, has lost its connection, or has given up.
    Source(Error),
    /// The data of a message could not be decoded. The message is left out, and the source goes on.
    Decode {
        /// The message's type.
        event_type: String,
        /// What the decoder said.
        reason: String,
    },
}

impl fmt::Display for HookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) => error.fmt(f),
            Self::Decode { event_type, reason } => write!(
                f,
                "a message of type \"{event_type}\" was left out, as its data could not be decoded: {reason}; decode what \
                 the server sends, or name only the types that can be decoded (UseEventSourceOptions::types)"
            ),
        }
    }
}

impl std::error::Error for HookError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Source(error) => Some(error),
            Self::Decode { .. } => None,
        }
    }
}
