//! What a receiver is like beside its address: the markup it reads, how long a text may be, what it wants where there is no
//! picture, and by what a success of its is known. Nothing of it set: it takes what it is sent, and its status is believed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The manners of one receiver.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiverConfig {
    /// Which markup the receiver reads: what a variable puts into the data is escaped for it, so that it shows as it is.
    #[serde(default)]
    pub markup: Markup,
    /// The message is cut to so many characters (an emoji counts as two), escapes included; 0 is any length.
    #[serde(default)]
    pub message_limit: u32,
    /// What is sent instead where there is no picture: another URL of the same server. Empty is the same one.
    #[serde(default)]
    pub without_picture_url: String,
    /// JSON text: what is sent instead where there is no picture. Empty is the same data, the picture left out.
    #[serde(default)]
    pub without_picture_data: String,
    /// Where in its JSON answer the receiver says that it has it, a JSON pointer (`/ok`). Empty is anywhere in its text.
    #[serde(default)]
    pub success_at: String,
    /// What has to stand there. Empty: the status alone tells.
    #[serde(default)]
    pub success_is: String,
}

/// How the receiver reads a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Markup {
    /// As it stands.
    #[default]
    Plain,
    /// `&`, `<`, and `>` mean something: HTML, Slack.
    Html,
    /// Markdown: `*`, `_`, and their kind mean something.
    Markdown,
}

/// What Markdown takes for markup wherever it stands.
const MARKDOWN: &str = "\\`*_~|[]<>#";

impl ReceiverConfig {
    /// Whether it is like any other.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Markup {
    /// A text that shows as it is.
    pub fn escape(self, text: &str) -> String {
        let mut escaped = String::with_capacity(text.len());
        for letter in text.chars() {
            self.push(letter, &mut escaped);
        }
        escaped
    }

    /// The beginning of a text that, escaped, is no longer than `most` UTF-16 units: how the services count that say how
    /// they do, and never fewer than characters. What was cut ends in an ellipsis.
    pub fn cut(self, text: &str, most: usize) -> String {
        let mut piece = String::new();
        let mut width = |letter: char| {
            piece.clear();
            self.push(letter, &mut piece);
            piece.encode_utf16().count()
        };
        let mut used = 0;
        // Where to cut, should it turn out to be too long: with room for the ellipsis.
        let mut end = 0;
        for (place, letter) in text.char_indices() {
            if used < most {
                end = place;
            }
            used += width(letter);
            if used > most {
                return format!("{}…", text[..end].trim_end());
            }
        }
        text.to_owned()
    }

    fn push(self, letter: char, escaped: &mut String) {
        match (self, letter) {
            (Self::Html, '&') => escaped.push_str("&amp;"),
            (Self::Html, '<') => escaped.push_str("&lt;"),
            (Self::Html, '>') => escaped.push_str("&gt;"),
            (Self::Markdown, letter) if MARKDOWN.contains(letter) => escaped.extend(['\\', letter]),
            _ => escaped.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Markup;

    #[test]
    fn a_text_is_cut_to_its_length_with_its_escapes_and_never_within_a_character() {
        let check = |markup: Markup, text: &str, most, expected: &str| assert_eq!(markup.cut(text, most), expected);
        check(Markup::Plain, "hello", 5, "hello");
        check(Markup::Plain, "hello!", 5, "hell…");
        check(Markup::Plain, "ab 😀😀", 7, "ab 😀😀");
        check(Markup::Plain, "ab 😀😀", 6, "ab 😀…");
        check(Markup::Html, "a<b", 6, "a<b");
        check(Markup::Html, "a<b", 5, "a…");
        check(Markup::Markdown, "__", 4, "__");
        check(Markup::Markdown, "___", 5, "__…");
        check(Markup::Plain, "", 3, "");
        for most in 1..40 {
            let text = "a<b> & _c_ 😀 grün ".repeat(3);
            for markup in [Markup::Plain, Markup::Html, Markup::Markdown] {
                let cut = markup.escape(&markup.cut(&text, most));
                assert!(cut.encode_utf16().count() <= most, "{cut} is longer than {most}");
            }
        }
    }

    #[test]
    fn markup_in_a_value_shows_as_it_is() {
        assert_eq!(Markup::Html.escape("<b> & \"x\""), "&lt;b&gt; &amp; \"x\"");
        assert_eq!(Markup::Markdown.escape("my_part*[v2].g"), "my\\_part\\*\\[v2\\].g");
        assert_eq!(Markup::Plain.escape("<b>_*"), "<b>_*");
    }
}
