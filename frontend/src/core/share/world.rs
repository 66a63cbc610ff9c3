//! Tabs that open, close, freeze and crash, over a channel that delays, loses and doubles posts, and a server that
//! resumes where asked. Whatever happens, each tab gets every message from its first one on, once and in order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::post::{Arrival, Epoch, Posted};
use super::sharer::{Output, Sharer};
use crate::core::state::State;
use crate::core::time::{Instant, milliseconds};

pub(super) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The time between two messages.
const PERIOD: Duration = ms(100);

#[derive(Clone, Debug)]
pub(super) enum Action {
    Open,
    Close(usize),
    Kill(usize),
    Freeze(usize, Duration),
    Cache(usize, Duration),
    Hide(usize),
    Show(usize),
    Jump(usize, Duration),
    Break(usize),
    Reconnect(usize),
}

/// What happens to a tab.
#[derive(Clone, Debug)]
enum Event {
    Joined,
    Granted,
    Lost,
    Post(Vec<u8>),
    Fired,
    /// Of the connection with this number.
    Opened(u64),
    Messages(u64),
    Broken(u64),
    Gone(u64),
    Verified,
    Restored,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Net {
    pub(super) loss: u32,
    pub(super) doubling: u32,
    pub(super) longest: u64,
    pub(super) in_order: bool,
}

pub(super) struct Connection {
    number: u64,
    /// The number of the next message that it brings.
    at: u64,
}

pub(super) struct Tab {
    pub(super) sharer: Sharer,
    pub(super) alive: bool,
    pub(super) frozen_until: Instant,
    ahead: Duration,
    pub(super) present: bool,
    pub(super) connection: Option<Connection>,
    watches: Vec<u64>,
    /// The numbers of its messages; `None` where it was told that messages are missing.
    pub(super) log: Vec<Option<u64>>,
    was_cached: bool,
    /// The epoch in which its numbering began.
    origin: Epoch,
    pub(super) faults: Vec<String>,
    /// Since when it has been running without a leader.
    pub(super) alone: Option<Instant>,
    /// When the newest post to it arrives.
    newest: Instant,
}

pub(super) struct World {
    pub(super) now: Instant,
    events: BTreeMap<(Instant, u64), (usize, Event)>,
    sequence: u64,
    pub(super) tabs: Vec<Tab>,
    holder: Option<usize>,
    queue: Vec<usize>,
    random: u64,
    pub(super) net: Net,
    pub(super) connections: u64,
    pub(super) two: Option<Instant>,
    pub(super) hand_overs: u32,
    pub(super) lossy: bool,
}

impl World {
    pub(super) fn new(seed: u64, net: Net) -> Self {
        Self {
            now: ms(1000),
            events: BTreeMap::new(),
            sequence: 0,
            tabs: Vec::new(),
            holder: None,
            queue: Vec::new(),
            random: seed | 1,
            net,
            connections: 0,
            two: None,
            hand_overs: 0,
            lossy: net.loss > 0,
        }
    }

    /// A random number below this one.
    pub(super) fn random(&mut self, below: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % below.max(1)
    }

    fn at(&mut self, after: Duration, tab: usize, event: Event) {
        self.sequence += 1;
        self.events.insert((self.now + after, self.sequence), (tab, event));
    }

    pub(super) fn newest_message(&self) -> u64 {
        milliseconds(self.now) / milliseconds(PERIOD)
    }

    pub(super) fn open(&mut self) {
        let me = 1 + self.random(1 << 40);
        let tab = Tab {
            sharer: Sharer::new(me, milliseconds(self.now), true, ""),
            alive: true,
            frozen_until: Instant::ZERO,
            ahead: ms(self.random(100_000)),
            present: false,
            connection: None,
            watches: Vec::new(),
            log: Vec::new(),
            was_cached: false,
            origin: Epoch::default(),
            faults: Vec::new(),
            alone: None,
            newest: Instant::ZERO,
        };
        self.tabs.push(tab);
        let index = self.tabs.len() - 1;
        self.with(index, |sharer, now| {
            sharer.reads(now);
            sharer.start();
        });
    }

