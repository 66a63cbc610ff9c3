//! Distinguishes a lost connection from a page that is being left.

use crate::platform::global::document;
use crate::platform::pause::pause;

/// How long a page that is being left may outlive its requests, in milliseconds.
const MOMENT: u32 = 100;

/// Waits before a loss is reported. When a page is left, Firefox ends its requests a moment before the page itself,
/// which would then see its sources fail. The page's timers end with the page, so this function then does not return.
pub(super) async fn page_stays() {
    if document().is_some() {
        pause(MOMENT).await;
    }
}
