//! Reads options that JavaScript gives, and says what is wrong with them.

use js_sys::{Function, Reflect, TypeError};
use wasm_bindgen::prelude::*;

use super::convert;
use crate::MessageListOptions;

pub(super) struct ListOptions {
    pub(super) with_credentials: bool,
    pub(super) list: MessageListOptions,
    pub(super) on_state_change: Option<Function>,
}

impl ListOptions {
    pub(super) fn read(options: &JsValue) -> Result<Self, JsValue> {
        let mut list = MessageListOptions::default();
        if let Some(types) = member(options, "types")? {
            list.event_types = types_of(&types)?;
        }
        if let Some(prefix) = member(options, "prefix")? {
            list.prefix = convert::to_string(&prefix)?;
        }
        if let Some(lines) = member(options, "maxLines")? {
            list.max_lines = whole_number(&lines)
                .ok_or_else(|| wrong("maxLines", "must be a whole number from 1, such as 1000", &lines))?;
        }
        let on_state_change = member(options, "onStateChange")?
            .map(|callback| callback.dyn_into().map_err(|given| wrong("onStateChange", "must be a function", &given)))
            .transpose()?;
        let with_credentials = member(options, "withCredentials")?.is_some_and(|value| value.is_truthy());
        Ok(Self { with_credentials, list, on_state_change })
    }
}

/// A member that is there; as for a dictionary of the platform's, `undefined` is not.
fn member(options: &JsValue, name: &str) -> Result<Option<JsValue>, JsValue> {
    if options.is_undefined() || options.is_null() {
        return Ok(None);
    }
    if !options.is_object() {
        return Err(TypeError::new("listMessages: options must be an object, such as { maxLines: 100 }").into());
    }
    let value = Reflect::get(options, &JsValue::from_str(name))?;
    Ok((!value.is_undefined()).then_some(value))
}

fn types_of(given: &JsValue) -> Result<Vec<String>, JsValue> {
    let wrong = || wrong("types", "must be a list of event types, such as [\"message\"]", given);
    // A string is iterable, and its characters are nobody's event types.
    if !given.is_object() {
        return Err(wrong());
    }
    let iterator = js_sys::try_iter(given)?.ok_or_else(wrong)?;
    iterator.map(|event_type| convert::to_string(&event_type?)).collect()
}

/// A whole number from 1 on. Lists longer than memory are not refused here: they never fill.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, the range is checked")]
fn whole_number(given: &JsValue) -> Option<usize> {
    let number = given.as_f64()?;
    (number >= 1.0 && number.fract() == 0.0).then_some(number as usize)
}

fn wrong(name: &str, rule: &str, given: &JsValue) -> JsValue {
    let given = match given.as_f64() {
        Some(_) => convert::to_string(given).ok(),
        None => js_sys::JSON::stringify(given).ok().and_then(|text| text.as_string()),
    };
    let mut message = ["listMessages: ", name, " ", rule].concat();
    if let Some(given) = given {
        message.push_str(", not ");
        message.extend(given.chars().take(40));
    }
    TypeError::new(&message).into()
}
