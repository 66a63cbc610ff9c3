//! The hooks in browsers, against a dev server: no connection outlives its component.
#![cfg(target_family = "wasm")]

mod apps;
mod common;

use apps::{App, DIOXUS, LEPTOS, Mounted, YEW};
use common::{click, element, live_streams, settle, text, until, url};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Mounts it, and waits for a message in it.
async fn shows_messages(app: &App, mounted: &Mounted) {
    let (text, name) = (|| text(&mounted.root, app.name), app.name);
    until(&format!("{name} shows messages, open"), async || text().starts_with("3 ") && text().ends_with(" 1")).await;
}

async fn leaves_nothing(app: &App) {
    let path = |n: u32| url(&format!("/events?interval=7ms&data=n&token={}-mounted-{n}", app.name));
    for n in 0..200 {
        let mounted = (app.mount)(&path(n)).await;
        match n % 20 {
            // Some live to show messages, some to open a source, most not even that.
            0 => shows_messages(app, &mounted).await,
            1..10 => settle().await,
            _ => {}
        }
        (mounted.unmount)();
    }
    until("the server sends nothing to them", async || live_streams("-mounted-").await == 0).await;
}

async fn follows_its_url(app: &App) {
    let path = |n: u32| url(&format!("/events?interval=7ms&data=n&token={}-changed-{n}-", app.name));
    let mounted = (app.mount)(&path(0)).await;
    for n in 1..20 {
        (mounted.set_url)(&path(n));
        if n % 4 == 0 {
            let mine = format!("-changed-{n}-");
            until("the new stream is read", async || live_streams(&mine).await == 1).await;
            shows_messages(app, &mounted).await;
            until("it is the only one", async || live_streams("-changed-").await == 1).await;
        }
    }
    (mounted.set_url)("");
    until("nothing is shown", async || text(&mounted.root, app.name) == "0 - 2").await;
    until("the server sends nothing", async || live_streams("-changed-").await == 0).await;
    (mounted.unmount)();
}

async fn closes_and_opens(app: &App) {
    let mounted = (app.mount)(&url(&format!("/events?interval=7ms&data=n&token={}-opened", app.name))).await;
    shows_messages(app, &mounted).await;
    click(&mounted.root, "close");
    until("it shows what it has, closed", async || {
        let text = text(&mounted.root, app.name);
        text.starts_with("3 ") && text.ends_with(" 2")
    })
    .await;
    until("the server sends nothing", async || live_streams("-opened").await == 0).await;
    click(&mounted.root, "open");
    shows_messages(app, &mounted).await;
    (mounted.unmount)();
    until("the server sends nothing again", async || live_streams("-opened").await == 0).await;
}

/// What cannot be decoded, and what cannot be opened, are errors in the page.
async fn shows_errors(app: &App) {
    let mounted = (app.mount)(&url(&format!("/events?interval=7ms&data=time&token={}-errors", app.name))).await;
    until("it shows why", async || text(&mounted.root, app.name).contains("could not be decoded")).await;
    (mounted.set_url)("http://[");
    until("it shows the other error", async || text(&mounted.root, app.name).starts_with("0 - 2 ")).await;
    (mounted.unmount)();
    until("the server sends nothing", async || live_streams("-errors").await == 0).await;
}

/// Takes over what a server has rendered: the same elements then show messages.
async fn hydrates(app: &App) {
    let hydrate = app.hydrate.expect("the framework hydrates here");
    let mounted = hydrate(&url(&format!("/events?interval=7ms&data=n&token={}-hydrated", app.name))).await;
    let before = mounted.hydrated.as_ref().expect("there was a paragraph of the server's");
    shows_messages(app, &mounted).await;
    assert!(element(&mounted.root, app.name).is_same_node(Some(before)), "{} has replaced the element", app.name);
    click(&mounted.root, "close");
    until("its buttons work", async || text(&mounted.root, app.name).ends_with(" 2")).await;
    (mounted.unmount)();
    until("the server sends nothing", async || live_streams("-hydrated").await == 0).await;
}

macro_rules! in_each {
    ($($test:ident: $check:ident($app:ident);)*) => {
        $(#[wasm_bindgen_test]
        async fn $test() {
            $check(&$app).await;
        })*
    };
}

in_each! {
    leptos_leaves_nothing_after_two_hundred_mounts: leaves_nothing(LEPTOS);
    leptos_follows_its_url: follows_its_url(LEPTOS);
    leptos_closes_and_opens: closes_and_opens(LEPTOS);
    leptos_shows_errors: shows_errors(LEPTOS);
    leptos_hydrates: hydrates(LEPTOS);
    dioxus_leaves_nothing_after_two_hundred_mounts: leaves_nothing(DIOXUS);
    dioxus_follows_its_url: follows_its_url(DIOXUS);
    dioxus_closes_and_opens: closes_and_opens(DIOXUS);
    dioxus_shows_errors: shows_errors(DIOXUS);
    yew_leaves_nothing_after_two_hundred_mounts: leaves_nothing(YEW);
    yew_follows_its_url: follows_its_url(YEW);
    yew_closes_and_opens: closes_and_opens(YEW);
    yew_shows_errors: shows_errors(YEW);
    yew_hydrates: hydrates(YEW);
}
