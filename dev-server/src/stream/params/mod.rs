//! The parameters of a stream's URL: one table parses them, refuses what is impossible, explains and lists them.

pub(crate) mod answer;
pub(crate) mod attempts;
pub(crate) mod bytes;
pub(crate) mod end;
pub(crate) mod ids;
pub(crate) mod order;
pub(crate) mod pace;
pub(crate) mod value;

use super::description::Stream;

/// A row of the table.
#[derive(Clone, Copy)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) allowed: &'static str,
    /// A query that shows it and comes to an end.
    pub(crate) example: &'static str,
    /// It means nothing without one of these.
    pub(crate) needs: &'static [&'static str],
    /// It contradicts these.
    pub(crate) not_with: &'static [&'static str],
    pub(crate) set: Set,
}

/// Puts a value into the stream, or refuses it.
#[derive(Clone, Copy)]
pub(crate) enum Set {
    Text(fn(&mut Stream, &str) -> Option<()>),
    Bytes(fn(&mut Stream, &[u8]) -> Option<()>),
}

/// What a row is where it says nothing else.
const PARAM: Param =
    Param { name: "", meaning: "", allowed: "", example: "", needs: &[], not_with: &[], set: Set::Text(|_, _| None) };

/// The parameters of one kind.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) params: &'static [Param],
}

/// Every parameter.
pub(crate) const GROUPS: &[Group] = &[
    Group { title: "Pace", params: pace::PARAMS },
    Group { title: "Ids and data", params: ids::PARAMS },
    Group { title: "Answer", params: answer::PARAMS },
    Group { title: "Bytes", params: bytes::PARAMS },
    Group { title: "End and rate", params: end::PARAMS },
    Group { title: "Order", params: order::PARAMS },
    Group { title: "Attempts", params: attempts::PARAMS },
];

/// Every parameter, in the order of the help.
pub(crate) fn params() -> impl Iterator<Item = &'static Param> {
    GROUPS.iter().flat_map(|group| group.params)
}

/// Defines a set of words that a parameter allows.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $name {
            $($(#[$word_doc])* $word,)+
        }

        impl $name {
            /// Reads the word that `Display` writes.
            pub(crate) fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$word),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self {
                    $(Self::$word => $text,)+
                })
            }
        }
    };
}
use words;
