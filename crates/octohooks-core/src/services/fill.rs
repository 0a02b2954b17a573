//! Answers and a service in, a draft of a hook out, or what is wrong with which answer.
//!
//! An answer is data: in the URL it is percent-encoded, in JSON it is a text (or the number, truth value, or list that it is), and an
//! `@` in it begins no variable, nor `{{` anything of Jinja's, which such a hook has on. In a file, `{key}` is an answer's place; a value that is just the place of an optional answer
//! that is empty is left out with its key; `{key?text}` is the text where there is an answer, and nothing where there is none.

use std::collections::{BTreeMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::utf8_percent_encode;
use serde::Serialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::pattern::take_apart;
use super::{Ask, How, Kind, Service, all};
use crate::hook::follow_up::Mode;
use crate::hook::{HookConfig, reading};
use crate::ids::HookId;
use crate::secret::Secret;
use crate::template::VALUE;
use crate::topic::Topic;

/// What begins a tag of Jinja's.
const OPENERS: [&str; 3] = ["{{", "{%", "{#"];

/// More no answer needs.
const LONGEST_ANSWER: usize = 2000;

/// A message that changes bothers nobody: progress may be told at so many percent each.
const OFTEN: u8 = 5;

/// What a person wants of a service.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The answers, by the keys of the questions.
    pub answers: BTreeMap<String, String>,
    /// Whether pictures are to be sent, where the service takes them.
    pub picture: bool,
    /// Whether there is to be one message per print, where the service can do that.
    pub follow_up: Mode,
    /// What is to be told; the service's own choice where nothing is said.
    pub events: Option<Vec<Topic>>,
}

/// What came of it.
#[derive(Debug)]
pub struct Filled {
    /// The answers, with what was pasted whole taken apart.
    pub answers: BTreeMap<String, String>,
    /// What is wrong with them.
    pub remarks: Vec<Remark>,
    /// The draft; `None` while something is wrong. Holds its secrets.
    pub hook: Option<HookConfig>,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The key of the question.
    pub ask: String,
    /// A sentence. Does not repeat the answer.
    pub message: String,
    /// Whether nothing is wrong but that there is no answer yet.
    pub missing: bool,
}

/// A value as it goes into a place.
#[derive(Debug, Clone, PartialEq)]
enum Answer {
    Nothing,
    Text(String),
    /// What it is where it stands alone; in running text it is its text.
    Typed(Value, String),
}

type Answers = BTreeMap<String, Answer>;

/// Makes the draft.
pub fn fill(service: &Service, wish: &Wish, id: HookId) -> Filled {
    let answers = with_pasted_taken_apart(service, &wish.answers);
    let mut values = Answers::new();
    let mut remarks = Vec::new();
    for ask in &service.asks {
        let text = answers.get(&ask.key).map(String::as_str).unwrap_or_default();
        match read(ask, text) {
            Ok(found) => values.extend(found),
            Err(message) => {
                remarks.push(Remark { ask: ask.key.clone(), message, missing: text.is_empty() });
            }
        }
    }
    if !remarks.is_empty() {
        return Filled { answers, remarks, hook: None };
    }
    for making in &service.make {
        let of = text_with(&making.of, &values, &mut |value, _| value.to_owned());
        let made = match &making.how {
            How::Base64 => STANDARD.encode(of),
            How::Before(mark) => of.split_once(mark.as_str()).map_or(of.clone(), |(before, _)| before.to_owned()),
            How::Choose(texts) => texts.get(&of).cloned().unwrap_or_default(),
            How::After(mark) => of.split_once(mark.as_str()).map(|(_, after)| after.to_owned()).unwrap_or_default(),
        };
        let is_of_nothing =
            values.iter().all(|(key, answer)| *answer == Answer::Nothing || !making.of.contains(&format!("{{{key}}}")));
        values.insert(making.key.clone(), if is_of_nothing { Answer::Nothing } else { Answer::Text(made) });
    }
    let mut hook = service.hook.clone();
    if let Some(picture) = service.picture.as_ref().filter(|_| wish.picture) {
        merge(&mut hook, &picture.hook);
    }
    if let Some(follow_up) = follow_up_of(service, wish, &values) {
        hook.insert("follow_up".to_owned(), follow_up);
        if wish.follow_up != Mode::Thread {
            hook.entry("progress_interval_percent").or_insert_with(|| OFTEN.into());
        }
    }
    let events = wish.events.as_deref().unwrap_or(&service.events);
    Filled { answers, remarks, hook: draft(&service.name, &hook, &values, events, id) }
}