    fn with(&mut self, index: usize, act: impl FnOnce(&mut Sharer, Instant)) {
        let now = self.now;
        let tab = &mut self.tabs[index];
        act(&mut tab.sharer, now + tab.ahead);
        while let Some(output) = self.tabs[index].sharer.poll_output() {
            self.perform(index, output);
        }
    }

    fn perform(&mut self, index: usize, output: Output) {
        let soon = ms(1 + self.random(5));
        match output {
            Output::Join => {
                self.tabs[index].present = true;
                self.at(soon, index, Event::Joined);
            }
            Output::Leave => {
                self.events.retain(|_, (tab, event)| *tab != index || !matches!(event, Event::Fired));
                self.release(index);
            }
            Output::Post(bytes) => self.post(index, &bytes),
            Output::Queue => {
                self.unlock(index);
                self.queue.push(index);
                self.grant();
            }
            Output::Steal => {
                self.queue.retain(|waiting| *waiting != index);
                if let Some(holder) = self.holder.replace(index)
                    && holder != index
                {
                    self.at(soon, holder, Event::Lost);
                }
                let soon = ms(1 + self.random(5));
                self.at(soon, index, Event::Granted);
            }
            Output::Verify => self.at(soon, index, Event::Verified),
            Output::Watch(id) => {
                self.tabs[index].watches.push(id);
                if !self.tabs.iter().any(|tab| tab.alive && tab.present && id_of(tab) == id) {
                    self.at(soon, index, Event::Gone(id));
                }
            }
            Output::Open(after) => {
                self.connections += 1;
                let number = self.connections;
                let at = if after.is_empty() {
                    self.newest_message() + 1
                } else {
                    after.parse::<u64>().expect("ids are numbers") + 1
                };
                self.tabs[index].connection = Some(Connection { number, at });
                let after = ms(5 + self.random(60));
                self.at(after, index, Event::Opened(number));
            }
            Output::Close => {
                let open = self.tabs[index].connection.take();
                assert!(open.is_some(), "there is a connection to close");
            }
            Output::Reconnect => {
                let number = self.tabs[index].connection.as_ref().map(|connection| connection.number);
                self.at(soon, index, Event::Broken(number.unwrap_or(0)));
            }
            Output::Deliver(messages) => {
                self.tabs[index].origin = self.tabs[index].sharer.origin;
                let log = &mut self.tabs[index].log;
                log.extend(messages.iter().map(|message| message.data.parse::<u64>().ok()));
            }
            // The tab comes from the cache, where it got no posts, and those that knew the messages are gone; or it was
            // frozen, and the others, which did not know its place, have begun a new numbering.
            Output::Missed(None)
                if self.tabs[index].was_cached
                    || self.begins_anew(index)
                    || self.tabs[index].frozen_until > Instant::ZERO =>
            {
                self.tabs[index].log.push(None);
            }
            // Posts were lost, and a frozen tab could not report that before the tabs that had them were gone.
            Output::Missed(_) if self.lossy && self.tabs.iter().any(|tab| tab.frozen_until > Instant::ZERO) => {
                self.tabs[index].log.push(None);
            }
            // Posts were lost, and the tab has no message yet, so that no tab has an ID to resume from: the leader that
            // had the first message is gone.
            Output::Missed(Some(_)) if self.lossy && self.has_lost_a_leader() && self.tabs[index].log.is_empty() => {
                self.tabs[index].log.push(None);
            }
            Output::Gap(_) | Output::Missed(_) | Output::Excuse => {
                self.tabs[index].faults.push(format!("{output:?}"));
            }
            Output::Wake(after) => self.at(after, index, Event::Fired),
            Output::Tell(..) | Output::Move(_) | Output::Listen(_) | Output::MadeRoom => {}
        }
    }

