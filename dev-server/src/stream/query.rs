//! Reads a URL's query into a description.

use super::description::Stream;
use super::params::answer::Cors;
use super::params::value;
use super::table::{Row, canonical, put, repeats, rows};

/// A longer plan is surely a mistake.
const MAX_PLAN: usize = 100;

/// What plays a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// Timed events.
    Events,
    /// Events that say what the request was.
    Echo,
    /// A script.
    Raw,
    /// An upstream's events.
    Through,
}

/// Reads the query of a URL over the values that `stream` has.
///
/// # Errors
/// A line that names the parameter at fault and what is allowed.
pub(crate) fn with_query(mut stream: Stream, endpoint: Endpoint, query: &str) -> Result<Stream, String> {
    if endpoint == Endpoint::Through {
        // The upstream has its own.
        stream.pace.heartbeat = None;
    }
    let mut given = Given::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = value::pair(pair.as_bytes());
        let name = canonical(name);
        endpoint.check(&name)?;
        if !(repeats(&name) && given.has(&name)) {
            given.add(&name)?;
        }
        put(&mut stream, &name, &value)?;
    }
    if endpoint == Endpoint::Echo {
        echo_once(&mut stream, &given);
    }
    if endpoint != Endpoint::Events {
        // These end by themselves, so `end=` needs no `drop=`.
        given.replace("drop");
    }
    check(&stream, &given)?;
    if let Some(plan) = stream.attempts.plan.take() {
        stream.plan = attempts(endpoint, &stream, &given, &plan)?;
    }
    Ok(stream)
}

/// One event for each connection, so that each one describes its own request.
fn echo_once(stream: &mut Stream, given: &Given) {
    stream.end.drop = stream.end.drop.or(Some(1));
    if !given.has("interval") {
        stream.pace.never_waits();
    }
}

/// Refuses parameters that can't be combined.
fn check(stream: &Stream, given: &Given) -> Result<(), String> {
    for Row { name, needs, not_with, .. } in rows().filter(|row| given.has(row.name)) {
        if let Some(other) = not_with.iter().find(|other| given.has(other)) {
            return Err(format!("`{name}` can't be combined with `{other}`: leave one of them out"));
        }
        if !needs.is_empty() && !needs.iter().any(|other| given.has(other)) {
            return Err(format!("`{name}` has no effect alone: add {}", any_of(needs)));
        }
    }
    stream.pace.check(|name| given.has(name))?;
    stream.answer.check()
}

/// The stream of each attempt of a plan.
fn attempts(endpoint: Endpoint, stream: &Stream, given: &Given, plan: &[u8]) -> Result<Vec<Stream>, String> {
    let items: Vec<_> = plan.split(|byte| *byte == b',').collect();
    if items.len() > MAX_PLAN {
        return Err(format!("`plan` has {} attempts: the maximum is {MAX_PLAN}", items.len()));
    }
    items.into_iter().map(|item| attempt(endpoint, stream, given, item)).collect()
}

/// Reads an attempt such as `200:drop=2:end=reset` over what the other parameters say.
fn attempt(endpoint: Endpoint, stream: &Stream, given: &Given, item: &[u8]) -> Result<Stream, String> {
    let (mut stream, mut given) = (stream.clone(), given.clone());
    let mut parts = item.split(|byte| *byte == b':');
    let status = parts.next().unwrap_or_default();
    let set = std::str::from_utf8(status).ok().and_then(|status| stream.answer.set_status(status));
    set.ok_or_else(|| {
        let item = String::from_utf8_lossy(item);
        format!("`{item}` is not an attempt of a plan: begin it with a status or none, as in 200:drop=2:end=reset")
    })?;
    given.replace("status");
    let mut given_here = Given::default();
    given_here.add("status")?;
    for part in parts {
        let (name, value) = value::pair(part);
        let name = canonical(name);
        if matches!(name.as_str(), "token" | "plan") {
            return Err(format!("`{name}` is not allowed inside a plan: give it outside"));
        }
        endpoint.check(&name)?;
        if !(repeats(&name) && given_here.has(&name)) {
            given_here.add(&name)?;
        }
        given.replace(&name);
        put(&mut stream, &name, &value)?;
        if name == "cors" && stream.answer.cors == Cors::NoPreflight {
            return Err(
                "`cors=no-preflight` is not allowed inside a plan, because preflights are not counted: give it outside"
                    .to_owned(),
            );
        }
    }
    check(&stream, &given)?;
    Ok(stream)
}

