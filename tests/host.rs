//! On a host, as where a server renders pages: everything compiles, and opening says what is missing.
#![cfg(not(target_family = "wasm"))]

use std::time::Duration;

use eventsource_wasm::{Backoff, Error, EventSource};
#[cfg(feature = "fetch")]
use eventsource_wasm::{FetchOptions, ResumeRequest};

#[test]
fn opening_on_a_host_is_an_error_and_no_panic() {
    let error = EventSource::new("/events").expect_err("there is no browser");
    assert!(matches!(&error, Error::Unsupported { reason } if reason.contains("browser")), "{error}");
}

#[test]
fn a_builder_with_everything_on_is_the_same_error() {
    let opened = EventSource::builder("/events")
        .with_credentials(true)
        .reconnect(Backoff::default())
        .url_provider(async |_| Ok::<_, Error>(String::new()))
        .last_event_id("1")
        .last_event_id_param("id")
        .resume_after_reload(true)
        .suppress_duplicates(10)
        .gap_event(None)
        .open_timeout(Duration::from_secs(1))
        .heartbeat_event("heartbeat")
        .idle_timeout(Duration::from_secs(1))
        .pause_when_hidden(Duration::from_secs(1))
        .probe(true)
        .position(|message| Some(message.data().to_owned()))
        .end_event("done")
        .end_data("[DONE]")
        .end_when(|message| message.data().is_empty())
        .open();
    assert!(matches!(opened, Err(Error::Unsupported { .. })));
}

#[cfg(feature = "fetch")]
#[test]
fn a_request_with_a_body_can_be_described() {
    let options = FetchOptions::new().resend_before_open().fetch_with(async |_| Err("unused".into()));
    let options =
        options.resume(async |_| Ok::<_, Error>(Some(ResumeRequest::new("/on").header("X-One", "1").body("more"))));
    let bodies = [options.body("a question"), FetchOptions::new().body(vec![1, 2, 3])];
    for options in bodies {
        let opened = EventSource::builder("/answers").fetch(options.method("POST").header("X-One", "1")).open();
        assert!(matches!(opened, Err(Error::Unsupported { .. })));
    }
}
