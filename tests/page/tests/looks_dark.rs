//! The page for a reader who prefers dark ones.

use page_tests::{Browser, in_both_browsers};

use crate::looks::pictures;

in_both_browsers!(Dark => pictures_of_the_dark_page);

async fn pictures_of_the_dark_page(browser: Browser) {
    pictures(&browser, "dark").await;
}
