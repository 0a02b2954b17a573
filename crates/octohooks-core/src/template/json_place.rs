//! Where in a JSON text a certain string stands: the text and the way to the string in, a place in bytes out.
//!
//! Works on what `serde_json` has read without an error; anything else gives no place.

/// A step from a list or an object to what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Item(usize),
    Key(String),
}

/// The place in `source` of the byte `offset` of the string at the end of `path`.
pub(super) fn of_text(source: &str, path: &[Step], offset: usize) -> Option<usize> {
    let mut reader = Reader { source, at: 0 };
    let mut found = None;
    reader.value(Some(path), &mut found)?;
    let start = found?;
    Some(start + written_length(&source[start..], offset))
}

struct Reader<'source> {
    source: &'source str,
    at: usize,
}

impl Reader<'_> {
    fn blanks(&mut self) -> Option<u8> {
        let rest = &self.source[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.source.as_bytes().get(self.at).copied()
    }

    /// Steps over a value. `path` is the way from it to what is looked for, if that can be in it; a key that comes twice
    /// counts the last time.
    fn value(&mut self, path: Option<&[Step]>, found: &mut Option<usize>) -> Option<()> {
        match self.blanks()? {
            b'"' => {
                let start = self.at + 1;
                self.string()?;
                if path.is_some_and(<[Step]>::is_empty) {
                    *found = Some(start);
                }
            }
            b'[' => {
                self.at += 1;
                let mut index = 0;
                while self.blanks()? != b']' {
                    self.value(path.and_then(|path| path.strip_prefix(&[Step::Item(index)][..])), found)?;
                    index += 1;
                    self.comma()?;
                }
                self.at += 1;
            }
            b'{' => {
                self.at += 1;
                while self.blanks()? != b'}' {
                    let start = self.at;
                    self.string()?;
                    let key: String = serde_json::from_str(&self.source[start..self.at]).ok()?;
                    // The colon.
                    self.blanks()?;
                    self.at += 1;
                    self.value(path.and_then(|path| path.strip_prefix(&[Step::Key(key)][..])), found)?;
                    self.comma()?;
                }
                self.at += 1;
            }
            _ => {
                let rest = &self.source[self.at..];
                self.at += rest.find([',', ']', '}']).unwrap_or(rest.len());
            }
        }
        Some(())
    }

    fn comma(&mut self) -> Option<()> {
        if self.blanks()? == b',' {
            self.at += 1;
        }
        Some(())
    }

    /// Steps over a string, its quotation marks included.
    fn string(&mut self) -> Option<()> {
        let bytes = self.source.as_bytes();
        self.at += 1;
        loop {
            match bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }
}

/// How many bytes of a string as it is written are the first `offset` bytes of what it says.
fn written_length(written: &str, offset: usize) -> usize {
    let (mut said, mut at) = (0, 0);
    while said < offset {
        let rest = &written[at..];
        let Some(letter) = rest.chars().next().filter(|letter| *letter != '"') else { break };
        if letter != '\\' {
            at += letter.len_utf8();
            said += letter.len_utf8();
            continue;
        }
        let is_code = rest.as_bytes().get(1) == Some(&b'u');
        let code = rest.get(2..6).filter(|_| is_code).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        said += match code {
            // Half of a pair; two of them are a letter of four bytes.
            Some(0xD800..=0xDFFF) => 2,
            Some(code) => char::from_u32(code).map_or(1, char::len_utf8),
            None => 1,
        };
        at += if is_code { 6 } else { 2 };
    }
    at.min(written.len())
}

#[cfg(test)]
mod tests {
    use super::{Step, of_text};

    #[test]
    fn a_place_in_a_text_is_found_in_the_json_around_it() {
        let source = r#"{"a": [1, "x", {"b": "ä\n\u00e4{{ }}"}], "a": [true, null, {"b": "\"{{"}]}"#;
        let path = [Step::Key("a".into()), Step::Item(2), Step::Key("b".into())];
        let place = of_text(source, &path, 1).unwrap();
        assert_eq!(&source[place..place + 2], "{{", "a key that comes twice counts the last time");
        let source = r#"[ "ä\n\u00e4\ud83d\ude00{{ x }}" ]"#;
        let place = of_text(source, &[Step::Item(0)], 9).unwrap();
        assert_eq!(&source[place..place + 2], "{{");
        assert_eq!(of_text(source, &[Step::Item(1)], 0), None);
        assert_eq!(of_text("\"abc\"", &[], 1), Some(2));
    }
}
