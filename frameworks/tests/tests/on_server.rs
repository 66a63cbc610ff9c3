//! On a server no source is opened, and what is rendered is what a browser finds when it hydrates (`rendered/`).
#![cfg(not(target_family = "wasm"))]

use dioxus::prelude::VirtualDom;
use futures_executor::block_on;
use leptos::prelude::{ElementChild, IntoView, Owner, RenderHtml, view};

mod dioxus_app {
    use dioxus::prelude::*;
    use frameworks_tests::in_dioxus::Shows;

    pub(super) fn app() -> Element {
        rsx! { main { Shows { url: "/events" } } }
    }
}

fn leptos_page() -> String {
    use frameworks_tests::in_leptos::Shows;

    let owner = Owner::new();
    owner.with(|| view! { <main><Shows url="/events"/></main> }.into_view().to_html())
}

#[test]
fn leptos_renders_what_is_hydrated() {
    assert_eq!(leptos_page(), include_str!("rendered/leptos.html").trim_end());
}

#[test]
fn leptos_handles_go_to_another_thread_on_a_server() {
    let owner = Owner::new();
    let stream = owner.with(|| eventsource_wasm_leptos::use_event_source("/events"));
    std::thread::spawn(move || {
        assert_eq!(leptos::prelude::GetUntracked::get_untracked(&stream.state).ready_state(), 0);
        stream.open();
        stream.close();
        drop(owner);
    })
    .join()
    .unwrap();
}

#[test]
fn dioxus_renders_what_is_hydrated() {
    let mut dom = VirtualDom::new(dioxus_app::app);
    dom.rebuild_in_place();
    assert_eq!(dioxus::ssr::pre_render(&dom), include_str!("rendered/dioxus.html").trim_end());
}

#[test]
fn yew_renders_what_is_hydrated() {
    use frameworks_tests::in_yew::{Shows, ShowsProps};

    let renderer = yew::ServerRenderer::<Shows>::with_props(|| ShowsProps { url: "/events".into() });
    assert_eq!(block_on(renderer.render()), include_str!("rendered/yew.html").trim_end());
}
