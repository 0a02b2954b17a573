//! What an answer has to be like: which letters, how many, how it begins, what it holds.

use serde::{Deserialize, Serialize};

/// A shape. Nothing of it set: anything fits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    /// The letters there are, with ranges: `A-Za-z0-9_-`. Empty is any.
    #[serde(default)]
    letters: String,
    /// So many at least.
    #[serde(default)]
    least: usize,
    /// And so many at most; 0 is any number.
    #[serde(default)]
    most: usize,
    /// It begins with one of these.
    #[serde(default)]
    begins: Vec<String>,
    /// All of these are in it.
    #[serde(default)]
    holds: Vec<String>,
}

impl Shape {
    pub(super) fn fits(&self, text: &str) -> bool {
        let length = text.chars().count();
        length >= self.least
            && (self.most == 0 || length <= self.most)
            && (self.letters.is_empty() || text.chars().all(|letter| is_of(letter, &self.letters)))
            && (self.begins.is_empty() || self.begins.iter().any(|start| text.starts_with(start)))
            && self.holds.iter().all(|part| text.contains(part))
    }
}

/// Whether a letter is in a set like `a-z0-9_-`, whose last `-` is itself.
fn is_of(letter: char, set: &str) -> bool {
    let mut letters = set.chars();
    while let Some(first) = letters.next() {
        let mut ahead = letters.clone();
        let last = match (ahead.next(), ahead.next()) {
            (Some('-'), Some(last)) => {
                letters = ahead;
                last
            }
            _ => first,
        };
        if (first..=last).contains(&letter) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{Shape, is_of};

    #[test]
    fn letters_and_ranges() {
        for (letter, set, expected) in
            [('b', "a-c", true), ('d', "a-c", false), ('-', "a-c-", true), ('_', "0-9_-", true), ('x', "", false)]
        {
            assert_eq!(is_of(letter, set), expected, "{letter} in {set}");
        }
    }

    #[test]
    fn each_part_of_a_shape_counts() {
        let shape = Shape {
            letters: "a-z:0-9".into(),
            least: 3,
            most: 6,
            begins: vec!["a".into(), "1".into()],
            holds: vec![":".into()],
        };
        for (text, expected) in [
            ("a:b", true),
            ("1:2345", true),
            ("1:23456", false),
            ("a:", false),
            ("b:c", false),
            ("abc", false),
            ("a:B", false),
        ] {
            assert_eq!(shape.fits(text), expected, "{text}");
        }
    }
}
