//! Any sequence of inputs, played by a source that does what it is told.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Input(Input),
    Message(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let input = prop_oneof![
        6 => Just(Input::Opened),
        2 => Just(Input::Activity),
        3 => Just(Input::Interrupted(lost())),
        5 => prop_oneof![Just(failed()), Just(lost()), Just(super::status(429))].prop_map(Input::Failed),
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
        6 => prop_oneof![Just(Timer::Retry), Just(Timer::Deadline), Just(Timer::Idle), Just(Timer::Hidden)]
            .prop_map(Input::Fired),
    ];
    let step = prop_oneof![
        20 => input.prop_map(Step::Input),
        10 => (0..12_u8).prop_map(Step::Message),
        1 => prop_oneof![9 => Just(Input::Reconnect), 1 => Just(Input::Close)].prop_map(Step::Input),
    ];
    prop::collection::vec(step, 0..120)
}

fn settings() -> impl Strategy<Value = Settings> {
    let after = |most: u64| prop::option::of((0..most).prop_map(secs));
    let reestablish =
        prop_oneof![Just(Reestablish::Transport), Just(Reestablish::Connection), Just(Reestablish::Never)];
    let flags = (any::<bool>(), any::<bool>(), reestablish);
    (after(90), after(9), after(30), after(9), prop::option::of(1..6_usize), flags).prop_map(
        |(
            stable_period,
            open_timeout,
            idle_timeout,
            hidden_grace,
            duplicate_window,
            (probe, fresh_addresses, reestablish),
        )| {
            Settings {
                stable_period,
                open_timeout,
                idle_timeout,
                hidden_grace,
                duplicate_window,
                probe,
                fresh_addresses,
                reestablish,
            }
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
}

impl World {
    fn perform(&mut self, connection: &mut Connection, now: Instant, answer: Option<Duration>) {
        while let Some(output) = connection.poll_output() {
            match output {
                Output::Open | Output::Probe => {
                    assert!(!std::mem::replace(&mut self.busy, true), "never two at once");
                    self.opened += u32::from(output == Output::Open);
                    assert!(self.opened < 2 || !connection.is_single(), "what can't be asked for again is not");
                }
                Output::Release => assert!(std::mem::replace(&mut self.busy, false), "what is let go was held"),
                Output::Consult(failure) => {
                    assert!(failure.streak > 0 && !connection.is_final(&failure.cause) && !connection.is_single());
                    connection.handle(now, Input::Decided(answer));
                }
                Output::SetTimer(timer, after) => {
                    assert!(after <= LONGEST);
                    self.timers.retain(|known| *known != timer);
                    self.timers.push(timer);
                }
                Output::ClearTimer(timer) => self.timers.retain(|known| *known != timer),
                Output::Announce(state) => {
                    self.check_path(&state);
                    self.announced.push(state);
                }
            }
        }
        assert_eq!(self.announced.last().unwrap_or(connection.state()), connection.state());
        self.check_owners(connection);
    }

    fn check_path(&self, next: &State) {
        use State::{Closed, Connecting, Open, Paused, Waiting};
        let legal = match (self.announced.last(), next) {
            (None, next) => *next == Connecting { attempt: 1 },
            (Some(Closed { .. }), _) => false,
            (Some(before), Paused { .. }) => before != next,
            (Some(before), Open) => matches!(before, Connecting { .. } | Waiting { delay: None, .. }),
            (Some(before), Waiting { .. }) => !matches!(before, Paused { .. } | Waiting { delay: Some(_), .. }),
            (Some(_), Connecting { .. } | Closed { .. }) => true,
        };
        assert!(legal, "{:?} → {next:?}", self.announced.last());
    }

    fn check_owners(&self, connection: &Connection) {
        let has = |timer| self.timers.contains(&timer);
        let waits = matches!(connection.state(), State::Waiting { delay: Some(_), .. });
        assert_eq!(has(Timer::Retry), waits, "every wait has its timer");
        let open = *connection.state() == State::Open;
        let held = matches!(connection.phase, Phase::Open { held: true, .. });
        assert_eq!(has(Timer::Idle), open && !held && connection.settings.idle_timeout.is_some());
        let trying = matches!(connection.state(), State::Connecting { .. } | State::Waiting { delay: None, .. });
        let probing = matches!(connection.phase, Phase::Probing(_));
        let limited = connection.settings.open_timeout.is_some() || probing;
        assert_eq!(has(Timer::Deadline), trying && limited, "an attempt has its deadline, and nothing else");
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
        steps in steps(),
        answers in prop::collection::vec(prop::option::weighted(0.9, any::<u64>().prop_map(Duration::from_millis)), 1..8),
    ) {
        let mut connection = Connection::new(settings.clone());
        let mut world = World::default();
        connection.handle(Instant::ZERO, Input::Start);
        world.perform(&mut connection, Instant::ZERO, None);
        // The ids of new messages in order; and whether the server may be repeating itself.
        let mut ids: Vec<String> = Vec::new();
        let mut repeating = false;
        for (n, step) in steps.into_iter().enumerate() {
            let now = secs(n as u64);
            let answer = answers[n % answers.len()];
            match step {
                // A timer that is not set does not fire, and who has no transport hears nothing of it.
                Step::Input(Input::Fired(timer)) if !world.timers.contains(&timer) => {}
                Step::Input(
                    Input::Opened | Input::Interrupted(_) | Input::Failed(_) | Input::Ended(_) | Input::Probed(_),
                ) if !world.busy => {}
                Step::Input(input) => {
                    if let Input::Fired(timer) = input {
                        world.timers.retain(|known| *known != timer);
                    }
                    match input {
                        Input::Hidden => world.hidden = true,
                        Input::Shown => world.hidden = false,
                        _ => {}
                    }
                    let opened = connection.opened;
                    connection.handle(now, input);
                    repeating |= connection.opened > opened.max(1);
                    world.perform(&mut connection, now, answer);
                }
                Step::Message(id) => {
                    let id = id.to_string();
                    let admitted = connection.admits(|| &id);
                    if connection.is_closed() {
                        prop_assert!(!admitted, "nothing is delivered after the end");
                    } else if let Some(size) = settings.duplicate_window {
                        let known = ids.iter().rev().take(size).any(|known| *known == id);
                        prop_assert_eq!(admitted, !(known && repeating), "{} inside the window", id);
                        repeating &= known;
                        if admitted {
                            ids.push(id);
                        }
                    } else {
                        prop_assert!(admitted);
                    }
                }
            }
        }
    }
}
