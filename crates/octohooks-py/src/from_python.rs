//! Python values to JSON values: copied at once, because OctoPrint shares its dictionaries and changes them later.
//!
//! Bounded in depth, number, and length, so that nothing that a plugin puts into an event can keep the event thread busy.
//! What JSON does not know becomes its `str()`.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use serde_json::{Map, Number, Value};

/// Deeper values are cut off.
const MOST_DEPTH: usize = 24;

/// More values than this are not copied.
const MOST_VALUES: usize = 20_000;

/// Longer texts are cut.
const LONGEST_TEXT: usize = 256 * 1024;

/// Copies a value.
pub(crate) fn value(object: &Bound<'_, PyAny>) -> Value {
    Copier { left: MOST_VALUES }.copy(object, 0)
}

/// Copies a dictionary; anything else gives an empty one.
pub(crate) fn object(object: &Bound<'_, PyAny>) -> Map<String, Value> {
    match value(object) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

struct Copier {
    left: usize,
}

impl Copier {
    fn copy(&mut self, object: &Bound<'_, PyAny>, depth: usize) -> Value {
        if object.is_none() || depth > MOST_DEPTH || self.left == 0 {
            return Value::Null;
        }
        self.left -= 1;
        if let Ok(text) = object.cast::<PyString>() {
            return Value::String(cut(&text.to_string_lossy()));
        }
        if let Ok(flag) = object.cast::<PyBool>() {
            return Value::Bool(flag.is_true());
        }
        if let Ok(number) = object.cast::<PyInt>() {
            return integer(number);
        }
        if let Ok(number) = object.cast::<PyFloat>() {
            return Number::from_f64(number.value()).map_or(Value::Null, Value::Number);
        }
        if let Ok(fields) = object.cast::<PyDict>() {
            return Value::Object(
                fields.iter().map(|(key, field)| (key_of(&key), self.copy(&field, depth + 1))).collect(),
            );
        }
        if let Ok(items) = object.cast::<PyList>() {
            return Value::Array(items.iter().map(|item| self.copy(&item, depth + 1)).collect());
        }
        if let Ok(items) = object.cast::<PyTuple>() {
            return Value::Array(items.iter().map(|item| self.copy(&item, depth + 1)).collect());
        }
        if let Ok(bytes) = object.cast::<PyBytes>() {
            return Value::String(cut(&String::from_utf8_lossy(bytes.as_bytes())));
        }
        if let Ok(fields) = object.cast::<PyMapping>().map(PyMappingMethods::items) {
            let pairs = fields.iter().flat_map(pyo3::types::PyListMethods::iter).filter_map(|pair| pair.extract().ok());
            let pairs = pairs
                .map(|(key, field): (Bound<'_, PyAny>, Bound<'_, PyAny>)| (key_of(&key), self.copy(&field, depth + 1)));
            return Value::Object(pairs.collect());
        }
        Value::String(text_of(object))
    }
}

fn integer(number: &Bound<'_, PyInt>) -> Value {
    if let Ok(number) = number.extract::<i64>() {
        return number.into();
    }
    match number.extract::<u64>() {
        Ok(number) => number.into(),
        Err(_) => Value::String(text_of(number)),
    }
}

fn key_of(key: &Bound<'_, PyAny>) -> String {
    match key.cast::<PyString>() {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => text_of(key),
    }
}

/// `str()` of anything; nothing when that fails.
fn text_of(object: &Bound<'_, PyAny>) -> String {
    object.str().map(|text| cut(&text.to_string_lossy())).unwrap_or_default()
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(LONGEST_TEXT)].to_owned()
}
