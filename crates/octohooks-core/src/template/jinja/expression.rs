//! An expression by itself, for conditions: values in, whether it holds out.

use serde_json::{Map, Value};

use super::{Jinja, Target, World, value_of};
use crate::hook::receiver::Markup;
use crate::problem::Problem;
use crate::template::parse::place_in;

/// What stands before the expression in the text that is compiled.
const OPENING: &str = "{{ ";

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    jinja: Jinja,
    paths: Vec<String>,
}

impl Expression {
    /// Compiles the expression of a field. `allowed` says of each variable in it whether it may stand there.
    ///
    /// # Errors
    /// A problem of `field` at the place where the expression is wrong.
    pub fn new(field: &str, source: &str, allowed: impl Fn(&str) -> Result<(), String>) -> Result<Self, Problem> {
        let problem = |offset: usize, message: String| {
            let (line, column) = place_in(source, offset.saturating_sub(OPENING.len()).min(source.len()));
            Problem::error(field, message).at(line, column)
        };
        let text = format!("{OPENING}{source} }}}}");
        if super::is_jinja(source) {
            return Err(problem(OPENING.len(), "An expression stands here without {{ }} and {% %}.".to_owned()));
        }
        let jinja = Jinja::new(&text, true, Target::Text).map_err(|wrong| problem(wrong.offset, wrong.message))?;
        if !jinja.is_whole() {
            return Err(problem(OPENING.len(), "This is more than one expression.".to_owned()));
        }
        for root in &jinja.roots {
            allowed(root).map_err(|message| problem(jinja.offset_of(root), message))?;
        }
        let paths = jinja.paths();
        Ok(Self { jinja, paths })
    }

    /// The variables in it.
    pub fn roots(&self) -> &[String] {
        &self.jinja.roots
    }

    /// Whether it holds: whether its value is anything but nothing, false, zero, or empty.
    ///
    /// # Errors
    /// Why that cannot be told, a sentence.
    pub fn holds(&self, values: &Map<String, Value>, utc_offset: i32) -> Result<bool, String> {
        let mut world = World::new(Markup::Plain, utc_offset);
        for (root, value) in values {
            world.set(root, value_of(value, false));
        }
        let (value, _, _) = self.jinja.value(&world)?;
        Ok(match value {
            Value::Null => false,
            Value::Bool(holds) => holds,
            Value::Number(number) => number.as_f64() != Some(0.0),
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(fields) => !fields.is_empty(),
        })
    }

    /// What it looks at, and what stood there.
    pub fn compared<'a>(&'a self, values: &'a Map<String, Value>) -> Vec<(&'a str, Option<&'a Value>)> {
        let found = |path: &str| {
            let mut steps = path.split('.');
            let root = values.get(steps.next()?)?;
            steps.try_fold(root, |value, step| value.get(step))
        };
        self.paths.iter().map(|path| (path.as_str(), found(path))).collect()
    }
}
