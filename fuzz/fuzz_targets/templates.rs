//! Any text as a template, any values in its scope: no panic, no value expanded a second time, no value in the host.
//!
//! Comes in: the template; behind a NUL the values as a JSON object, or any text, which is then the value of every
//! variable; behind another NUL anything at all, which makes the values those of an OAuth answer. Each text among the
//! values asks for the canary, a variable that the template never names: if its value comes out, a value was expanded.

#![no_main]

use libfuzzer_sys::fuzz_target;
use octohooks_core::template::{Grammar, JsonTemplate, OUTPUT_LIMIT, Renderer, Scope, Template, UrlTemplate};
use octohooks_core::variables;
use serde_json::{Map, Value};
use url::{Position, Url};

const CANARY_NAME: &str = "jobId";
const CANARY: &str = "canary~sang";

/// The variables of a hook that may stand in its host.
const HOOKS_OWN: [&str; 2] = ["deviceIdentifier", "apiSecret"];

/// What a template is rendered against.
struct World {
    values: Map<String, Value>,
    is_oauth: bool,
}

fuzz_target!(|input: &str| {
    let input = without(without(input.to_owned(), CANARY_NAME), "canary");
    let mut fields = input.splitn(3, '\0');
    let source = fields.next().unwrap_or_default();
    let values = values(fields.next().unwrap_or("{}"));
    let world = World { values, is_oauth: fields.next().is_some() };

    for jinja in [false, true] {
        let grammar = Grammar { jinja, any_root: world.is_oauth };
        text(source, grammar, &world);
        json(source, grammar, &world);
        url(source, grammar, &world);
        // Few texts are JSON or a URL by chance: make some of each.
        json(&Value::from(vec![source]).to_string(), grammar, &world);
        url(&format!("https://example.com/{source}"), grammar, &world);
        url(&format!("http://@deviceIdentifier.example.com:8080/?q={source}#@topic"), grammar, &world);
    }
});

/// The text with a word taken out, also where taking it out makes a new one.
fn without(mut text: String, word: &str) -> String {
    while text.contains(word) {
        text = text.replace(word, "");
    }
    text
}

fn values(text: &str) -> Map<String, Value> {
    let values = match serde_json::from_str(text) {
        Ok(Value::Object(values)) => values,
        _ => variables::ALL.iter().map(|variable| (variable.name.to_owned(), Value::from(text))).collect(),
    };
    let mut baited: Map<String, Value> = values.into_iter().map(|(name, value)| (name, baited(value))).collect();
    baited.insert(CANARY_NAME.to_owned(), Value::from(CANARY));
    baited
}

/// The value, each of its texts asking for the canary.
fn baited(value: Value) -> Value {
    match value {
        Value::String(text) => Value::from(format!("{text}@{CANARY_NAME} @{CANARY_NAME}{{{{ {CANARY_NAME} }}}}")),
        Value::Array(items) => items.into_iter().map(baited).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (key, baited(value))).collect(),
        literal => literal,
    }
}

impl World {
    fn scope(&self) -> Scope<'_> {
        if self.is_oauth { Scope::default().with_oauth(&self.values) } else { Scope::new(self.values.clone()) }
    }

    /// The same hook at another event: every value that is not the hook's own is different.
    fn elsewhere(&self) -> Self {
        let other = |(name, value): (&String, &Value)| {
            let value = if HOOKS_OWN.contains(&name.as_str()) { value.clone() } else { Value::from("other") };
            (name.clone(), value)
        };
        Self { values: self.values.iter().map(other).collect(), is_oauth: self.is_oauth }
    }
}

fn text(source: &str, grammar: Grammar, world: &World) {
    let Ok(template) = Template::of_field("message", source, grammar) else { return };
    let scope = world.scope();
    let Ok(text) = Renderer::new(&scope).text(&template) else { return };
    assert!(text.len() <= OUTPUT_LIMIT);
    let is_plain = !source.contains('@') && !(grammar.jinja && source.contains('{'));
    assert!(!is_plain || text == source, "a text without a variable stays itself");
    assert!(!text.contains(CANARY), "a value was expanded: {text}");
}

fn json(source: &str, grammar: Grammar, world: &World) {
    let Ok(template) = JsonTemplate::parse_as("data", source, grammar) else { return };
    let scope = world.scope();
    let Ok(value) = template.render(&mut Renderer::new(&scope)) else { return };
    assert!(value.is_object() || !template.is_object());
    assert!(!contains_canary(&value), "a value was expanded: {value}");
    let Some(key) = template.snapshot_key().map(str::to_owned) else { return };
    let rest = template.without(&key).render(&mut Renderer::new(&scope)).expect("less is not more");
    assert!(rest.get(&key).is_none());
}

fn contains_canary(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(CANARY),
        Value::Array(items) => items.iter().any(contains_canary),
        Value::Object(fields) => fields.iter().any(|(key, value)| key.contains(CANARY) || contains_canary(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn url(source: &str, grammar: Grammar, world: &World) {
    let Ok(template) = UrlTemplate::parse_as(source, grammar) else { return };
    let Ok(url) = template.render(&mut Renderer::new(&world.scope())) else { return };
    assert!(matches!(url.scheme(), "http" | "https"));
    assert!(!url[Position::BeforePath..].contains(CANARY), "a value was expanded: {url}");
    // The keys of an OAuth answer are the hook's own, so they may stand in the host.
    if world.is_oauth {
        return;
    }
    let elsewhere = world.elsewhere();
    let Ok(other) = template.render(&mut Renderer::new(&elsewhere.scope())) else { return };
    assert_eq!(place(&url), place(&other), "an event's value chose where to send: {url} {other}");
}

/// Everything of a URL that says where a request goes and as whom.
fn place(url: &Url) -> &str {
    &url[..Position::BeforePath]
}
