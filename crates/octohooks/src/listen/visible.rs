//! What others sent, made safe to look at, and colours for those who see them.
//!
//! A terminal obeys control characters: they could clear it, rename it, or make a line say something else. They are
//! written as escapes, and so are the invisible characters that turn the direction of text.

use std::fmt::Write as _;
use std::io::IsTerminal;

/// One line: nothing in it moves the cursor.
pub(super) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => visible.push_str("\\n"),
            '\r' => visible.push_str("\\r"),
            '\t' => visible.push_str("\\t"),
            hidden if is_hidden(hidden) => push_escaped(&mut visible, hidden),
            shown => visible.push(shown),
        }
    }
    visible
}

/// JSON that is already escaped as JSON demands, which leaves DEL, the upper control characters, and the directions. They
/// only occur within strings, where they may be escaped as well.
pub(super) fn visible_json(json: &str) -> String {
    let mut visible = String::with_capacity(json.len());
    for character in json.chars() {
        if is_hidden(character) && !character.is_ascii_whitespace() {
            // None of them is beyond the first 65536, so one escape is enough.
            write!(visible, "\\u{:04x}", u32::from(character)).unwrap_or_default();
        } else {
            visible.push(character);
        }
    }
    visible
}

fn push_escaped(text: &mut String, character: char) {
    // Writing to a string cannot fail.
    write!(text, "\\u{{{:x}}}", u32::from(character)).unwrap_or_default();
}

fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// Colours, or none of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Palette {
    is_coloured: bool,
}

impl Palette {
    /// Colours on a terminal whose user has not asked for none.
    pub(super) fn of_stdout() -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self { is_coloured: std::io::stdout().is_terminal() && !no_color && !is_dumb }
    }

    /// What is to be seen first.
    pub(super) fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// What names something.
    pub(super) fn name(self, text: &str) -> String {
        self.paint("36", text)
    }

    /// What only helps.
    pub(super) fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// What went wrong.
    pub(super) fn alarm(self, text: &str) -> String {
        self.paint("31", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.is_coloured && !text.is_empty() { format!("\u{1B}[{code}m{text}\u{1B}[0m") } else { text.to_owned() }
    }
}
