//! Text with `@variables`: parsed once, rendered against a [`Scope`], values never scanned again.
//!
//! The grammar. A variable is `@` and a name: segments of ASCII letters, digits, `_` and inner `-`, joined by single
//! dots. The first segment is the root; where it has `-` in it, the longest known root wins and the rest is text. A
//! trailing `-` or `.` is text. `@@` is a literal `@`. An `@` after a letter or digit is text, and so is one before an
//! unknown root in running text. A path that leads nowhere under a known root is nothing. A string that is exactly one
//! variable keeps the variable's JSON type; where its root is unknown it becomes `""`. In text, objects and lists
//! become JSON, `true` and `false` lower case, `null` nothing.
//!
//! Beside that, where a hook has it switched on, Jinja: `{{ }}`, `{% %}`, `{# #}` ([`jinja`]). Both ways of writing mix.
//!
//! With OAuth on, roots cannot be known before the answer: an unknown one is nothing, and is reported.

pub(crate) mod jinja;
mod json;
mod json_place;
mod parse;
mod render;
mod scope;
mod url;

#[cfg(test)]
mod tests;

pub use jinja::{Expression, FILTERS, Filter};
pub use json::{JsonTemplate, place_of};
pub use parse::{Grammar, Template, VariableUse, root_of};
pub use render::{OUTPUT_LIMIT, RenderError, Rendered, Renderer, text_of};
pub use scope::Scope;
pub(crate) use url::VALUE;
pub use url::{UrlError, UrlTemplate};
