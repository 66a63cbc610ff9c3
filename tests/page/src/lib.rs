//! Helpers to drive the page in a browser.
