//! What sharers post to one another, and how it is written.
//!
//! The channel's name tells [`VERSION`], so that sharers whose posts differ never meet.

use std::rc::Rc;
use std::sync::Arc;

use super::wire::{Wire, put_text, take_text, wire};
use crate::core::state::State;

/// Counted up with every change of what is posted, or of what it means.
pub(crate) const VERSION: u32 = 1;

/// A sharer's name, drawn at random.
pub(crate) type MemberId = u64;

/// One leadership. Of two that know nothing of each other the one with the greater id counts as the later.
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
    /// A sharer has come, and would go on after this id.
    Hello { standing: Standing, after: String },
    /// It has left.
    Bye,
    /// What the others have to know of it has changed.
    Standing(Standing),
    /// From the leader, to one who has come and would go on after this id: its messages begin with this number. `missed` if
    /// that is not where it would go on.
    Welcome { to: MemberId, after: String, begin: u64, missed: bool, lead: Lead },
    /// The sender holds the lock, and wants to know what everyone has.
    Claim,
    /// An answer to that.
    Have { place: Place, standing: Standing },
    /// How the leader's stream stands; also said when it is asked.
    Lead(Lead),
    /// So many messages from this number on; the rest of the post is those.
    Batch { first: u64, count: u64 },
    /// The stream has this id after the messages before this number, without a message.
    Moved(Place),
    /// The same, and it did not go on where it was: the server says from where it goes on.
    Gap { next: u64, last_event_id: String },
    /// Asks `to` for the messages from this number on, which counts from that epoch.
    Resend { to: MemberId, origin: Epoch, first: u64 },
    /// An answer to that: those before this number are gone.
    Lost { to: MemberId, place: Place },
    /// Asks the leader whether it is there.
    Ping,
    /// The leader offers its connection, over which someone reads these types.
    Offer { to: MemberId, types: Vec<String> },
    /// The sender could not take it.
    Decline,
    /// The leader is to make a new connection.
    Reconnect,
    /// The leader's stream has ended for good.
    Ended(State),
    /// The sender knows of a later epoch than the one that was spoken of.
    Outdated,
}

/// A place in the shared stream: the number of the message that comes next, and the last event ID before it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Place {
    /// The epoch in which the numbers began: those of another count something else.
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

/// What others have to know of a sharer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Standing {
    /// Whether its page is shown. A worker counts as shown.
    pub(crate) is_visible: bool,
    /// Whether someone reads messages there.
    pub(crate) reads: bool,
    /// It can take the messages before this number; [`Self::ALL`] if it never makes the stream wait.
    pub(crate) until: u64,
    /// The types that are read there, where the transport shows only those that are asked for.
    pub(crate) types: Vec<String>,
}

impl Standing {
    pub(crate) const ALL: u64 = u64::MAX;
}

/// What has come over a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    Message(Posted),
    /// The stream has this id, without a message.
    Moved(Arc<str>),
    /// The server goes on after this id, which is not the one that was asked for.
    Elsewhere(String),
}

/// A message on its way.
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

/// What a message has in common with the one before it is not written again.
const SAME_TYPE: u8 = 1;
const SAME_ORIGIN: u8 = 2;
const SAME_ID: u8 = 4;
const HAS_OWN_ID: u8 = 8;

/// The messages as bytes.
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

/// What [`write`] has written.
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

    /// What was posted, and the messages that it has. `None` for what is no post: any script of the origin can post.
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
