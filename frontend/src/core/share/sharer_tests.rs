//! Two or three sharers that hear one another at once.

use std::sync::Arc;
use std::time::Duration;

use super::HIDDEN_GRACE;
use super::post::{Arrival, Posted};
use super::sharer::{Output, Sharer};
use crate::core::close::CloseReason;
use crate::core::rules::LONGEST_HOLD;
use crate::core::state::{PauseReason, State};
use crate::core::time::Instant;

fn message(number: u64, id: &str) -> Arrival {
    Arrival::Message(Posted {
        event_type: "message".into(),
        data: number.to_string(),
        last_event_id: Arc::from(id),
        has_own_id: !id.is_empty(),
        origin: "".into(),
    })
}

struct Room {
    now: Instant,
    sharers: Vec<Sharer>,
    /// What each was told to do, but for posts.
    done: Vec<Vec<Output>>,
    holder: Option<usize>,
    listened: Vec<Vec<String>>,
    /// How often someone asked to be woken.
    wakes: usize,
}

impl Room {
    /// The first leads, and all read.
    fn new(count: usize, flows: bool) -> Self {
        let sharers = (0..count).map(|n| Sharer::new(n as u64 + 1, 1, flows, "")).collect();
        let mut room = Self {
            now: Duration::from_secs(1),
            sharers,
            done: vec![Vec::new(); count],
            holder: None,
            listened: vec![Vec::new(); count + 1],
            wakes: 0,
        };
        for n in 0..count {
            room.with(n, |sharer, now| sharer.joined(now, &[]));
            room.with(n, Sharer::reads);
            if n == 0 {
                room.with(0, |sharer, now| sharer.granted(now, &[]));
                room.with(0, |sharer, now| sharer.entered(now, State::Open));
            }
        }
        assert!(room.sharers[0].leads());
        room.done.iter_mut().for_each(Vec::clear);
        room
    }

    fn with(&mut self, n: usize, act: impl FnOnce(&mut Sharer, Instant)) {
        act(&mut self.sharers[n], self.now);
        self.perform(n);
    }

    fn perform(&mut self, n: usize) {
        while let Some(output) = self.sharers[n].poll_output() {
            match output {
                Output::Post(bytes) => {
                    for other in (0..self.sharers.len()).filter(|other| *other != n) {
                        self.sharers[other].received(self.now, &bytes);
                        self.perform(other);
                    }
                }
                Output::Wake(_) => self.wakes += 1,
                Output::Listen(types) => self.listened[n].extend(types),
                other => {
                    let steals = other == Output::Steal;
                    self.done[n].push(other);
                    if steals {
                        self.holder = Some(n);
                        for robbed in (0..self.sharers.len()).filter(|robbed| *robbed != n) {
                            self.sharers[robbed].lost(self.now);
                            self.perform(robbed);
                        }
                    }
                }
            }
        }
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        for n in 0..self.sharers.len() {
            self.with(n, Sharer::fired);
        }
    }

    fn arrive(&mut self, n: usize, arrivals: Vec<Arrival>) {
        self.with(n, |sharer, now| sharer.arrived(now, arrivals));
    }

    /// The data of what a sharer was given.
    fn given(&self, n: usize) -> Vec<&str> {
        let given = self.done[n].iter().filter_map(|output| match output {
            Output::Deliver(messages) => Some(messages),
            _ => None,
        });
        given.flatten().map(|message| &*message.data).collect()
    }
}

#[test]
fn the_one_who_can_take_the_least_says_how_much_comes_until_it_has_held_the_others_for_too_long() {
    let mut room = Room::new(3, true);
    assert_eq!(room.sharers[0].may_take(), usize::MAX);
    room.with(1, |sharer, now| sharer.room(now, 10));
    room.with(2, |sharer, now| sharer.room(now, 4));
    assert_eq!(room.sharers[0].may_take(), 4);
    room.arrive(0, (1..=4).map(|n| message(n, "")).collect());
    assert_eq!(room.sharers[0].may_take(), 0);
    room.with(0, |sharer, now| sharer.room(now, 100));
    room.wait(LONGEST_HOLD / 2);
    assert_eq!(room.sharers[0].may_take(), 0);
    room.wait(LONGEST_HOLD / 2);
    assert_eq!(room.sharers[0].may_take(), 6, "the third is not waited for");
    room.arrive(0, vec![message(5, "")]);
    assert!(room.done[2].contains(&Output::Excuse), "it hears of that: {:?}", room.done[2]);
    room.with(2, |sharer, now| sharer.room(now, 2));
    assert_eq!(room.sharers[0].may_take(), 2, "it takes part again");
    room.with(2, |sharer, _| sharer.leave());
    assert_eq!(room.sharers[0].may_take(), 5);
}

