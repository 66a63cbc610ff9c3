//! A row of the table of parameters.

/// A parameter of the group `G`: how it is explained, and what it does to the group.
#[derive(Clone, Copy)]
pub(crate) struct Param<G> {
    pub(crate) name: &'static str,
    /// Other spellings that are accepted.
    pub(crate) aliases: &'static [&'static str],
    pub(crate) meaning: &'static str,
    pub(crate) allowed: &'static str,
    /// A query that shows it and comes to an end.
    pub(crate) example: &'static str,
    /// Whether it may be given more than once.
    pub(crate) repeats: bool,
    /// It has no effect without one of these.
    pub(crate) needs: &'static [&'static str],
    /// It can't be combined with these.
    pub(crate) not_with: &'static [&'static str],
    pub(crate) set: Set<G>,
}

/// Puts a value into the group, or refuses it.
#[derive(Clone, Copy)]
pub(crate) enum Set<G> {
    Text(fn(&mut G, &str) -> Option<()>),
    Bytes(fn(&mut G, &[u8]) -> Option<()>),
}

impl<G> Param<G> {
    /// The defaults of a row.
    pub(super) const NEW: Self = Self {
        name: "",
        aliases: &[],
        meaning: "",
        allowed: "",
        example: "",
        repeats: false,
        needs: &[],
        not_with: &[],
        set: Set::Text(|_, _| None),
    };

    /// Puts a value into the group; `None` if it is not allowed.
    pub(crate) fn put(&self, group: &mut G, value: &[u8]) -> Option<()> {
        match self.set {
            Set::Text(set) => set(group, std::str::from_utf8(value).ok()?),
            Set::Bytes(set) => set(group, value),
        }
    }
}
