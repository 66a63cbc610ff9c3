//! The parameters of a stream's URL: each group is a part of a stream's description, and the rows that fill it in.

pub(crate) mod answer;
pub(crate) mod attempts;
pub(crate) mod encoding;
pub(crate) mod end;
pub(crate) mod framing;
pub(crate) mod ids;
pub(crate) mod order;
pub(crate) mod pace;
pub(crate) mod param;
pub(crate) mod push;
pub(crate) mod value;
pub(crate) mod words;
