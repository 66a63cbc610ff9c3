//! A page that follows its sources.

use page_tests::{Browser, Project, Server, Site, in_each_browser, until};

in_each_browser!(
    a_changed_source_is_built_and_the_page_reloads,
    a_compile_error_lies_over_the_page_until_it_is_mended,
    tabs_share_the_channel_that_reloads_them,
);

async fn a_changed_source_is_built_and_the_page_reloads(browser: Browser) {
    let project = Project::copy();
    let server = project.serve().await;
    let page = browser.open(&server.url("/")).await;
    let lines = page.wait_for_lines(1).await;
    assert!(lines[0].starts_with("message: "), "{lines:?}");
    project.change("frontend/src/list/message_list.rs", |source| source.replace("\"message: \"", "\"changed: \""));
    until("a line of the new build", async || {
        page.lines().await.first().filter(|line| line.starts_with("changed: ")).cloned()
    })
    .await;
    page.wait_for_state("Open").await;
}

async fn a_compile_error_lies_over_the_page_until_it_is_mended(browser: Browser) {
    let project = Project::copy();
    let server = project.serve().await;
    let page = browser.open(&server.url("/")).await;
    page.wait_for_lines(1).await;
    let broken = "compile_error!(\"broken on purpose\");\n";
    project.change("frontend/src/lib.rs", |source| format!("{source}{broken}"));
    let shown = until("the error on the page", async || page.overlay().await).await;
    assert!(shown.contains("broken on purpose"), "{shown}");
    browser.save_screenshot("compile-error").await;

    // The last good build is still served, and whoever comes now is told too.
    let second = browser.open_in_new_tab(&server.url("/")).await;
    second.wait_for_lines(1).await;
    until("the error in a second tab", async || second.overlay().await).await;

    project.change("frontend/src/lib.rs", |source| source.replace(broken, ""));
    until("the error gone", async || second.overlay().await.is_none().then_some(())).await;
    second.wait_for_lines(1).await;
}

/// Browsers open six connections to a server at most. Four streams and one channel leave one for the pages; with a
/// channel for each tab the fourth page would not come.
async fn tabs_share_the_channel_that_reloads_them(browser: Browser) {
    let site = Site::with_package();
    let server = Server::start(site.path(), &["--no-build"]).await;
    let mut tabs = Vec::new();
    for _ in 0..4 {
        let page = browser.open_in_new_tab(&server.url("/")).await;
        page.wait_for_lines(1).await;
        tabs.push((browser.window().await.expect("there is a tab"), page));
    }
    site.change_page(|html| html.replace("<h1>", "<h1>New "));
    for (tab, page) in tabs {
        browser.switch_to_window(tab).await.expect("the tab is there");
        page.wait_for_text("h1", "New").await;
        page.wait_for_lines(1).await;
    }
}
