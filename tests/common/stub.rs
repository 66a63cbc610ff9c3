//! Properties of the platform's objects with other values.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

/// Gives a property of an object another value, until it is dropped.
pub struct Stub {
    object: Object,
    name: JsValue,
    /// The object's own property, if it had one.
    before: Option<Object>,
}

impl Stub {
    pub fn new(object: &JsValue, name: &str, value: impl Into<JsValue>) -> Self {
        let descriptor = Object::new();
        Reflect::set(&descriptor, &"value".into(), &value.into()).unwrap();
        Self::define(object, name, &descriptor)
    }

    /// A property that is computed each time it is read.
    pub fn getter(object: &JsValue, name: &str, get: &Closure<dyn Fn() -> JsValue>) -> Self {
        let descriptor = Object::new();
        Reflect::set(&descriptor, &"get".into(), get.as_js_value()).unwrap();
        Self::define(object, name, &descriptor)
    }

    fn define(object: &JsValue, name: &str, descriptor: &Object) -> Self {
        let (object, name): (Object, JsValue) = (object.clone().unchecked_into(), name.into());
        let before = Reflect::get_own_property_descriptor(&object, &name).unwrap();
        let before = (!before.is_undefined()).then(|| before.unchecked_into());
        Reflect::set(descriptor, &"configurable".into(), &true.into()).unwrap();
        Object::define_property(&object, &name, descriptor);
        Self { object, name, before }
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        match &self.before {
            Some(before) => drop(Object::define_property(&self.object, &self.name, before)),
            None => drop(Reflect::delete_property(&self.object, &self.name)),
        }
    }
}
