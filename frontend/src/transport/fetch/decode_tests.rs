//! What a stream says, also against a decoder written from the Standard.

use std::fmt::Write;

use super::*;

const LIMIT: NonZeroUsize = NonZeroUsize::new(1 << 20).unwrap();

fn message(event_type: &'static str, data: &str, id: &str) -> Decoded {
    Decoded::Message { event_type: event_type.into(), data: data.into(), last_event_id: id.into(), has_own_id: false }
}

/// Without regard to where the id comes from.
fn plain(decoded: Decoded) -> Decoded {
    match decoded {
        Decoded::Message { event_type, data, last_event_id, .. } => {
            Decoded::Message { event_type, data, last_event_id, has_own_id: false }
        }
        other @ Decoded::ReconnectionTime(_) => other,
    }
}

/// What these pieces of a stream say, one after the other, and the stream's id after them.
fn decode<'a>(after: &str, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Decoded>, String) {
    let mut decoder = Decoder::new(LIMIT, &Arc::from(after));
    let mut events = Vec::new();
    for mut piece in pieces {
        while let Some(event) = decoder.next(&mut piece) {
            events.push(plain(event.expect("the limit is far")));
        }
        assert!(piece.is_empty(), "all is used up");
    }
    (events, decoder.last_event_id().to_string())
}

#[test]
fn an_id_stands_until_the_next_and_an_empty_one_takes_it_away() {
    let stream = b"data: a\n\nid: 1\ndata: b\n\ndata: c\n\nid\ndata: d\n\nid: 2\n\nid: 3\n";
    let (events, id) = decode("0", [&stream[..]]);
    let [a, b, c, d] = [("a", "0"), ("b", "1"), ("c", "1"), ("d", "")].map(|(data, id)| message("message", data, id));
    assert_eq!(events, [a, b, c, d]);
    assert_eq!(id, "2", "also without a message, but not before the block is complete");
}

#[test]
fn an_event_has_an_id_of_its_own_if_it_has_the_field_also_where_that_repeats_the_one_before() {
    for after in ["", "1"] {
        let mut decoder = Decoder::new(LIMIT, &Arc::from(after));
        let mut bytes = &b"data: a\n\nid: 1\ndata: b\n\ndata: c\n\nid: 1\ndata: d\n\n"[..];
        let mut own = Vec::new();
        while let Some(Ok(Decoded::Message { has_own_id, .. })) = decoder.next(&mut bytes) {
            own.push(has_own_id);
        }
        assert_eq!(own, [false, true, false, true], "after {after:?}");
    }
}

#[test]
fn after_a_large_message_the_decoder_goes_on_as_before() {
    let large = "x".repeat(Message::LARGE + 1);
    for end in ["\n", "\r\n", "\r"] {
        let text = ["id: 1", &["data: ", &*large].concat(), "", "\u{feff}data: no field", "data: b", "", ""].join(end);
        let mut decoder = Decoder::new(NonZeroUsize::new(4 << 20).unwrap(), &Arc::from(""));
        let mut events = Vec::new();
        for mut piece in text.as_bytes().chunks(1000) {
            while let Some(event) = decoder.next(&mut piece) {
                events.push(plain(event.unwrap()));
            }
        }
        assert_eq!(events, [message("message", &large, "1"), message("message", "b", "1")], "{end:?}");
    }
}

#[test]
fn reconnection_times_come_with_the_messages() {
    let (events, _) = decode("", [&b"retry: 10\nretry: 1s\nretry: 99999999999\nevent: e\ndata\n\n"[..]]);
    assert_eq!(events, [Decoded::ReconnectionTime(10), message("e", "", "")]);
}

#[test]
fn small_messages_after_a_large_one_take_little_room() {
    let large = "x".repeat(LIMIT.get() - 1);
    let mut stream = format!("data: {large}\n\n");
    for n in 0..1000 {
        write!(stream, "data: {n}\n\n").expect("a string takes all");
    }
    let (events, _) = decode("", [stream.as_bytes()]);
    let room = events.iter().skip(1).map(|event| match event {
        Decoded::Message { data, .. } => data.capacity(),
        Decoded::ReconnectionTime(_) => 0,
    });
    assert!(room.sum::<usize>() < 100_000);
}