    fn has_lost_a_leader(&self) -> bool {
        self.hand_overs > 1 && self.tabs.iter().any(|tab| !tab.alive || tab.was_cached)
    }

    fn begins_anew(&self, index: usize) -> bool {
        self.tabs[index].sharer.origin != self.tabs[index].origin
    }

    fn post(&mut self, from: usize, bytes: &[u8]) {
        for to in 0..self.tabs.len() {
            if to == from || !self.tabs[to].alive || !self.tabs[to].present {
                continue;
            }
            for _ in 0..=u32::from(self.random(100) < self.net.doubling.into()) {
                if self.random(100) < self.net.loss.into() {
                    continue;
                }
                let mut when = self.now + ms(1 + self.random(self.net.longest));
                if self.net.in_order {
                    when = when.max(self.tabs[to].newest);
                    self.tabs[to].newest = when;
                }
                self.sequence += 1;
                self.events.insert((when, self.sequence), (to, Event::Post(bytes.to_vec())));
            }
        }
    }

    fn grant(&mut self) {
        if self.holder.is_none() && !self.queue.is_empty() {
            let next = self.queue.remove(0);
            self.holder = Some(next);
            let soon = ms(1 + self.random(5));
            self.at(soon, next, Event::Granted);
        }
    }

    fn unlock(&mut self, index: usize) {
        self.queue.retain(|waiting| *waiting != index);
        if self.holder == Some(index) {
            self.holder = None;
        }
    }

    /// The tab's locks are free.
    fn release(&mut self, index: usize) {
        self.unlock(index);
        self.grant();
        self.tabs[index].present = false;
        let id = id_of(&self.tabs[index]);
        for other in 0..self.tabs.len() {
            if self.tabs[other].watches.contains(&id) {
                self.tabs[other].watches.retain(|watched| *watched != id);
                let soon = ms(1 + self.random(5));
                self.at(soon, other, Event::Gone(id));
            }
        }
    }

    pub(super) fn act(&mut self, action: &Action) {
        let count = self.tabs.len();
        let pick = |index: usize| index % count.max(1);
        if let Action::Close(index) | Action::Kill(index) | Action::Freeze(index, _) | Action::Cache(index, _) = *action
            && self.holder == Some(pick(index))
        {
            // The tab that was about to lead is gone too, so the time counts from now on.
            self.tabs.iter_mut().for_each(|tab| tab.alone = None);
        }
        match *action {
            Action::Open => self.open(),
            _ if count == 0 => {}
            Action::Close(index) => self.end(pick(index), true),
            Action::Kill(index) => self.end(pick(index), false),
            Action::Freeze(index, time) => {
                let until = self.now + time;
                let tab = &mut self.tabs[pick(index)];
                tab.frozen_until = tab.frozen_until.max(until);
            }
            Action::Cache(index, time) => {
                let index = pick(index);
                if self.runs(index) && self.tabs[index].present {
                    self.tabs[index].was_cached = true;
                    self.with(index, |sharer, _| sharer.cached());
                    self.at(time, index, Event::Restored);
                }
            }
            Action::Hide(index) | Action::Show(index) => {
                let (index, visible) = (pick(index), matches!(action, Action::Show(_)));
                if self.runs(index) {
                    self.with(index, |sharer, now| sharer.visible(now, visible));
                }
            }
            Action::Jump(index, time) => self.tabs[pick(index)].ahead += time,
            Action::Break(index) => {
                let index = pick(index);
                if let Some(number) = self.tabs[index].connection.as_ref().map(|connection| connection.number) {
                    self.at(ms(0), index, Event::Broken(number));
                }
            }
            Action::Reconnect(index) => {
                let index = pick(index);
                if self.runs(index) {
                    self.with(index, |sharer, _| sharer.reconnect());
                }
            }
        }
    }

    /// The sharers whose own locks are held.
    fn there(&self) -> Vec<u64> {
        self.tabs.iter().filter(|tab| tab.alive && tab.present).map(id_of).collect()
    }

