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

/// How many scripts wait to be played: older ones are forgotten.
const MAX_WAITING: usize = 64;
/// How many scripts are remembered, those that were played too.
const MAX_KEPT: usize = 1_000;
/// How long they are.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);
const MAX_LINES: usize = 10_000;
/// All pauses of a script together.
const MAX_PAUSES: Duration = Duration::from_secs(10 * 60);

const ITEM: &str = r#"a string, {"base64": "…"}, {"pause": "200ms"}, or {"end": "eof"}, abort, reset or stall"#;

/// What the help says of it.
pub(crate) const HELP: &str = "\
The body is a JSON array: a string is sent as it is, {\"base64\": \"…\"} as the bytes it stands for, {\"pause\": \"200ms\"}
waits, and {\"end\": \"eof\"}, abort, reset or stall as the last item says how the connection ends. The answer is a URL
that plays the script once; who asks for it again gets 204. The URL may have parameters of the groups Answer, Bytes (the
cuts) and End and rate. A script has 1 MiB of JSON, 10000 items and 10 minutes of pauses at most. 64 scripts wait to be
played, for an hour at most; when there are more the oldest is forgotten.
";

/// The scripts that wait to be played, or were.
#[derive(Debug)]
pub(crate) struct Scripts {
    /// Begins the ids, so that no id of a server that was restarted means another script.
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
    /// None once it was played.
    script: Option<Arc<Script>>,
}

/// What the id of a script gives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Script(Arc<Script>),
    Played,
    /// It is forgotten, or never was.
    Unknown,
}

impl Scripts {
    pub(crate) fn new() -> Self {
        let born = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { born, kept: Mutex::default() }
    }

    /// Keeps a script, and returns the id that it has from now on.
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

    /// Gives a script, once.
    pub(crate) fn take(&self, id: &str) -> Taken {
        match self.lock().scripts.iter_mut().find(|entry| entry.id == id) {
            Some(entry) => entry.script.take().map_or(Taken::Played, Taken::Script),
            None => Taken::Unknown,
        }
    }

    /// What [`take`](Self::take) would give.
    pub(crate) fn look(&self, id: &str) -> Taken {
        match self.lock().scripts.iter().find(|entry| entry.id == id) {
            Some(entry) => entry.script.clone().map_or(Taken::Played, Taken::Script),
            None => Taken::Unknown,
        }
    }

    /// The scripts that are not too old.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Whole at every moment, so a panic elsewhere does not spoil it.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.scripts.front().is_some_and(|oldest| oldest.since.elapsed() > MAX_AGE) {
            kept.scripts.pop_front();
        }
        kept
    }
}

/// The first items of an array, no more than are allowed, and how many there are.
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
            .map_err(|error| format!("the body is no JSON array: {error}; send one as in [\"data: 1\\n\\n\"]"))?;
        if count > MAX_LINES {
            return Err(format!("the script has {count} items: allowed are {MAX_LINES}"));
        }
        let mut script = Self::default();
        for (index, item) in items.iter().enumerate() {
            if script.end.is_some() {
                return Err(format!("item {index} comes after the end: that has to be the last one"));
            }
            script.add(item).ok_or_else(|| format!("item {index} is not possible: allowed is {ITEM}"))?;
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

    /// Whether it keeps to the limits.
    fn check(&self) -> Result<(), String> {
        let pauses: Duration = self.lines.iter().map(Line::pause).sum();
        if pauses > MAX_PAUSES {
            let seconds = pauses.as_secs();
            return Err(format!("the script's pauses take {seconds} s: allowed are {} s", MAX_PAUSES.as_secs()));
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
            ("", "the body is no JSON array: "),
            ("{}", "the body is no JSON array: "),
            ("[1]", "item 0 is not possible: allowed is a string"),
            (r#"["", {"pause": "5"}]"#, "item 1 is not possible"),
            (r#"[{"pause": 5}]"#, "item 0 is not possible"),
            (r#"[{"base64": "?"}]"#, "item 0 is not possible"),
            (r#"[{"end": "x"}]"#, "item 0 is not possible"),
            (r#"[{"pause": "1s", "end": "eof"}]"#, "item 0 is not possible"),
            (r#"[{"end": "eof"}, ""]"#, "item 1 comes after the end"),
            (r#"[{"pause": "6m"}, {"pause": "5m"}]"#, "the script's pauses take 660 s: allowed are 600 s"),
        ] {
            let error = Script::parse(json.as_bytes()).expect_err(json);
            assert!(error.starts_with(line), "{error}");
        }
        let many = format!("[{}\"\"]", "\"\",".repeat(MAX_LINES));
        assert_eq!(Script::parse(many.as_bytes()), Err("the script has 10001 items: allowed are 10000".to_owned()));
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
