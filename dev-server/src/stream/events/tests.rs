//! Whole connections, played on a clock that jumps.

use std::time::Duration;

use crate::stream::description::Stream;
use crate::stream::events::Events;
use crate::stream::id::{Moment, Start, start};
use crate::stream::player::Player;
use crate::stream::query::{Endpoint, with_query};
use crate::stream::step::Step;

const NOW: Moment = Duration::from_secs(1_700_000_000);

/// What a connection sends, and when, in milliseconds after it was made.
type Sent = Vec<(u128, Vec<u8>)>;

fn player(query: &str) -> Player {
    let stream = with_query(Stream::new(Duration::from_secs(5)), Endpoint::Events, query).expect(query);
    match start(&stream, NOW) {
        Start::At(first, gap) => Player::events(&stream, Events::new(stream.clone(), first, gap, NOW, None)),
        Start::Finished => panic!("{query} is finished"),
    }
}

/// Plays until the end, or until this many milliseconds.
fn play_for(query: &str, millis: u64) -> (Sent, bool) {
    let mut player = player(query);
    let (mut sent, mut now) = (Sent::new(), NOW);
    loop {
        let mut out = Vec::new();
        let step = player.step(now, &mut out);
        if !out.is_empty() {
            sent.push((now.saturating_sub(NOW).as_millis(), out));
        }
        match step {
            Step::Sent | Step::Cut => {}
            Step::Until(moment) if moment > NOW + Duration::from_millis(millis) => return (sent, false),
            Step::Until(moment) => {
                assert!(moment > now, "a wait for what has passed");
                now = moment;
            }
            Step::Push(_) => panic!("nothing is pushed"),
            Step::End => return (sent, true),
        }
    }
}

/// All bytes of a stream that ends.
fn play(query: &str) -> String {
    let (sent, ended) = play_for(query, 1_000_000);
    assert!(ended, "{query} goes on");
    String::from_utf8(sent.into_iter().flat_map(|(_, bytes)| bytes).collect()).expect("text")
}

/// What is sent, as text, with the moments.
fn timed(query: &str, millis: u64) -> Vec<(u128, String)> {
    let (sent, _) = play_for(query, millis);
    sent.into_iter().map(|(at, bytes)| (at, String::from_utf8(bytes).expect("text"))).collect()
}

fn moments(query: &str, millis: u64) -> Vec<u128> {
    timed(query, millis).into_iter().map(|(at, _)| at).collect()
}

/// The data lines of a stream that ends, in one line.
fn data(query: &str) -> String {
    let text = play(query);
    let data: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    data.join(" ")
}

#[test]
fn the_first_event_comes_at_once_and_the_next_ones_every_five_seconds() {
    let sent = timed("data=n", 10_000);
    let event = |n: u64| (u128::from(n) * 5_000, format!("id: 1700000000000-{n}\ndata: {n}\n\n"));
    assert_eq!(sent, [event(0), event(1), event(2)]);
}

#[test]
fn missed_events_come_at_once_and_the_rhythm_goes_on_in_phase() {
    assert_eq!(moments("last-event-id=1699999988000-0", 8_000), [0, 0, 3_000, 8_000]);
}

#[test]
fn an_unknown_id_gets_a_gap_event_and_a_fresh_start() {
    let gap = "event: gap\ndata: malformed: the last event id is not one of this stream\n\n";
    assert_eq!(play("lastEventId=abc&count=1&data=n"), format!("{gap}id: 1700000000000-0\ndata: 0\n\n"));
}

#[test]
fn delay_comes_before_the_first_event_and_resumes_are_in_phase_with_it() {
    assert_eq!(moments("delay=2s&interval=1s&count=3", 9_000), [2_000, 3_000, 4_000]);
    assert_eq!(moments("delay=2s&interval=1s&count=3&last-event-id=1699999999000-0", 9_000), [2_000, 3_000]);
}

#[test]
fn duration_spreads_the_events() {
    assert_eq!(moments("duration=1s&count=3", 9_000), [0, 500, 1_000]);
    assert_eq!(moments("duration=1s&interval=400ms", 9_000), [0, 400, 800]);
}

