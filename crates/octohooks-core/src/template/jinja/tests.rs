//! Jinja by example, beside `@name`, and its bounds.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::filters;
use crate::hook::receiver::Markup;
use crate::template::{FILTERS, Grammar, JsonTemplate, RenderError, Renderer, Scope, Template, UrlError, UrlTemplate};

const JINJA: Grammar = Grammar { jinja: true, any_root: false };

fn scope() -> Scope<'static> {
    let Value::Object(values) = json!({
        "topic": "Print Done",
        "message": "{{ topic }} @topic",
        "extra": {"name": "a b.gcode", "bad": "@message {{ apiSecret }}{% if x %}", "list": [3, 1, 2]},
        "state": {"text": "Printing", "flags": {"printing": true}},
        "progress": {"completion": 42.37, "printTimeLeft": 4211.5},
        "percentCompleteMilestone": 40,
        "job": {"user": null, "file": {"name": "ä&b=c/d", "size": 2_415_919}},
        "apiSecret": "a_b*c",
        "currentTime": 1_795_525_200,
        "eta": "2026-11-24T15:10:11+01:00",
    }) else {
        unreachable!()
    };
    Scope::new(values).with_utc_offset(3600)
}

#[track_caller]
fn text_of(source: &str) -> Result<String, RenderError> {
    let scope = scope();
    Renderer::new(&scope).text(&Template::of_field("data", source, JINJA).unwrap())
}

#[track_caller]
fn check(source: &str, expected: &str) {
    assert_eq!(text_of(source).as_deref(), Ok(expected), "text of {source:?}");
}

#[test]
fn both_ways_of_writing_mix_wherever_they_stand() {
    check("{{ topic }}", "Print Done");
    check("@topic, {{ topic | upper }}: @percentCompleteMilestone %", "Print Done, PRINT DONE: 40 %");
    check(
        "{% if progress.completion > 40 %}@topic-x {{ topic }}{% else %}@message{% endif %}!",
        "Print Done-x Print Done!",
    );
    check("{% for n in extra.list | sort %}@topic{{ n }} {% endfor %}", "Print Done1 Print Done2 Print Done3 ");
    check("{% set m %}@topic{% endset %}{{ m | lower }}", "print done");
    check("{@topic} {{ '{' }}@topic}", "{Print Done} {Print Done}");
    check("{# @topic #}{{ topic }}@@topic me@state.gov @everyone\n", "Print Done@topic me@state.gov @everyone\n");
    check("{% raw %}{{ topic }} @topic{% endraw %}", "{{ topic }} @topic");
    check("{{ {'a': {'b': topic}}.a.b }}", "Print Done");
    check("{{ '}}' }}{{ \"%}\" }}", "}}%}");
    check("a {{- ' b ' -}} c", "a b c");
    check("{} { } {x} %} }} #}", "{} { } {x} %} }} #}");
}

#[test]
fn a_value_is_never_looked_at_again() {
    check("{{ message }}|@message", "{{ topic }} @topic|{{ topic }} @topic");
    check("{{ extra.bad }}@extra.bad", "@message {{ apiSecret }}{% if x %}@message {{ apiSecret }}{% if x %}");
    check("{% set x = message %}{{ x ~ message }}", "{{ topic }} @topic{{ topic }} @topic");
}

#[test]
fn what_is_not_there_is_nothing_and_can_be_replaced() {
    check("[{{ job.user }}{{ eta.nope.nope }}{{ meta }}{{ offsets.tool0 }}]", "[]");
    check("{{ job.user | default('nobody') }} {{ meta.x.y | default('none') }}", "nobody none");
    check("{{ meta.x | duration | default('soon') }}", "soon");
    check("{% if job.user %}a{% else %}b{% endif %}{% for x in meta.history %}{{ x }}{% endfor %}", "b");
    let error = text_of("Left: {{ meta.x / 60 }} min").unwrap_err().to_string();
    assert!(error.starts_with("{{ meta.x / 60 }} cannot be filled in: "), "{error}");
    assert!(text_of("{{ extra.name | duration }}").unwrap_err().to_string().contains("needs a number"));
}

