//! What a line of G-code says to whoever reads along: `M117 text`, `M118 text`, and `@webhook NAME key=value …`.
//!
//! A line in, what it says out. `M117` writes on the printer's display, `M118` to the host (Marlin; its flags `A1`, `E1`,
//! `P0` say where else). `@webhook` is an @-command of OctoPrint's: the printer never sees it.

use serde_json::{Map, Value, json};

/// More of a line is no message for a person.
const LONGEST: usize = 500;

/// More values do not come with one line.
const MOST_VALUES: usize = 32;

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// Words for a person.
    Message(Value),
    /// Something that a hook may wait for under its name.
    Command { name: String, payload: Value },
}

/// `None` for a line that says nothing.
pub(super) fn read(line: &str) -> Option<Said> {
    let line = line.trim();
    let line = line.get(..line.floor_char_boundary(LONGEST)).unwrap_or(line);
    let (instruction, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    match instruction.to_ascii_uppercase().as_str() {
        "M117" => message("M117", rest),
        "M118" => message("M118", without_flags(rest)),
        "@WEBHOOK" => command(rest),
        _ => None,
    }
}

fn message(instruction: &str, text: &str) -> Option<Said> {
    // Without a text it clears the display.
    (!text.is_empty()).then(|| Said::Message(json!({"command": instruction, "text": text})))
}

/// `A1`, `E1`, `P0` before the text.
fn without_flags(text: &str) -> &str {
    let mut rest = text;
    while let Some((word, after)) = rest.split_once(' ') {
        let is_flag =
            word.len() == 2 && word.starts_with(['A', 'E', 'P']) && word.ends_with(|end: char| end.is_ascii_digit());
        if !is_flag {
            break;
        }
        rest = after.trim_start();
    }
    rest
}

fn command(text: &str) -> Option<Said> {
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if name.is_empty() || name.contains('=') {
        return None;
    }
    let rest = rest.trim();
    let payload = json!({"name": name, "text": rest, "values": values(rest)});
    Some(Said::Command { name: name.to_owned(), payload })
}

/// `key=value` and `key="a text with spaces"`; numbers, `true`, and `false` are those. Other words are left to the text.
fn values(text: &str) -> Value {
    let mut found = Map::new();
    for word in words(text) {
        if let Some((key, value)) = word.split_once('=')
            && !key.is_empty()
            && found.len() < MOST_VALUES
        {
            found.insert(key.to_owned(), typed(value));
        }
    }
    Value::Object(found)
}

/// Words between spaces that are not within quotes. The quotes stay, so that `"1"` is a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |letter: char| {
        quoted ^= letter == '"';
        letter.is_whitespace() && !quoted
    })
}

fn typed(value: &str) -> Value {
    if let Some(text) = value.strip_prefix('"') {
        return Value::String(text.strip_suffix('"').unwrap_or(text).to_owned());
    }
    match serde_json::from_str(value) {
        Ok(value @ (Value::Number(_) | Value::Bool(_))) => value,
        _ => Value::String(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{Said, read};

    #[test]
    fn words_for_a_person() {
        for (line, instruction, text) in [
            ("M117 Layer 3 of 100", "M117", "Layer 3 of 100"),
            ("m117   ETA 12:03 ", "M117", "ETA 12:03"),
            ("M118 Hello", "M118", "Hello"),
            ("M118 A1 E1 P0 Hello A1", "M118", "Hello A1"),
            ("M118 A1", "M118", "A1"),
            ("M118 E1x y", "M118", "E1x y"),
        ] {
            let expected = json!({"command": instruction, "text": text});
            assert_eq!(read(line), Some(Said::Message(expected)), "{line}");
        }
        for line in ["M117", "M117 ", "M1170 x", "G1 X1", "", "@pause", "@webhooks a", "@webhook", "@webhook a=1"] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn a_command_has_a_name_and_typed_values() {
        let Some(Said::Command { name, payload }) =
            read("@webhook bed_empty slot=3 ok=true note=\"all = well\" code=\"7\" rest of it x=a=b n=1e3 =5 e=")
        else {
            panic!("it is a command");
        };
        assert_eq!(name, "bed_empty");
        let values = json!({"slot": 3, "ok": true, "note": "all = well", "code": "7", "x": "a=b", "n": 1e3, "e": ""});
        assert_eq!(payload["values"], values);
        assert_eq!(payload["name"], "bed_empty");
        assert!(payload["text"].as_str().unwrap().starts_with("slot=3 ok=true"));
        assert_eq!(
            read("@Webhook x"),
            Some(Said::Command { name: "x".into(), payload: json!({"name": "x", "text": "", "values": {}}) })
        );
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_passed_over(line in "(@webhook |M11[78] )?\\PC{0,80}", long in 0_usize..2000) {
            drop(read(&line));
            let Some(Said::Message(payload)) = read(&format!("M117 {}", "é".repeat(long + 1))) else { panic!() };
            prop_assert!(payload["text"].as_str().unwrap().len() <= 500);
        }
    }
}
