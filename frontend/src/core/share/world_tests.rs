//! Whatever happens in a [`World`], each tab gets every message from its first one on, once and in order.

use proptest::prelude::*;

use super::world::{Action, Net, World, ms};
use super::world_checks::BOUND;
use super::{CALL, HEARTBEAT, SECOND_LOOK};

fn actions() -> impl Strategy<Value = Vec<(u64, Action)>> {
    let tab = 0..8_usize;
    let time = |most: u64| (0..most).prop_map(ms);
    let action = prop_oneof![
        4 => Just(Action::Open),
        2 => tab.clone().prop_map(Action::Close),
        2 => tab.clone().prop_map(Action::Kill),
        2 => (tab.clone(), time(30_000)).prop_map(|(tab, time)| Action::Freeze(tab, time)),
        2 => (tab.clone(), time(10_000)).prop_map(|(tab, time)| Action::Cache(tab, time)),
        2 => tab.clone().prop_map(Action::Hide),
        2 => tab.clone().prop_map(Action::Show),
        1 => (tab.clone(), time(3_600_000)).prop_map(|(tab, time)| Action::Jump(tab, time)),
        2 => tab.clone().prop_map(Action::Break),
        1 => tab.prop_map(Action::Reconnect),
    ];
    prop::collection::vec((0..4_000_u64, action), 1..25)
}

fn play(seed: u64, net: Net, actions: &[(u64, Action)]) -> World {
    let mut world = World::new(seed, net);
    world.open();
    world.open();
    let mut opened = 2;
    for (after, action) in actions {
        let until = world.now + ms(*after);
        world.run(until);
        if matches!(action, Action::Open) {
            opened += 1;
            if opened > 8 {
                continue;
            }
        }
        world.act(action);
        world.look();
    }
    // The remaining tabs get time to run, and no more posts are lost.
    let longest = world.net.longest;
    world.net = Net { longest, ..CALM };
    let thawed = world.tabs.iter().map(|tab| tab.frozen_until).max().unwrap_or_default();
    let until = world.now.max(thawed) + ms(25_000);
    world.run(until);
    world.check();
    world
}

const CALM: Net = Net { loss: 0, doubling: 0, longest: 10, in_order: true };
const WILD: Net = Net { loss: 5, doubling: 10, longest: 40, in_order: false };

#[test]
fn the_bound_is_that_of_the_constants() {
    assert_eq!(BOUND, 2 * HEARTBEAT + HEARTBEAT / 16 + HEARTBEAT / 4 + SECOND_LOOK + 2 * CALL + ms(1000));
}

#[test]
fn a_leader_that_freezes_is_replaced_and_takes_its_place_among_the_others() {
    let world = play(5, CALM, &[(2_000, Action::Open), (3_000, Action::Freeze(0, ms(30_000))), (60_000, Action::Open)]);
    assert_eq!(world.tabs.iter().filter(|tab| tab.sharer.leads()).count(), 1);
    assert!(!world.tabs[0].sharer.leads());
}

#[test]
fn a_hidden_leader_hands_over_to_one_that_is_shown() {
    let mut world = World::new(5, CALM);
    world.open();
    world.run(ms(1_500));
    world.open();
    world.run(ms(3_000));
    world.act(&Action::Hide(0));
    world.run(ms(20_000));
    world.check();
    assert!(world.tabs[1].sharer.leads());
    assert_eq!((world.hand_overs, world.connections), (2, 2));
}

#[test]
fn a_tab_that_loses_its_first_message_along_with_the_leader_is_told() {
    let world = play(3_404_783_876_276_033_440, WILD, &[(86, Action::Open), (36, Action::Cache(0, ms(0)))]);
    assert_eq!(world.tabs[2].log[..2], [None, Some(12)]);
}

/// A leader that knew of no earlier numbers starts anew, and the post that says so is lost.
#[test]
fn numbers_that_start_anew_are_not_taken_for_the_earlier_ones() {
    let actions = [
        (2435, Action::Freeze(2, ms(10_800))),
        (3998, Action::Show(0)),
        (3051, Action::Kill(1)),
        (0, Action::Open),
        (436, Action::Close(4)),
    ];
    play(1_668_050_137_077_681_944, WILD, &actions);
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn each_tab_gets_every_message_once_and_in_order(seed: u64, actions in actions()) {
        play(seed, CALM, &actions);
    }

    #[test]
    fn even_where_posts_are_lost_doubled_and_overtake_one_another(seed: u64, actions in actions()) {
        play(seed, WILD, &actions);
    }
}