#[test]
fn values_become_text_as_behind_an_at() {
    check("{{ state.flags }} {{ state.flags.printing }} {{ extra.list }}", r#"{"printing":true} true [3,1,2]"#);
    check("{{ progress.completion }} {{ 1 + 1 }} {{ 7 / 2 }} {{ none }}", "42.37 2 3.5 ");
}

#[test]
fn every_filter_gives_what_its_table_says() {
    let Value::Object(values) = json!({
        "currentTime": 1_795_525_200, "eta": "2026-11-24T15:10:11+00:00", "extra": {"name": "benchy.gcode"},
        "job": {"user": null, "file": {"name": "benchy_0.2mm.gcode"}},
    }) else {
        unreachable!()
    };
    let scope = Scope::new(values).with_utc_offset(3600);
    let utc = scope.clone().with_utc_offset(0);
    for filter in FILTERS {
        let template = Template::of_field("data", &format!("{{{{ {} }}}}", filter.written), JINJA).unwrap();
        // 13:00 UTC is 14:00 one hour east of it.
        let scope = if filter.written.contains("%A") { &utc } else { &scope };
        let text = Renderer::new(scope).text(&template).unwrap();
        assert_eq!(text, filter.gives, "{}", filter.written);
    }
}

#[test]
fn every_name_in_the_lists_exists() {
    for name in filters::NAMES {
        let source = format!("{{{{ '{name}' is filter }}}}");
        check(&source, "true");
    }
    for name in filters::TESTS.iter().filter(|name| name.chars().all(char::is_alphabetic)) {
        check(&format!("{{{{ '{name}' is test }}}}"), "true");
    }
    check("{{ 'debug' is test or 'pprint' is filter }}", "false");
}

#[test]
fn spans_sizes_times_and_rounding() {
    check(
        "{{ 59 | duration }} {{ 60 | duration }} {{ '3600' | duration }} {{ 93784 | duration }} {{ -61 | duration }}",
        "59s 1m 1h 0m 1d 2h -1m",
    );
    check("{{ 9 | duration('clock') }} {{ 360000 | duration('clock') }}", "0:00:09 100:00:00");
    check("{{ 1023 | size }} {{ 1024 | size }} {{ job.file.size | size }}", "1023 bytes 1.0 KB 2.3 MB");
    check(
        "{{ eta | time }} {{ currentTime | time('%H:%M:%S') }} {{ currentTime | date('%d.%m.%Y') }}",
        "15:10 14:00:00 24.11.2026",
    );
    check(
        "{{ 2.5 | round }} {{ 2.45 | round(1) }} {{ 41.9 | round(method='floor') }} {{ 1234 | round(-2) }}",
        "3 2.5 41 1200",
    );
    for wrong in
        ["{{ 5 | duration('x') }}", "{{ topic | time }}", "{{ currentTime | time('%Ä') }}", "{{ 5 | round(1, 'x') }}"]
    {
        assert!(text_of(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_whole_expression_in_json_keeps_its_type() {
    let scope = scope();
    let source = r#"{"n": "{{ progress.completion }}", "r": "{{ progress.completion | round }}", "b": "{{ state.flags.printing }}",
        "l": "{{ extra.list }}", "o": "{{ {'a': [topic]} }}", "t": "{{ topic }}", "nothing": "{{ meta.x }}", "null": "{{ none }}",
        "text": " {{ 1 }}", "mixed": "@topic {{ 1 }}", "at": "@percentCompleteMilestone", "c": "{{ 1 if topic == 'x' else 2 }}", "m": "{{- 5 -}}"}"#;
    let value = JsonTemplate::parse_as("data", source, JINJA).unwrap().render(&mut Renderer::new(&scope)).unwrap();
    assert_eq!(
        value,
        json!({"n": 42.37, "r": 42, "b": true, "l": [3, 1, 2], "o": {"a": ["Print Done"]}, "t": "Print Done", "nothing": "",
            "null": null, "text": " 1", "mixed": "Print Done 1", "at": 40, "c": 2, "m": 5})
    );
    let plain = JsonTemplate::parse("data", r#"{"a": "{{ topic }} @topic {%"}"#).unwrap();
    assert_eq!(plain.render(&mut Renderer::new(&scope)).unwrap(), json!({"a": "{{ topic }} Print Done {%"}));
}

#[test]
fn markup_is_escaped_but_for_what_a_filter_made() {
    let scope = scope();
    let html = |source: &str| {
        let template = Template::of_field("data", source, JINJA).unwrap();
        Renderer::new(&scope).escaping(Markup::Markdown).text(&template).unwrap()
    };
    assert_eq!(
        html("*{{ 'a_b' }}* {{ 'a_b' | safe }} {{ 'a_b' | markdown }} {{ apiSecret }}@apiSecret"),
        "*a\\_b* a_b a\\_b a_b*ca_b*c"
    );
    let value = JsonTemplate::parse_as("data", r#"["{{ 'a_b' }}", "{{ 'a_b' | safe }}"]"#, JINJA).unwrap();
    let value = value.render(&mut Renderer::new(&scope).escaping(Markup::Markdown)).unwrap();
    assert_eq!(value, json!(["a\\_b", "a_b"]));
}

#[test]
fn values_in_a_url_are_escaped_and_never_choose_where_to_send() {
    let scope = scope();
    let render = |source: &str| {
        UrlTemplate::parse_as(source, JINJA).and_then(|url| url.render(&mut Renderer::new(&scope))).map(String::from)
    };
    assert_eq!(
        render("http://h/{{ job.file.name }}?a=@topic&b={{ 1 + 1 }}").unwrap(),
        "http://h/%C3%A4%26b%3Dc%2Fd?a=Print%20Done&b=2"
    );
    assert_eq!(
        render("http://h/{{ 'a/b' | urlencode }}/{{ 'a/b%2Fc%' | safe }}").unwrap(),
        "http://h/a%2Fb/a%2Fb%2Fc%25"
    );
    assert_eq!(
        render("http://h/x{% if state.flags.printing %}/on?x={{ extra.list | join('&') }}{% endif %}#@topic-a")
            .unwrap(),
        "http://h/x/on?x=3%261%262#Print%20Done-a"
    );
    assert_eq!(render("http://h/a/{{ '..' }}/b"), Err(UrlError::DotSegment));
    assert_eq!(render("http://h/a/{% set x = '%2e' %}{{ x | safe }}{{ x | safe }}/b"), Err(UrlError::DotSegment));
    for host in [
        "http://{{ topic }}/",
        "http://{% if topic %}a{% endif %}/",
        "http://a{{ 1/2 }}/x",
        "http://u:{# x #}p@h/",
        "http://h{{ 1 }}",
    ] {
        assert_eq!(UrlTemplate::parse_as(host, JINJA).unwrap_err(), UrlError::JinjaInHost, "{host}");
    }
    assert_eq!(UrlTemplate::parse_as("{{ topic }}://h/", JINJA).unwrap_err(), UrlError::NoScheme);
    let wrong = UrlTemplate::parse_as(" http://h/ä{{ topi }}", JINJA).unwrap_err().in_field("url");
    assert_eq!((wrong.line, wrong.column), (Some(1), Some(15)));
}

#[track_caller]
fn refused(source: &str, line: usize, column: usize, message: &str) {
    let problem = Template::of_field("data", source, JINJA).unwrap_err();
    assert_eq!((problem.line, problem.column), (Some(line), Some(column)), "{source:?}: {}", problem.message);
    assert!(problem.message.contains(message), "{source:?}: {}", problem.message);
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    refused("ä {{ topi }}", 1, 6, "topi is not a variable. Is topic meant?");
    refused("a\nb @topic {{ topic | duratoin }}", 2, 21, "no filter duratoin. Is duration meant?");
    refused("{{ file.base", 1, 9, "unexpected end of input");
    refused("{{ topic is definde }}", 1, 13, "Is defined meant?");
    refused("{{ @topic }}", 1, 4, "without its @");
    refused("{{ snapshot }}", 1, 4, "snapshotBase64");
    refused("@topic @topic {{ topic }", 1, 24, "This is not Jinja");
    refused("@topic {% if topic %}x", 1, 22, "This is not Jinja");
    refused("@topic {% include 'x' %}", 1, 11, "This is not Jinja");
    refused("x {% filter nope %}{% endfilter %}", 1, 13, "no filter nope");
    refused("{{ 'it is fine | nope' }} {{ debug() }}", 1, 30, "debug is not a variable");
    let json = JsonTemplate::parse_as("data", "{\n  \"a\": [\"x\", \"\\u00e4\\n{{ topi }}\"]\n}", JINJA).unwrap_err();
    assert_eq!((json.line, json.column), (Some(2), Some(26)), "{}", json.message);
    let quotes = JsonTemplate::parse_as("data", r#"{"a": "{{ topic | default("x") }}"}"#, JINJA).unwrap_err();
    assert!(quotes.message.contains("single quotes"), "{}", quotes.message);
    let bare = JsonTemplate::parse_as("data", r#"{"a": {{ progress.completion }}}"#, JINJA).unwrap_err();
    assert!(bare.message.contains("quotation marks"), "{}", bare.message);
}

#[test]
fn with_oauth_any_name_may_be_one_of_the_answers() {
    let answer: Map<String, Value> = [("access_token".to_owned(), json!("tok"))].into_iter().collect();
    let scope = scope().with_oauth(&answer);
    let grammar = Grammar { any_root: true, ..JINJA };
    let template = Template::of_field("data", "Bearer {{ access_token }}{{ other }}", grammar).unwrap();
    let mut renderer = Renderer::new(&scope);
    assert_eq!(renderer.text(&template).unwrap(), "Bearer tok");
    assert_eq!(renderer.unknown(), ["other"]);
}

#[test]
fn work_and_output_are_bounded() {
    let doubling = "{% set x = 'xxxxxxxxxxxxxxxx' %}".to_owned() + &"{% set x = x ~ x %}".repeat(60) + "{{ x }}";
    let endless = "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}";
    let long = "{{ 'x' * 99999999 }}";
    for source in [doubling.as_str(), endless, long] {
        let started = Instant::now();
        let error = text_of(source).unwrap_err().to_string();
        assert!(error.contains("too much work"), "{error}");
        assert!(started.elapsed() < Duration::from_secs(20));
    }
    let hungry = vec!["{% for a in range(9000) %}{{ a }}{% endfor %}"; 100];
    let many = JsonTemplate::parse_as("data", &json!(hungry).to_string(), JINJA).unwrap();
    assert_eq!(many.render(&mut Renderer::new(&scope())), Err(RenderError::TooMuchWork));
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(5000), ")".repeat(5000));
    assert!(Template::of_field("data", &deep, JINJA).is_err());
}

proptest! {
    #[test]
    fn any_text_is_refused_or_renders(source in "(\\{\\{|\\}\\}|\\{%|%\\}|\\{#|#\\}| if | for |topic|@topic|[|'\"{}@. a-zäß\\n-]){0,14}") {
        let scope = scope();
        if let Ok(template) = Template::of_field("data", &source, JINJA) {
            let _rendered = Renderer::new(&scope).text(&template);
        }
        if let Ok(url) = UrlTemplate::parse_as(&format!("https://example.com/{source}"), JINJA)
            && let Ok(url) = url.render(&mut Renderer::new(&scope))
        {
            prop_assert_eq!(url.host_str(), Some("example.com"));
        }
    }

    #[test]
    fn a_text_without_tags_means_what_it_meant(source in "[^{]{0,60}") {
        prop_assert_eq!(Template::of_field("data", &source, JINJA).unwrap(), Template::parse(&source));
    }

    #[test]
    fn a_value_arrives_as_it_is(value in "\\PC{0,40}") {
        let scope = Scope::new([("extra".to_owned(), Value::String(value.clone()))].into_iter().collect());
        let template = Template::of_field("data", "{{ extra }}|@extra", JINJA).unwrap();
        prop_assert_eq!(Renderer::new(&scope).text(&template).unwrap(), format!("{value}|{value}"));
    }
}
