//! The table of all parameters: names are looked up in it, and the help is made from it.

use serde::Serialize;

use super::description::Stream;
use super::params::param::Param;
use super::params::{answer, attempts, encoding, end, framing, ids, order, pace, push};

/// How a parameter of any group is explained.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Older spellings, which existing URLs may have; new ones should not, so the help leaves them out.
    #[serde(skip)]
    pub(crate) aliases: &'static [&'static str],
    pub(crate) meaning: &'static str,
    pub(crate) allowed: &'static str,
    pub(crate) example: &'static str,
    pub(crate) repeats: bool,
    pub(crate) needs: &'static [&'static str],
    pub(crate) not_with: &'static [&'static str],
}

impl<G> From<&Param<G>> for Row {
    fn from(param: &Param<G>) -> Self {
        let Param { name, aliases, meaning, allowed, example, repeats, needs, not_with, .. } = *param;
        Self { name, aliases, meaning, allowed, example, repeats, needs, not_with }
    }
}

/// The parameters of one kind.
#[derive(Serialize)]
pub(crate) struct Group {
    pub(crate) title: &'static str,
    #[serde(rename = "params")]
    pub(crate) rows: Vec<Row>,
}

/// Lists the groups once: their titles, their rows, and the part of a stream that each fills in.
macro_rules! groups {
    ($($title:literal: $module:ident => $part:ident,)+) => {
        /// Every parameter, by group.
        pub(crate) fn groups() -> Vec<Group> {
            vec![$(Group { title: $title, rows: $module::PARAMS.iter().map(Row::from).collect() },)+]
        }

        /// Every parameter, in the order of the help.
        pub(crate) fn rows() -> impl Iterator<Item = Row> {
            let none = std::iter::empty();
            $(let none = none.chain($module::PARAMS.iter().map(Row::from));)+
            none
        }

        /// Puts a value into the part of the stream that has a parameter of this name.
        ///
        /// # Errors
        /// A line that names the parameter and what is allowed.
        pub(crate) fn put(stream: &mut Stream, name: &str, value: &[u8]) -> Result<(), String> {
            $(if let Some(param) = $module::PARAMS.iter().find(|param| param.name == name) {
                return param.put(&mut stream.$part, value).ok_or_else(|| impossible(name, value, param.allowed));
            })+
            Err(unknown(name))
        }
    };
}

groups! {
    "Pace": pace => pace,
    "Ids and data": ids => ids,
    "Response": answer => answer,
    "Headers and framing": framing => framed,
    "Bytes": encoding => encoding,
    "End and rate": end => end,
    "Order": order => order,
    "Attempts": attempts => attempts,
    "Push": push => push,
}

/// The canonical name of a parameter that may be spelled in another way; an unknown name is returned as it is.
pub(crate) fn canonical(given: String) -> String {
    let named = rows().find(|row| row.aliases.contains(&given.as_str()));
    named.map_or(given, |row| row.name.to_owned())
}

/// Whether a parameter may be given more than once.
pub(crate) fn repeats(name: &str) -> bool {
    rows().any(|row| row.repeats && row.name == name)
}

fn impossible(name: &str, value: &[u8], allowed: &str) -> String {
    let value = String::from_utf8_lossy(value);
    format!("`{name}={value}` is invalid: expected {allowed}")
}

fn unknown(name: &str) -> String {
    let names: Vec<_> = rows().map(|row| row.name).collect();
    format!("`{name}` is not a parameter: allowed are {} (see /help)", names.join(", "))
}
