//! What a stream is, as its URL says.

use std::time::Duration;

use super::params::answer::Answer;
use super::params::attempts::Attempts;
use super::params::bytes::Bytes;
use super::params::end::Ending;
use super::params::ids::Ids;
use super::params::order::Order;
use super::params::pace::Pace;
use super::params::{Param, Set, params, value};

/// What plays a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// Timed events.
    Events,
    /// Events that say what the request was.
    Echo,
    /// A script.
    Raw,
}

/// A stream as its URL describes it: pure data, from which all bytes of all connections are computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    pub(crate) pace: Pace,
    pub(crate) ids: Ids,
    pub(crate) answer: Answer,
    pub(crate) bytes: Bytes,
    pub(crate) end: Ending,
    pub(crate) order: Order,
    pub(crate) attempts: Attempts,
    /// What each attempt gets instead, if there is a plan.
    plan: Vec<Stream>,
}

/// The names of the parameters that were given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given(Vec<String>);

impl Given {
    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|given| given == name)
    }

    /// Adds a name that must not have been given before.
    pub(super) fn add(&mut self, name: &str) -> Result<(), String> {
        if self.has(name) {
            return Err(format!("`{name}` is given twice: once is allowed"));
        }
        self.0.push(name.to_owned());
        Ok(())
    }

    /// Adds a name that may have been given before.
    pub(super) fn replace(&mut self, name: &str) {
        // What was given stays given.
        let _ = self.add(name);
    }
}

impl Stream {
    /// The stream of an empty query.
    pub(crate) fn new(interval: Duration) -> Self {
        Self {
            pace: Pace::new(interval),
            ids: Ids::default(),
            answer: Answer::default(),
            bytes: Bytes::default(),
            end: Ending::default(),
            order: Order::default(),
            attempts: Attempts::default(),
            plan: Vec::new(),
        }
    }

    /// Reads the query of a URL over the values that `self` has.
    ///
    /// # Errors
    /// A line that names the parameter at fault and what is allowed.
    pub(crate) fn with_query(mut self, endpoint: Endpoint, query: &str) -> Result<Self, String> {
        let mut given = Given::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = value::pair(pair.as_bytes());
            endpoint.check(&name)?;
            given.add(&name)?;
            self.set(&name, &value)?;
        }
        if endpoint == Endpoint::Echo {
            self.echo_once(&given);
        }
        if endpoint != Endpoint::Events {
            // Both end without being told.
            given.replace("drop");
        }
        self.check(&given)?;
        self.plan = self.attempts.streams(endpoint, &self, &given)?;
        Ok(self)
    }

    /// One event for each connection, so that each tells of its own request.
    fn echo_once(&mut self, given: &Given) {
        self.end.drop = self.end.drop.or(Some(1));
        if !given.has("interval") {
            self.pace.never_waits();
        }
    }

    /// Puts a value into the stream.
    pub(super) fn set(&mut self, name: &str, value: &[u8]) -> Result<(), String> {
        let param = params().find(|param| param.name == name).ok_or_else(|| {
            let names: Vec<_> = params().map(|param| param.name).collect();
            format!("`{name}` is no parameter: allowed are {} (see /help)", names.join(", "))
        })?;
        let set = match param.set {
            Set::Text(set) => std::str::from_utf8(value).ok().and_then(|value| set(self, value)),
            Set::Bytes(set) => set(self, value),
        };
        set.ok_or_else(|| {
            let value = String::from_utf8_lossy(value);
            format!("`{name}={value}` is not possible: allowed is {}", param.allowed)
        })
    }

    /// Refuses what is impossible together.
    pub(super) fn check(&self, given: &Given) -> Result<(), String> {
        for Param { name, needs, not_with, .. } in params().filter(|param| given.has(param.name)) {
            if let Some(other) = not_with.iter().find(|other| given.has(other)) {
                return Err(format!("`{name}` is not possible with `{other}`: leave one of them out"));
            }
            if !needs.is_empty() && !needs.iter().any(|other| given.has(other)) {
                return Err(format!("`{name}` means nothing without {}", any_of(needs)));
            }
        }
        self.pace.check(|name| given.has(name))?;
        self.answer.check()
    }

    /// What the n-th connection gets, from 1.
    pub(crate) fn attempt(mut self, n: u64) -> Self {
        let last = self.plan.len().saturating_sub(1);
        let index = usize::try_from(n.saturating_sub(1)).unwrap_or(last).min(last);
        if self.plan.is_empty() { self } else { self.plan.swap_remove(index) }
    }
}

