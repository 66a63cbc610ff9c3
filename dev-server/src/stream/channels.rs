//! The channels, and the events that were pushed to them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use atomic_waker::AtomicWaker;

use super::id::Moment;

/// How many channels are kept: the most recently used ones.
const MAX_CHANNELS: usize = 64;
/// How many of the newest events of a channel are kept.
const MAX_KEPT: usize = 1_000;
/// How long they may be in total, in bytes. Fewer events are kept if they are longer, but always the newest one.
const MAX_BYTES: usize = 4 << 20;

/// An event to be pushed.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let server = dev_server::TestServer::spawn().await?;
/// let url = server.events().channel("news").to_string();
/// // Open the client under test at `url`, and then:
/// server.push("news", dev_server::PushedEvent::data("hello").event_type("greeting"))?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct PushedEvent {
    pub(crate) data: Option<String>,
    pub(crate) event_type: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) retry: Option<u64>,
}

impl PushedEvent {
    /// An event of the type `message`, with an id that the server generates.
    pub fn data(data: impl Into<String>) -> Self {
        Self { data: Some(data.into()), ..Self::default() }
    }

    /// Sets the type.
    pub fn event_type(mut self, event_type: impl Into<String>) -> Self {
        self.event_type = Some(event_type.into());
        self
    }

    /// Sets the id.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Adds a `retry` field, in milliseconds.
    pub fn retry(mut self, millis: u64) -> Self {
        self.retry = Some(millis);
        self
    }

    /// Refuses types and ids that would be more than one line.
    fn check(&self) -> Result<(), String> {
        let one_line = |name: &str, value: &Option<String>| match value {
            Some(value) if value.contains(['\r', '\n', '\0']) => {
                Err(format!("`{name}` is invalid: expected one line, without NUL"))
            }
            _ => Ok(()),
        };
        one_line("type", &self.event_type)?;
        one_line("id", &self.id)
    }
}

/// An event of a channel.
#[derive(Debug)]
pub(crate) struct Pushed {
    /// All line ends are line feeds.
    pub(crate) data: Option<String>,
    pub(crate) event_type: Option<String>,
    pub(crate) id: Arc<str>,
    pub(crate) retry: Option<u64>,
}

impl Pushed {
    fn len(&self) -> usize {
        let texts = [&self.data, &self.event_type].into_iter().flatten().map(String::len).sum::<usize>();
        texts + self.id.len()
    }
}

/// The channels, by their names.
#[derive(Debug, Default)]
pub(crate) struct Channels(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// Grows with each use of any channel, to find the least recently used one.
    uses: u64,
    channels: BTreeMap<String, (u64, Arc<Channel>)>,
}

impl Channels {
    /// Pushes an event, and returns its id and the number of readers.
    ///
    /// # Errors
    /// A line that says why the event is refused.
    pub(crate) fn push(&self, name: &str, event: PushedEvent, now: Moment) -> Result<(Arc<str>, usize), String> {
        event.check()?;
        Ok(self.open(name, now)?.push(event))
    }

    /// The channel with this name, which is created if it does not exist.
    ///
    /// # Errors
    /// A line, if all channels have readers, so that none can be discarded for a new one.
    pub(crate) fn open(&self, name: &str, now: Moment) -> Result<Arc<Channel>, String> {
        let mut known = lock(&self.0);
        known.uses += 1;
        let uses = known.uses;
        if !known.channels.contains_key(name) && known.channels.len() >= MAX_CHANNELS {
            let unread = known.channels.iter().filter(|(_, (_, channel))| channel.readers() == 0);
            let oldest = unread.min_by_key(|(_, (last_use, _))| *last_use).map(|(name, _)| name.clone());
            let oldest = oldest
                .ok_or_else(|| format!("all {MAX_CHANNELS} channels have readers: close the streams of one of them"))?;
            known.channels.remove(&oldest);
        }
        let new = || (uses, Arc::new(Channel::new(now)));
        let (last_use, channel) = known.channels.entry(name.to_owned()).or_insert_with(new);
        *last_use = uses;
        Ok(Arc::clone(channel))
    }

    /// The channel with this name, or one that nothing is ever pushed to.
    pub(crate) fn look(&self, name: &str, now: Moment) -> Arc<Channel> {
        let known = lock(&self.0).channels.get(name).map(|(_, channel)| Arc::clone(channel));
        known.unwrap_or_else(|| Arc::new(Channel::new(now)))
    }
}

/// The events that were pushed to one name.
#[derive(Debug)]
pub(crate) struct Channel {
    /// The first part of the ids that it generates, in milliseconds, so that an id from before a restart never names another
    /// event.
    born: u128,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How many events were pushed.
    pushed: u64,
    /// The newest of them, oldest first.
    kept: VecDeque<Arc<Pushed>>,
    bytes: usize,
    readers: Vec<Weak<AtomicWaker>>,
}

impl Channel {
    fn new(now: Moment) -> Self {
        Self { born: now.as_millis(), state: Mutex::default() }
    }