#[test]
fn jitter_makes_events_late_by_chance_but_the_same_chance_each_time() {
    let late = |seed| moments(&format!("jitter=50ms&interval=100ms&count=50&seed={seed}"), 99_000);
    assert_eq!(late(1), late(1));
    assert_ne!(late(1), late(2));
    let late: Vec<_> = late(1).iter().zip(0..).map(|(at, n)| at - n * 100).collect();
    assert!(late.iter().all(|late| *late <= 50), "{late:?}");
    assert!(late.iter().any(|late| *late < 10) && late.iter().any(|late| *late > 40), "{late:?}");
}

#[test]
fn size_fills_the_data_up() {
    assert_eq!(data("count=2&interval=0&data=n&size=5"), "0 ... 1 ...");
    assert_eq!(data("count=1&data=n&size=1"), "0");
    assert_eq!(data("count=1&data=n&size=2"), "0 ");
    assert_eq!(data("count=1&data=n&size=10MiB").len(), 10 << 20);
}

#[test]
fn a_large_event_comes_in_bounded_pieces() {
    let (sent, _) = play_for("count=1&size=1MiB", 0);
    assert!(sent.len() > 32 && sent.iter().all(|(_, bytes)| bytes.len() < 20_000));
}

#[test]
fn types_take_turns_and_an_empty_one_is_not_written() {
    let event = |n: u64, line: &str| format!("{line}id: 7-{n}\ndata: {n}\n\n");
    assert_eq!(
        play("t0=7&data=n&interval=0&count=4&event=tick,,tock"),
        event(0, "event: tick\n") + &event(1, "") + &event(2, "event: tock\n") + &event(3, "event: tick\n")
    );
}

#[test]
fn retry_comes_first_on_each_connection() {
    assert_eq!(play("t0=7&data=n&count=1&retry=0500"), "retry: 0500\n\nid: 7-0\ndata: 0\n\n");
    assert_eq!(play("t0=7&data=n&count=1&retry=99999999999&lastEventId=x").lines().next(), Some("retry: 99999999999"));
}

#[test]
fn an_idle_stream_sends_a_comment_every_fifteen_seconds() {
    let sent = timed("interval=40s&data=n&t0=7", 56_000);
    let comment = |at| (at, ":\n".to_owned());
    assert_eq!(
        sent,
        [
            (0, "id: 7-0\ndata: 0\n\n".to_owned()),
            comment(15_000),
            comment(30_000),
            (40_000, "id: 7-1\ndata: 1\n\n".to_owned()),
            comment(55_000)
        ]
    );
}

#[test]
fn a_resume_owes_no_heartbeats_for_the_past() {
    assert_eq!(moments("interval=1m&last-event-id=1699999900000-0", 20_000), [0, 15_000, 20_000]);
}

#[test]
fn heartbeats_can_be_off_fixed_or_events() {
    assert_eq!(moments("heartbeat=off&interval=1h&data=n", 3_000_000), [0]);
    assert_eq!(moments("heartbeat=4s&heartbeat-mode=fixed", 13_000), [0, 4_000, 5_000, 8_000, 10_000, 12_000]);
    assert_eq!(
        timed("heartbeat=4s&heartbeat-mode=event&data=n&t0=7", 5_000)[1],
        (4_000, "event: heartbeat\ndata:\n\n".to_owned())
    );
    assert_eq!(moments("heartbeat=2s&heartbeat-mode=event", 6_000), [0, 2_000, 4_000, 5_000]);
}

#[test]
fn a_t0_fixes_all_bytes_and_gives_the_connection_its_own_pace() {
    assert_eq!(
        timed("t0=7&data=n&delay=1s", 6_000),
        [(1_000, "id: 7-0\ndata: 0\n\n".to_owned()), (6_000, "id: 7-1\ndata: 1\n\n".to_owned())]
    );
    assert_eq!(moments("t0=7&last-event-id=7-9&delay=1s", 10_000), [0, 5_000, 10_000]);
    assert_eq!(play("t0=7&count=3&interval=1s"), play("t0=7&count=3&interval=1s"));
}

