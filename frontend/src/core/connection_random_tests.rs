//! Any sequence of inputs, played by a source that does what it is told.

use proptest::prelude::*;

use super::*;
use crate::core::phase::Phase;

fn inputs() -> impl Strategy<Value = Vec<Input>> {
    let input = prop_oneof![
        6 => Just(Input::Opened),
        2 => Just(Input::Activity),
        3 => Just(Input::Interrupted(lost())),
        5 => prop_oneof![Just(failed()), Just(lost()), Just(busy(3))].prop_map(Input::Failed),
        3 => Just(Input::Ended(lost())),
        1 => (0..90_u64).prop_map(|seconds| Input::ReconnectionTime(secs(seconds))),
        2 => Just(Input::Held),
        2 => Just(Input::Flowing),
        3 => prop_oneof![Just(503), Just(404), Just(200)]
            .prop_map(|status| Input::Probed(super::status(status))),
        1 => Just(Input::Online),
        1 => Just(Input::Offline),
        1 => Just(Input::Hidden),
        1 => Just(Input::Shown),
        1 => Just(Input::Cached),
        1 => Just(Input::Restored),
        1 => Just(Input::Reconnect),
        6 => prop::sample::select(&[Timer::Retry, Timer::Deadline, Timer::Idle, Timer::Held, Timer::Hidden][..])
            .prop_map(Input::Fired),
    ];
    let input = prop_oneof![
        30 => input,
        1 => prop_oneof![9 => Just(Input::Reconnect), 1 => Just(Input::Close)],
    ];
    prop::collection::vec(input, 0..120)
}

fn settings() -> impl Strategy<Value = Settings> {
    let after = |most: u64| prop::option::of((0..most).prop_map(secs));
    let reestablish =
        prop_oneof![Just(Reestablish::Transport), Just(Reestablish::Connection), Just(Reestablish::Never)];
    let again = prop::sample::select(&[ALWAYS, ALWAYS, UNTIL_COMPLETE, UNTIL_OPEN, ONLY_RESUMED, Again::NEVER][..]);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), reestablish, again);
    (after(90), after(9), after(30), after(9), flags).prop_map(
        |(stable_period, open_timeout, idle_timeout, hidden_grace, flags)| {
            let (probe, fresh_addresses, end_is_told, begun, reestablish, again) = flags;
            let rules = Rules {
                stable_period,
                open_timeout,
                idle_timeout,
                hidden_grace,
                fresh_addresses,
                again,
                begun,
                end_is_told,
            };
            Settings { rules, probe, reestablish }
        },
    )
}

/// What a source holds for its connection.
#[derive(Default)]
struct World {
    /// A transport, or a probe.
    busy: bool,
    timers: Vec<Timer>,
    announced: Vec<State>,
    hidden: bool,
    /// How often a transport was made.
    opened: u32,
    /// Until when the server wants to be left alone, and whether the user does not care.
    not_before: Option<Instant>,
    by_hand: bool,
}

impl World {
    fn perform(&mut self, connection: &mut Connection, now: Instant, answer: Option<Duration>) {
        while let Some(output) = connection.poll_output() {
            match output {
                Output::Open | Output::Probe => {
                    assert!(!std::mem::replace(&mut self.busy, true), "never two at once");
                    if output == Output::Open {
                        self.opened += 1;
                        let kept = self.not_before.take().is_none_or(|time| now >= time || self.by_hand);
                        assert!(kept, "a wait that the server has asked for is kept");
                        let again = connection.rules.again;
                        let begun = connection.rules.begun || self.announced.iter().any(State::is_open);
                        let allowed = if begun {
                            again.answered != Answered::Never
                        } else {
                            again.unanswered != Unanswered::Never
                        };
                        assert!(self.opened < 2 || allowed, "what can't be requested again is not");
                    }
                }
                Output::Release => assert!(std::mem::replace(&mut self.busy, false), "what is let go was held"),
                Output::Consult(context) => {
                    assert!(context.failure_streak > 0);
                    assert!(!connection.rules.is_final(&context.cause));
                    // As a policy does that keeps what the server asks for.
                    let answer = answer.map(|answer| answer.max(context.asked().unwrap_or_default()));
                    let asked = context.asked().filter(|_| answer.is_some());
                    self.not_before = asked.map(|asked| now.saturating_add(asked));
                    Input::Decided(answer).apply(connection, now);
                }
                Output::Excuse { .. } => assert!(matches!(connection.phase, Phase::Open { held: Some(_), .. })),
                Output::SetTimer(timer, after) => {
                    assert!(after <= LONGEST);
                    self.timers.retain(|known| *known != timer);
                    self.timers.push(timer);
                }
                Output::ClearTimer(timer) => self.timers.retain(|known| *known != timer),
                Output::Announce(state) => {
                    self.check_path(&state);
                    self.announced.push(State::clone(&state));
                }
            }
        }
        let state = connection.state();
        assert_eq!(self.announced.last().unwrap_or(state), &**state);
        self.check_owners(connection);
    }

