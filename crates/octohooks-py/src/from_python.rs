//! Python values to JSON text: copied at once, because OctoPrint shares its dictionaries and changes them later.
//!
//! Text, because it is one piece of memory: written on a thread of OctoPrint's that must not wait, read on the engine's.
//! Bounded in depth, number, and length, so that nothing that a plugin puts into an event can keep the event thread busy.
//! What JSON does not know becomes its `str()`.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use serde_json::{Map, Value};

/// Deeper values are cut off. The reader of JSON takes deeper ones.
const MOST_DEPTH: usize = 24;

/// More values than this are not copied.
const MOST_VALUES: usize = 20_000;

/// Longer texts are cut.
const LONGEST_TEXT: usize = 256 * 1024;

/// All texts of a value together take no more than this.
const MOST_BYTES: usize = 1024 * 1024;

/// What OctoPrint says of a printer has room in it.
const FIRST_ROOM: usize = 1536;

/// A copy of a Python value that nobody has read yet.
pub(crate) struct Copied(Vec<u8>);

impl Copied {
    /// Copies a value.
    pub(crate) fn of(object: &Bound<'_, PyAny>) -> Self {
        let mut copier = Copier { json: Vec::with_capacity(FIRST_ROOM), left: MOST_VALUES, bytes: MOST_BYTES };
        copier.copy(object, 0);
        Self(copier.json)
    }

    /// The value.
    pub(crate) fn read(&self) -> Value {
        serde_json::from_slice(&self.0).unwrap_or_default()
    }

    /// The same of a dictionary; anything else gives an empty one.
    pub(crate) fn read_object(&self) -> Map<String, Value> {
        match self.read() {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }
}

struct Copier {
    json: Vec<u8>,
    left: usize,
    bytes: usize,
}

impl Copier {
    fn copy(&mut self, object: &Bound<'_, PyAny>, depth: usize) {
        if object.is_none() || depth > MOST_DEPTH || self.left == 0 {
            return self.write(&());
        }
        self.left -= 1;
        if let Ok(text) = object.cast::<PyString>() {
            self.copy_text(text);
        } else if let Ok(flag) = object.cast::<PyBool>() {
            self.write(&flag.is_true());
        } else if let Ok(number) = object.cast::<PyInt>() {
            self.copy_integer(number);
        } else if let Ok(number) = object.cast::<PyFloat>() {
            self.write(&number.value()); // JSON has no infinity: null.
        } else if let Ok(fields) = object.cast::<PyDict>() {
            // A copy of the pairs: another thread may change the dictionary while one of its values is turned into text.
            self.copy_pairs(&fields.items(), depth);
        } else if let Ok(items) = object.cast::<PyList>() {
            self.copy_items(items.iter(), depth);
        } else if let Ok(items) = object.cast::<PyTuple>() {
            self.copy_items(items.iter(), depth);
        } else if let Ok(bytes) = object.cast::<PyBytes>() {
            let bytes = bytes.as_bytes();
            self.write_text(&String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_TEXT)]));
        } else if let Ok(Ok(pairs)) = object.cast::<PyMapping>().map(PyMappingMethods::items) {
            self.copy_pairs(&pairs, depth);
        } else {
            self.copy_as_text(object);
        }
    }

    fn copy_pairs(&mut self, pairs: &Bound<'_, PyList>, depth: usize) {
        let mut before = b'{';
        for pair in pairs.iter() {
            if self.is_full() {
                break;
            }
            if let Ok((key, field)) = pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>() {
                self.json.push(before);
                before = b',';
                match key.cast::<PyString>() {
                    Ok(key) => self.copy_text(key),
                    Err(_) => self.copy_as_text(&key),
                }
                self.json.push(b':');
                self.copy(&field, depth + 1);
            }
        }
        self.end(before, *b"{}");
    }

    fn copy_items<'py>(&mut self, items: impl Iterator<Item = Bound<'py, PyAny>>, depth: usize) {
        let mut before = b'[';
        for item in items {
            if self.is_full() {
                break;
            }
            self.json.push(before);
            before = b',';
            self.copy(&item, depth + 1);
        }
        self.end(before, *b"[]");
    }

    /// The second bracket, and the first one if nothing came behind it.
    fn end(&mut self, before: u8, brackets: [u8; 2]) {
        let from = usize::from(before != brackets[0]);
        self.json.extend_from_slice(&brackets[from..]);
    }

    fn copy_integer(&mut self, number: &Bound<'_, PyInt>) {
        if let Ok(number) = number.extract::<i64>() {
            self.write(&number);
        } else if let Ok(number) = number.extract::<u64>() {
            self.write(&number);
        } else {
            self.copy_as_text(number);
        }
    }

    fn copy_text(&mut self, text: &Bound<'_, PyString>) {
        let bytes = text.encode_utf8();
        match bytes.as_ref().map(|bytes| str::from_utf8(bytes.as_bytes())) {
            Ok(Ok(text)) => self.write_text(text),
            // Half a character, as Python keeps it for file names that are not UTF-8.
            _ => self.write_text(&text.to_string_lossy()),
        }
    }

    /// `str()` of anything; nothing when that fails.
    fn copy_as_text(&mut self, object: &Bound<'_, PyAny>) {
        match object.str() {
            Ok(text) => self.copy_text(&text),
            Err(_) => self.write_text(""),
        }
    }

    /// As much of a text as there is room for.
    fn write_text(&mut self, text: &str) {
        let kept = &text[..text.floor_char_boundary(LONGEST_TEXT.min(self.bytes))];
        self.bytes -= kept.len();
        self.write(kept);
    }

    fn write<T: serde::Serialize + ?Sized>(&mut self, value: &T) {
        // Memory takes everything, and what comes here can be written.
        drop(serde_json::to_writer(&mut self.json, value));
    }

    const fn is_full(&self) -> bool {
        self.left == 0 || self.bytes == 0
    }
}
