//! The one fence between Rust and Python: a panic becomes an ordinary exception. OctoPrint's event thread survives
//! exceptions, but not the `BaseException` that a panic would otherwise be.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

create_exception!(octohooks, EngineError, PyException, "The engine could not do what it was asked; the text says why.");

/// Runs an entry.
pub(crate) fn guard<T>(entry: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(entry)).unwrap_or_else(|panic| Err(explain(panic.as_ref())))
}

/// An error with a sentence.
pub(crate) fn failure(message: impl Into<String>) -> PyErr {
    EngineError::new_err(message.into())
}

fn explain(panic: &(dyn Any + Send)) -> PyErr {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    failure(format!("A fault in the engine: {}. Please report it.", text.unwrap_or("no details are known")))
}
