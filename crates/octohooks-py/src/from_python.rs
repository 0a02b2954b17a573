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

/// All texts of a value together take no more than this.
const MOST_BYTES: usize = 1024 * 1024;

/// Copies a value.
pub(crate) fn value(object: &Bound<'_, PyAny>) -> Value {
    Copier { left: MOST_VALUES, bytes: MOST_BYTES }.copy(object, 0)
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
    bytes: usize,
}

impl Copier {
    fn copy(&mut self, object: &Bound<'_, PyAny>, depth: usize) -> Value {
        if object.is_none() || depth > MOST_DEPTH || self.left == 0 {
            return Value::Null;
        }
        self.left -= 1;
        if let Ok(text) = object.cast::<PyString>() {
            return Value::String(self.take(&text.to_string_lossy()));
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
            // A copy of the pairs: another thread may change the dictionary while one of its values is turned into text.
            return self.copy_pairs(&fields.items(), depth);
        }
        if let Ok(items) = object.cast::<PyList>() {
            return self.copy_items(items.iter(), depth);
        }
        if let Ok(items) = object.cast::<PyTuple>() {
            return self.copy_items(items.iter(), depth);
        }
        if let Ok(bytes) = object.cast::<PyBytes>() {
            let bytes = bytes.as_bytes();
            return Value::String(self.take(&String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_TEXT)])));
        }
        if let Ok(Ok(pairs)) = object.cast::<PyMapping>().map(PyMappingMethods::items) {
            return self.copy_pairs(&pairs, depth);
        }
        let text = text_of(object);
        Value::String(self.take(&text))
    }

    fn copy_pairs(&mut self, pairs: &Bound<'_, PyList>, depth: usize) -> Value {
        let mut fields = Map::new();
        for pair in pairs.iter() {
            if self.is_full() {
                break;
            }
            if let Ok((key, field)) = pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>() {
                let key = key_of(&key);
                let key = self.take(&key);
                let field = self.copy(&field, depth + 1);
                fields.insert(key, field);
            }
        }
        Value::Object(fields)
    }

    fn copy_items<'py>(&mut self, items: impl Iterator<Item = Bound<'py, PyAny>>, depth: usize) -> Value {
        let mut copied = Vec::new();
        for item in items {
            if self.is_full() {
                break;
            }
            copied.push(self.copy(&item, depth + 1));
        }
        Value::Array(copied)
    }

    const fn is_full(&self) -> bool {
        self.left == 0 || self.bytes == 0
    }

    /// As much of a text as there is room for.
    fn take(&mut self, text: &str) -> String {
        let kept = &text[..text.floor_char_boundary(LONGEST_TEXT.min(self.bytes))];
        self.bytes -= kept.len();
        kept.to_owned()
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
