//! How each framework mounts the component, changes its URL, and unmounts it.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use web_sys::{Element, HtmlElement};

use crate::common::{find, place, settle, until};

/// A framework with the component.
pub(crate) struct App {
    /// It is the class of what the component shows, too.
    pub(crate) name: &'static str,
    pub(crate) mount: fn(&str) -> Mounting,
    /// Takes over what a server has rendered.
    pub(crate) hydrate: Option<fn(&str) -> Mounting>,
}

type Mounting = Pin<Box<dyn Future<Output = Mounted>>>;

/// A component in the page.
pub(crate) struct Mounted {
    pub(crate) root: HtmlElement,
    /// What shows the text, before it was hydrated.
    pub(crate) hydrated: Option<Element>,
    pub(crate) set_url: Box<dyn Fn(&str)>,
    pub(crate) unmount: Box<dyn FnOnce()>,
}

pub(crate) const LEPTOS: App = App {
    name: "leptos",
    mount: |url| leptos::start(place(""), url, false),
    hydrate: Some(|url| leptos::start(place(include_str!("../rendered/leptos.html").trim_end()), url, true)),
};

pub(crate) const DIOXUS: App =
    App { name: "dioxus", mount: |url| Box::pin(dioxus::mount(url.to_owned())), hydrate: None };

pub(crate) const YEW: App = App {
    name: "yew",
    mount: |url| yew::start(place(""), url, false),
    hydrate: Some(|url| yew::start(place(include_str!("../rendered/yew.html").trim_end()), url, true)),
};

mod leptos {
    use frameworks_tests::in_leptos::Shows;
    use leptos::mount::{hydrate_from, mount_to};
    use leptos::prelude::*;

    use super::{HtmlElement, Mounted, Mounting, find};

    pub(super) fn start(root: HtmlElement, url: &str, hydrate: bool) -> Mounting {
        let hydrated = find(&root, "leptos");
        let url = ArcRwSignal::new(url.to_owned());
        let shown = url.clone();
        let app = move || view! { <main><Shows url=RwSignal::from(shown)/></main> };
        let unmount: Box<dyn FnOnce()> = if hydrate {
            let handle = hydrate_from(root.clone(), app);
            Box::new(move || drop(handle))
        } else {
            let handle = mount_to(root.clone(), app);
            Box::new(move || drop(handle))
        };
        let set_url = Box::new(move |other: &str| url.set(other.to_owned()));
        Box::pin(async { Mounted { root, hydrated, set_url, unmount } })
    }
}

mod yew {
    use frameworks_tests::in_yew::{Shows, ShowsProps};

    use super::{HtmlElement, Mounted, Mounting, Rc, RefCell, find, settle};

    pub(super) fn start(root: HtmlElement, url: &str, hydrate: bool) -> Mounting {
        let hydrated = find(&root, "yew");
        let props = ShowsProps { url: url.to_owned().into() };
        let renderer = yew::Renderer::<Shows>::with_root_and_props(root.clone().into(), props);
        let handle = if hydrate { renderer.hydrate() } else { renderer.render() };
        let handle = Rc::new(RefCell::new(Some(handle)));
        let updated = Rc::clone(&handle);
        let set_url = Box::new(move |other: &str| {
            if let Some(handle) = updated.borrow_mut().as_mut() {
                handle.update(ShowsProps { url: other.to_owned().into() });
            }
        });
        let unmount = Box::new(move || {
            if let Some(handle) = handle.take() {
                handle.destroy();
            }
        });
        // Yew creates a component that is destroyed in the same task after it has destroyed it.
        Box::pin(async {
            settle().await;
            Mounted { root, hydrated, set_url, unmount }
        })
    }
}

/// One application, in which components come and go.
mod dioxus {
    use std::cell::Cell;

    use dioxus::core::{Runtime, current_scope_id};
    use dioxus::prelude::*;
    use frameworks_tests::in_dioxus::Shows;

    use super::{HtmlElement, Mounted, Rc, RefCell, find, place, until};

    type Shown = Option<(u32, String)>;
    type Set = Rc<dyn Fn(Shown)>;

    thread_local! {
        static SET: RefCell<Option<Set>> = const { RefCell::new(None) };
        static ROOT: RefCell<Option<HtmlElement>> = const { RefCell::new(None) };
        static MOUNTED: Cell<u32> = const { Cell::new(0) };
    }

    fn app() -> Element {
        let shown = use_signal(|| Shown::None);
        use_hook(|| {
            let (runtime, scope) = (Runtime::current(), current_scope_id());
            let set = move |other| {
                runtime.in_scope(scope, || {
                    let mut shown = shown;
                    shown.set(other);
                });
            };
            SET.set(Some(Rc::new(set)));
        });
        rsx! {
            for (number, url) in shown() {
                Shows { key: "{number}", url }
            }
        }
    }

    fn set(shown: Shown) {
        let set = SET.with_borrow(Clone::clone);
        set.expect("the application runs")(shown);
    }

    fn root() -> HtmlElement {
        ROOT.with_borrow_mut(|root| {
            let start = || {
                let root = place("");
                let config = dioxus_web::Config::new().rootelement(root.clone().into());
                dioxus_web::launch::launch_virtual_dom(VirtualDom::new(app), config);
                root
            };
            root.get_or_insert_with(start).clone()
        })
    }

    pub(super) async fn mount(url: String) -> Mounted {
        let root = root();
        until("the application runs", async || SET.with_borrow(Option::is_some)).await;
        until("the one before is gone", async || find(&root, "dioxus").is_none()).await;
        let number = MOUNTED.replace(MOUNTED.get() + 1);
        set(Some((number, url)));
        until("it is shown", async || find(&root, "dioxus").is_some()).await;
        let set_url = Box::new(move |url: &str| set(Some((number, url.to_owned()))));
        Mounted { root, hydrated: None, set_url, unmount: Box::new(|| set(None)) }
    }
}
