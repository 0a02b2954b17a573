//! Every starting point is a hook that would be accepted, once its blanks are filled in.

use serde_json::{Value, json};

use super::{FILES, StartingPoint, all};
use crate::hook::HookConfig;
use crate::template::{JsonTemplate, Template, UrlTemplate};
use crate::topic::Topic;
use crate::variables;

/// What an OAuth server answers with.
const OAUTH_ANSWER: [&str; 4] = ["access_token", "token_type", "expires_in", "refresh_token"];

fn hook_of(point: &StartingPoint) -> HookConfig {
    let mut hook = point.hook.clone();
    hook["id"] = json!("019ab6f0-7c1e-7000-8000-000000000001");
    serde_json::from_value(hook).unwrap_or_else(|error| panic!("{}: {error}", point.key))
}

#[track_caller]
fn assert_variables_are_known(hook: &HookConfig, template: &Template) {
    for name in template.names() {
        let root = name.split('.').next().unwrap();
        let known = variables::is_built_in(root) || hook.oauth.enabled && OAUTH_ANSWER.contains(&root);
        assert!(known, "{}: @{name}", hook.name);
    }
}

#[test]
fn every_file_is_read_and_is_whole() {
    let points = all();
    assert_eq!(points.len(), FILES.len());
    for point in &points {
        let hook = hook_of(point);
        assert!(!point.description.is_empty() && hook.name == point.name);
        assert_eq!(hook.events.len(), Topic::ALL.len(), "{}", point.key);
        assert!(point.hook.get("api_secret").is_none() && point.hook.get("id").is_none());
    }
}

#[test]
fn headers_and_data_are_json_with_known_variables() {
    for point in all() {
        let hook = hook_of(&point);
        let headers = JsonTemplate::parse("headers", &hook.headers).unwrap();
        let data = JsonTemplate::parse("data", &hook.data).unwrap();
        assert!(headers.is_object() && data.is_object(), "{}", point.key);
        for (_, template) in headers.templates().into_iter().chain(data.templates()) {
            assert_variables_are_known(&hook, template);
        }
        for subscription in hook.events.values() {
            assert_variables_are_known(&hook, &Template::parse(&subscription.message));
        }
        assert!(JsonTemplate::parse("oauth.headers", &hook.oauth.headers).unwrap().is_object(), "{}", point.key);
        assert!(JsonTemplate::parse("oauth.data", &hook.oauth.data).unwrap().is_object(), "{}", point.key);
    }
}

#[test]
fn a_url_that_is_given_parses() {
    for point in all() {
        let hook = hook_of(&point);
        for url in [&hook.url, &hook.oauth.url].into_iter().filter(|url| !url.is_empty()) {
            UrlTemplate::parse(url).unwrap_or_else(|error| panic!("{}: {error}", point.key));
        }
    }
}

#[test]
fn only_the_one_with_a_picture_has_a_picture() {
    let with_picture: Vec<String> = all()
        .into_iter()
        .filter(|point| JsonTemplate::parse("data", &hook_of(point).data).unwrap().snapshot_key().is_some())
        .map(|point| point.key)
        .collect();
    assert_eq!(with_picture, ["snapshot"]);
}

#[test]
fn keys_are_unique_and_a_draft_has_no_notes() {
    let points = all();
    let keys: std::collections::BTreeSet<_> = points.iter().map(|point| &point.key).collect();
    assert_eq!(keys.len(), points.len());
    assert!(points.iter().all(|point| point.hook.get("notes").is_none_or(Value::is_null)));
}
