//! What belongs to the program: the page here, and beside it what `main.rs` is made of, which the library does not have.

pub(crate) mod site;
