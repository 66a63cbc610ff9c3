//! What sharers post to one another, and how it is written.
//!
//! The channel's name tells [`VERSION`], so that sharers whose posts differ never meet.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::core::state::State;

/// Counted up with every change of what is posted, or of what it means.
pub(crate) const VERSION: u32 = 1;

/// A sharer's name, drawn at random.
pub(crate) type MemberId = u64;

/// One leadership. Of two that know nothing of each other the one with the greater id counts as the later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Epoch {
    pub(crate) term: u64,
    pub(crate) leader: MemberId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Post {
    pub(crate) from: MemberId,
    /// The latest epoch that the sender knows.
    pub(crate) epoch: Epoch,
    pub(crate) body: Body,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Body {
    /// A sharer has come, and would go on after this id.
    Hello { standing: Standing, after: String },
    /// It has left.
    Bye,
    /// What the others have to know of it has changed.
    Standing(Standing),
    /// From the leader, to one who has come: its messages begin with this number. `missed` if that is not where it would go on.
    Welcome { to: MemberId, begin: u64, missed: bool, lead: Lead },
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
    /// Asks `to` for the messages from this number on.
    Resend { to: MemberId, first: u64 },
    /// An answer to that: those before this number are gone.
    Lost { to: MemberId, place: Place },
    /// Asks the leader whether it is there.
    Ping,
    /// The leader offers its connection.
    Offer { to: MemberId },
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The epoch in which the numbers began: those of another count something else.
    pub(crate) origin: Epoch,
    pub(crate) next: u64,
    pub(crate) id: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lead {
    pub(crate) place: Place,
    pub(crate) state: State,
    pub(crate) members: Vec<MemberId>,
}

/// What others have to know of a sharer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Posted {
    pub(crate) event_type: Rc<str>,
    pub(crate) data: String,
    pub(crate) last_event_id: Arc<str>,
    pub(crate) has_own_id: bool,
    pub(crate) origin: Rc<str>,
}

/// Messages as they are written. They share most of their types, origins and ids.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    types: Vec<&'a str>,
    origins: Vec<&'a str>,
    #[serde(borrow)]
    messages: Vec<WrittenMessage<'a>>,
}

/// Numbers count in the lists.
#[derive(Serialize, Deserialize)]
struct WrittenMessage<'a> {
    event_type: u32,
    origin: u32,
    data: &'a str,
    /// `None` if it is that of the message before.
    last_event_id: Option<&'a str>,
    has_own_id: bool,
}

/// The numbers that texts have in a list.
#[derive(Default)]
struct Numbers<'a> {
    list: Vec<&'a str>,
    known: BTreeMap<&'a str, u32>,
}

impl<'a> Numbers<'a> {
    fn of(&mut self, text: &'a str) -> u32 {
        if let Some(last) = self.list.len().checked_sub(1)
            && self.list.get(last) == Some(&text)
        {
            return u32::try_from(last).unwrap_or(u32::MAX);
        }
        *self.known.entry(text).or_insert_with(|| {
            self.list.push(text);
            u32::try_from(self.list.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

/// The messages as bytes.
pub(crate) fn write(messages: &[Posted]) -> Vec<u8> {
    let (mut types, mut origins, mut id) = (Numbers::default(), Numbers::default(), None);
    let messages = messages
        .iter()
        .map(|message| {
            let last_event_id = Some(&*message.last_event_id).filter(|new| id.replace(*new) != Some(*new));
            WrittenMessage {
                event_type: types.of(&message.event_type),
                origin: origins.of(&message.origin),
                data: &message.data,
                last_event_id,
                has_own_id: message.has_own_id,
            }
        })
        .collect();
    postcard::to_allocvec(&Written { types: types.list, origins: origins.list, messages }).unwrap_or_default()
}

/// What [`write`] has written.
pub(crate) fn read(bytes: &[u8]) -> Option<Vec<Posted>> {
    let Written { types, origins, messages } = postcard::from_bytes(bytes).ok()?;
    let types: Vec<Rc<str>> = types.into_iter().map(Rc::from).collect();
    let origins: Vec<Rc<str>> = origins.into_iter().map(Rc::from).collect();
    let find = |list: &[Rc<str>], number: u32| list.get(usize::try_from(number).ok()?).map(Rc::clone);
    let mut id: Arc<str> = Arc::from("");
    messages
        .into_iter()
        .map(|message| {
            if let Some(new) = message.last_event_id {
                id = new.into();
            }
            Some(Posted {
                event_type: find(&types, message.event_type)?,
                data: message.data.to_owned(),
                last_event_id: Arc::clone(&id),
                has_own_id: message.has_own_id,
                origin: find(&origins, message.origin)?,
            })
        })
        .collect()
}

impl Post {
    /// The post as bytes; `messages` are those of a [`Body::Batch`].
    pub(crate) fn encode(&self, messages: &[u8]) -> Vec<u8> {
        postcard::to_extend(self, Vec::with_capacity(messages.len() + 64))
            .map(|mut bytes: Vec<u8>| {
                bytes.extend_from_slice(messages);
                bytes
            })
            .unwrap_or_default()
    }

    /// What was posted, and the messages that it has. `None` for what is no post: any script of the origin can post.
    pub(crate) fn decode(bytes: &[u8]) -> Option<(Self, &[u8])> {
        postcard::take_from_bytes(bytes).ok()
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
