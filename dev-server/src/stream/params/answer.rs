//! The response before its first event: status, headers, redirects, CORS, cookies.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode};

use super::param::{Param, Set};
use super::words::words;
use crate::duration::parse_duration;

words! {
    /// Which CORS headers pages of other origins get.
    Cors {
        /// Those that let them read the response, with credentials too.
        #[default]
        On = "on",
        /// None: a page of another origin can't read the response.
        Off = "off",
        /// `*` for the origin: right without credentials, wrong with them.
        Any = "any",
        /// An origin that is not the page's.
        Other = "other",
        /// The origin, without `Access-Control-Allow-Credentials`.
        NoCredentials = "no-credentials",
        /// The origin twice, as when a proxy adds a header that the server has already sent.
        Twice = "twice",
        /// As `on`, but preflights are refused.
        NoPreflight = "no-preflight",
    }
}

/// The `Content-Type`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mime {
    /// The one that fits the response.
    #[default]
    Right,
    /// No header.
    Missing,
    Given(HeaderValue),
}

/// Where a redirect leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// To the same URL again.
    Loop,
    To(HeaderValue),
}

/// The status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Status {
    /// The one that the other parameters imply.
    #[default]
    Right,
    /// No response at all.
    Missing,
    Given(StatusCode),
}

/// The response before its first event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    status: Status,
    pub(crate) mime: Mime,
    pub(crate) location: Option<Location>,
    pub(crate) delay: Duration,
    pub(crate) cors: Cors,
    pub(crate) cookie: Option<HeaderValue>,
    pub(crate) retry_after: Option<HeaderValue>,
}

impl Answer {
    /// The status, or `None` for no response at all; only 200 has a stream.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        match self.status {
            Status::Right if self.location.is_some() => Some(StatusCode::FOUND),
            Status::Right => Some(StatusCode::OK),
            Status::Missing => None,
            Status::Given(status) => Some(status),
        }
    }

    pub(crate) fn set_status(&mut self, value: &str) -> Option<()> {
        self.status = match value {
            "none" => Status::Missing,
            _ => {
                Status::Given(StatusCode::from_u16(value.parse().ok().filter(|code| (200..600).contains(code))?).ok()?)
            }
        };
        Some(())
    }

    /// Refuses combinations that no single row can detect.
    pub(crate) fn check(&self) -> Result<(), String> {
        let redirects = self.status().is_some_and(|status| matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308));
        if self.location.is_some() && !redirects {
            return Err("`location` needs a redirect `status`: 301, 302, 303, 307 or 308".to_owned());
        }
        Ok(())
    }
}

pub(crate) const PARAMS: &[Param<Answer>] = &[
    Param {
        name: "status",
        meaning: "the status of the response; any status but 200 sends a line of text instead of a stream; none: the \
                  connection is broken before any response, in the way that `end` says",
        allowed: "200 to 599, or none",
        example: "status=503",
        set: Set::Text(Answer::set_status),
        ..Param::NEW
    },
    Param {
        name: "mime",
        meaning: "the Content-Type; the stream stays the same",
        allowed: "a media type, or nothing for no Content-Type at all",
        example: "mime=text/plain&count=1",
        set: Set::Text(|answer, value| {
            let given = || HeaderValue::from_str(value).ok();
            answer.mime = if value.is_empty() { Mime::Missing } else { Mime::Given(given()?) };
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "location",
        meaning: "redirects to this URL, which may be empty or on another origin; the status is 302 by default. loop \
                  redirects to the same URL. For a redirect without a Location header, give only a status",
        allowed: "a URL, or loop",
        example: "status=307&location=/events?count=1",
        set: Set::Text(|answer, value| {
            answer.location = Some(match value {
                "loop" => Location::Loop,
                _ => Location::To(HeaderValue::from_str(value).ok()?),
            });
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "delay-headers",
        meaning: "the time before the response's status line and headers",
        allowed: "a duration such as 200ms, 5s or 1m, a day at most",
        example: "delay-headers=300ms&count=1",
        set: Set::Text(|answer, value| {
            answer.delay = parse_duration(value).ok()?;
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "cors",
        meaning: "the CORS headers for pages of other origins. on: those that let them read; off: none; any: `*`, which \
                  is wrong with credentials; other: an origin that is not theirs; no-credentials: without \
                  Access-Control-Allow-Credentials; twice: the origin twice; no-preflight: preflight requests are \
                  refused",
        allowed: "on, off, any, other, no-credentials, twice or no-preflight",
        example: "cors=off&count=1",
        set: Set::Text(|answer, value| {
            answer.cors = Cors::parse(value)?;
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "cookie",
        meaning: "a Set-Cookie header; /echo shows what the client sends back",
        allowed: "a cookie, as in a=1; Path=/",
        example: "cookie=a=1;%20Path=/&count=1",
        set: Set::Text(|answer, value| {
            answer.cookie = Some(HeaderValue::from_str(value).ok().filter(|cookie| !cookie.is_empty())?);
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "retry-after",
        meaning: "a Retry-After header, which pages of other origins may read; useful with a status such as 429 or 503",
        allowed: "seconds, an HTTP date, or any other value to test a client with",
        example: "status=503&retry-after=2",
        set: Set::Text(|answer, value| {
            answer.retry_after = Some(HeaderValue::from_str(value).ok().filter(|value| !value.is_empty())?);
            Some(())
        }),
        ..Param::NEW
    },
];