impl Endpoint {
    /// Refuses parameters that have no meaning here.
    pub(super) fn check(self, name: &str) -> Result<(), String> {
        const RAW: &[&str] = &[
            "status",
            "mime",
            "location",
            "delay-headers",
            "cors",
            "cookie",
            "retry-after",
            "chunk_size",
            "chunk_delay",
            "split",
            "limit_data",
            "end",
            "rate",
        ];
        match self {
            Self::Echo if matches!(name, "data" | "message") => {
                Err(format!("`{name}` is not possible for /echo, whose data is the request"))
            }
            Self::Raw if !RAW.contains(&name) && params().any(|param| param.name == name) => {
                Err(format!("`{name}` is not possible for a script: allowed are {}", RAW.join(", ")))
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
    use axum::http::StatusCode;

    use super::super::params::end::End;
    use super::*;

    fn parse(query: &str) -> Result<Stream, String> {
        Stream::new(Duration::from_secs(5)).with_query(Endpoint::Events, query)
    }

    #[test]
    fn an_empty_query_changes_nothing() {
        for query in ["", "&", "&&"] {
            assert_eq!(parse(query), Ok(Stream::new(Duration::from_secs(5))));
        }
    }

    #[test]
    fn every_example_of_the_table_is_allowed_and_has_its_parameter() {
        for Param { name, example, .. } in params() {
            parse(example).expect(name);
            assert!(example.contains(&format!("{name}=")), "{name}");
        }
    }

    #[test]
    fn what_a_parameter_needs_or_contradicts_exists() {
        for Param { needs, not_with, .. } in params() {
            for other in needs.iter().chain(*not_with) {
                assert!(params().any(|param| param.name == *other), "{other}");
            }
        }
    }

    #[test]
    fn an_unknown_parameter_is_named_with_those_that_are_allowed() {
        let error = parse("count=3&intervall=5s").expect_err("no parameter");
        assert!(error.starts_with("`intervall` is no parameter: allowed are interval, count, delay, "), "{error}");
        assert!(error.ends_with(", token, plan (see /help)"), "{error}");
    }

    #[test]
    fn an_impossible_value_is_named_with_what_is_allowed() {
        let error = parse("count=0").expect_err("impossible");
        assert_eq!(error, "`count=0` is not possible: allowed is a whole number from 1");
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
            "retry=1s",
            "retry=-1",
            "data=x",
            "t0=x",
            "t0=99999999999999",
            "id=x",
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
            "eol=x",
            "bom=3",
            "bom=-1",
            "newline=x",
            "chunk_size=0",
            "chunk_size=x",
            "message=",
            "split=x",
            "chunk_size=1&chunk_delay=5",
            "drop=-1",
            "drop=",
            "limit_data=x",
            "count=1&end=x",
            "rate=0",
            "rate=x",
            "gap=1",
            "gap=0",
            "gap=0%25",
            "gap=100%25",
            "dup=0",
            "reorder=1",
            "reorder=1001",
            "reorder=5%25",
            "token=",
            "token=12345678901234567890123456789012345678901234567890123456789012345",
        ] {
            let error = parse(query).expect_err(query);
            let name = query.split('&').next_back().and_then(|pair| pair.split('=').next()).unwrap_or_default();
            assert!(error.starts_with(&format!("`{name}=")) && error.contains("allowed is"), "{query}: {error}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused_with_the_cure() {
        for (query, line) in [
            ("count=1&count=2", "`count` is given twice: once is allowed"),
            ("end=reset", "`end` means nothing without `drop` or `limit_data` or"),
            ("chunk_delay=1s", "`chunk_delay` means nothing without `chunk_size` or `split`"),
            ("plan=200", "`plan` means nothing without `token`"),
            ("message=x&size=3", "`message` is not possible with `size`: leave one of them out"),
            ("duration=1s&count=2&interval=1s", "`duration`, `count` and `interval` say one thing too many"),
            ("duration=1s&interval=0", "`duration` needs `count`, or an `interval` above 0"),
            ("location=/&status=200", "`location` needs a `status` that redirects"),
            ("location=/&status=none", "`location` needs a `status` that redirects"),
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
    fn a_plan_may_change_what_was_given_and_encodes_its_values_once_more() {
        let stream = parse("drop=5&token=a&plan=200:drop=2,302:location=http%253A//a/%253Fb").expect("a plan");
        assert_eq!(stream.clone().attempt(1).end.drop, Some(2));
        let location = super::super::params::answer::Location::To("http://a/?b".parse().expect("a value"));
        assert_eq!(stream.attempt(2).answer.location, Some(location));
    }

    #[test]
    fn an_impossible_plan_is_refused_whichever_attempt_is_at_fault() {
        for (plan, line) in [
            ("", "`` is no attempt of a plan: it begins with a status or none, as in 200:drop=2:end=reset"),
            ("200,drop=2", "`drop=2` is no attempt of a plan"),
            ("200,200:drop=x", "`drop=x` is not possible: allowed is a whole number"),
            ("200,200:dorp=1", "`dorp` is no parameter: allowed are "),
            ("200,200:token=b", "`token` is not possible inside a plan"),
            ("200,200:%74oken=b", "`token` is not possible inside a plan"),
            ("200,200:%2574oken=b", "`token` is not possible inside a plan"),
            ("200,200:drop=1:drop=2", "`drop` is given twice: once is allowed"),
            ("200,200:status=503", "`status` is given twice: once is allowed"),
            ("200:cors=no-preflight", "`cors=no-preflight` is not possible inside a plan"),
            ("200:chunk_delay=1s", "`chunk_delay` means nothing without"),
        ] {
            let error = parse(&format!("token=a&plan={plan}")).expect_err(plan);
            assert!(error.starts_with(line), "{error}");
        }
        for plan in ["200:data=n", "200,200:message=x"] {
            let stream = Stream::new(Duration::from_secs(5));
            let error = stream.with_query(Endpoint::Echo, &format!("token=a&plan={plan}")).expect_err(plan);
            assert!(error.ends_with("is not possible for /echo, whose data is the request"), "{error}");
        }
        let error = parse(&format!("token=a&plan={}", ["200"; 101].join(","))).expect_err("too long");
        assert_eq!(error, "`plan` has 101 attempts: allowed are 100");
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
        assert_eq!(parse("lastEventId=").map(|stream| stream.ids.last_event_id), Ok(None));
    }
}
