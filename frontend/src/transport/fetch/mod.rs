//! The transport over `fetch`: a request, a `ReadableStream` and a decoder.

pub(crate) mod asked;
pub(crate) mod body;
pub(crate) mod content_type;
pub(crate) mod decode;
pub(crate) mod fetcher;
pub(crate) mod leaving;
pub(crate) mod open;
pub(crate) mod options;
pub(crate) mod read;
pub(crate) mod reader;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod resume;
pub(crate) mod withheld;
