//! What sharers post to one another, and its encoding.
//!
//! The channel's name contains [`VERSION`], so that sharers with different formats never meet.

use std::rc::Rc;
use std::sync::Arc;

use super::wire::{Wire, put_text, take_text, wire};
use crate::core::state::State;

/// Incremented whenever the format or the meaning of posts changes.
pub(crate) const VERSION: u32 = 1;

/// A sharer's ID, drawn at random.
pub(crate) type MemberId = u64;

/// The time of one leader. If two leaders have begun the same term, the one with the greater ID counts as the later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Epoch {
    pub(crate) term: u64,
    pub(crate) leader: MemberId,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Post {
    pub(crate) from: MemberId,
    /// The latest epoch that the sender knows.
    pub(crate) epoch: Epoch,
    pub(crate) body: Body,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    /// A sharer has joined, and is to continue after this ID.
    Hello { standing: Standing, after: String },
    /// The sender has left.
    Bye,
    /// The sender's standing has changed.
    Standing(Standing),
    /// The leader's answer to a sharer that has joined and is to continue after this ID: its messages begin with this
    /// number. `missed` if they do not follow that ID.
    Welcome { to: MemberId, after: String, begin: u64, missed: bool, lead: Lead },
    /// The sender has the lock, and asks which messages the others have.
    Claim,
    /// An answer to `Claim`.
    Have { place: Place, standing: Standing },
    /// The state of the leader's stream; also the answer to `Ping`.
    Lead(Lead),
    /// This many messages, numbered from `first`; they are the rest of the post.
    Batch { first: u64, count: u64 },
    /// The stream's ID has changed without a message, before the message with this number.
    Moved(Place),
    /// The same, but the server does not continue where the stream was: it says after which ID it does.
    Gap { next: u64, last_event_id: String },
    /// Requests the messages from this number on, in the numbering of that epoch, from `to`.
    Resend { to: MemberId, origin: Epoch, first: u64 },
    /// An answer to `Resend`: the messages before this number are lost.
    Lost { to: MemberId, place: Place },
    /// Asks the leader whether it is there.
    Ping,
    /// The leader offers its connection, from which these types are read.
    Offer { to: MemberId, types: Vec<String> },
    /// The sender could not take the connection.
    Decline,
    /// Asks the leader to make a new connection.
    Reconnect,
    /// The leader's stream has ended for good.
    Ended(State),
    /// The sender knows of a later epoch than that of the post it answers.
    Outdated,
}

/// A place in the shared stream: the number of the next message, and the last event ID before it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Place {
    /// The epoch in which the numbering began; numbers from different numberings can't be compared.
    pub(crate) origin: Epoch,
    pub(crate) next: u64,
    pub(crate) id: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lead {
    pub(crate) place: Place,
    pub(crate) state: State,
    pub(crate) members: Vec<MemberId>,
}

/// What the others have to know about a sharer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Standing {
    /// Whether its page is shown. A worker counts as shown.
    pub(crate) is_visible: bool,
    /// Whether there are readers.
    pub(crate) reads: bool,
    /// It can take the messages before this number; [`Self::ALL`] if it never makes the stream wait.
    pub(crate) until: u64,
    /// The types that are read there, where the transport shows only those that are asked for.
    pub(crate) types: Vec<String>,
}

impl Standing {
    pub(crate) const ALL: u64 = u64::MAX;
}

/// What has arrived over a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    Message(Posted),
    /// The stream's ID has changed without a message.
    Moved(Arc<str>),
    /// The server continues after this ID, which is not the one that was requested.
    Elsewhere(String),
}

/// A message as it is posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Posted {
    pub(crate) event_type: Rc<str>,
    pub(crate) data: String,
    pub(crate) last_event_id: Arc<str>,
    pub(crate) has_own_id: bool,
    pub(crate) origin: Rc<str>,
}

wire! { struct Epoch { term, leader } }
wire! { struct Post { from, epoch, body } }
wire! { struct Place { origin, next, id } }
wire! { struct Lead { place, state, members } }
wire! { struct Standing { is_visible, reads, until, types } }

wire! { enum Body {
    0: Hello { standing, after },
    1: Bye,
    2: Standing(standing),
    3: Welcome { to, after, begin, missed, lead },
    4: Claim,
    5: Have { place, standing },
    6: Lead(lead),
    7: Batch { first, count },
    8: Moved(place),
    9: Gap { next, last_event_id },
    10: Resend { to, origin, first },
    11: Lost { to, place },
    12: Ping,
    13: Offer { to, types },
    14: Decline,
    15: Reconnect,
    16: Ended(state),
    17: Outdated,
} }

/// What a message has in common with the one before it is not repeated.
const SAME_TYPE: u8 = 1;
const SAME_ORIGIN: u8 = 2;
const SAME_ID: u8 = 4;
const HAS_OWN_ID: u8 = 8;