/// The names of the parameters that were given.
#[derive(Clone, Debug, Default)]
struct Given(Vec<String>);

impl Given {
    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|given| given == name)
    }

    /// Adds a name that must not have been given before.
    fn add(&mut self, name: &str) -> Result<(), String> {
        if self.has(name) {
            return Err(format!("`{name}` is given twice: give it once"));
        }
        self.0.push(name.to_owned());
        Ok(())
    }

    /// Adds a name that may have been given before.
    fn replace(&mut self, name: &str) {
        // What was given stays given.
        let _ = self.add(name);
    }
}

impl Endpoint {
    /// Refuses parameters that this endpoint does not have.
    fn check(self, name: &str) -> Result<(), String> {
        const RAW: &[&str] = &[
            "status",
            "mime",
            "location",
            "delay-headers",
            "cors",
            "cookie",
            "retry-after",
            "header",
            "content-length",
            "chunks",
            "chunk-size",
            "chunk-delay",
            "split",
            "limit-data",
            "end",
            "rate",
        ];
        /// What describes events, which come from the upstream.
        const OWN: &[&str] = &[
            "interval",
            "count",
            "duration",
            "size",
            "event",
            "data",
            "t0",
            "id",
            "last-event-id",
            "history",
            "message",
            "channel",
        ];
        match self {
            Self::Through if OWN.contains(&name) => Err(format!(
                "`{name}` is not allowed for /through, whose events come from the upstream: leave it out, or put it into \
                 the query of the upstream's URL"
            )),
            Self::Echo if matches!(name, "data" | "message" | "channel") => {
                Err(format!("`{name}` is not allowed for /echo, whose data is the request: leave it out"))
            }
            Self::Raw if !RAW.contains(&name) && rows().any(|row| row.name == name) => {
                Err(format!("`{name}` is not allowed for a script: allowed are {}", RAW.join(", ")))
            }
            _ => Ok(()),
        }
    }
}

