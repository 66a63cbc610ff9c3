//! What a stream is, as its URL says. One table parses it, explains it and lists it.

use std::fmt::Write as _;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode};

use crate::duration::parse_duration;

/// A stream as its URL describes it: pure data, from which all bytes of all connections are computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    /// The status of the answer; only 200 has a stream.
    pub(crate) status: StatusCode,
    /// The `Content-Type`, or none.
    pub(crate) mime: Option<HeaderValue>,
    /// How many events there are; without it they never end.
    pub(crate) count: Option<u64>,
    /// The time from one event to the next.
    pub(crate) interval: Duration,
    /// The id of the last event that the client has.
    pub(crate) last_event_id: Option<String>,
}

impl Default for Stream {
    fn default() -> Self {
        Self {
            status: StatusCode::OK,
            mime: Some(HeaderValue::from_static("text/event-stream")),
            count: None,
            interval: Duration::from_secs(5),
            last_event_id: None,
        }
    }
}

/// A parameter of `/events`: a row of the table.
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) allowed: &'static str,
    /// A value that works, for the help.
    pub(crate) example: &'static str,
    /// Puts the value into the stream, or refuses it.
    set: fn(&mut Stream, &str) -> Option<()>,
}

/// Every parameter of `/events`.
pub(crate) const PARAMS: &[Param] = &[
    Param {
        name: "status",
        meaning: "the status of the answer; any but 200 has a line of text instead of a stream",
        allowed: "200 to 599",
        example: "503",
        set: |stream, value| {
            let status = value.parse().ok().filter(|status| (200..600).contains(status))?;
            stream.status = StatusCode::from_u16(status).ok()?;
            Some(())
        },
    },
    Param {
        name: "mime",
        meaning: "the Content-Type; the stream stays the same",
        allowed: "a media type, or nothing for no Content-Type at all",
        example: "text/plain",
        set: |stream, value| {
            stream.mime = if value.is_empty() { None } else { Some(HeaderValue::from_str(value).ok()?) };
            Some(())
        },
    },
    Param {
        name: "count",
        meaning: "how many events there are; then the stream ends, and resuming after the last one gets 204",
        allowed: "a whole number from 1",
        example: "3",
        set: |stream, value| {
            stream.count = Some(value.parse().ok().filter(|count| *count > 0)?);
            Some(())
        },
    },
    Param {
        name: "interval",
        meaning: "the time from one event to the next",
        allowed: "a duration such as 200ms, 5s or 1m, a day at most; 0 is as fast as the client reads",
        example: "200ms",
        set: |stream, value| {
            stream.interval = parse_duration(value).ok()?;
            Some(())
        },
    },
    Param {
        name: "lastEventId",
        meaning: "the id after which to go on, for clients that can't send Last-Event-ID; the header wins",
        allowed: "the id of an event; any other gets a `gap` event and a fresh start",
        example: "1700000000000-3",
        set: |stream, value| {
            stream.last_event_id = (!value.is_empty()).then(|| value.to_owned());
            Some(())
        },
    },
];

impl Stream {
    /// Reads the query of a URL over the values that `self` has.
    ///
    /// # Errors
    /// A line that names the parameter at fault and what is allowed.
    pub(crate) fn with_query(mut self, query: &str) -> Result<Self, String> {
        let mut seen = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let param = PARAMS.iter().find(|param| param.name == name).ok_or_else(|| {
                let names: Vec<_> = PARAMS.iter().map(|param| param.name).collect();
                format!("`{name}` is no parameter: allowed are {} (see /help)", names.join(", "))
            })?;
            if seen.contains(&param.name) {
                return Err(format!("`{name}` is given twice: once is allowed"));
            }
            seen.push(param.name);
            (param.set)(&mut self, &value)
                .ok_or_else(|| format!("`{name}={value}` is not possible: allowed is {}", param.allowed))?;
        }
        Ok(self)
    }
}

/// The table as text.
pub(crate) fn help() -> String {
    let mut text = String::from("GET /events?… is a stream of events. All parameters combine:\n\n");
    for Param { name, meaning, allowed, example, .. } in PARAMS {
        // Writing to a string can't fail.
        let _ = write!(text, "{name}={example}\n    {meaning}\n    allowed: {allowed}\n\n");
    }
    text.push_str("GET /connections lists the streams that are being read now, as JSON.\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<Stream, String> {
        Stream::default().with_query(query)
    }

    #[test]
    fn an_empty_query_changes_nothing() {
        assert_eq!(parse(""), Ok(Stream::default()));
    }

    #[test]
    fn all_parameters_combine() {
        let stream = parse("status=503&mime=text%2Fplain&count=3&interval=200ms&lastEventId=1-2").expect("a stream");
        let expected = Stream {
            status: StatusCode::SERVICE_UNAVAILABLE,
            mime: Some(HeaderValue::from_static("text/plain")),
            count: Some(3),
            interval: Duration::from_millis(200),
            last_event_id: Some("1-2".to_owned()),
        };
        assert_eq!(stream, expected);
    }

    #[test]
    fn every_example_of_the_table_is_allowed() {
        for Param { name, example, .. } in PARAMS {
            parse(&format!("{name}={example}")).expect(name);
        }
    }

    #[test]
    fn an_unknown_parameter_is_named_with_those_that_are_allowed() {
        let error = parse("count=3&intervall=5s").expect_err("no parameter");
        assert_eq!(
            error,
            "`intervall` is no parameter: allowed are status, mime, count, interval, lastEventId (see /help)"
        );
    }

    #[test]
    fn an_impossible_value_is_named_with_what_is_allowed() {
        let error = parse("count=0").expect_err("impossible");
        assert_eq!(error, "`count=0` is not possible: allowed is a whole number from 1");
        for query in ["status=199", "status=600", "status=x", "mime=a%0Ab", "count=", "interval=5"] {
            assert!(parse(query).is_err(), "{query}");
        }
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        assert!(parse("count=1&count=2").is_err());
    }

    #[test]
    fn an_empty_mime_is_none_and_an_empty_id_is_no_id() {
        assert_eq!(parse("mime=").map(|stream| stream.mime), Ok(None));
        assert_eq!(parse("lastEventId=").map(|stream| stream.last_event_id), Ok(None));
    }
}
