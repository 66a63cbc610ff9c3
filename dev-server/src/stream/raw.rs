//! `POST /raw`: scripts that are played once.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::Value;

use super::params::end::End;
use super::script::{Line, Script};
use crate::duration::parse_duration;

/// How many scripts may wait to be played: older ones are discarded.
const MAX_WAITING: usize = 64;
/// How many scripts are remembered, including those that were played.
const MAX_KEPT: usize = 1_000;
/// How long a script is remembered.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);
const MAX_LINES: usize = 10_000;
/// All pauses of a script together.
const MAX_PAUSES: Duration = Duration::from_secs(10 * 60);

const ITEM: &str =
    r#"a string, {"base64": "…"}, {"pause": "200ms"}, or {"end": "eof"}, where eof may be abort, reset or stall"#;

/// The text for `/help`.
pub(crate) const HELP: &str = "\
The body is a JSON array. A string is sent as it is, {\"base64\": \"…\"} sends the decoded bytes, {\"pause\": \"200ms\"} waits,
and the last item may be {\"end\": \"eof\"}, or abort, reset or stall, for how the connection ends. The response is a URL
that plays the script once; further requests for it get 204. The URL accepts the parameters of Response, of Headers and
framing, and of End and rate except drop, and chunk-size, chunk-delay and split. A script may have up to 1 MiB of JSON,
10000 items and 10 minutes of pauses. Up to 64 scripts wait to be played, for an hour at most; when there are more, the
oldest is discarded.
";

/// The scripts that wait to be played, or were.
#[derive(Debug)]
pub(crate) struct Scripts {
    /// The first part of every id, so that an id from before a restart never names another script.
    born: Duration,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    next_id: u64,
    /// The oldest first.
    scripts: VecDeque<Entry>,
}

#[derive(Debug)]
struct Entry {
    id: String,
    since: Instant,
    /// None after it was played.
    script: Option<Arc<Script>>,
}

/// What is found for the id of a script.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Script(Arc<Script>),
    Played,
    /// It was discarded, or never existed.
    Unknown,
}

impl Scripts {
    pub(crate) fn new() -> Self {
        let born = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { born, kept: Mutex::default() }
    }

    /// Stores a script, and returns its id.
    pub(crate) fn keep(&self, script: Script) -> String {
        let mut kept = self.lock();
        let scripts = &mut kept.scripts;
        let waits = |entry: &Entry| entry.script.is_some();
        if scripts.iter().filter(|entry| waits(entry)).count() >= MAX_WAITING {
            let oldest = scripts.iter().position(waits);
            oldest.and_then(|oldest| scripts.remove(oldest));
        }
        if scripts.len() >= MAX_KEPT {
            scripts.pop_front();
        }
        let id = format!("{:x}-{}", self.born.as_millis(), kept.next_id);
        kept.next_id += 1;
        kept.scripts.push_back(Entry { id: id.clone(), since: Instant::now(), script: Some(Arc::new(script)) });
        id
    }

    /// Returns a script the first time it is called with its id.
    pub(crate) fn take(&self, id: &str) -> Taken {
        match self.lock().scripts.iter_mut().find(|entry| entry.id == id) {
            Some(entry) => entry.script.take().map_or(Taken::Played, Taken::Script),
            None => Taken::Unknown,
        }
    }

    /// What [`take`](Self::take) would return.
    pub(crate) fn look(&self, id: &str) -> Taken {
        match self.lock().scripts.iter().find(|entry| entry.id == id) {
            Some(entry) => entry.script.clone().map_or(Taken::Played, Taken::Script),
            None => Taken::Unknown,
        }
    }

    /// The scripts that are not too old.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        // No operation leaves the list inconsistent, so a poisoned lock can be used.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.scripts.front().is_some_and(|oldest| oldest.since.elapsed() > MAX_AGE) {
            kept.scripts.pop_front();
        }
        kept
    }
}

/// The first items of an array, as many as are allowed, and how many there are in all.
struct Items {
    items: Vec<Value>,
    count: usize,
}

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Items;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Items, A::Error> {
                let mut items = Vec::new();
                while items.len() < MAX_LINES
                    && let Some(item) = seq.next_element()?
                {
                    items.push(item);
                }
                let mut count = items.len();
                while count >= MAX_LINES && seq.next_element::<IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Items { items, count })
            }
        }

        deserializer.deserialize_seq(Reader)
    }
}

