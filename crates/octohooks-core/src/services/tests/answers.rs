//! Answers: checked, encoded for where they stand, and never more than data.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::hook::HookConfig;
use crate::ids::HookId;
use crate::services::{Filled, Wish, by_key, fill};
use crate::time::UnixMillis;
use crate::topic::Topic;

pub(super) fn answer(key: &str, answers: &[(&str, &str)], picture: bool, events: Option<Vec<Topic>>) -> Filled {
    let answers: BTreeMap<_, _> = answers.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
    fill(
        by_key(key).unwrap(),
        &Wish { answers, picture, events, ..Wish::default() },
        HookId::new(UnixMillis(1), &[1; 10]),
    )
}

fn hook(key: &str, answers: &[(&str, &str)]) -> HookConfig {
    let filled = answer(key, answers, false, None);
    assert_eq!(filled.remarks, []);
    filled.hook.unwrap()
}

fn data(config: &HookConfig) -> Value {
    serde_json::from_str(&config.data).unwrap()
}

const TOKEN: &str = "123456789:AAFabcdefghijklmnopqrstuvwxyz012345";

#[test]
fn an_at_in_an_answer_begins_no_variable() {
    let config = hook("telegram", &[("token", TOKEN), ("chat", "@topic")]);
    assert_eq!(data(&config)["chat_id"], "@@topic");
    let config =
        hook("node_red", &[("address", "https://me:p@topic@h/x"), ("user", "@topic"), ("password", "\"{user}")]);
    assert_eq!(config.url, "https://me:p@@topic@@h/x");
    assert_eq!(config.api_secret.expose(), "QHRvcGljOiJ7dXNlcn0=");
    let config = hook("home_assistant_webhook", &[("webhook", "http://h:8123/ha/api/webhook/a%40topic%2Fb")]);
    assert_eq!(
        (config.url.as_str(), config.api_secret.expose()),
        ("http://h:8123/ha/api/webhook/@apiSecret", "a@topic/b")
    );
}

#[test]
fn a_brace_in_an_answer_begins_no_tag() {
    let config = hook("mattermost", &[("webhook", "https://h/hooks/abcdefghij1"), ("channel", "{{{#a%}}")]);
    assert!(config.jinja, "as in each new hook");
    assert_eq!(data(&config)["channel"], "{{ '{{' }}{{ '{#' }}a%}}");
    let config = hook("signal", &[("server", "http://h"), ("number", "+491511234"), ("recipients", "{{a}}, b")]);
    assert_eq!(data(&config)["recipients"], json!(["{{ '{{' }}a}}", "b"]));
    let config = hook("node_red", &[("address", "https://h/{{x}}/{%41?{#"), ("user", "u"), ("password", "p")]);
    assert_eq!(config.url, "https://h/%7B%7Bx}}/%7B%41?%7B#");
}

#[test]
fn answers_are_encoded_for_where_they_stand() {
    let config =
        hook("matrix", &[("server", "https://m.example/"), ("room", "!a/?#%b@c:m.example"), ("token", "syt_12345678")]);
    assert_eq!(
        config.url,
        "https://m.example/_matrix/client/v3/rooms/%21a%2F%3F%23%25b%40c%3Am.example/send/m.room.message/@deliveryId"
    );
    let config = hook("mattermost", &[("webhook", "https://h/hooks/abcdefghij1"), ("channel", "a\"b\\c{token}")]);
    assert_eq!(data(&config)["channel"], "a\"b\\c{token}", "an answer holds no places of its own");
}

