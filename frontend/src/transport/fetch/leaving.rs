//! Tells a lost connection from a page that is left.

use crate::platform::global::document;
use crate::platform::pause::pause;

/// How long a page that is left may live after its requests, in milliseconds.
const MOMENT: u32 = 100;

/// Waits before a loss is reported. Firefox ends the requests of a page that is left a moment before the page itself, which
/// then would see its sources fail; but its timers end with it, so that this does not return.
pub(super) async fn page_stays() {
    if document().is_some() {
        pause(MOMENT).await;
    }
}
