//! Which part a source has in sharing, for JavaScript. The build of the npm package that pages load who don't share knows none.

#[cfg(feature = "share")]
pub(super) use there::{Part, name, of, set};

#[cfg(feature = "share")]
mod there {
    use std::cell::Cell;
    use std::rc::Rc;

    use wasm_bindgen::JsValue;

    use crate::source::builder::EventSourceBuilder;
    use crate::source::share::role::Sharing;
    use crate::source::source::EventSource;

    /// The part as it changes; `None` for a source that does not share.
    pub(crate) type Part = Option<Rc<Cell<Sharing>>>;

    pub(crate) fn of(source: &EventSource) -> Part {
        source.sharing_cell()
    }

    pub(crate) fn name(part: &Part) -> Option<&'static str> {
        part.as_ref().map(|part| match part.get() {
            Sharing::Leader => "leader",
            Sharing::Follower => "follower",
            Sharing::Unsupported => "unsupported",
        })
    }

    /// Tells the builder what the option says: whether to share, or under which name.
    pub(crate) fn set(builder: EventSourceBuilder, option: &JsValue) -> EventSourceBuilder {
        match option.as_string() {
            Some(name) => builder.share_as(name),
            None => builder.share(option.is_truthy()),
        }
    }
}

#[cfg(not(feature = "share"))]
pub(super) use missing::{Part, name, of, set};

#[cfg(not(feature = "share"))]
mod missing {
    use std::convert::Infallible;

    use wasm_bindgen::JsValue;

    use crate::source::builder::EventSourceBuilder;
    use crate::source::source::EventSource;

    pub(crate) type Part = Option<Infallible>;

    pub(crate) fn of(_: &EventSource) -> Part {
        None
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the other build's is larger")]
    pub(crate) fn name(_: &Part) -> Option<&'static str> {
        None
    }

    /// core.js has given a source that shares to the other build.
    pub(crate) fn set(builder: EventSourceBuilder, _: &JsValue) -> EventSourceBuilder {
        builder
    }
}
