//! Tells an answer that the browser withholds from a network that is down.
//!
//! `fetch` says the same of both, but the Standard makes a refusal by CORS final and a lost connection not. A request whose
//! answer nobody may see (mode `no-cors`) is free of CORS: if that one is answered, the answer was withheld.

use std::cell::Cell;

use gloo_timers::callback::Timeout;
use web_sys::{Request, RequestCache, RequestInit, RequestMode, ResponseType};

use crate::platform::fetch::{Abort, fetch};

/// How long a server may take to show that it can be reached, in milliseconds.
const PATIENCE: u32 = 5000;

/// What is known of one source's requests. A server may allow those without `Last-Event-ID` and refuse those with it.
#[derive(Debug, Default)]
pub(super) struct Withheld {
    without_id: Cell<Finding>,
    with_id: Cell<Finding>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Finding {
    #[default]
    Unknown,
    /// It was looked into: this source does not ask a second time.
    Asked,
    /// The answer is withheld.
    Confirmed,
}

impl Withheld {
    fn of(&self, with_id: bool) -> &Cell<Finding> {
        if with_id { &self.with_id } else { &self.without_id }
    }

    /// Whether a request that has just failed seems to have been answered. Looks into it once: also for the page's own
    /// origin, whose server may redirect to another one.
    pub(super) async fn suspects(&self, url: &str, with_id: bool, safe: bool) -> bool {
        let finding = self.of(with_id);
        if finding.get() != Finding::Unknown {
            return false;
        }
        finding.set(Finding::Asked);
        is_reachable(url, safe).await
    }

    pub(super) fn confirm(&self, with_id: bool) {
        self.of(with_id).set(Finding::Confirmed);
    }

    pub(super) fn is_confirmed(&self, with_id: bool) -> bool {
        self.of(with_id).get() == Finding::Confirmed
    }
}

async fn is_reachable(url: &str, safe: bool) -> bool {
    let Ok(abort) = Abort::new() else { return false };
    let init = RequestInit::new();
    // A server may treat HEAD in another way than what was asked, so that is taken only where asking has no effects.
    init.set_method(if safe { "GET" } else { "HEAD" });
    init.set_mode(RequestMode::NoCors);
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(&abort.signal()));
    let Ok(request) = Request::new_with_str_and_init(url, &init) else { return false };
    let answer = fetch(&request);
    let _limit = Timeout::new(PATIENCE, move || drop(abort));
    answer.await.is_ok_and(|response| response.type_() == ResponseType::Opaque)
}