    fn check_path(&self, next: &State) {
        use State::{Closed, Connecting, Open, Paused, Waiting};
        let legal = match (self.announced.last(), next) {
            (None, next) => *next == Connecting { attempt: 1 },
            (Some(Closed { .. }), _) => false,
            (Some(before), Paused { .. }) => before != next,
            (Some(before), Open) => matches!(before, Connecting { .. } | Waiting { delay: None, .. }),
            (Some(before), Waiting { delay: None, .. }) => {
                !matches!(before, Paused { .. } | Waiting { delay: Some(_), .. })
            }
            // A wait is told anew when it becomes shorter or goes on after a pause.
            (Some(_), Connecting { .. } | Waiting { .. } | Closed { .. }) => true,
        };
        assert!(legal, "{:?} → {next:?}", self.announced.last());
    }

    fn check_owners(&self, connection: &Connection) {
        let has = |timer| self.timers.contains(&timer);
        let waits = matches!(&**connection.state(), State::Waiting { delay: Some(_), .. });
        assert_eq!(has(Timer::Retry), waits, "every wait has its timer");
        let open = **connection.state() == State::Open;
        let watched = matches!(connection.phase, Phase::Open { watched: true, .. });
        assert_eq!(has(Timer::Idle), open && connection.rules.idle_timeout.is_some());
        let trying = matches!(&**connection.state(), State::Connecting { .. } | State::Waiting { delay: None, .. });
        let probing = matches!(connection.phase, Phase::Probing);
        let limited = connection.rules.open_timeout.is_some() || probing;
        assert_eq!(has(Timer::Deadline), trying && limited, "an attempt has its deadline, and nothing else");
        assert_eq!(has(Timer::Held), watched, "a reader holds the stream for so long and no longer");
        assert!(!has(Timer::Hidden) || self.hidden, "only a hidden page's time runs out");
        assert_eq!(self.busy, open || trying, "something is held exactly while something is tried");
        if connection.is_closed() {
            assert!(self.timers.is_empty() && !self.busy, "nothing outlives the end");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn no_sequence_of_inputs_breaks_a_rule(
        settings in settings(),
        inputs in inputs(),
        answers in prop::collection::vec(prop::option::weighted(0.9, any::<u64>().prop_map(Duration::from_millis)), 1..8),
    ) {
        let mut connection = settings.connection();
        let mut world = World::default();
        Input::Start.apply(&mut connection, Instant::ZERO);
        world.perform(&mut connection, Instant::ZERO, None);
        for (n, input) in inputs.into_iter().enumerate() {
            let now = secs(n as u64);
            match input {
                // A timer that is not set does not fire, and who has no transport hears nothing of it.
                Input::Fired(timer) if !world.timers.contains(&timer) => continue,
                Input::Opened | Input::Interrupted(_) | Input::Failed(_) | Input::Ended(_) | Input::Probed(_)
                    if !world.busy => continue,
                // The wait is over when its timer says so, which here is as soon as it is set.
                Input::Fired(timer) => {
                    world.timers.retain(|known| *known != timer);
                    if timer == Timer::Retry {
                        world.not_before = None;
                    }
                }
                Input::Hidden => world.hidden = true,
                Input::Shown => world.hidden = false,
                _ => {}
            }
            world.by_hand = matches!(input, Input::Reconnect);
            let hidden = world.hidden;
            input.apply(&mut connection, now);
            world.perform(&mut connection, now, answers[n % answers.len()]);
            world.hidden = hidden;
        }
    }
}
