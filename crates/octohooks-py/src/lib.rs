//! The engine as a Python module: what Python gives is copied into Rust values first, then the engine is spoken to with
//! the GIL released.
//!
//! Nothing here calls into Python from a thread of Rust's, keeps a Python object, or lets a panic out: every entry goes
//! through [`guard`]. Importing the module does nothing.

mod engine;
mod from_python;
mod guard;

use pyo3::prelude::*;

/// The native half of the package `octohooks`.
#[pymodule(gil_used = true)]
mod _octohooks {
    #[pymodule_export]
    use super::engine::Engine;
    #[pymodule_export]
    use super::guard::EngineError;

    #[pymodule_export]
    const VERSION: &str = octohooks_engine::engine::VERSION;
}