fn any_of(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" or ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::StatusCode;

    use super::*;
    use crate::stream::params::answer::Location;
    use crate::stream::params::end::End;
    use crate::stream::table::Row;

    fn parse(query: &str) -> Result<Stream, String> {
        with_query(Stream::new(Duration::from_secs(5)), Endpoint::Events, query)
    }

    #[test]
    fn an_empty_query_changes_nothing() {
        for query in ["", "&", "&&"] {
            assert_eq!(parse(query), Ok(Stream::new(Duration::from_secs(5))));
        }
    }

    #[test]
    fn every_example_of_the_table_is_allowed_and_has_its_parameter() {
        for Row { name, example, .. } in rows() {
            parse(example).expect(name);
            assert!(example.contains(&format!("{name}=")), "{name}");
        }
    }

    #[test]
    fn what_a_parameter_needs_or_contradicts_exists() {
        for Row { needs, not_with, .. } in rows() {
            for other in needs.iter().chain(not_with) {
                assert!(rows().any(|param| param.name == *other), "{other}");
            }
        }
    }

    #[test]
    fn names_are_kebab_case_and_every_older_spelling_means_the_same() {
        let mut aliases = 0;
        for row in rows() {
            let kebab = |sign| matches!(sign, 'a'..='z' | '0'..='9' | '-');
            assert!(row.name.chars().all(kebab), "{}", row.name);
            for alias in row.aliases {
                aliases += 1;
                let (new, old) = (format!("{}=", row.name), format!("{alias}="));
                let query = row.example.replace(&new, &old);
                assert_ne!(query, row.example);
                assert_eq!(parse(&query), parse(row.example), "{alias}");
                let planned = |query: &str| parse(&format!("token=a&plan=200:{}", query.replace('&', ":")));
                assert_eq!(planned(&query), planned(row.example), "{alias}");
                let twice = parse(&format!("{query}&{}", row.example)).expect_err("both");
                assert!(twice.contains("is given twice"), "{twice}");
            }
        }
        assert!(aliases >= 4, "{aliases}");
    }

    #[test]
    fn values_without_a_unit_mean_what_they_did() {
        for (old, new) in [("rate=4000", "rate=4MB/s"), ("retry=500", "retry=500ms"), ("size=100", "size=100B")] {
            assert_eq!(parse(old), parse(new), "{old}");
        }
    }

    #[test]
    fn an_unknown_parameter_is_named_with_those_that_are_allowed() {
        let error = parse("count=3&intervall=5s").expect_err("no parameter");
        assert!(error.starts_with("`intervall` is not a parameter: allowed are interval, count, delay, "), "{error}");
        assert!(error.ends_with(", token, plan, channel (see /help)"), "{error}");
    }

    #[test]
    fn an_impossible_value_is_named_with_what_is_allowed() {
        let error = parse("count=0").expect_err("impossible");
        assert_eq!(error, "`count=0` is invalid: expected a whole number from 1");
        for query in [
            "count=",
            "count=-1",
            "count=+1",
            "interval=5",
            "interval",
            "delay=x",
            "duration=1.5s",
            "jitter=",
            "size=1025MiB",
            "size=x",
            "event=a%0Ab",
            "event=%FF",
            "heartbeat=0",
            "heartbeat=on",
            "heartbeat-mode=x",
            "retry=",
            "retry=x",
            "retry=-1",
            "data=x",
            "t0=x",
            "t0=99999999999999",
            "id=x",
            "history=",
            "history=-1",
            "history=5x",
            "seed=-1",
            "seed=18446744073709551616",
            "status=199",
            "status=600",
            "status=x",
            "mime=a%0Ab",
            "location=a%0Ab",
            "delay-headers=5",
            "cors=x",
            "cookie=",
            "cookie=a%0Ab",
            "retry-after=",
            "retry-after=a%0Ab",
            "header=x",
            "header=Content-Length:1",
            "content-length=x",
            "chunks=x",
            "eol=x",
            "bom=3",
            "bom=-1",
            "newline=x",
            "chunk-size=0",
            "chunk-size=x",
            "message=",
            "split=x",
            "chunk-size=1&chunk-delay=5",
            "drop=-1",
            "drop=",
            "limit-data=x",
            "count=1&end=x",
            "rate=0",
            "rate=x",
            "rate=32KB",
            "rate=10001MB/s",
            "gap=1",
            "gap=0",
            "gap=0%25",
            "gap=100%25",
            "dup=0",
            "reorder=1",
            "reorder=1001",
            "reorder=5%25",
            "channel=",
            "token=",
            "token=12345678901234567890123456789012345678901234567890123456789012345",
        ] {
            let error = parse(query).expect_err(query);
            let name = query.split('&').next_back().and_then(|pair| pair.split('=').next()).unwrap_or_default();
            assert!(error.starts_with(&format!("`{name}=")) && error.contains("expected "), "{query}: {error}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused_with_the_cure() {
        for (query, line) in [
            ("count=1&count=2", "`count` is given twice: give it once"),
            ("end=reset", "`end` has no effect alone: add `drop` or `limit-data` or"),
            ("chunk-delay=1s", "`chunk-delay` has no effect alone: add `chunk-size` or `split`"),
            ("plan=200", "`plan` has no effect alone: add `token`"),
            ("channel=a&interval=1s", "`channel` can't be combined with `interval`: leave one of them out"),
            ("message=x&size=3", "`message` can't be combined with `size`: leave one of them out"),
            ("duration=1s&count=2&interval=1s", "`duration`, `count` and `interval` can't all be given: leave one out"),
            ("duration=1s&interval=0", "`duration` needs `count`, or an `interval` above 0"),
            ("location=/&status=200", "`location` needs a redirect `status`: 301, 302, 303, 307 or 308"),
            ("location=/&status=none", "`location` needs a redirect `status`: 301, 302, 303, 307 or 308"),
        ] {
            let error = parse(query).expect_err(query);
            assert!(error.starts_with(line), "{error}");
        }
    }

    #[test]
    fn a_plan_is_read_over_the_other_parameters() {
        let stream = parse("count=9&token=a&plan=200:drop=2:end=reset,503,204").expect("a plan");
        let first = stream.clone().attempt(1);
        assert_eq!((first.pace.count(), first.end.drop, first.end.end), (Some(9), Some(2), Some(End::Reset)));
        assert_eq!(stream.clone().attempt(2).answer.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
        for n in [3, 4, u64::MAX] {
            assert_eq!(stream.clone().attempt(n).answer.status(), Some(StatusCode::NO_CONTENT), "{n}");
        }
    }

    #[test]
    fn lists_are_limited_and_the_attempts_of_a_plan_share_them() {
        let list = |name: &str, count: usize| parse(&format!("{name}={}", vec!["a"; count].join(",")));
        assert!(list("event", 1_000).is_ok());
        assert!(list("event", 1_001).is_err_and(|line| line.contains("up to 1000 names")));
        let message = |count| parse(&format!("message={}", "a{n}".repeat(count)));
        assert!(message(500).is_ok());
        assert!(message(501).is_err_and(|line| line.contains("up to 500 placeholders")));
        let stream = parse("event=a,b&last-event-id=7-1&token=a&plan=200,503").expect("a plan");
        assert!(stream.plan.iter().all(|attempt| std::sync::Arc::ptr_eq(&attempt.pace.types, &stream.pace.types)));
    }

    #[test]
    fn a_plan_may_change_what_was_given_and_encodes_its_values_once_more() {
        let stream = parse("drop=5&token=a&plan=200:drop=2,302:location=http%253A//a/%253Fb").expect("a plan");
        assert_eq!(stream.clone().attempt(1).end.drop, Some(2));
        let location = Location::To("http://a/?b".parse().expect("a value"));
        assert_eq!(stream.attempt(2).answer.location, Some(location));
    }

    #[test]
    fn an_impossible_plan_is_refused_whichever_attempt_is_at_fault() {
        for (plan, line) in [
            ("", "`` is not an attempt of a plan: begin it with a status or none, as in 200:drop=2:end=reset"),
            ("200,drop=2", "`drop=2` is not an attempt of a plan"),
            ("200,200:drop=x", "`drop=x` is invalid: expected a whole number"),
            ("200,200:dorp=1", "`dorp` is not a parameter: allowed are "),
            ("200,200:token=b", "`token` is not allowed inside a plan"),
            ("200,200:%74oken=b", "`token` is not allowed inside a plan"),
            ("200,200:%2574oken=b", "`token` is not allowed inside a plan"),
            ("200,200:drop=1:drop=2", "`drop` is given twice: give it once"),
            ("200,200:status=503", "`status` is given twice: give it once"),
            ("200:cors=no-preflight", "`cors=no-preflight` is not allowed inside a plan"),
            ("200:chunk-delay=1s", "`chunk-delay` has no effect alone: add"),
        ] {
            let error = parse(&format!("token=a&plan={plan}")).expect_err(plan);
            assert!(error.starts_with(line), "{error}");
        }
        for plan in ["200:data=n", "200,200:message=x"] {
            let stream = Stream::new(Duration::from_secs(5));
            let error = with_query(stream, Endpoint::Echo, &format!("token=a&plan={plan}")).expect_err(plan);
            assert!(error.ends_with("is not allowed for /echo, whose data is the request: leave it out"), "{error}");
        }
        let error = parse(&format!("token=a&plan={}", ["200"; 101].join(","))).expect_err("too long");
        assert_eq!(error, "`plan` has 101 attempts: the maximum is 100");
    }

    #[test]
    fn duration_spreads_events_or_counts_them() {
        let pace = |query| parse(query).map(|stream| (stream.pace.interval().as_millis(), stream.pace.count()));
        assert_eq!(pace("duration=1s&count=5"), Ok((250, Some(5))));
        assert_eq!(pace("duration=1s&count=1"), Ok((1_000, Some(1))));
        assert_eq!(pace("duration=1s&interval=300ms"), Ok((300, Some(4))));
        assert_eq!(pace("duration=0"), Ok((5_000, Some(1))));
    }

    #[test]
    fn an_empty_id_is_no_id() {
        assert_eq!(parse("last-event-id=").map(|stream| stream.ids.last_event_id), Ok(None));
    }
}
