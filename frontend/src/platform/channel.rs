//! A [`BroadcastChannel`] for bytes.
//!
//! [`BroadcastChannel`]: https://developer.mozilla.org/en-US/docs/Web/API/BroadcastChannel

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

use crate::platform::listener::Listener;

/// Closed when dropped.
pub(crate) struct Channel {
    channel: BroadcastChannel,
    _listener: Listener,
}

impl Channel {
    /// `receive` gets what others post; what is no bytes is passed over.
    pub(crate) fn open(name: &str, receive: impl Fn(Vec<u8>) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let listener = Listener::new(&channel, "message", move |event| {
            let event: MessageEvent = event.unchecked_into();
            if let Ok(bytes) = event.data().dyn_into::<Uint8Array>() {
                receive(bytes.to_vec());
            }
        });
        Some(Self { channel, _listener: listener })
    }

    pub(crate) fn post(&self, bytes: &[u8]) {
        // It throws for what can't be cloned, and on a closed channel.
        let _ = self.channel.post_message(&Uint8Array::from(bytes));
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.close();
    }
}