#[test]
fn ids_are_none_constant_or_go_back() {
    let ids = |mode: &str| {
        let text = play(&format!("t0=7&data=n&interval=0&count=6&id={mode}"));
        text.lines().filter_map(|line| line.strip_prefix("id: ").map(str::to_owned)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(ids("position"), "7-0 7-1 7-2 7-3 7-4 7-5");
    assert_eq!(ids("none"), "");
    assert_eq!(ids("constant"), "7-0 7-0 7-0 7-0 7-0 7-0");
    assert_eq!(ids("regress"), "7-0 7-0 7-2 7-1 7-4 7-3");
}

#[test]
fn lines_end_as_asked() {
    assert_eq!(play("t0=7&data=n&count=1&eol=cr&retry=1"), "retry: 1\r\rid: 7-0\rdata: 0\r\r");
    assert_eq!(play("t0=7&data=n&count=1&eol=crlf"), "id: 7-0\r\ndata: 0\r\n\r\n");
    assert_eq!(play("t0=7&data=n&count=2&interval=0&newline=none"), "id: 7-0data: 0id: 7-1data: 1");
    assert_eq!(play("t0=7&data=n&count=2&interval=0&newline=unfinished"), "id: 7-0\ndata: 0\n\nid: 7-1\ndata: 1\n");
    assert_eq!(play("t0=7&data=n&drop=1&newline=unfinished"), "id: 7-0\ndata: 0\n");
}

#[test]
fn mixed_line_ends_are_all_three_and_each_event_stays_whole() {
    let text = play("t0=7&data=n&count=200&interval=0&eol=mix");
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    assert_eq!(lines, play("t0=7&data=n&count=200&interval=0"));
    let pairs = text.matches("\r\n").count();
    assert!(pairs > 50 && text.matches('\r').count() - pairs > 50 && text.matches('\n').count() - pairs > 50);
}

#[test]
fn byte_order_marks_come_first() {
    assert_eq!(play("t0=7&data=n&count=1&bom=2&retry=1"), "\u{feff}\u{feff}retry: 1\n\nid: 7-0\ndata: 0\n\n");
}

#[test]
fn a_message_is_sent_as_it_is() {
    let (sent, _) = play_for("t0=7&count=2&interval=0&message=id:{id}%0D%00%FF{n}+%2B{time}", 0);
    let time = crate::stream::local_time::local_time(Duration::from_millis(7));
    let message = |n: &str| {
        let mut bytes = format!("id:7-{n}\r\0").into_bytes();
        bytes.push(0xff);
        bytes.extend_from_slice(format!("{n} +{time}").as_bytes());
        (0, bytes)
    };
    assert_eq!(sent, [message("0"), message("1")]);
}

#[test]
fn events_are_left_out_doubled_and_moved_and_the_pace_stays() {
    assert_eq!(data("data=n&interval=0&count=7&gap=3"), "0 1 3 4 6");
    assert_eq!(data("data=n&interval=0&count=4&dup=2"), "0 1 1 2 3 3");
    assert_eq!(data("data=n&interval=0&count=5&reorder=2"), "1 0 3 2 4");
    assert_eq!(moments("count=4&interval=1s&gap=2", 9_000), [0, 2_000]);
    assert_eq!(moments("count=4&interval=1s&dup=2", 9_000), [0, 1_000, 1_000, 2_000, 3_000, 3_000]);
    assert_eq!(moments("count=4&interval=1s&reorder=4", 9_000), [0, 1_000, 2_000, 3_000]);
}

#[test]
fn a_drop_ends_the_connection_and_a_resume_goes_on_there() {
    assert_eq!(data("data=n&interval=0&drop=3"), "0 1 2");
    assert_eq!(data("data=n&interval=0&drop=3&t0=7&last-event-id=7-2"), "3 4 5");
    assert_eq!(data("data=n&interval=0&drop=3&dup=1"), "0 0 1");
    assert_eq!(play("drop=0"), "");
}

#[test]
fn whatever_happens_to_the_order_a_resume_plays_what_follows() {
    for query in ["gap=3", "dup=2", "gap=20%25&dup=20%25", "gap=4&dup=3&seed=5", "id=regress", "reorder=7&gap=4&dup=3"]
    {
        let query = format!("t0=7&data=n&interval=0&count=60&{query}");
        let all = data(&query);
        let all: Vec<_> = all.split(' ').collect();
        let last_of_each = (0..all.len() - 1).filter(|index| all[*index] != all[index + 1]);
        for (n, later) in last_of_each.map(|index| (all[index], &all[index + 1..])) {
            assert_eq!(data(&format!("{query}&last-event-id=7-{n}")), later.join(" "), "{query} after {n}");
        }
    }
}

#[test]
fn who_resumes_after_each_event_of_another_order_gets_every_one_once() {
    for query in ["t0=7&reorder=2", "t0=7&reorder=4&seed=3", "reorder=4"] {
        let query = format!("{query}&data=n&interval=0&count=4");
        let mut all = vec![data(&format!("{query}&drop=1"))];
        while all.len() < 4 {
            let t0 = if query.starts_with("t0") { 7 } else { NOW.as_millis() };
            let last = all.last().expect("one at least");
            all.push(data(&format!("{query}&drop=1&lastEventId={t0}-{last}")));
        }
        assert_eq!(all.join(" "), data(&query), "{query}");
    }
}

#[test]
fn limited_data_ends_anywhere() {
    assert_eq!(play("t0=7&data=n&limit-data=12"), "id: 7-0\ndata");
    assert_eq!(play("limit-data=0"), "");
    assert_eq!(play("t0=7&data=n&count=1&limit-data=1MiB"), "id: 7-0\ndata: 0\n\n");
}

#[test]
fn chunks_have_their_size_over_the_ends_of_events_and_a_pause_after_each() {
    let sent = timed("t0=7&data=n&count=2&interval=0&chunk-size=10&chunk-delay=3ms", 9_000);
    let chunks = [(0, "id: 7-0\nda"), (3, "ta: 0\n\n"), (3, "id:"), (6, " 7-1\ndata:"), (9, " 1\n\n")];
    assert_eq!(sent, chunks.map(|(at, text)| (at, text.to_owned())));
}

#[test]
fn splits_are_inside_line_ends_and_characters() {
    let query = "count=1&message=a%0D%0A%E2%82%AC%0D%0A";
    let pieces = |split: &str| play_for(&format!("{query}&split={split}"), 9_000).0.into_iter().map(|(_, bytes)| bytes);
    let bytes = |pieces: &[&[u8]]| pieces.iter().map(|piece| piece.to_vec()).collect::<Vec<_>>();
    assert!(pieces("crlf").eq(bytes(&[b"a\r", b"\n\xe2\x82\xac\r", b"\n"])));
    assert!(pieces("utf8").eq(bytes(&[b"a\r\n\xe2", b"\x82", b"\xac\r\n"])));
    assert!(pieces("both").eq(bytes(&[b"a\r", b"\n\xe2", b"\x82", b"\xac\r", b"\n"])));
    assert!(pieces("nowhere").eq(bytes(&[b"a\r\n\xe2\x82\xac\r\n"])));
}

#[test]
fn a_rate_is_kept_to() {
    let (sent, _) = play_for("count=1&size=100KB&rate=100", 9_000);
    let (last, _) = sent.last().expect("bytes");
    assert!((950..=1_050).contains(last), "{last} ms for 100 KB at 100 KB/s");
    assert!(sent.iter().all(|(_, bytes)| bytes.len() <= 2_000));
}

#[test]
fn a_rate_is_kept_to_in_pieces_however_small() {
    let (sent, _) = play_for("count=1&size=30KB&rate=3000&chunk-size=1&chunk-delay=0", 9_000);
    let (last, _) = sent.last().expect("bytes");
    assert!((9..=11).contains(last), "{last} ms for 30 KB at 3 MB/s");
}

#[test]
fn a_burst_never_waits() {
    let mut player = player("interval=0");
    assert!((0..10_000).all(|_| player.step(NOW, &mut Vec::new()) == Step::Sent));
}
