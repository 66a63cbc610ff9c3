//! A server for developing and testing an `EventSource`: it emits timed events whose URL says what goes wrong with them,
//! and serves the page that lists them.
//!
//! As a program it also builds the page's WebAssembly and reloads the page when a source changes. As a library it is
//! [`TestServer`] for the tests of any client, [`app`] for an accept loop of your own, and [`Server`] for what lies between.

mod accept;
mod app;
mod connections;
mod duration;
mod file_limit;
mod guard;
mod handover;
mod options;
mod refused;
mod server;
mod site;
mod stream;
mod stream_url;
mod test_server;
mod wire;

pub use app::app;
pub use connections::{ConnectionInfo, Connections};
pub use duration::parse_duration;
pub use file_limit::raise_file_limit;
pub use options::Options;
pub use server::Server;
pub use site::Site;
pub use stream::{Cors, Data, End, Eol, HeartbeatMode, IdMode, Newline, Script, Split};
pub use stream_url::StreamUrl;
pub use test_server::TestServer;