/// Encodes messages.
pub(crate) fn write(messages: &[Posted]) -> Vec<u8> {
    let texts: usize = messages.iter().map(|message| message.data.len() + message.last_event_id.len() + 4).sum();
    let mut bytes = Vec::with_capacity(texts + 64);
    let (mut event_type, mut origin, mut id) = ("", "", "");
    for message in messages {
        let at = bytes.len();
        let mut flags = if message.has_own_id { HAS_OWN_ID } else { 0 };
        bytes.push(flags);
        let texts = [
            (&mut event_type, &*message.event_type, SAME_TYPE),
            (&mut origin, &*message.origin, SAME_ORIGIN),
            (&mut id, &*message.last_event_id, SAME_ID),
        ];
        for (last, text, same) in texts {
            if *last == text {
                flags |= same;
            } else {
                put_text(text, &mut bytes);
                *last = text;
            }
        }
        bytes[at] = flags;
        put_text(&message.data, &mut bytes);
    }
    bytes
}

/// Decodes what [`write`] has written.
pub(crate) fn read(mut bytes: &[u8]) -> Option<Vec<Posted>> {
    let (mut event_type, mut origin): (Rc<str>, Rc<str>) = ("".into(), "".into());
    let mut last_event_id: Arc<str> = "".into();
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let flags = u8::take(&mut bytes).filter(|flags| *flags < 2 * HAS_OWN_ID)?;
        if flags & SAME_TYPE == 0 {
            event_type = take_text(&mut bytes)?.into();
        }
        if flags & SAME_ORIGIN == 0 {
            origin = take_text(&mut bytes)?.into();
        }
        if flags & SAME_ID == 0 {
            last_event_id = take_text(&mut bytes)?.into();
        }
        messages.push(Posted {
            event_type: Rc::clone(&event_type),
            data: String::take(&mut bytes)?,
            last_event_id: Arc::clone(&last_event_id),
            has_own_id: flags & HAS_OWN_ID != 0,
            origin: Rc::clone(&origin),
        });
    }
    Some(messages)
}
impl Post {
    /// The post as bytes; `messages` are those of a [`Body::Batch`].
    pub(crate) fn encode(&self, messages: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(messages.len() + 64);
        self.put(&mut bytes);
        bytes.extend_from_slice(messages);
        bytes
    }

    /// Decodes a post, and returns its messages as bytes. `None` if it is not valid: any script of the origin can post.
    pub(crate) fn decode(mut bytes: &[u8]) -> Option<(Self, &[u8])> {
        Some((Self::take(&mut bytes)?, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::close::CloseReason;
    use crate::error::{Answer, Error};

    fn posted(event_type: &str, data: &str, id: &str, origin: &str) -> Posted {
        Posted {
            event_type: event_type.into(),
            data: data.into(),
            last_event_id: id.into(),
            has_own_id: !data.is_empty(),
            origin: origin.into(),
        }
    }

    #[test]
    fn messages_are_read_as_they_were_written() {
        let messages = [
            posted("message", "one", "1", "https://a.example"),
            posted("tick", "", "1", "https://a.example"),
            posted("message", "zwei\nünd", "", "https://b.example"),
            posted("message", "", "2", "https://a.example"),
        ];
        assert_eq!(read(&write(&messages)).as_deref(), Some(&messages[..]));
        assert_eq!(read(&write(&[])), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_post_is_none() {
        let post = Post { from: 7, epoch: Epoch { term: 3, leader: 7 }, body: Body::Batch { first: 1, count: 2 } };
        let bytes = post.encode(b"rest");
        assert_eq!(Post::decode(&bytes), Some((post, &b"rest"[..])));
        for end in 0..bytes.len() - 5 {
            assert_eq!(Post::decode(&bytes[..end]), None, "{end}");
        }
        assert_eq!(Post::decode(&[0xff; 64]), None);
        assert_eq!(read(&[0xff; 64]), None);
        assert_eq!(read(&write(&[posted("a", "b", "c", "d")])[..4]), None);
    }

    #[test]
    fn nothing_of_an_answers_headers_is_posted() {
        let mut answer = Answer { body: "no".into(), ..Answer::default() };
        answer.headers.push(("x-secret".into(), "a token".into()));
        let cause = Error::Status { url: "/events".into(), status: 403, answer };
        let state = State::Closed { reason: CloseReason::Failed { cause } };
        let post = Post { from: 7, epoch: Epoch::default(), body: Body::Ended(state) };
        let bytes = post.encode(&[]);
        assert!(!String::from_utf8_lossy(&bytes).contains("token"));
        let Some((Post { body: Body::Ended(State::Closed { reason }), .. }, _)) = Post::decode(&bytes) else {
            panic!()
        };
        let cause = reason.cause().unwrap();
        assert_eq!((cause.status(), cause.to_string().contains("it says: no")), (Some(403), true));
    }

    #[cfg(not(target_family = "wasm"))]
    proptest::proptest! {
        #[test]
        fn bytes_of_any_kind_are_read_without_a_panic(bytes: Vec<u8>) {
            let _ = Post::decode(&bytes);
            let _ = read(&bytes);
        }
    }
}
