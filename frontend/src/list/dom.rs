//! The lines in the document.

use std::cell::RefCell;
use std::collections::VecDeque;

use js_sys::JsString;
use wasm_bindgen::prelude::*;
use web_sys::{Document, DocumentFragment, Element, Node};

use super::window::Update;
use crate::Message;

/// The lines of one list, behind whatever the page has put there itself.
///
/// A document refuses none of the calls made here, so their results carry nothing to act on. A page that takes lines
/// out by itself is not fought with: what is gone is gone.
pub(crate) struct Lines {
    list: Element,
    document: Document,
    prefix: JsString,
    /// An empty `<li>`: cloning it is cheaper than naming its tag for each line.
    template: Element,
    first: RefCell<Option<Element>>,
}

impl Lines {
    pub(crate) fn new(list: &Element, prefix: &str) -> Option<Self> {
        let document = list.owner_document()?;
        let template = document.create_element("li").ok()?;
        let prefix = JsString::from(prefix);
        Some(Self { list: list.clone(), document, prefix, template, first: RefCell::new(None) })
    }

    /// Brings the document up to date, and keeps a reader who is at the end there.
    pub(crate) fn apply(&self, update: &Update<Message>) {
        let scroller = self.scroller().filter(is_at_end);
        self.remove_first(update.remove_first);
        if !update.prepend.is_empty() {
            let lines = self.build(&update.prepend);
            let new_first = lines.first_element_child();
            let first = self.first.replace(new_first);
            let _ = self.list.insert_before(&lines, first.as_deref());
        }
        if !update.append.is_empty() {
            let lines = self.build(&update.append);
            let mut first = self.first.borrow_mut();
            if first.is_none() {
                *first = lines.first_element_child();
            }
            let _ = self.list.append_child(&lines);
        }
        if let Some(scroller) = scroller {
            scroller.set_scroll_top(scroller.scroll_height());
        }
    }

    pub(crate) fn remove_first(&self, count: usize) {
        let mut first = self.first.borrow_mut();
        for _ in 0..count {
            let Some(line) = first.take() else { return };
            *first = line.next_element_sibling();
            line.remove();
        }
    }

    fn build(&self, messages: &VecDeque<Message>) -> DocumentFragment {
        let fragment = self.document.create_document_fragment();
        for message in messages {
            if let Ok(line) = self.template.clone_node() {
                // The text never passes through Rust's memory.
                line.unchecked_ref::<Line>().set_text(&self.prefix.concat(&message.data_js()));
                let _ = fragment.append_child(&line);
            }
        }
        fragment
    }

    /// What scrolls when the list grows: the list itself, an element around it, or the page.
    fn scroller(&self) -> Option<Element> {
        let window = web_sys::window()?;
        let mut candidate = Some(self.list.clone());
        // What the body's style says of scrolling is the page's.
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

/// Within a line's height of it: a zoomed page rarely scrolls to the last fraction of a pixel.
fn is_at_end(scroller: &Element) -> bool {
    scroller.scroll_height() - scroller.scroll_top() - scroller.client_height() < 8
}

#[wasm_bindgen]
extern "C" {
    /// `Node.textContent` for a string that stays in JavaScript.
    #[wasm_bindgen(extends = Node)]
    type Line;

    #[wasm_bindgen(method, setter, js_name = textContent)]
    fn set_text(this: &Line, text: &JsString);
}