#[test]
fn who_reads_nothing_makes_nobody_wait_and_gets_no_messages() {
    let mut room = Room::new(1, true);
    room.sharers.push(Sharer::new(9, 1, true, ""));
    room.done.push(Vec::new());
    room.with(1, |sharer, now| sharer.joined(now, &[]));
    room.with(1, |sharer, now| sharer.room(now, 0));
    assert_eq!(room.sharers[0].may_take(), usize::MAX);
    room.arrive(0, vec![message(1, "a")]);
    assert_eq!(room.given(1), [""; 0]);
    assert!(room.done[1].contains(&Output::Move("a".into())), "it knows the place");
    room.with(1, Sharer::reads);
    assert_eq!(room.sharers[0].may_take(), 0);
}

#[test]
fn a_connection_is_handed_over_when_the_new_one_is_open_and_what_both_bring_comes_once() {
    let mut room = Room::new(2, false);
    room.arrive(0, vec![message(1, "a"), message(2, "b")]);
    room.with(0, |sharer, now| sharer.visible(now, false));
    room.wait(HIDDEN_GRACE);
    assert!(room.done[1].contains(&Output::Open("b".into())), "{:?}", room.done[1]);
    assert_eq!(room.holder, None, "not before it is open");
    // The old connection goes on meanwhile, and the new one brings the same, and more.
    room.arrive(0, vec![message(3, "c")]);
    room.with(1, |sharer, now| sharer.entered(now, State::Open));
    assert_eq!(room.holder, Some(1));
    room.arrive(1, vec![message(3, "c"), message(4, "d")]);
    room.with(1, |sharer, now| sharer.granted(now, &[1]));
    assert!(room.done[0].contains(&Output::Close));
    room.wait(Duration::from_millis(50));
    assert!(room.sharers[1].leads() && !room.sharers[0].leads());
    assert_eq!((room.given(0), room.given(1)), (vec!["1", "2", "3", "4"], vec!["1", "2", "3", "4"]));
}

#[test]
fn without_ids_a_hidden_leader_keeps_its_connection_unless_it_has_paused() {
    let mut room = Room::new(2, false);
    room.arrive(0, vec![message(1, "")]);
    room.with(0, |sharer, now| sharer.visible(now, false));
    room.wait(HIDDEN_GRACE);
    room.wait(HIDDEN_GRACE);
    let opens = |outputs: &[Output]| outputs.iter().any(|output| matches!(output, Output::Open(_)));
    assert_eq!((room.holder, opens(&room.done[1])), (None, false), "from one to the other messages would be lost");
    let reason = PauseReason::Hidden;
    room.with(0, |sharer, now| sharer.entered(now, State::Paused { reason }));
    assert_eq!((room.holder, opens(&room.done[1])), (Some(1), false));
    room.with(1, |sharer, now| sharer.granted(now, &[1]));
    assert!(room.done[0].contains(&Output::Close) && !opens(&room.done[1]));
    room.wait(Duration::from_millis(50));
    assert!(opens(&room.done[1]));
}

#[test]
fn a_new_leader_listens_to_what_the_others_read() {
    let mut room = Room::new(2, false);
    room.with(1, |sharer, now| sharer.types(now, vec!["tick".into()]));
    room.arrive(0, vec![message(1, "a")]);
    // The third knows of the second by its name alone.
    room.sharers.push(Sharer::new(9, 1, false, ""));
    room.done.push(Vec::new());
    room.with(2, |sharer, now| sharer.joined(now, &[1, 2]));
    room.with(1, |sharer, now| sharer.visible(now, false));
    room.with(0, |sharer, now| sharer.visible(now, false));
    room.wait(HIDDEN_GRACE);
    assert!(room.done[2].contains(&Output::Open("a".into())));
    assert!(room.listened[2].iter().any(|event_type| event_type == "tick"));
}

