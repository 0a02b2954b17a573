//! Takes a pasted text apart: `https://discord.com/api/webhooks/{id}/{token}`.
//!
//! `{name}` is a part without `/ ? # & @ :` and blanks in it, percent-decoded; `{name...}` is anything; `{*}` is anything that
//! does not matter. What stands between is compared without case.

/// Longer texts are no addresses.
const LONGEST: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Any,
    Part(&'a str),
    Rest(&'a str),
}

/// The named parts of a text that has the form of a pattern; `None` when it has another.
pub(super) fn take_apart(pattern: &str, text: &str) -> Option<Vec<(String, String)>> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    let pieces = pieces_of(pattern);
    let without_slash = text.trim_end_matches('/');
    [text, without_slash].into_iter().find_map(|text| {
        let mut found = Vec::new();
        matches(&pieces, text, &mut found).then(|| {
            found.reverse();
            found
        })
    })
}

fn pieces_of(pattern: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(match name.strip_suffix("...") {
            _ if name == "*" => Piece::Any,
            Some(name) => Piece::Rest(name),
            None => Piece::Part(name),
        });
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// Parts are found from the last to the first.
fn matches(pieces: &[Piece<'_>], text: &str, found: &mut Vec<(String, String)>) -> bool {
    let Some((piece, others)) = pieces.split_first() else { return text.is_empty() };
    match piece {
        Piece::Text(wanted) => {
            let Some(start) = text.get(..wanted.len()) else { return false };
            start.eq_ignore_ascii_case(wanted) && matches(others, &text[wanted.len()..], found)
        }
        Piece::Any => ends(text, |_| true, true).any(|end| matches(others, &text[end..], found)),
        Piece::Part(name) => ends(text, |letter| !"/?#&@: ".contains(letter), false).any(|end| {
            let fits = matches(others, &text[end..], found);
            if fits {
                let part = percent_encoding::percent_decode_str(&text[..end]).decode_utf8_lossy().into_owned();
                found.push(((*name).to_owned(), part));
            }
            fits
        }),
        Piece::Rest(name) => ends(text, |_| true, false).any(|end| {
            let fits = matches(others, &text[end..], found);
            if fits {
                found.push(((*name).to_owned(), text[..end].to_owned()));
            }
            fits
        }),
    }
}

/// Where a run of letters from the beginning may end, the nearest place first.
fn ends(text: &str, may: impl Fn(char) -> bool + Copy, empty: bool) -> impl Iterator<Item = usize> {
    let behind = text.char_indices().take_while(move |(_, letter)| may(*letter));
    empty.then_some(0).into_iter().chain(behind.map(|(place, letter)| place + letter.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::take_apart;

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: Option<&[(&str, &str)]>) {
        let expected = expected.map(|parts| parts.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect());
        assert_eq!(take_apart(pattern, text), expected, "{pattern} on {text}");
    }

    #[test]
    fn patterns_take_texts_apart() {
        let discord = "https://{*}discord{*}.com/api/{*}webhooks/{id}/{token}";
        let found: &[_] = &[("id", "12"), ("token", "a-b_c")];
        check(discord, " HTTPS://discord.com/api/webhooks/12/a-b_c/ ", Some(found));
        check(discord, "https://ptb.discordapp.com/api/v10/webhooks/12/a-b_c", Some(found));
        check(discord, "https://discord.com/api/webhooks/12", None);
        check(discord, "https://discord.com/api/webhooks/12/a?wait=true", None);
        check(
            "{server...}/hooks/{token}",
            "https://h:8/chat/hooks/t",
            Some(&[("server", "https://h:8/chat"), ("token", "t")]),
        );
        check("x://{a}@{b}", "x://%C3%A4@b", Some(&[("a", "\u{e4}"), ("b", "b")]));
        check("notify.{target}", "notify.mobile", Some(&[("target", "mobile")]));
        check("{a}", "", None);
        check("{a}", &"x".repeat(1001), None);
    }
}