/// Which service a pasted text is of, and the answers in it.
pub fn recognise(text: &str) -> Option<(&'static Service, BTreeMap<String, String>)> {
    all().iter().find_map(|service| {
        let whole = service.asks.iter().find(|ask| {
            ask.kind == Kind::Address
                && ask.parts.iter().any(|form| take_apart(form, text).is_some())
                && read(ask, text).is_ok()
        });
        if let Some(ask) = whole {
            return Some((service, BTreeMap::from([(ask.key.clone(), text.trim().to_owned())])));
        }
        Some((service, pasted(service, text)?))
    })
}

/// The answers in a text that was pasted whole. A host alone is a server that speaks TLS.
fn pasted(service: &Service, text: &str) -> Option<BTreeMap<String, String>> {
    let parts = service.paste.iter().find_map(|form| take_apart(form, text))?;
    let named = parts.into_iter().map(|(key, part)| match key.as_str() {
        "host" => ("server".to_owned(), format!("https://{part}")),
        _ => (key, part),
    });
    Some(named.filter(|(key, _)| service.asks.iter().any(|ask| ask.key == *key)).collect())
}

fn with_pasted_taken_apart(service: &Service, given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut answers = BTreeMap::new();
    for ask in &service.asks {
        let text = given.get(&ask.key).map_or(ask.default.as_str(), String::as_str).trim();
        answers.insert(ask.key.clone(), text.to_owned());
    }
    for ask in service.asks.iter().filter(|ask| !matches!(ask.kind, Kind::Address | Kind::Choice)) {
        let text = answers.get(&ask.key).cloned().unwrap_or_default();
        if let Some(parts) = pasted(service, &text) {
            answers.extend(parts);
            break;
        }
    }
    answers
}

/// The values of one answer: itself, or the parts of an address.
fn read(ask: &Ask, text: &str) -> Result<Vec<(String, Answer)>, String> {
    let otherwise = |usual: &str| if ask.otherwise.is_empty() { usual.to_owned() } else { ask.otherwise.clone() };
    let one = |answer| Ok(vec![(ask.key.clone(), answer)]);
    if text.is_empty() {
        return if ask.optional { one(Answer::Nothing) } else { Err("This is still to be filled in.".to_owned()) };
    }
    if text.chars().any(char::is_control) || text.len() > LONGEST_ANSWER {
        return Err("This is too long, or holds a line break or another character that cannot be sent.".to_owned());
    }
    if ask.kind != Kind::Address && !ask.shape.fits(text) {
        return Err(otherwise("This does not look right."));
    }
    match ask.kind {
        Kind::Text | Kind::Secret => one(Answer::Text(text.to_owned())),
        Kind::Number => match text.parse::<i64>() {
            Ok(number) => one(Answer::Typed(number.into(), text.to_owned())),
            Err(_) => Err(otherwise("This should be a whole number.")),
        },
        Kind::Choice if ask.choices.iter().any(|choice| choice.value == text) => one(match text {
            "true" | "false" => Answer::Typed(Value::Bool(text == "true"), text.to_owned()),
            _ => Answer::Text(text.to_owned()),
        }),
        Kind::Choice => Err(otherwise("Choose one of these.")),
        Kind::List => {
            let items: Vec<&str> = text.split([',', ';']).map(str::trim).filter(|item| !item.is_empty()).collect();
            one(Answer::Typed(items.iter().map(|item| literal(item)).collect(), items.join(",")))
        }
        Kind::Url | Kind::Server => {
            let is_server = ask.kind == Kind::Server;
            if !is_http(text) || (is_server && text.contains(['?', '#'])) {
                let usual = if is_server {
                    "This should be the address of the server: https://example.com"
                } else {
                    "This should be an address that begins with https:// or http://."
                };
                return Err(otherwise(usual));
            }
            one(Answer::Text(if is_server { text.trim_end_matches('/') } else { text }.to_owned()))
        }
        Kind::Address => {
            let parts = ask.parts.iter().find_map(|form| take_apart(form, text));
            let fits = |key: &str, part: &str| ask.pieces.get(key).is_none_or(|shape| shape.fits(part));
            let is_right = |(key, part): &(String, String)| fits(key, part) && (key != "server" || is_http(part));
            match parts {
                Some(parts) if parts.iter().all(is_right) => {
                    Ok(parts.into_iter().map(|(key, part)| (key, Answer::Text(part))).collect())
                }
                _ => Err(otherwise("This is not an address of this service.")),
            }
        }
    }
}

