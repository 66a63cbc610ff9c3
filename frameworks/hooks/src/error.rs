//! The errors of a hook.

use std::fmt;

use eventsource_wasm::Error;

/// An error of the source of a hook, or of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HookError {
    /// The source could not be opened, has lost its connection, or has given up.
    Source(Error),
    /// The data of a message could not be decoded. The message is skipped, and the source continues.
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
                "a message of type \"{event_type}\" was skipped, as its data could not be decoded: {reason}; decode what \
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
