//! Messages as `<li>`.

mod dom;
pub(crate) mod message_list;
mod window;
