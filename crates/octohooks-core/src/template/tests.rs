//! The grammar by example, and its promises for any text at all.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{JsonTemplate, Renderer, Scope, Template, UrlError, UrlTemplate};

fn scope() -> Scope<'static> {
    let Value::Object(values) = json!({
        "topic": "Print Done",
        "message": "It is @topic",
        "extra": {"name": "a b.gcode", "time": 1.5, "deep": {"list": [1, {"x": true}]}, "with-dash": "w"},
        "state": {"text": "Printing", "flags": {"printing": true}},
        "currentZ": null,
        "percentCompleteMilestone": 40,
        "meta": {"statistics": {}},
        "job": {"user": "..", "file": {"name": "ä&b=c"}},
    }) else {
        unreachable!()
    };
    Scope::new(values)
}

#[track_caller]
fn check(source: &str, expected: &str) {
    let scope = scope();
    let rendered = Renderer::new(&scope).text(&Template::parse(source)).unwrap();
    assert_eq!(rendered, expected, "text of {source:?}");
}

#[track_caller]
fn check_value(source: &str, expected: &Value) {
    let scope = scope();
    let rendered = Renderer::new(&scope).value(&Template::parse(source)).unwrap();
    assert_eq!(&rendered, expected, "value of {source:?}");
}

#[test]
fn variables_in_running_text() {
    check("@topic", "Print Done");
    check("@topic, then", "Print Done, then");
    check("@topic.", "Print Done.");
    check("@topic...", "Print Done...");
    check("@topic-@topic", "Print Done-Print Done");
    check("@topic-rest", "Print Done-rest");
    check("(@topic)", "(Print Done)");
    check("@extra.name!", "a b.gcode!");
    check("@extra.with-dash", "w");
    check("@extra.with-dash-more", "w-more");
    check("@extra.deep.list.1.x", "true");
    check("@extra.time seconds", "1.5 seconds");
    check("z=@currentZ.", "z=.");
    check("@meta.statistics.nope", "");
    check("[@meta.statistics.nope]", "[]");
    check("@state.flags", r#"{"printing":true}"#);
}

#[test]
fn what_is_text_stays_text() {
    check("me@state.gov", "me@state.gov");
    check("@everyone", "@everyone");
    check("hi @everyone, @topic", "hi @everyone, Print Done");
    check("@@topic", "@topic");
    check("a @@ b @", "a @ b @");
    check("@-topic", "@-topic");
    check("http://user:pass@host/", "http://user:pass@host/");
    check("@Topic", "@Topic");
}

#[test]
fn a_value_is_never_looked_at_again() {
    check("@message", "It is @topic");
}

#[test]
fn a_whole_string_keeps_its_type() {
    check_value("@percentCompleteMilestone", &json!(40));
    check_value("@state.flags", &json!({"printing": true}));
    check_value("@state.flags.printing", &json!(true));
    check_value("@currentZ", &Value::Null);
    check_value("@nothing", &json!(""));
    check_value("@meta.statistics.nope", &json!(""));
    check_value("@percentCompleteMilestone %", &json!("40 %"));
}

#[test]
fn with_oauth_unknown_names_are_nothing_and_reported() {
    let Value::Object(answer) = json!({"access_token": "t", "access-token": "d", "topic": "shadow"}) else {
        unreachable!()
    };
    let scope = scope().with_oauth(&answer);
    let mut renderer = Renderer::new(&scope);
    assert_eq!(renderer.text(&Template::parse("Bearer @access_token")).unwrap(), "Bearer t");
    assert_eq!(renderer.text(&Template::parse("Bearer @access-token")).unwrap(), "Bearer d");
    assert_eq!(renderer.text(&Template::parse("@topic @nothing.")).unwrap(), "shadow .");
    assert_eq!(renderer.unknown(), ["nothing"]);
}

#[test]
fn json_of_any_shape_and_broken_json_with_its_place() {
    let template = JsonTemplate::parse("data", r#"[{"a": "@topic", "@topic": ["x @currentZ"]}, 1, null]"#).unwrap();
    let scope = scope();
    assert_eq!(
        template.render(&mut Renderer::new(&scope)).unwrap(),
        json!([{"a": "Print Done", "@topic": ["x "]}, 1, null])
    );
    let problem = JsonTemplate::parse("data", "{\n  \"ä\": 1,\n}").unwrap_err();
    assert_eq!((problem.line, problem.column), (Some(3), Some(1)));
    assert!(problem.message.contains("comma"), "{}", problem.message);
}

#[test]
fn the_snapshot_stands_on_the_first_level_only() {
    let template = JsonTemplate::parse("data", r#"{"a": 1, "pic": "@snapshot", "deep": {"x": "@snapshot"}}"#).unwrap();
    assert_eq!(template.snapshot_key(), Some("pic"));
    assert_eq!(JsonTemplate::parse("data", r#"{"deep": {"x": "@snapshot"}}"#).unwrap().snapshot_key(), None);
}

#[track_caller]
fn check_url(source: &str, expected: &str) {
    let scope = scope();
    let url = UrlTemplate::parse(source).unwrap().render(&mut Renderer::new(&scope)).unwrap();
    assert_eq!(url.as_str(), expected);
}

#[test]
fn values_in_a_url_are_escaped_for_their_place() {
    check_url("http://h/@topic", "http://h/Print%20Done");
    check_url("http://h/?a=@topic&b=@extra.name", "http://h/?a=Print%20Done&b=a%20b.gcode");
    check_url("http://h/x?f=@job.file.name", "http://h/x?f=%C3%A4%26b%3Dc");
    check_url("http://user:pass@h:8123/a%20b%zz", "http://user:pass@h:8123/a%20b%25zz");
}

#[test]
fn an_event_never_chooses_where_to_send() {
    assert!(matches!(UrlTemplate::parse("http://@topic/x"), Err(UrlError::VariableInHost(_))));
    assert!(UrlTemplate::parse("http://h@@extra.name/x").is_ok());
    assert_eq!(UrlTemplate::parse("example.com/x"), Err(UrlError::NoScheme));
    assert_eq!(UrlTemplate::parse(" "), Err(UrlError::Empty));
    assert_eq!(UrlTemplate::parse("ftp://h/"), Err(UrlError::Scheme("ftp".into())));
    let scope = scope();
    let url = UrlTemplate::parse("http://h/a/@job.user/b").unwrap();
    assert_eq!(url.render(&mut Renderer::new(&scope)), Err(UrlError::DotSegment));
}

#[test]
fn a_hooks_own_value_cannot_end_the_host_and_oauth_chooses_none() {
    let render = |source: &str, device: &str, oauth: Value| {
        let Value::Object(answer) = oauth else { unreachable!() };
        let Value::Object(values) = json!({"deviceIdentifier": device}) else { unreachable!() };
        let scope = Scope::new(values).with_oauth(&answer);
        UrlTemplate::parse(source).unwrap().render(&mut Renderer::new(&scope)).map(String::from)
    };
    assert_eq!(render("http://@deviceIdentifier.lan/", "left", json!({})).unwrap(), "http://left.lan/");
    assert_eq!(render("http://@deviceIdentifier/", "10.0.0.2:8080", json!({})).unwrap(), "http://10.0.0.2:8080/");
    assert!(render("https://@deviceIdentifier:x@good.example/", "evil.example/", json!({})).is_err());
    assert!(render("https://@deviceIdentifier.good.example/", "evil.example/?", json!({})).is_err());
    let shadow = json!({"deviceIdentifier": "evil.example", "h": "evil.example/"});
    assert_eq!(render("http://@deviceIdentifier.lan/", "left", shadow.clone()).unwrap(), "http://left.lan/");
    assert_eq!(render("https://@h:x@good.example/", "left", shadow).unwrap(), "https://%40h:x@good.example/");
}

proptest! {
    #[test]
    fn any_text_parses_and_renders(source in "\\PC{0,60}") {
        let scope = scope();
        let _rendered = Renderer::new(&scope).text(&Template::parse(&source)).unwrap();
    }

    #[test]
    fn text_without_an_at_is_itself(source in "[^@]{0,60}") {
        let scope = scope();
        prop_assert_eq!(Renderer::new(&scope).text(&Template::parse(&source)).unwrap(), source);
    }

    #[test]
    fn a_value_arrives_as_it_is(value in "\\PC{0,40}", before in "[^@A-Za-z0-9]{0,10}", after in "( \\PC{0,10})?") {
        prop_assume!(!after.contains('@') && !before.chars().any(char::is_alphanumeric));
        let mut values = Map::new();
        values.insert("extra".into(), Value::String(value.clone()));
        let scope = Scope::new(values);
        let source = format!("{before}@extra{after}");
        prop_assert_eq!(Renderer::new(&scope).text(&Template::parse(&source)).unwrap(), format!("{before}{value}{after}"));
    }

    /// 4.4.0 took a name up to the next blank: such a text means the same here.
    #[test]
    fn the_old_grammar_is_a_part_of_this_one(words in proptest::collection::vec("[a-z]{1,8}|@topic|@percentCompleteMilestone|@extra\\.name", 0..8)) {
        let source = words.join(" ");
        let expected: Vec<_> = words.iter().map(|word| match word.as_str() {
            "@topic" => "Print Done",
            "@percentCompleteMilestone" => "40",
            "@extra.name" => "a b.gcode",
            other => other,
        }).collect();
        let scope = scope();
        prop_assert_eq!(Renderer::new(&scope).text(&Template::parse(&source)).unwrap(), expected.join(" "));
    }

    #[test]
    fn no_url_changes_its_host(value in "\\PC{0,30}") {
        let mut values = Map::new();
        values.insert("extra".into(), Value::String(value));
        let scope = Scope::new(values);
        if let Ok(url) = UrlTemplate::parse("https://example.com/a/@extra?x=@extra#@extra").unwrap().render(&mut Renderer::new(&scope)) {
            prop_assert_eq!(url.host_str(), Some("example.com"));
            prop_assert!(url.path().starts_with("/a/"));
        }
    }
}
