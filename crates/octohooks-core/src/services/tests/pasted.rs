//! Whole addresses, pasted where a part of them was asked for, or where it is not even known of which service they are.

use std::collections::BTreeMap;

use super::answers::answer;
use crate::services::recognise;

const TOKEN: &str = "123456789:AAFabcdefghijklmnopqrstuvwxyz012345";

#[test]
fn a_pasted_address_answers_several_questions() {
    let check = |key: &str, ask: &str, text: &str, expected: &[(&str, &str)]| {
        let filled = answer(key, &[(ask, text)], false, None);
        for (key, value) in expected {
            assert_eq!(filled.answers.get(*key).map(String::as_str), Some(*value), "{text}: {:?}", filled.answers);
        }
    };
    let address = format!("https://tg.example/bot{TOKEN}/sendMessage?chat_id=1");
    check("telegram", "token", &address, &[("token", TOKEN), ("server", "https://tg.example")]);
    check("telegram", "chat", &format!("tgram://{TOKEN}/12345/"), &[("token", TOKEN), ("chat", "12345")]);
    check("ntfy", "topic", "https://ntfy.sh/my-topic", &[("topic", "my-topic"), ("server", "https://ntfy.sh")]);
    check("gotify", "server", "http://h:8/g/message?token=AFk3", &[("server", "http://h:8/g"), ("token", "AFk3")]);
    check(
        "ifttt",
        "key",
        "https://maker.ifttt.com/trigger/printer/json/with/key/k-1",
        &[("event", "printer"), ("key", "k-1")],
    );
    check("gotify", "token", "gotifys://h/AFk3", &[("server", "https://h"), ("token", "AFk3")]);
    check("pushover", "token", "pover://u1@t1", &[("user", "u1"), ("token", "t1")]);
    check("bark", "device_key", "https://api.day.app/yn/hello", &[("device_key", "yn")]);
    check("home_assistant_notify", "target", "notify.mobile_app_x", &[("target", "mobile_app_x")]);
}

#[test]
fn a_pasted_address_names_its_service() {
    let discord = format!("https://discord.com/api/webhooks/1187654321098765432/{}", "k".repeat(68));
    for (text, expected) in [
        (discord.as_str(), Some("discord")),
        ("https://hooks.slack.com/services/T0123456/B0123456/abcdefghijklmnopqrstuvwx", Some("slack")),
        (&format!("tgram://{TOKEN}/1"), Some("telegram")),
        ("ntfys://my-topic", Some("ntfy")),
        ("https://hooks.zapier.com/hooks/catch/123/abc/", Some("zapier")),
        ("http://homeassistant.local:8123/api/webhook/x", Some("home_assistant_webhook")),
        ("https://chat.example.com/hooks/abcdefghijkl", Some("mattermost")),
        ("https://chat.example.com/hooks/65ab/abcdefghijkl", Some("rocket_chat")),
        ("https://example.com/", None),
        ("print", None),
        ("", None),
    ] {
        assert_eq!(recognise(text).map(|(service, _)| service.key.as_str()), expected, "{text}");
    }
    let (_, answers) = recognise(&format!("tgram://{TOKEN}/1")).unwrap();
    assert_eq!(answers, BTreeMap::from([("token".to_owned(), TOKEN.to_owned()), ("chat".to_owned(), "1".to_owned())]));
}
