//! Plays a stream, step by step: pure, as `now` comes with each step.

use std::sync::Arc;

use super::description::Stream;
use super::events::Events;
use super::id::Moment;
use super::params::end::End;
use super::script::{Playing, Script};
use super::shape::Shape;
use super::step::{Progress, Step};

/// One connection's bytes, pauses and end.
#[derive(Clone, Debug)]
pub(crate) struct Player {
    source: Source,
    shape: Option<Box<Shape>>,
    end: End,
}

#[derive(Clone, Debug)]
enum Source {
    Events(Box<Events>),
    Script(Playing),
}

impl Player {
    /// Plays the events of `stream`.
    pub(crate) fn events(stream: &Stream, events: Events) -> Self {
        Self::new(stream, Source::Events(Box::new(events)), None)
    }

    /// Plays a script; `stream` says what is done to its bytes.
    pub(crate) fn script(stream: &Stream, script: Arc<Script>) -> Self {
        let end = script.end;
        Self::new(stream, Source::Script(Playing::new(script)), end)
    }

    fn new(stream: &Stream, source: Source, end: Option<End>) -> Self {
        let end = stream.end.end.or(end).unwrap_or_default();
        Self { source, shape: Shape::of(stream).map(Box::new), end }
    }

    /// How far the steps so far have come.
    pub(crate) fn progress(&self) -> Progress {
        match &self.source {
            Source::Events(events) => events.progress(),
            Source::Script(_) => Progress::default(),
        }
    }

    /// How the connection ends after the last step.
    pub(crate) fn end(&self) -> End {
        self.end
    }

    /// Adds the bytes of the next step at `now`, a bounded number of them.
    pub(crate) fn step(&mut self, now: Moment, out: &mut Vec<u8>) -> Step {
        let source = &mut self.source;
        let mut step = |out: &mut Vec<u8>| match source {
            Source::Events(events) => events.step(now, out),
            Source::Script(script) => script.step(now, out),
        };
        match &mut self.shape {
            Some(shape) => shape.step(now, out, step),
            None => step(out),
        }
    }
}
