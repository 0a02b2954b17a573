//! A webhook in, text for a person out.
//!
//! Everything that arrived goes through [`visible`] before it is written. What is longer than anybody reads is cut, and
//! it is said how much is missing.

use std::io::{self, Write};

use super::arrive::Webhook;
use super::content::{Content, Part};
use super::indent::indented;
use super::picture::Picture;
use super::visible::{Palette, visible, visible_json};

/// The most of one body, or of one part, that is shown.
const SHOWN: usize = 64 * 1024;

/// The beginning of something that is not text.
const SHOWN_BYTES: usize = 32;

/// The longest name that others are lined up with.
const WIDEST_NAME: usize = 32;

/// Where a webhook is written, and how it looks.
pub(super) struct Page<'out, W: Write> {
    pub(super) out: &'out mut W,
    pub(super) palette: Palette,
}

impl<W: Write> Page<'_, W> {
    /// Writes one webhook, with an empty line behind it.
    pub(super) fn webhook(&mut self, number: u64, webhook: &Webhook, content: &Content<'_>) -> io::Result<()> {
        let (path, query) = webhook.path_and_query();
        let palette = self.palette;
        let time = webhook.at.strftime("%H:%M:%S.%3f").to_string();
        let request = palette.strong(&visible(&format!("{} {path}", webhook.method)));
        let from = palette.faint(&format!("#{number}, from {}", webhook.from));
        writeln!(self.out, "{time}  {request}  {from}")?;
        if !query.is_empty() {
            self.title("query", "")?;
            self.table("    ", form_urlencoded::parse(query.as_bytes()))?;
        }
        self.title("headers", "")?;
        self.table("    ", webhook.header_texts())?;
        match &webhook.body {
            Ok(body) => {
                let content_type = webhook.content_type();
                let note = if body.is_empty() { String::new() } else { described(&content_type, body.len()) };
                self.title("body", &note)?;
                self.content("    ", content)?;
                writeln!(self.out, "  {}", palette.faint(&format!("answered {}", webhook.status)))?;
            }
            Err(refused) => {
                self.title("body", "")?;
                writeln!(self.out, "    {}", palette.alarm(&format!("Refused: {refused}.")))?;
            }
        }
        writeln!(self.out)
    }

    fn title(&mut self, title: &str, note: &str) -> io::Result<()> {
        let (strong, faint) = (self.palette.strong(title), self.palette.faint(&visible(note)));
        writeln!(self.out, "{}", format!("  {strong}  {faint}").trim_end())
    }

    /// Names and values in two columns.
    fn table<N: AsRef<str>, V: AsRef<str>>(
        &mut self,
        margin: &str,
        rows: impl Iterator<Item = (N, V)>,
    ) -> io::Result<()> {
        let rows: Vec<_> = rows.map(|(name, value)| (visible(cut(name.as_ref()).0), value)).collect();
        let widest = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(WIDEST_NAME);
        for (name, value) in rows {
            let gap = " ".repeat(widest.saturating_sub(name.chars().count()));
            let (value, is_cut) = cut(value.as_ref());
            let more = if is_cut { self.palette.faint(" … (cut)") } else { String::new() };
            writeln!(self.out, "{margin}{}{gap}  {}{more}", self.palette.name(&name), visible(value))?;
        }
        Ok(())
    }

    fn content(&mut self, margin: &str, content: &Content<'_>) -> io::Result<()> {
        match content {
            Content::Nothing => writeln!(self.out, "{margin}{}", self.palette.faint("(empty)")),
            Content::Json(json) => {
                let (text, is_cut) = indented(json, SHOWN);
                self.lines(margin, visible_json(&text).lines(), is_cut)
            }
            Content::Form(fields) => self.table(margin, fields.iter().map(|(name, value)| (name, value))),
            Content::Parts(parts) => parts.iter().try_for_each(|part| self.part(margin, part)),
            Content::Picture(picture) => self.picture(margin, picture),
            Content::Text(text) => {
                let (text, is_cut) = cut(text);
                self.lines(margin, text.lines().map(visible), is_cut)
            }
            Content::Binary(bytes) => {
                let beginning = &bytes[..bytes.len().min(SHOWN_BYTES)];
                let hex: Vec<String> = beginning.iter().map(|byte| format!("{byte:02x}")).collect();
                let more = if beginning.len() < bytes.len() { " …" } else { "" };
                writeln!(self.out, "{margin}{} {}{more}", self.palette.faint("not text:"), hex.join(" "))
            }
            Content::Mislabelled(reason, content) => {
                writeln!(self.out, "{margin}{}", self.palette.alarm(&visible(reason)))?;
                self.content(margin, content)
            }
        }
    }

    fn part(&mut self, margin: &str, part: &Part<'_>) -> io::Result<()> {
        let filename = part.filename.as_ref().map(|filename| format!(", file {filename}")).unwrap_or_default();
        let note = visible(&format!("{}{filename}", described(&part.content_type, part.body.len())));
        writeln!(self.out, "{margin}{}  {}", self.palette.name(&visible(&part.name)), self.palette.faint(&note))?;
        self.content(&format!("{margin}  "), &part.content)
    }

    fn picture(&mut self, margin: &str, picture: &Picture<'_>) -> io::Result<()> {
        let dimensions = match picture.dimensions {
            Some((width, height)) => format!("{width}×{height}"),
            None => "of unknown dimensions".to_owned(),
        };
        let saved = match &picture.saved {
            Some(path) => format!(", saved as {}", visible(&path.to_string_lossy())),
            None => String::new(),
        };
        let (name, size) = (picture.format.name(), bytes(picture.bytes.len()));
        writeln!(self.out, "{margin}{name}, {dimensions}, {size}{saved}")
    }

    fn lines<L: AsRef<str>>(
        &mut self,
        margin: &str,
        mut lines: impl Iterator<Item = L>,
        is_cut: bool,
    ) -> io::Result<()> {
        lines.try_for_each(|line| writeln!(self.out, "{margin}{}", line.as_ref()))?;
        if is_cut {
            let note = "… (cut here; --json prints all of it)";
            writeln!(self.out, "{margin}{}", self.palette.faint(note))?;
        }
        Ok(())
    }
}

fn described(content_type: &str, length: usize) -> String {
    if content_type.is_empty() { bytes(length) } else { format!("{content_type}, {}", bytes(length)) }
}

fn bytes(count: usize) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}

/// The beginning of a text, and whether that is not all of it.
fn cut(text: &str) -> (&str, bool) {
    let end = text.floor_char_boundary(SHOWN);
    (&text[..end], end < text.len())
}
