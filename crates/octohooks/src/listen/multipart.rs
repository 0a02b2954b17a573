//! A multipart body in, its parts out, as RFC 2046 and RFC 7578 have it.
//!
//! Strict on purpose: who looks at what arrives wants to know that another receiver would stumble.

/// More parts than any form has.
const MAX_PARTS: usize = 256;

/// A part as it stands in the body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawPart<'a> {
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: &'a [u8],
}

/// A value with parameters, as in `form-data; name="picture"`.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

/// Splits a body at its boundary; what is wrong with it, if it is none.
pub(super) fn parts<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<RawPart<'a>>, &'static str> {
    let delimiter = format!("\r\n--{boundary}");
    // The first one needs no line break before it. What precedes it is of no meaning.
    let mut rest = match body.strip_prefix(&delimiter.as_bytes()[2..]) {
        Some(rest) => rest,
        None => split_at(body, delimiter.as_bytes()).ok_or("its boundary does not occur")?.1,
    };
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        if parts.len() == MAX_PARTS {
            return Err("it has more than 256 parts");
        }
        let (line, after) = split_at(rest, b"\r\n").ok_or("it ends behind a boundary")?;
        if !line.trim_ascii().is_empty() {
            return Err("something stands behind a boundary on the same line");
        }
        // The line break also ends a part without headers and body.
        let (part, after) = split_at(&rest[rest.len() - after.len() - 2..], delimiter.as_bytes())
            .ok_or("its last boundary is missing")?;
        parts.push(part_of(part)?);
        rest = after;
    }
    Ok(parts)
}

/// The part, with the line break of the boundary before it.
fn part_of(part: &[u8]) -> Result<RawPart<'_>, &'static str> {
    let (head, body) = split_at(part, b"\r\n\r\n").ok_or("a part has no empty line behind its headers")?;
    let head = String::from_utf8_lossy(head);
    let mut headers = Vec::new();
    for line in head.split("\r\n").filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or("a header of a part has no colon")?;
        headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    Ok(RawPart { headers, body })
}

impl RawPart<'_> {
    /// A header, empty when there is none.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

impl Parameters {
    /// Reads what follows the first `;`. A quoted value may hold anything, `\"` and `\\` included.
    pub(super) fn of(value: &str) -> Self {
        let mut parameters = Vec::new();
        let mut rest = value.split_once(';').map_or("", |(_, rest)| rest);
        while let Some((name, after)) = rest.split_once('=') {
            let name = name.trim_matches([' ', '\t', ';']).to_ascii_lowercase();
            let value;
            (value, rest) = after.trim_start().strip_prefix('"').map_or_else(|| unquoted_until_next(after), unquote);
            parameters.push((name, value));
        }
        Self(parameters)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The text up to the closing quotation mark, and what follows it.
fn unquote(quoted: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return (value, &quoted[place + 1..]),
            '\\' if quoted[place + 1..].starts_with(['"', '\\']) => {
                value.extend(characters.next().map(|(_, escaped)| escaped));
            }
            other => value.push(other),
        }
    }
    (value, "")
}

fn unquoted_until_next(text: &str) -> (String, &str) {
    let (value, rest) = text.split_once(';').unwrap_or((text, ""));
    (value.trim().to_owned(), rest)
}

fn split_at<'a>(bytes: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = bytes.windows(separator.len()).position(|window| window == separator)?;
    Some((&bytes[..place], &bytes[place + separator.len()..]))
}

#[cfg(test)]
mod tests {
    use super::{Parameters, parts};

    const BODY: &[u8] =
        b"ignored\r\n--x\r\nContent-Disposition: form-data; name=a\r\n\r\none\r\n\r\ntwo\r\n--x \r\n\r\n\r\n--x--\r\n";

    #[test]
    fn parts_are_what_stands_between_the_boundaries() {
        let parts = parts(BODY, "x").unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0].header("content-disposition"), "form-data; name=a");
        assert_eq!(parts[0].body, b"one\r\n\r\ntwo");
        assert_eq!((parts[1].headers.len(), parts[1].body), (0, b"".as_slice()));
    }

    #[test]
    fn a_form_may_be_empty() {
        assert_eq!(parts(b"--x--", "x"), Ok(vec![]));
    }

    #[test]
    fn every_beginning_of_a_body_is_either_whole_or_refused() {
        let end = BODY.len() - 2;
        for length in 0..end {
            assert!(parts(&BODY[..length], "x").is_err(), "{length}");
        }
        assert!(parts(&BODY[..end], "x").is_ok());
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (body, reason) in [
            (b"--y--".as_slice(), "its boundary does not occur"),
            (b"--x", "it ends behind a boundary"),
            (b"--xy\r\n\r\n\r\n--x--", "something stands behind a boundary on the same line"),
            (b"--x\r\n\r\nno end", "its last boundary is missing"),
            (b"--x\r\nA: b\r\n--x--", "a part has no empty line behind its headers"),
            (b"--x\r\nA\r\n\r\n\r\n--x--", "a header of a part has no colon"),
        ] {
            assert_eq!(parts(body, "x"), Err(reason));
        }
        let many = [b"--x\r\n\r\n".as_slice(), &b"\r\n--x\r\n\r\n".repeat(300), b"\r\n--x--"].concat();
        assert_eq!(parts(&many, "x"), Err("it has more than 256 parts"));
    }

    #[test]
    fn parameters_may_be_quoted() {
        let parameters = Parameters::of(r#"form-data; name="a; \"b\" \\"; filename=x.jpg ;charset = "utf-8""#);
        assert_eq!(parameters.get("name"), Some(r#"a; "b" \"#));
        assert_eq!(parameters.get("filename"), Some("x.jpg"));
        assert_eq!(parameters.get("charset"), Some("utf-8"));
        assert_eq!(parameters.get("boundary"), None);
        assert_eq!(Parameters::of("text/plain"), Parameters::default());
        assert_eq!(Parameters::of(r#"a; b="c"#).get("b"), Some("c"));
    }
}
