//! The page for a reader who prefers dark ones.

use page_tests::{Browser, in_each_browser};

use crate::looks::pictures;

in_each_browser!(Dark => pictures_of_the_dark_page);

async fn pictures_of_the_dark_page(browser: Browser) {
    pictures(&browser, "dark").await;
}
