//! Plays a stream, step by step: pure, because `now` is an argument of each step.

use std::sync::Arc;
use std::task::Context;

use super::change::{ALL, BYTES, Change, PUSHED};
use super::description::Stream;
use super::events::Events;
use super::id::Moment;
use super::params::end::End;
use super::reading::Reading;
use super::script::{Playing, Script};
use super::shape::Shape;
use super::step::{Progress, Step};
use crate::upstream::relay::Relay;

/// One connection's bytes, pauses and end.
#[derive(Debug)]
pub(crate) struct Player {
    source: Source,
    shape: Option<Box<Shape>>,
    end: End,
}

#[derive(Debug)]
enum Source {
    Events(Box<Events>),
    Script(Playing),
    Channel(Box<Reading>),
    Upstream(Box<Relay>),
}

impl Player {
    /// Plays the events of `stream`.
    pub(crate) fn events(stream: &Stream, events: Events) -> Self {
        Self::new(stream, Source::Events(Box::new(events)), None)
    }

    /// Plays what is pushed to a channel.
    pub(crate) fn channel(stream: &Stream, reading: Reading) -> Self {
        Self::new(stream, Source::Channel(Box::new(reading)), None)
    }

    /// Plays what an upstream sends.
    pub(crate) fn upstream(stream: &Stream, relay: Relay) -> Self {
        Self::new(stream, Source::Upstream(Box::new(relay)), None)
    }

    /// Plays a script; `stream` says which faults its bytes get.
    pub(crate) fn script(stream: &Stream, script: Arc<Script>) -> Self {
        let end = script.end;
        Self::new(stream, Source::Script(Playing::new(script)), end)
    }

    fn new(stream: &Stream, source: Source, end: Option<End>) -> Self {
        let end = stream.end.end.or(end).unwrap_or_default();
        Self { source, shape: Shape::of(stream).map(Box::new), end }
    }

    /// The parameters that can be changed while it plays.
    pub(crate) fn changeable(&self) -> &'static [&'static str] {
        match &self.source {
            Source::Events(_) | Source::Upstream(_) => ALL,
            Source::Script(_) => BYTES,
            Source::Channel(_) => PUSHED,
        }
    }

    /// Changes the rest of the stream.
    pub(crate) fn change(&mut self, change: &Change) {
        match &mut self.source {
            Source::Events(events) => events.change(change),
            Source::Script(_) => {}
            Source::Channel(reading) => reading.change(change),
            Source::Upstream(relay) => relay.change(change),
        }
        if BYTES.iter().any(|name| *name != "end" && change.has(name)) {
            self.shape.get_or_insert_with(|| Box::new(Shape::new(&change.values()))).change(change);
        }
        if change.has("end") {
            self.end = change.values().end.end.unwrap_or_default();
        }
    }

    /// How far the steps so far have come.
    pub(crate) fn progress(&self) -> Progress {
        match &self.source {
            Source::Events(events) => events.progress(),
            Source::Script(_) => Progress::default(),
            Source::Channel(reading) => reading.progress(),
            Source::Upstream(relay) => relay.progress(),
        }
    }

    /// Whether something was pushed, or came from the upstream; if not, the task is woken when that happens.
    pub(crate) fn has_news(&mut self, context: &mut Context<'_>) -> bool {
        match &mut self.source {
            Source::Channel(reading) => reading.has_news(context),
            Source::Upstream(relay) => relay.has_news(context),
            Source::Events(_) | Source::Script(_) => false,
        }
    }

    /// How the connection ends after the last step.
    pub(crate) fn end(&self) -> End {
        match &self.source {
            Source::Upstream(relay) if relay.is_broken() && self.end == End::Eof => End::Abort,
            _ => self.end,
        }
    }

    /// Adds the bytes of the next step at `now`, a bounded number of them.
    pub(crate) fn step(&mut self, now: Moment, out: &mut Vec<u8>) -> Step {
        let source = &mut self.source;
        let mut step = |out: &mut Vec<u8>| match source {
            Source::Events(events) => events.step(now, out),
            Source::Script(script) => script.step(now, out),
            Source::Channel(reading) => reading.step(now, out),
            Source::Upstream(relay) => relay.step(now, out),
        };
        match &mut self.shape {
            Some(shape) => shape.step(now, out, step),
            None => step(out),
        }
    }
}