#[test]
fn numbers_lists_and_truth_values_are_such_and_what_is_empty_is_left_out() {
    let config = hook("telegram", &[("token", TOKEN), ("chat", "-100"), ("thread", "42")]);
    assert_eq!(data(&config), json!({"chat_id": "-100", "message_thread_id": 42, "text": "@topic\n@message"}));
    let config = hook("telegram", &[("token", TOKEN), ("chat", "1"), ("thread", " ")]);
    assert_eq!(data(&config), json!({"chat_id": "1", "text": "@topic\n@message"}));
    let config =
        hook("signal", &[("server", "http://h"), ("number", "+491511234"), ("recipients", "+4915, group.a@b ;+4916,")]);
    assert_eq!(data(&config)["recipients"], json!(["+4915", "group.a@@b", "+4916"]));
    let config = hook("wled", &[("server", "http://h"), ("action", "false")]);
    assert_eq!(data(&config), json!({"on": false}));
    let config = hook("ntfy", &[("topic", "t")]);
    assert_eq!((config.headers.as_str(), config.api_secret.is_set()), ("{}", false));
    let config = hook("ntfy", &[("topic", "t"), ("token", "tk_x")]);
    assert_eq!(config.headers, "{\n  \"Authorization\": \"Bearer @apiSecret\"\n}");
}

#[test]
fn a_wrong_answer_is_told_at_its_question_and_makes_no_hook() {
    let check = |key: &str, answers: &[(&str, &str)], ask: &str, part: &str| {
        let filled = answer(key, answers, false, None);
        let found = filled.remarks.iter().find(|remark| remark.ask == ask).unwrap_or_else(|| panic!("{key}.{ask}"));
        assert!(found.message.contains(part), "{key}.{ask}: {}", found.message);
        assert!(filled.hook.is_none());
        for (_, text) in answers.iter().filter(|(_, text)| text.len() > 3) {
            assert!(!found.message.contains(text), "{} repeats an answer", found.message);
        }
    };
    check("telegram", &[("token", "secret-token"), ("chat", "1")], "token", "a colon");
    check("telegram", &[("token", TOKEN)], "chat", "still to be filled in");
    check("telegram", &[("token", TOKEN), ("chat", "1"), ("thread", "4.2")], "thread", "whole number");
    check("telegram", &[("token", TOKEN), ("chat", "1"), ("server", "ftp://h")], "server", "address of the server");
    check("discord", &[("webhook", "https://discord.com/channels/1/2")], "webhook", "Copy the whole");
    check("discord", &[("webhook", "https://discord.com/api/webhooks/1187654321098765432/short")], "webhook", "whole");
    check("mattermost", &[("webhook", "nowhere/hooks/abcdefghij1")], "webhook", "https://SERVER");
    check("gotify", &[("server", "http://h?x=1"), ("token", "AFk3xxxxxxx")], "server", "address of the server");
    check("gotify", &[("server", "http://h"), ("token", "AFk3\nxxxxxxx")], "token", "line break");
    check("prowl", &[("apikey", &"a".repeat(40)), ("priority", "9")], "priority", "Choose one");
    check("ntfy", &[("topic", &"t".repeat(3000))], "topic", "too long");
}

#[test]
fn events_are_those_that_were_asked_for() {
    let filled = answer("ntfy", &[("topic", "t")], false, Some(vec![Topic::PrintProgress])).hook.unwrap();
    let enabled: Vec<_> = filled.events.iter().filter(|(_, event)| event.enabled).map(|(topic, _)| *topic).collect();
    assert_eq!(enabled, [Topic::PrintProgress]);
    assert_eq!(filled.events[&Topic::PrintDone].message, "Your print is done.");
}

#[test]
fn a_picture_changes_what_it_has_to_and_leaves_the_rest() {
    let filled = answer("telegram", &[("token", TOKEN), ("chat", "1")], true, None).hook.unwrap();
    assert!(filled.url.ends_with("/sendPhoto") && filled.receiver.without_picture_url.ends_with("/sendMessage"));
    assert_eq!((filled.receiver.message_limit, filled.receiver.success_at.as_str()), (1000, "/ok"));
    let none = answer("gotify", &[("server", "http://h"), ("token", "AFk3xxxxxxx")], true, None).hook.unwrap();
    assert!(!none.data.contains("snapshot"), "a service that takes none gets none");
}