impl Script {
    /// Reads a script as `POST /raw` takes it.
    ///
    /// # Errors
    /// A line that names the item at fault and what is allowed.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, String> {
        let Items { items, count } = serde_json::from_slice(json)
            .map_err(|error| format!("the body is not a JSON array: {error}; send one, as in [\"data: 1\\n\\n\"]"))?;
        if count > MAX_LINES {
            return Err(format!("the script has {count} items: the maximum is {MAX_LINES}"));
        }
        let mut script = Self::default();
        for (index, item) in items.iter().enumerate() {
            if script.end.is_some() {
                return Err(format!("item {index} comes after an end: make the end the last item"));
            }
            script.add(item).ok_or_else(|| format!("item {index} is invalid: expected {ITEM}"))?;
        }
        script.check()?;
        Ok(script)
    }

    fn add(&mut self, item: &Value) -> Option<()> {
        let line = match item {
            Value::String(text) => Line::Bytes(text.clone().into()),
            Value::Object(map) if map.len() == 1 => {
                let (name, value) = map.iter().next()?;
                let value = value.as_str()?;
                match name.as_str() {
                    "base64" => Line::Bytes(STANDARD.decode(value).ok()?.into()),
                    "pause" => Line::Pause(parse_duration(value).ok()?),
                    "end" => {
                        self.end = Some(End::parse(value).filter(|end| !end.needs_http_2())?);
                        return Some(());
                    }
                    _ => return None,
                }
            }
            _ => return None,
        };
        self.lines.push(line);
        Some(())
    }

    /// Checks the limits that concern the script as a whole.
    fn check(&self) -> Result<(), String> {
        let pauses: Duration = self.lines.iter().map(Line::pause).sum();
        if pauses > MAX_PAUSES {
            let seconds = pauses.as_secs();
            return Err(format!("the script's pauses take {seconds} s: the maximum is {} s", MAX_PAUSES.as_secs()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_texts_bytes_pauses_and_an_end() {
        let script = Script::parse(br#"["a\n", {"base64": "/wA="}, {"pause": "5ms"}, "", {"end": "reset"}]"#);
        let bytes = |bytes: &'static [u8]| Line::Bytes(bytes.into());
        let lines = vec![bytes(b"a\n"), bytes(b"\xff\0"), Line::Pause(Duration::from_millis(5)), bytes(b"")];
        assert_eq!(script, Ok(Script { lines, end: Some(End::Reset) }));
        assert_eq!(Script::parse(b"[]"), Ok(Script::default()));
    }

    #[test]
    fn what_is_no_script_is_refused_with_the_item_at_fault() {
        for (json, line) in [
            ("", "the body is not a JSON array: "),
            ("{}", "the body is not a JSON array: "),
            ("[1]", "item 0 is invalid: expected a string"),
            (r#"["", {"pause": "5"}]"#, "item 1 is invalid"),
            (r#"[{"pause": 5}]"#, "item 0 is invalid"),
            (r#"[{"base64": "?"}]"#, "item 0 is invalid"),
            (r#"[{"end": "x"}]"#, "item 0 is invalid"),
            (r#"[{"pause": "1s", "end": "eof"}]"#, "item 0 is invalid"),
            (r#"[{"end": "eof"}, ""]"#, "item 1 comes after an end: make the end the last item"),
            (r#"[{"pause": "6m"}, {"pause": "5m"}]"#, "the script's pauses take 660 s: the maximum is 600 s"),
        ] {
            let error = Script::parse(json.as_bytes()).expect_err(json);
            assert!(error.starts_with(line), "{error}");
        }
        let many = format!("[{}\"\"]", "\"\",".repeat(MAX_LINES));
        assert_eq!(Script::parse(many.as_bytes()), Err("the script has 10001 items: the maximum is 10000".to_owned()));
    }

    #[test]
    fn a_script_is_given_once() {
        let scripts = Scripts::new();
        let id = scripts.keep(Script::default());
        assert!(matches!(scripts.take(&id), Taken::Script(_)));
        assert_eq!(scripts.take(&id), Taken::Played);
        assert_eq!(scripts.take("x"), Taken::Unknown);
    }

    #[test]
    fn only_so_many_wait_and_only_so_many_are_remembered() {
        let scripts = Scripts::new();
        let ids: Vec<_> = (0..=MAX_WAITING).map(|_| scripts.keep(Script::default())).collect();
        assert_eq!(scripts.take(&ids[0]), Taken::Unknown);
        assert!(matches!(scripts.take(&ids[1]), Taken::Script(_)));
        for _ in 0..2 * MAX_KEPT {
            let id = scripts.keep(Script::default());
            scripts.take(&id);
        }
        assert_eq!(scripts.lock().scripts.len(), MAX_KEPT);
        assert_eq!(scripts.take(&ids[1]), Taken::Unknown);
    }
}
