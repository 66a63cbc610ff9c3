//! [Web Locks], which all tabs and workers of an origin have in common.
//!
//! [Web Locks]: https://developer.mozilla.org/en-US/docs/Web/API/Web_Locks_API

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, JsString, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use crate::platform::global::member;
use crate::platform::task::Task;

/// `navigator.locks`. Only secure contexts have it.
#[derive(Clone)]
pub(crate) struct Locks(LockManager);

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Granted,
    /// The lock was granted, and then stolen.
    Stolen,
    /// Locks are not available here.
    Refused,
}

/// A lock, or a request for one. Dropping it releases the lock or cancels the request.
pub(crate) struct Lock {
    shared: Rc<Shared>,
    _granted: Closure<dyn FnMut() -> Promise>,
    _task: Task,
}

#[derive(Default)]
struct Shared {
    /// Releases the lock, once it has been granted.
    release: RefCell<Option<Function>>,
    /// Cancels the request before that.
    abort: Option<AbortController>,
}

impl Locks {
    pub(crate) fn new() -> Option<Self> {
        let navigator = member(&js_sys::global(), "navigator")?;
        Some(Self(member(&navigator, "locks")?.unchecked_into()))
    }

    /// Waits for a lock, or steals it from its holder.
    pub(crate) fn request(&self, name: &str, steals: bool, tell: impl Fn(Told) + 'static) -> Lock {
        let tell: Rc<dyn Fn(Told)> = Rc::new(tell);
        let options = Object::new();
        let abort = if steals { None } else { AbortController::new().ok() };
        let (key, value) = match &abort {
            Some(abort) => ("signal", abort.signal().into()),
            None => ("steal", JsValue::from_bool(steals)),
        };
        // An object of one's own takes every member.
        let _ = Reflect::set(&options, &key.into(), &value);
        let shared = Rc::new(Shared { release: RefCell::default(), abort });
        let granted = Closure::new({
            let (shared, tell) = (Rc::clone(&shared), Rc::clone(&tell));
            move || {
                let held = Promise::new(&mut |resolve, _| {
                    shared.release.replace(Some(resolve));
                });
                tell(Told::Granted);
                held
            }
        });
        let request = self.0.request(name, &options, granted.as_js_value().unchecked_ref());
        let asked = Rc::clone(&shared);
        let task = Task::spawn(async move {
            let over = match request {
                Ok(request) => JsFuture::from(request).await.is_ok(),
                Err(_) => false,
            };
            if !over {
                let was_granted = asked.release.take().is_some();
                tell(if was_granted { Told::Stolen } else { Told::Refused });
            }
        });
        Lock { shared, _granted: granted, _task: task }
    }

    /// The names of all locks that are held and begin like this, without the beginning.
    pub(crate) async fn held(&self, beginning: &str) -> Vec<String> {
        let Ok(query) = self.0.query() else { return Vec::new() };
        let Ok(snapshot) = JsFuture::from(query).await else { return Vec::new() };
        let held: Array = member(&snapshot, "held").map(JsCast::unchecked_into).unwrap_or_default();
        let names = held.iter().filter_map(|lock| member(&lock, "name")?.dyn_into::<JsString>().ok()).map(String::from);
        names.filter_map(|name| name.strip_prefix(beginning).map(str::to_owned)).collect()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let release = self.shared.release.take();
        match (release, &self.shared.abort) {
            (Some(release), _) => drop(release.call0(&JsValue::UNDEFINED)),
            (None, Some(abort)) => abort.abort(),
            (None, None) => {}
        }
    }
}

#[wasm_bindgen]
extern "C" {
    // web-sys reaches it by way of windows or of workers only.
    #[derive(Clone)]
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, options: &JsValue, granted: &Function) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn query(this: &LockManager) -> Result<Promise, JsValue>;
}