fn is_http(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// A text in which nothing begins a variable or a tag.
fn literal(text: &str) -> Value {
    Value::String(without_tags(&text.replace('@', "@@"), said))
}

/// An opener that says itself and opens nothing.
fn said(opener: &str) -> String {
    format!("{{{{ '{opener}' }}}}")
}

/// A text whose openers of tags are written in another way. The files have none of their own, and an answer may end where
/// another one goes on: this is for the whole text.
fn without_tags(text: &str, written: impl Fn(&str) -> String) -> String {
    let mut told = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = OPENERS.iter().filter_map(|opener| rest.find(opener)).min() {
        let (before, from) = rest.split_at(start);
        let (opener, after) = from.split_at(2);
        told.push_str(before);
        told.push_str(&written(opener));
        rest = after;
    }
    told.push_str(rest);
    told
}

/// Fields go over those of the same name; within `receiver`, each by itself.
fn merge(hook: &mut Map<String, Value>, special: &Map<String, Value>) {
    for (field, value) in special {
        match (hook.get_mut(field), value) {
            (Some(Value::Object(own)), Value::Object(others)) if field == "receiver" => own.extend(others.clone()),
            _ => {
                hook.insert(field.clone(), value.clone());
            }
        }
    }
}

/// The files are part of the program, and a test fills each of them: one that is no hook gives no draft.
fn draft(name: &str, hook: &Map<String, Value>, values: &Answers, events: &[Topic], id: HookId) -> Option<HookConfig> {
    let mut fields = Map::new();
    fields.insert("id".to_owned(), json!(id.to_string()));
    fields.insert("name".to_owned(), json!(name));
    // What goes with the body is set by itself.
    fields.insert("headers".to_owned(), json!("{}"));
    for (field, value) in hook {
        let (field, value) = match (field.as_str(), value) {
            ("url", Value::String(text)) => ("url", json!(url_with(text, values))),
            ("headers" | "data", value) => (field.as_str(), json!(json_with(value, values))),
            ("api_secret" | "device_identifier", Value::String(text)) => {
                (field.as_str(), json!(plain_with(text, values)))
            }
            ("signing_key", Value::String(text)) => ("signing", json!({"keys": [plain_with(text, values)]})),
            ("receiver", Value::Object(receiver)) => ("receiver", receiver_with(receiver, values)),
            (other, value) => (other, value.clone()),
        };
        fields.insert(field.to_owned(), value);
    }
    let mut config: HookConfig = reading::read(Value::Object(fields)).ok()?;
    config.jinja = true;
    config.signing.keys.retain(Secret::is_set);
    let wanted: HashSet<Topic> = events.iter().copied().collect();
    let messages = std::mem::take(&mut config.events);
    let new = HookConfig::new(id);
    (config.events, config.picture.source) = (new.events, new.picture.source);
    config.events.extend(messages);
    config.events.iter_mut().for_each(|(topic, event)| event.enabled = wanted.contains(topic));
    Some(config)
}

/// How what follows goes, with the answers in it; `None` where every message is a new one.
fn follow_up_of(service: &Service, wish: &Wish, values: &Answers) -> Option<Value> {
    let mode = if wish.follow_up == Mode::ChangeAll { Mode::Change } else { wish.follow_up };
    let mut form = service.follow_up.get(&mode)?.clone();
    let with_picture = form.shift_remove("picture");
    if let Some(Value::Object(with_picture)) = with_picture.filter(|_| wish.picture) {
        form.extend(with_picture);
    }
    for (field, value) in &mut form {
        match (field.as_str(), &*value) {
            ("url" | "without_picture_url", Value::String(text)) => *value = json!(url_with(text, values)),
            ("data" | "without_picture_data", _) => *value = json!(json_with(value, values)),
            _ => {}
        }
    }
    form.insert("mode".to_owned(), json!(wish.follow_up));
    Some(Value::Object(form))
}

fn receiver_with(receiver: &Map<String, Value>, values: &Answers) -> Value {
    let fields = receiver.iter().map(|(field, value)| {
        let value = match (field.as_str(), value) {
            ("without_picture_url", Value::String(text)) => json!(url_with(text, values)),
            ("without_picture_data", value) => json!(json_with(value, values)),
            (_, value) => value.clone(),
        };
        (field.clone(), value)
    });
    Value::Object(fields.collect())
}

/// JSON text, laid out for an editor.
fn json_with(value: &Value, values: &Answers) -> String {
    let filled = filled(value, values).unwrap_or_else(|| json!({}));
    format!("{filled:#}")
}

/// A value with the answers in it; `None` where it is the place of an answer that there is none of.
fn filled(value: &Value, values: &Answers) -> Option<Value> {
    Some(match value {
        Value::String(text) => {
            match whole_place(text).and_then(|place| place.value(values)) {
                Some(Answer::Nothing) => return None,
                Some(Answer::Typed(value, _)) => return Some(value.clone()),
                Some(Answer::Text(_)) | None => {}
            }
            if let Some(place) = whole_place(text)
                && place.then.is_some()
                && place.is_empty(values)
            {
                return None;
            }
            let text = text_with(text, values, &mut |value, _| value.replace('@', "@@"));
            Value::String(without_tags(&text, said))
        }
        Value::Array(items) => Value::Array(items.iter().filter_map(|item| filled(item, values)).collect()),
        Value::Object(fields) => {
            let fields = fields.iter().filter_map(|(key, value)| Some((key.clone(), filled(value, values)?)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    })
}

/// What a URL begins with is an address itself; behind it, each answer is a part.
fn url_with(text: &str, values: &Answers) -> String {
    let url = text_with(text, values, &mut |value, is_first| {
        if is_first { value.replace('@', "@@") } else { utf8_percent_encode(value, VALUE).to_string() }
    });
    without_tags(&url, |opener| opener.replace('{', "%7B"))
}

fn plain_with(text: &str, values: &Answers) -> String {
    text_with(text, values, &mut |value, _| value.to_owned())
}

/// A text with each place filled; `encode` is told whether the place is what the text begins with.
fn text_with(text: &str, values: &Answers, encode: &mut dyn FnMut(&str, bool) -> String) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let found =
            rest[start..].find('}').and_then(|end| Some((start + end, Place::read(&rest[start + 1..start + end])?)));
        let Some((end, place)) = found.filter(|(_, place)| values.contains_key(place.key)) else {
            filled.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
            continue;
        };
        filled.push_str(&rest[..start]);
        match (place.then, values.get(place.key)) {
            (Some(then), _) if !place.is_empty(values) => filled.push_str(then),
            (None, Some(Answer::Text(text) | Answer::Typed(_, text))) => {
                let encoded = encode(text, filled.is_empty());
                filled.push_str(&encoded);
            }
            _ => {}
        }
        rest = &rest[end + 1..];
    }
    filled.push_str(rest);
    filled
}

/// What stands between `{` and `}`.
struct Place<'a> {
    key: &'a str,
    then: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (key, then) = text.split_once('?').map_or((text, None), |(key, then)| (key, Some(then)));
        let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        is_key.then_some(Self { key, then })
    }

    fn value<'v>(&self, values: &'v Answers) -> Option<&'v Answer> {
        values.get(self.key).filter(|_| self.then.is_none())
    }

    fn is_empty(&self, values: &Answers) -> bool {
        values.get(self.key).is_none_or(|answer| *answer == Answer::Nothing)
    }
}

/// The place that is all of a text.
fn whole_place(text: &str) -> Option<Place<'_>> {
    Place::read(text.strip_prefix('{')?.strip_suffix('}')?)
}
