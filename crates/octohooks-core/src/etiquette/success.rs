//! Whether an answer says that the receiver has it, for receivers that answer 200 to everything; and what an answer says in
//! its own words, for those who may see answers.

use serde_json::Value;

use crate::attempt::Answer;
use crate::hook::ready::SuccessSign;
use crate::status::name_of;
use crate::template::text_of;

/// What of an answer's own words is repeated.
const MOST_WORDS: usize = 300;

/// Where services say in JSON what is wrong.
const PLACES: [&str; 10] = [
    "/description",
    "/error/message",
    "/error_description",
    "/errors/0/message",
    "/errors/0",
    "/message",
    "/error",
    "/detail",
    "/info",
    "/reason",
];

/// What was found of a sign.
pub(super) enum Sight {
    /// It is there.
    Seen,
    /// It may be in the part of the answer that was not read.
    CutOff,
    /// It is not there: a sentence without words of the answer.
    Missing(String),
}

/// Looks for a sign of success.
pub(super) fn look(answer: &Answer, sign: &SuccessSign) -> Sight {
    let text = String::from_utf8_lossy(&answer.body);
    let seen = if sign.at.is_empty() {
        text.to_lowercase().contains(&sign.is.to_lowercase())
    } else {
        let value: Option<Value> = serde_json::from_str(&text).ok();
        value.as_ref().and_then(|value| value.pointer(&sign.at)).is_some_and(|value| text_of(value) == sign.is)
    };
    if seen {
        return Sight::Seen;
    }
    if answer.truncated {
        return Sight::CutOff;
    }
    let name = name_of(answer.status);
    Sight::Missing(format!(
        "The receiver answered {name}, but without the sign of success that this webhook looks for. Its answer says why."
    ))
}

/// What a receiver says is wrong, in its own words: of JSON the usual fields, of anything short and plain the whole.
/// May hold secrets that the receiver repeats: cover it before it is shown.
pub fn words_of(answer: &Answer) -> Option<String> {
    let text = String::from_utf8_lossy(&answer.body);
    let words = match serde_json::from_str::<Value>(&text) {
        Ok(value) => PLACES.iter().find_map(|place| value.pointer(place).and_then(Value::as_str).map(str::to_owned)),
        Err(_) if answer.truncated || text.contains('<') => None,
        Err(_) => Some(text.into_owned()),
    };
    let words = words?.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = words.chars().take(MOST_WORDS).collect();
    (!cut.is_empty()).then_some(cut)
}
