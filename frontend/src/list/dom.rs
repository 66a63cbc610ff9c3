//! The lines in the document.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use js_sys::JsString;
use wasm_bindgen::prelude::*;
use web_sys::{Document, DocumentFragment, Element, Node, ScrollBehavior, ScrollToOptions};

use super::window::Update;
use crate::message::Message;

/// The lines of one list, after elements that the page has added itself.
///
/// None of the DOM calls made here can fail, so their results are ignored. If the page removes lines or adds elements
/// of its own, that is respected: removed lines are not restored, and foreign elements are left alone.
pub(crate) struct Lines {
    list: Element,
    document: Document,
    prefix: JsString,
    /// An empty `<li>`: cloning it is cheaper than naming its tag for each line.
    template: Element,
    shown: RefCell<VecDeque<Node>>,
    /// The scroll position that the last update has set, at the end.
    left_at: Cell<Option<i32>>,
}

impl Lines {
    pub(crate) fn new(list: &Element, prefix: &str) -> Option<Self> {
        let document = list.owner_document()?;
        let template = document.create_element("li").ok()?;
        let prefix = JsString::from(prefix);
        Some(Self {
            list: list.clone(),
            document,
            prefix,
            template,
            shown: RefCell::default(),
            left_at: Cell::new(None),
        })
    }

    /// How many lines there are, without those that the page has removed from either end.
    pub(crate) fn len(&self) -> usize {
        let mut shown = self.shown.borrow_mut();
        while shown.front().is_some_and(|line| !self.holds(line)) {
            shown.pop_front();
        }
        while shown.back().is_some_and(|line| !self.holds(line)) {
            shown.pop_back();
        }
        shown.len()
    }

    fn holds(&self, line: &Node) -> bool {
        line.parent_node().is_some_and(|parent| *parent == **self.list)
    }

    /// Updates the document, and keeps the scroll position at the end if it is there.
    pub(crate) fn apply(&self, update: &Update<Message>) {
        let scroller = self.scroller().filter(|scroller| self.is_at_end(scroller));
        self.remove_first(update.remove_first);
        // Taken out of the cell, because the page may observe changes and clear this list meanwhile.
        let mut shown = self.shown.take();
        if !update.prepend.is_empty() {
            let (fragment, mut lines) = self.build(&update.prepend);
            let next = shown.front().filter(|line| self.holds(line));
            let _ = self.list.insert_before(&fragment, next);
            lines.append(&mut shown);
            shown = lines;
        }
        if !update.append.is_empty() {
            let (fragment, mut lines) = self.build(&update.append);
            let _ = self.list.append_child(&fragment);
            shown.append(&mut lines);
        }
        self.shown.replace(shown);
        if let Some(scroller) = scroller {
            let options = ScrollToOptions::new();
            options.set_top(f64::from(scroller.scroll_height()));
            // Smooth scrolling would still be in progress at the next frame, as if the user had scrolled away.
            options.set_behavior(ScrollBehavior::Instant);
            scroller.scroll_to_with_scroll_to_options(&options);
            self.left_at.set(Some(scroller.scroll_top()));
        }
    }

    /// Whether the list is scrolled to its end: within a few pixels, because a zoomed page rarely scrolls to the exact
    /// end; or at the position that the last update has set, even if the page has made the list smaller since.
    fn is_at_end(&self, scroller: &Element) -> bool {
        let top = scroller.scroll_top();
        scroller.scroll_height() - top - scroller.client_height() < 8 || self.left_at.get() == Some(top)
    }

    /// Removes the oldest lines, up to `count`.
    pub(crate) fn remove_first(&self, count: usize) {
        let mut removed = self.shown.take();
        self.shown.replace(removed.split_off(count.min(removed.len())));
        for line in removed {
            if self.holds(&line) {
                let _ = self.list.remove_child(&line);
            }
        }
    }

    fn build(&self, messages: &VecDeque<Message>) -> (DocumentFragment, VecDeque<Node>) {
        let fragment = self.document.create_document_fragment();
        let mut lines = VecDeque::with_capacity(messages.len());
        for message in messages {
            if let Ok(line) = self.template.clone_node() {
                // The text never passes through Rust's memory.
                line.unchecked_ref::<Line>().set_text(&self.prefix.concat(&message.data_js()));
                let _ = fragment.append_child(&line);
                lines.push_back(line);
            }
        }
        (fragment, lines)
    }

    /// The scroll container of the list: the list itself, an ancestor, or the page.
    fn scroller(&self) -> Option<Element> {
        let window = web_sys::window()?;
        let mut candidate = Some(self.list.clone());
        // The scrolling styles of the body apply to the page.
        while let Some(element) = candidate.filter(|element| element.tag_name() != "BODY") {
            let overflow = window.get_computed_style(&element).ok()??.get_property_value("overflow-y");
            if matches!(overflow.as_deref(), Ok("auto" | "scroll")) {
                return Some(element);
            }
            candidate = element.parent_element();
        }
        self.document.scrolling_element()
    }
}

#[wasm_bindgen]
extern "C" {
    /// `Node.textContent` for a string that stays in JavaScript.
    #[wasm_bindgen(extends = Node)]
    type Line;

    #[wasm_bindgen(method, setter, js_name = textContent)]
    fn set_text(this: &Line, text: &JsString);
}
