//! What a request asks for: a stream or the page.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// What the `Accept` header asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// An `EventSource`'s request.
    Stream,
    /// A browser's address bar, whose `Accept` names HTML.
    Page,
    /// A client that names neither.
    Anything,
}

impl Wanted {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        if accepts(headers, "text/event-stream") {
            Self::Stream
        } else if accepts(headers, "text/html") {
            Self::Page
        } else {
            Self::Anything
        }
    }
}

/// Whether the `Accept` header names a media type.
pub(crate) fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next())
        .any(|name| name.trim().eq_ignore_ascii_case(media_type))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn wanted(accept: &'static str) -> Wanted {
        Wanted::of(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]))
    }

    #[test]
    fn an_event_source_wants_a_stream() {
        assert_eq!(wanted("text/event-stream"), Wanted::Stream);
        assert_eq!(wanted("Text/Event-Stream; charset=utf-8"), Wanted::Stream);
    }

    #[test]
    fn an_address_bar_wants_the_page() {
        assert_eq!(wanted("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), Wanted::Page);
    }

    #[test]
    fn a_program_that_does_not_say_wants_anything() {
        assert_eq!(wanted("*/*"), Wanted::Anything);
        assert_eq!(Wanted::of(&HeaderMap::new()), Wanted::Anything);
    }
}
