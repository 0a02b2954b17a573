//! What a variable's name stands for while one delivery is composed.

use serde_json::{Map, Value};

use crate::variables;

/// The values of one delivery. OAuth's answer shadows the built-in variables.
#[derive(Debug, Clone, Default)]
pub struct Scope<'a> {
    values: Map<String, Value>,
    oauth: Option<&'a Map<String, Value>>,
    utc_offset: i32,
}

impl<'a> Scope<'a> {
    /// A scope of built-in variables; those that are missing from `values` are nothing.
    pub fn new(values: Map<String, Value>) -> Self {
        Self { values, oauth: None, utc_offset: 0 }
    }

    /// The same scope with the time zone that times are told in, in seconds east of UTC.
    #[must_use]
    pub fn with_utc_offset(mut self, seconds: i32) -> Self {
        self.utc_offset = seconds;
        self
    }

    pub(super) fn utc_offset(&self) -> i32 {
        self.utc_offset
    }

    /// The same scope with the answer of the OAuth request.
    #[must_use]
    pub fn with_oauth(mut self, answer: &'a Map<String, Value>) -> Self {
        self.oauth = Some(answer);
        self
    }

    /// Sets a value: a message is rendered first and is then a variable itself.
    pub fn set(&mut self, name: &str, value: Value) {
        self.values.insert(name.to_owned(), value);
    }

    /// Whether an unknown root is to be reported instead of being text.
    pub(super) fn has_oauth(&self) -> bool {
        self.oauth.is_some()
    }

    pub(super) fn is_known(&self, root: &str) -> bool {
        self.oauth.is_some_and(|answer| answer.contains_key(root)) || variables::is_built_in(root)
    }

    /// The value of a built-in variable, whatever OAuth's answer holds.
    pub(super) fn own(&self, root: &str) -> Option<&Value> {
        self.values.get(root)
    }

    /// The value of a known root; `None` when there is none this time.
    pub(super) fn root(&self, root: &str) -> Option<&Value> {
        self.oauth.and_then(|answer| answer.get(root)).or_else(|| self.values.get(root))
    }
}
