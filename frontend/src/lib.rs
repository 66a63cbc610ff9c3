//! EventSource.