#[test]
fn a_message_over_the_limit_is_an_error() {
    let mut decoder = Decoder::new(NonZeroUsize::new(4).unwrap(), &Arc::from(""));
    let mut stream = &b"data: 1234\n\ndata: 12345\n\n"[..];
    assert_eq!(decoder.next(&mut stream).map(|decoded| decoded.map(plain)), Some(Ok(message("message", "1234", ""))));
    assert_eq!(decoder.next(&mut stream), Some(Err(TooLarge)));
}

// proptest is a dependency of the host alone.
#[cfg(not(target_family = "wasm"))]
mod random {
    //! Any bytes in any pieces.

    use proptest::prelude::*;

    use super::*;

    /// The Standard's section, step by step, over the whole stream at once.
    fn reference(after: &str, bytes: &[u8]) -> (Vec<Decoded>, String) {
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n").replace('\r', "\n");
        let (mut data, mut event_type, mut id_buffer, mut id) =
            (String::new(), String::new(), after.to_owned(), after.to_owned());
        let mut events = Vec::new();
        // What has no end of line is no line.
        for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
            if line.is_empty() {
                id.clone_from(&id_buffer);
                let event_type = std::mem::take(&mut event_type);
                let mut data = std::mem::take(&mut data);
                if data.pop().is_some() {
                    let event_type = if event_type.is_empty() { "message".into() } else { event_type };
                    let last_event_id = id.as_str().into();
                    let event_type = event_type.into();
                    events.push(Decoded::Message { event_type, data, last_event_id, has_own_id: false });
                }
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => event_type = value.to_owned(),
                "data" => {
                    data.push_str(value);
                    data.push('\n');
                }
                "id" if !value.contains('\0') => id_buffer = value.to_owned(),
                "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                    events.extend(value.parse().map(Decoded::ReconnectionTime));
                }
                _ => {}
            }
        }
        (events, id)
    }

    /// Bytes that often mean something.
    fn stream() -> impl Strategy<Value = Vec<u8>> {
        const WORDS: [&[u8]; 34] = [
            b"\n",
            b"\n",
            b"\n\n",
            b"\r",
            b"\r\n",
            b"\r\n\r\n",
            b":",
            b": ",
            b" ",
            b"data",
            b"data:",
            b"data: ",
            b"data: a\n\n",
            b"event",
            b"event:",
            b"event: e\n",
            b"id",
            b"id:",
            b"id: 1\n",
            b"retry",
            b"retry:",
            b"retry: 10\n",
            b"retry: 4294967296",
            b"0",
            b"7",
            b"\0",
            b"dat",
            b"Data",
            b"\xef\xbb\xbf",
            b"\xef\xbb",
            b"\xff",
            "é€𝄞".as_bytes(),
            b"\xf0\x9d",
            b"\t",
        ];
        let piece = prop_oneof![
            12 => prop::sample::select(&WORDS[..]).prop_map(<[u8]>::to_vec),
            1 => prop::collection::vec(any::<u8>(), 0..5),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    /// The bytes in pieces that end at these places, empty ones among them.
    fn pieces<'a>(bytes: &'a [u8], ends: &[prop::sample::Index]) -> Vec<&'a [u8]> {
        let mut ends: Vec<usize> = ends.iter().map(|end| end.index(bytes.len() + 1)).collect();
        ends.extend([0, bytes.len()]);
        ends.sort_unstable();
        ends.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect()
    }

    /// More with `PROPTEST_CASES`.
    fn cases() -> ProptestConfig {
        let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
        ProptestConfig::with_cases(cases.unwrap_or(20_000))
    }

    proptest! {
        #![proptest_config(cases())]

        #[test]
        fn any_bytes_in_any_pieces_say_what_the_standard_says(
            bytes in stream(),
            ends in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
            after in prop::sample::select(&["", "0"][..]),
        ) {
            let whole = decode(after, [&bytes[..]]);
            prop_assert_eq!(&whole, &decode(after, pieces(&bytes, &ends)), "whole, and in pieces");
            prop_assert_eq!(&whole, &decode(after, bytes.chunks(1)), "whole, and byte by byte");
            prop_assert_eq!(whole, reference(after, &bytes), "and as the Standard has it");
        }
    }
}