    pub(super) fn runs(&self, index: usize) -> bool {
        self.tabs[index].alive && self.tabs[index].frozen_until <= self.now
    }

    fn end(&mut self, index: usize, says_so: bool) {
        if !self.tabs[index].alive {
            return;
        }
        if says_so && self.runs(index) {
            self.with(index, |sharer, _| sharer.leave());
        }
        self.tabs[index].alive = false;
        self.tabs[index].connection = None;
        self.release(index);
    }

    fn happen(&mut self, index: usize, event: Event) {
        if !self.tabs[index].alive {
            return;
        }
        match event {
            Event::Joined => {
                let there = self.there();
                self.with(index, |sharer, now| sharer.joined(now, &there));
            }
            Event::Granted if self.holder == Some(index) => {
                self.hand_overs += 1;
                let there = self.there();
                self.with(index, |sharer, now| sharer.granted(now, &there));
            }
            Event::Lost => self.with(index, Sharer::lost),
            Event::Post(bytes) if self.tabs[index].present => {
                self.with(index, |sharer, now| sharer.received(now, &bytes));
            }
            Event::Fired => self.with(index, Sharer::fired),
            Event::Gone(id) => self.with(index, |sharer, now| sharer.gone(now, id)),
            // Otherwise the tab is told first that the lock was stolen.
            Event::Verified if self.holder == Some(index) => self.with(index, Sharer::verified),
            // The tab is no longer there.
            Event::Granted | Event::Post(_) | Event::Verified => {}
            Event::Restored => self.with(index, |sharer, _| sharer.restored()),
            Event::Opened(number) => {
                if self.tabs[index].connection.as_ref().is_some_and(|known| known.number == number) {
                    self.with(index, |sharer, now| sharer.entered(now, State::Open));
                    self.at(ms(0), index, Event::Messages(number));
                }
            }
            Event::Messages(number) => self.bring(index, number),
            Event::Broken(number) => {
                // The connection's source reconnects, after what has arrived.
                let Some(connection) = self.tabs[index].connection.as_mut().filter(|known| known.number == number)
                else {
                    return;
                };
                self.connections += 1;
                connection.number = self.connections;
                let number = self.connections;
                self.with(index, |sharer, now| sharer.entered(now, State::Connecting { attempt: 1 }));
                let after = ms(5 + self.random(300));
                self.at(after, index, Event::Opened(number));
            }
        }
    }

    fn bring(&mut self, index: usize, number: u64) {
        let newest = self.newest_message();
        let Some(connection) = self.tabs[index].connection.as_mut().filter(|known| known.number == number) else {
            return;
        };
        let first = connection.at;
        connection.at = newest + 1;
        let messages: Vec<_> = (first..=newest).map(|number| Arrival::Message(message(number))).collect();
        if !messages.is_empty() {
            self.with(index, |sharer, now| sharer.arrived(now, messages));
        }
        let after = PERIOD + ms(self.random(10));
        self.at(after, index, Event::Messages(number));
    }

    pub(super) fn run(&mut self, until: Instant) {
        while let Some((&(when, sequence), _)) = self.events.iter().next() {
            if when > until {
                break;
            }
            let (index, event) = self.events.remove(&(when, sequence)).expect("it was there");
            self.now = self.now.max(when);
            assert!(self.events.len() < 20_000, "a storm of posts");
            if !self.runs(index) && self.tabs[index].alive {
                let thaw = self.tabs[index].frozen_until;
                // Events for a page that can't run are delivered later, in order.
                self.events.insert((thaw, sequence), (index, event));
                continue;
            }
            self.happen(index, event);
            self.look();
        }
        self.now = until;
        self.look();
    }
}

fn id_of(tab: &Tab) -> u64 {
    tab.sharer.me
}

fn message(number: u64) -> Posted {
    Posted {
        event_type: "message".into(),
        data: number.to_string(),
        last_event_id: Arc::from(number.to_string()),
        has_own_id: true,
        origin: "".into(),
    }
}
