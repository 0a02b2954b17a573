//! A figure, as a line of JSON.

use std::io::Write;

use serde::Serialize;

/// A measured value: the median of several runs.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    limit: Option<f64>,
    at_most: bool,
    spread: [f64; 2],
    note: String,
}

impl Figure {
    /// The median of some values, with the least and the greatest.
    pub(crate) fn of(name: impl Into<String>, unit: &'static str, values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        Self {
            name: name.into(),
            value: at(sorted.len() / 2),
            unit,
            limit: None,
            at_most: true,
            spread: [at(0), at(sorted.len().saturating_sub(1))],
            note: String::new(),
        }
    }

    /// It is to be no greater.
    pub(crate) fn at_most(self, limit: f64) -> Self {
        Self { limit: Some(limit), at_most: true, ..self }
    }

    /// It is to be no less.
    pub(crate) fn at_least(self, limit: f64) -> Self {
        Self { limit: Some(limit), at_most: false, ..self }
    }

    /// What it was compared with.
    pub(crate) fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    pub(crate) const fn value(&self) -> f64 {
        self.value
    }

    /// Writes it out.
    pub(crate) fn tell(&self) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        serde_json::to_writer(&mut out, self)?;
        writeln!(out)?;
        Ok(out.flush()?)
    }
}

/// The value below which a share of all lies.
pub(crate) fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let index = (sorted.len() as f64 * share) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}