#[test]
fn what_comes_last_is_handed_out_before_the_end_also_by_a_leader_that_was_out_of_touch() {
    let mut room = Room::new(2, false);
    room.now += Duration::from_secs(60);
    room.arrive(0, vec![message(1, "a")]);
    let end = State::Closed { reason: CloseReason::Complete };
    room.with(0, |sharer, now| sharer.entered(now, end.clone()));
    assert_eq!((room.given(0), room.given(1)), (vec![], vec![]));
    room.with(0, Sharer::verified);
    assert_eq!((room.given(0), room.given(1)), (vec!["1"], vec!["1"]));
    assert!(
        room.done.iter().all(|done| matches!(&done[..], [.., Output::Tell(state, _), Output::Leave] if *state == end))
    );
}

#[test]
fn who_comes_late_makes_nobody_wait_for_what_it_has_not_been_told() {
    let mut room = Room::new(1, true);
    room.arrive(0, (1..=100).map(|n| message(n, "a")).collect());
    room.sharers.push(Sharer::new(9, 1, true, ""));
    room.done.push(Vec::new());
    room.with(1, Sharer::reads);
    room.with(1, |sharer, now| sharer.room(now, 8));
    room.with(1, |sharer, now| sharer.joined(now, &[]));
    assert_eq!(room.sharers[0].may_take(), 8);
    room.arrive(0, (101..=104).map(|n| message(n, "b")).collect());
    assert_eq!((room.sharers[0].may_take(), room.given(1).len()), (4, 4));
    assert!(!room.done[1].contains(&Output::Excuse));
}

#[test]
fn who_comes_back_from_the_cache_is_woken_again() {
    let mut room = Room::new(2, false);
    room.with(1, |sharer, _| sharer.cached());
    room.with(1, |sharer, _| sharer.restored());
    room.wakes = 0;
    room.with(1, |sharer, now| sharer.joined(now, &[1]));
    assert_eq!(room.wakes, 1, "it sees to it that there is a leader");
}

#[test]
fn who_can_not_open_a_connection_declines_and_the_leader_keeps_its_own() {
    let mut room = Room::new(2, false);
    room.arrive(0, vec![message(1, "a")]);
    room.with(0, |sharer, now| sharer.visible(now, false));
    room.wait(HIDDEN_GRACE);
    let reason = CloseReason::Complete;
    room.with(1, |sharer, now| sharer.entered(now, State::Closed { reason }));
    assert!(room.done[1].contains(&Output::Close));
    room.wait(HIDDEN_GRACE);
    assert!(room.sharers[0].leads());
    let opened = room.done[1].iter().filter(|output| matches!(output, Output::Open(_))).count();
    assert_eq!(opened, 1, "it is not asked again at once");
}

#[test]
fn a_leader_that_was_out_of_touch_hands_nothing_out_before_it_knows_that_it_leads() {
    let mut room = Room::new(1, false);
    room.now += Duration::from_secs(60);
    room.arrive(0, vec![message(1, "a")]);
    assert_eq!((room.given(0), room.done[0].contains(&Output::Verify)), (vec![], true));
    room.with(0, Sharer::verified);
    assert_eq!(room.given(0), ["1"]);
    room.now += Duration::from_secs(60);
    room.arrive(0, vec![message(2, "b")]);
    room.with(0, Sharer::lost);
    assert_eq!(room.given(0), ["1"], "another brings it");
    assert!(room.done[0].contains(&Output::Close) && room.done[0].contains(&Output::Queue));
}

#[test]
fn the_end_of_the_stream_is_the_end_for_all_also_for_who_gets_the_lock_by_it() {
    let mut room = Room::new(2, false);
    let end = State::Closed { reason: CloseReason::Complete };
    room.with(0, |sharer, now| sharer.entered(now, end.clone()));
    assert!(room.done[1].contains(&Output::Tell(end, false)) && room.done[1].contains(&Output::Leave));
    room.with(1, |sharer, now| sharer.granted(now, &[]));
    assert!(!room.sharers[1].leads());
}
