//! A server for developing and testing an `EventSource`: it sends timed events, with faults that the URL asks for, and
//! serves a page that lists them.
//!
//! The program also builds the page's WebAssembly and reloads the page when a source file changes. The library provides
//! [`TestServer`] for the tests of any client, [`Server`] for a server whose start and shutdown you control, and [`app`] for
//! an accept loop of your own.

mod app;
mod closed_port;
mod duration;
mod file_limit;
mod guard;
mod handover;
mod options;
mod refusal;
mod requests;
mod server;
mod site;
mod stream;
mod stream_url;
mod test_server;
#[cfg(feature = "tls")]
mod tls;
mod upstream;
mod wanted;
mod wire;

pub use app::app;
pub use duration::parse_duration;
pub use file_limit::raise_file_limit;
pub use options::Options;
pub use requests::RequestInfo;
pub use server::Server;
pub use site::Site;
pub use stream::change::ChangeError;
pub use stream::channels::PushedEvent;
pub use stream::connections::{ConnectionInfo, Connections};
pub use stream::params::answer::Cors;
pub use stream::params::encoding::{Eol, Newline, Split};
pub use stream::params::end::End;
pub use stream::params::ids::{Data, IdMode};
pub use stream::params::pace::HeartbeatMode;
pub use stream::script::Script;
pub use stream_url::StreamUrl;
pub use test_server::TestServer;
#[cfg(feature = "tls")]
pub use tls::Tls;
pub use upstream::address::Upstream;