    fn push(&self, event: PushedEvent) -> (Arc<str>, usize) {
        let PushedEvent { data, event_type, id, retry } = event;
        let mut state = lock(&self.state);
        let id: Arc<str> = id.map_or_else(|| format!("{}-{}", self.born, state.pushed).into(), Arc::from);
        let data = data.map(|data| data.replace("\r\n", "\n").replace('\r', "\n"));
        let event = Pushed { data, event_type, id: Arc::clone(&id), retry };
        state.pushed += 1;
        state.bytes += event.len();
        state.kept.push_back(Arc::new(event));
        while state.kept.len() > MAX_KEPT || (state.bytes > MAX_BYTES && state.kept.len() > 1) {
            let Some(oldest) = state.kept.pop_front() else { break };
            state.bytes -= oldest.len();
        }
        state.readers.retain(|reader| reader.strong_count() > 0);
        for reader in state.readers.iter().filter_map(Weak::upgrade) {
            reader.wake();
        }
        (id, state.readers.len())
    }

    fn readers(&self) -> usize {
        lock(&self.state).readers.iter().filter(|reader| reader.strong_count() > 0).count()
    }

    /// Wakes a reader at each push, for as long as it has its waker.
    pub(crate) fn wake(&self, reader: &Arc<AtomicWaker>) {
        let mut state = lock(&self.state);
        // Removes closed readers here, because many may come and go without a push.
        state.readers.retain(|reader| reader.strong_count() > 0);
        state.readers.push(Arc::downgrade(reader));
    }

    /// How many events were pushed so far: the place of the next one.
    pub(crate) fn end(&self) -> u64 {
        lock(&self.state).pushed
    }

    /// The place after the event with this id, if it is one of the newest.
    pub(crate) fn after(&self, id: &str) -> Option<u64> {
        let state = lock(&self.state);
        let back = state.kept.iter().rev().position(|event| *event.id == *id)?;
        Some(state.pushed - back as u64)
    }

    /// The first place from this one on whose event is still kept.
    pub(crate) fn kept(&self, place: u64) -> u64 {
        let state = lock(&self.state);
        place.max(state.pushed - state.kept.len() as u64)
    }

    /// The event at a place, if it was pushed and is kept.
    pub(crate) fn get(&self, place: u64) -> Option<Arc<Pushed>> {
        let state = lock(&self.state);
        let index = place.checked_sub(state.pushed - state.kept.len() as u64)?;
        state.kept.get(usize::try_from(index).ok()?).map(Arc::clone)
    }
}

/// No operation leaves the values behind these locks inconsistent, so poisoned locks can be used.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(channels: &Channels, name: &str, data: &str) -> String {
        let (id, _) = channels.push(name, PushedEvent::data(data), Moment::from_millis(7)).expect("a channel");
        id.to_string()
    }

    #[test]
    fn the_newest_thousand_are_kept_and_found_by_their_ids() {
        let channels = Channels::default();
        let ids: Vec<_> = (0..=MAX_KEPT).map(|n| push(&channels, "a", &n.to_string())).collect();
        assert_eq!((ids[0].as_str(), ids[MAX_KEPT].as_str()), ("7-0", "7-1000"));
        let channel = channels.open("a", Moment::ZERO).expect("a channel");
        assert_eq!((channel.after("7-0"), channel.after("7-1"), channel.after("7-1000")), (None, Some(2), Some(1_001)));
        let data = |place| channel.get(place).map(|event| event.data.clone().expect("data"));
        assert_eq!((data(0), data(1), data(1_001)), (None, Some("1".to_owned()), None));
        assert_eq!((channel.kept(0), channel.kept(1), channel.kept(2)), (1, 1, 2));
    }

    #[test]
    fn long_events_are_fewer_and_the_newest_is_always_kept() {
        let channels = Channels::default();
        for _ in 0..10 {
            push(&channels, "a", &"x".repeat(1 << 20));
        }
        let channel = channels.open("a", Moment::ZERO).expect("a channel");
        assert_eq!((channel.after("7-6"), channel.after("7-7")), (None, Some(8)));
        push(&channels, "a", &"x".repeat(MAX_BYTES + 1));
        assert_eq!(channel.after("7-10"), Some(11));
    }

    #[test]
    fn channels_without_readers_are_forgotten_for_new_ones_and_those_with_readers_are_not() {
        let channels = Channels::default();
        let name = |n: usize| n.to_string();
        let wakers: Vec<_> = (0..MAX_CHANNELS).map(|_| Arc::new(AtomicWaker::new())).collect();
        for (n, waker) in wakers.iter().enumerate() {
            channels.open(&name(n), Moment::ZERO).expect("a channel").wake(waker);
        }
        assert!(
            channels.open("one more", Moment::ZERO).is_err_and(|line| line.contains("all 64 channels have readers"))
        );
        drop(wakers);
        channels.open("one more", Moment::ZERO).expect("a channel");
        assert!(Arc::ptr_eq(&channels.look("one more", Moment::ZERO), &channels.look("one more", Moment::ZERO)));
        assert!(!Arc::ptr_eq(&channels.look("0", Moment::ZERO), &channels.look("0", Moment::ZERO)), "forgotten");
    }

    #[test]
    fn a_type_and_an_id_are_one_line() {
        let channels = Channels::default();
        for event in [PushedEvent::data("").event_type("a\nb"), PushedEvent::data("").id("a\0")] {
            let line = channels.push("a", event, Moment::ZERO).expect_err("two lines");
            assert!(line.contains("is invalid: expected one line"), "{line}");
        }
    }
}
