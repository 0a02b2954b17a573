//! JSON on one line in, JSON over many lines out, every token exactly as it arrived.
//!
//! Parsing and writing it again would be shorter, but would show rounded numbers and lose keys that came twice, and
//! somebody who looks at what arrives wants to see just these.

/// Deeper levels are indented no further, so that a body of nothing but brackets stays small.
const DEEPEST: usize = 24;

/// Indents valid JSON; stops, and says so, when the text has grown beyond `limit` bytes.
pub(super) fn indented(json: &str, limit: usize) -> (String, bool) {
    let mut text = String::new();
    let mut depth: usize = 0;
    let mut has_just_opened = false;
    let mut is_in_string = false;
    let mut is_escaped = false;
    for character in json.chars() {
        if text.len() > limit {
            return (text, true);
        }
        if is_in_string {
            text.push(character);
            is_in_string = is_escaped || character != '"';
            is_escaped = character == '\\' && !is_escaped;
            continue;
        }
        if character.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(character, '}' | ']');
        if closes {
            depth = depth.saturating_sub(1);
        }
        // Either the first entry of a bracket, or the end of a bracket that has entries.
        if has_just_opened != closes {
            new_line(&mut text, depth);
        }
        has_just_opened = matches!(character, '{' | '[');
        text.push(character);
        match character {
            '"' => is_in_string = true,
            '{' | '[' => depth += 1,
            ',' => new_line(&mut text, depth),
            ':' => text.push(' '),
            _ => {}
        }
    }
    (text, false)
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth.min(DEEPEST)));
}

#[cfg(test)]
mod tests {
    use super::indented;

    #[track_caller]
    fn check(json: &str, expected: &str) {
        assert_eq!(indented(json, 1000), (expected.to_owned(), false));
    }

    #[test]
    fn entries_stand_on_lines_of_their_own() {
        check(r#"{"a":1,"b":[true,null]}"#, "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    null\n  ]\n}");
    }

    #[test]
    fn empty_brackets_stay_together() {
        check(r#"[ {}, [ ] ,{"a": {  }}]"#, "[\n  {},\n  [],\n  {\n    \"a\": {}\n  }\n]");
    }

    #[test]
    fn what_stands_in_a_string_is_no_bracket() {
        check(r#"["a\"},{\\",":"]"#, "[\n  \"a\\\"},{\\\\\",\n  \":\"\n]");
    }

    #[test]
    fn numbers_and_double_keys_stay_as_they_are() {
        check(
            r#"{"n":12345678901234567890123.40,"n":1E5}"#,
            "{\n  \"n\": 12345678901234567890123.40,\n  \"n\": 1E5\n}",
        );
    }

    #[test]
    fn a_limit_ends_it() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let (text, is_cut) = indented(&deep, 10_000);
        assert!(is_cut && text.len() < 10_100);
    }
}
