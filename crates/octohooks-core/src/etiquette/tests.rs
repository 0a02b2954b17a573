//! Each case of etiquette one row: what a receiver answers, and what is understood.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

use super::{Circumstances, Meaning, Reading, StopAsked, Wait, may_be_about_message, parse_http_date, read};
use crate::attempt::{Answer, Attempt, Failure, FailureKind, Phases};
use crate::hook::ready::SuccessSign;
use crate::time::UnixMillis;

/// 2026-11-24T12:00:00Z.
const NOON: UnixMillis = UnixMillis(1_795_521_600_000);
const DATE: &str = "Date: Tue, 24 Nov 2026 12:00:00 GMT";

fn answer(status: u16, headers: &[&str], body: &str) -> Attempt {
    let mut map = HeaderMap::new();
    for header in headers {
        let (name, value) = header.split_once(": ").unwrap();
        map.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let answer = Answer {
        status,
        headers: map,
        body: Bytes::copy_from_slice(body.as_bytes()),
        truncated: false,
        redirects_followed: 0,
        redirect_refused: None,
    };
    Attempt { started: NOON, phases: Phases::default(), outcome: Ok(answer) }
}

fn failure(kind: FailureKind, connected: bool) -> Attempt {
    let phases = Phases { connect: connected.then_some(Duration::ZERO), ..Phases::default() };
    Attempt { started: NOON, phases, outcome: Err(Failure { kind, message: "It failed.".to_owned() }) }
}

/// In short: `delivered`, `not now`, …, then the pause in milliseconds or as a moment, then what is to stop.
fn in_short(reading: &Reading) -> String {
    let mut text = match &reading.meaning {
        Meaning::Delivered { .. } => "delivered",
        Meaning::NotNow { unsure: false, .. } => "not now",
        Meaning::NotNow { unsure: true, .. } => "not now, unsure",
        Meaning::TooMany { .. } => "too many",
        Meaning::Refused { .. } => "refused",
        Meaning::TokenRefused { .. } => "token refused",
        Meaning::ClockDoubtful { .. } => "clock doubtful",
        Meaning::Abandoned { .. } => "abandoned",
        Meaning::Unsendable { .. } => "unsendable",
        Meaning::Interrupted { fault: false, .. } => "interrupted",
        Meaning::Interrupted { fault: true, .. } => "fault",
    }
    .to_owned();
    if let Some(pause) = reading.pause {
        match pause.wait {
            Wait::For(span) => write!(text, "; {} {}", pause.source, span.as_millis()),
            Wait::Until(moment) => write!(text, "; {} until {}", pause.source, moment.rfc3339()),
        }
        .unwrap();
    }
    match reading.stop {
        Some(StopAsked::Gone) => text.push_str("; stop: gone"),
        Some(StopAsked::Disable) => text.push_str("; stop: disable"),
        None => {}
    }
    text
}

#[track_caller]
fn check(rows: &[(u16, &[&str], &str, &str)]) {
    for (status, headers, body, expected) in rows {
        let reading = read(&answer(*status, headers, body), Circumstances::default());
        assert_eq!(in_short(&reading), *expected, "{status} {headers:?} {body}");
    }
}

#[test]
fn statuses() {
    check(&[
        (200, &[], "", "delivered"),
        (204, &[], "", "delivered"),
        (302, &[], "", "delivered"),
        (399, &[], "", "delivered"),
        (400, &[], "", "refused"),
        (401, &[], "", "refused"),
        (403, &[], "", "refused"),
        (404, &[], "", "refused"),
        (405, &[], "", "refused"),
        (408, &[], "", "not now"),
        (410, &[], "", "abandoned; stop: gone"),
        (413, &[], "", "refused"),
        (422, &[], "", "refused"),
        (425, &[], "", "not now"),
        (429, &[], "", "too many"),
        (500, &[], "", "not now"),
        (501, &[], "", "not now"),
        (503, &[], "", "not now"),
        (511, &[], "", "not now"),
        (599, &[], "", "not now"),
        (101, &[], "", "not now"),
        (777, &[], "", "not now"),
    ]);
}

#[test]
fn retry_after_in_both_forms() {
    check(&[
        (429, &["Retry-After: 120"], "", "too many; Retry-After 120000"),
        (429, &["Retry-After: 3600"], "", "too many; Retry-After 3600000"),
        (429, &["Retry-After: 0"], "", "too many; Retry-After 0"),
        (429, &["Retry-After: 0.65"], "", "too many; Retry-After 650"),
        (503, &["Retry-After: 5"], "", "not now; Retry-After 5000"),
        (408, &["Retry-After: 5"], "", "not now; Retry-After 5000"),
        (413, &["Retry-After: 5"], "", "too many; Retry-After 5000"),
        (404, &["Retry-After: 5"], "", "refused; Retry-After 5000"),
        (200, &["Retry-After: 5"], "", "delivered"),
        (429, &["Retry-After: -5"], "", "too many"),
        (429, &["Retry-After: soon"], "", "too many"),
        (429, &["Retry-After: "], "", "too many"),
        (429, &["Retry-After: 99999999999999999999999999"], "", "too many; Retry-After 1000000000000000000"),
        (429, &["Retry-After: Tue, 24 Nov 2026 12:02:00 GMT"], "", "too many; Retry-After until 2026-11-24T12:02:00Z"),
        (429, &[DATE, "Retry-After: Tue, 24 Nov 2026 12:02:00 GMT"], "", "too many; Retry-After 120000"),
        (429, &[DATE, "Retry-After: Tuesday, 24-Nov-26 12:02:00 GMT"], "", "too many; Retry-After 120000"),
        (503, &[DATE, "Retry-After: Tue Nov 24 12:02:00 2026"], "", "not now; Retry-After 120000"),
        (503, &[DATE, "Retry-After: Tue, 24 Nov 2026 11:00:00 GMT"], "", "not now; Retry-After 0"),
    ]);
}

#[test]
fn rate_headers() {
    check(&[
        // The draft as it is, with one policy and with several.
        (429, &[r#"RateLimit: "default";r=0;t=30"#], "", "too many; RateLimit 30000"),
        (200, &[r#"RateLimit: "default";r=0;t=30"#], "", "delivered; RateLimit 30000"),
        (200, &[r#"RateLimit: "default";r=1;t=30"#], "", "delivered"),
        (200, &[r#"RateLimit: "burst";r=0;t=5, "daily";r=0;t=3600"#], "", "delivered; RateLimit 3600000"),
        (200, &[r#"RateLimit: "burst";r=0;t=5, "daily";r=9;t=3600"#], "", "delivered; RateLimit 5000"),
        (200, &[r#"RateLimit: "burst";r=0;t=5"#, r#"RateLimit: "daily";r=0;t=60"#], "", "delivered; RateLimit 60000"),
        (429, &[r#"RateLimit: "burst";r=3;t=5, "daily";r=9;t=3600"#], "", "too many; RateLimit 5000"),
        (200, &[r#"RateLimit: "a,b;c";r=0;t=7"#], "", "delivered; RateLimit 7000"),
        (
            200,
            &[r#"RateLimit: "a";r=0"#, r#"RateLimit-Policy: "b";q=1;w=9, "a";q=100;w=60"#],
            "",
            "delivered; RateLimit 60000",
        ),
        (200, &[r#"RateLimit: "a";r=0"#], "", "delivered"),
        // Its elder forms.
        (429, &["RateLimit: limit=100, remaining=0, reset=50"], "", "too many; RateLimit 50000"),
        (200, &["RateLimit: limit=100, remaining=5, reset=50"], "", "delivered"),
        (200, &["RateLimit-Remaining: 0", "RateLimit-Reset: 50"], "", "delivered; RateLimit 50000"),
        (200, &["RateLimit-Remaining: 1", "RateLimit-Reset: 50"], "", "delivered"),
        (429, &["RateLimit-Reset: 50"], "", "too many; RateLimit 50000"),
        // What everybody had before: seconds, a moment in seconds, in milliseconds, with a fraction.
        (200, &["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 50"], "", "delivered; X-RateLimit-Reset 50000"),
        (200, &["X-RateLimit-Remaining: 0"], "", "delivered"),
        (200, &["X-RateLimit-Reset: 50"], "", "delivered"),
        (429, &["X-RateLimit-Reset: 1795521660"], "", "too many; X-RateLimit-Reset until 2026-11-24T12:01:00Z"),
        (429, &[DATE, "X-RateLimit-Reset: 1795521660"], "", "too many; X-RateLimit-Reset 60000"),
        (429, &[DATE, "X-RateLimit-Reset: 1795521660.5"], "", "too many; X-RateLimit-Reset 60500"),
        (429, &[DATE, "X-RateLimit-Reset: 1795521660000"], "", "too many; X-RateLimit-Reset 60000"),
        (429, &["X-Rate-Limit-Reset: 7"], "", "too many; X-RateLimit-Reset 7000"),
        // GitHub says 403 and means the rate.
        (403, &["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 60"], "", "too many; X-RateLimit-Reset 60000"),
        (403, &["X-RateLimit-Remaining: 7", "X-RateLimit-Reset: 60"], "", "refused"),
        // Retry-After wins.
        (429, &["Retry-After: 2", r#"RateLimit: "a";r=0;t=30"#], "", "too many; Retry-After 2000"),
    ]);
}

#[test]
fn services_with_ways_of_their_own() {
    check(&[
        // Discord: the header, and the body only where there is none.
        (
            429,
            &["X-RateLimit-Remaining: 0", "X-RateLimit-Reset-After: 1.5"],
            r#"{"retry_after": 64.5}"#,
            "too many; X-RateLimit-Reset 1500",
        ),
        (
            429,
            &["Retry-After: 65"],
            r#"{"message": "…", "retry_after": 64.57, "global": true}"#,
            "too many; Retry-After 65000",
        ),
        (429, &[], r#"{"message": "…", "retry_after": 64.57, "global": true}"#, "too many; retry_after 64570"),
        (
            204,
            &["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1795521660.123", "X-RateLimit-Reset-After: 0.4"],
            "",
            "delivered; X-RateLimit-Reset 400",
        ),
        // Telegram.
        (429, &[], r#"{"ok":false,"error_code":429,"parameters":{"retry_after":35}}"#, "too many; retry_after 35000"),
        // Matrix.
        (429, &[], r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2000}"#, "too many; retry_after 2000"),
        (429, &[], r#"{"retry_after":"3"}"#, "too many; retry_after 3000"),
        (429, &[], r#"{"retry_after":-3}"#, "too many"),
        (429, &[], r#"{"retry_after":1"#, "too many"),
        (429, &[], "[1]", "too many"),
        (200, &[], r#"{"retry_after":35}"#, "delivered"),
    ]);
}

#[test]
fn receivers_control_what_comes_after() {
    check(&[
        (500, &["webhook-delivery: abort-message"], "", "abandoned"),
        (404, &["Webhook-Delivery: Abort-Message"], "", "abandoned"),
        (200, &["webhook-delivery: abort-message"], "", "delivered"),
        (200, &["webhook-delivery: disable"], "", "delivered; stop: disable"),
        (503, &["webhook-delivery: disable", "Retry-After: 5"], "", "abandoned; Retry-After 5000; stop: disable"),
        (410, &["webhook-delivery: disable"], "", "abandoned; stop: disable"),
        (500, &["webhook-delivery: something, abort-message"], "", "abandoned"),
        (500, &["webhook-delivery: later"], "", "not now"),
    ]);
}

#[test]
fn circumstances() {
    let stale = Circumstances { token_may_be_stale: true, ..Circumstances::default() };
    let doubtful = Circumstances { clock_was_doubtful: true, ..Circumstances::default() };
    let rows = [
        (401, stale, "token refused"),
        (403, stale, "refused"),
        (401, doubtful, "clock doubtful"),
        (400, doubtful, "clock doubtful"),
        (404, doubtful, "refused"),
        (200, doubtful, "delivered"),
    ];
    for (status, circumstances, expected) in rows {
        assert_eq!(in_short(&read(&answer(status, &[], ""), circumstances)), expected, "{status}");
    }
}

#[test]
fn failures() {
    let rows = [
        (FailureKind::NameNotFound, false, "not now"),
        (FailureKind::Unreachable, false, "not now"),
        (FailureKind::TimedOut, false, "not now"),
        (FailureKind::TimedOut, true, "not now, unsure"),
        (FailureKind::ConnectionReset, true, "not now, unsure"),
        (FailureKind::TlsFailed, true, "not now"),
        (FailureKind::CertificateExpired, true, "not now"),
        (FailureKind::CertificateUnknown, true, "unsendable"),
        (FailureKind::AddressRefused, false, "unsendable"),
        (FailureKind::CannotCompose, false, "unsendable"),
        (FailureKind::OauthRefused, false, "unsendable"),
        (FailureKind::OauthUnavailable, false, "not now"),
        (FailureKind::Stopped, false, "interrupted"),
        (FailureKind::Internal, false, "fault"),
    ];
    for (kind, connected, expected) in rows {
        assert_eq!(in_short(&read(&failure(kind, connected), Circumstances::default())), expected, "{kind:?}");
    }
}

#[test]
fn dates_that_are_none() {
    let near = UnixMillis(1_767_225_600_000);
    for text in [
        "",
        "now",
        "Tue, 32 Nov 2026 12:00:00 GMT",
        "Tue, 24 Nov 2026 25:00:00 GMT",
        "Tue, 24 Nov 2026 12:00 GMT",
        "Tue, 24 Nov 2026 12:00:00 +0100",
        "Tue, 24 Növ 2026 12:00:00 GMT",
        "2026-11-24T12:00:00Z",
    ] {
        assert_eq!(parse_http_date(text, near), None, "{text}");
    }
    let year_94 = UnixMillis(784_111_777_000);
    assert_eq!(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", near), Some(year_94));
    assert_eq!(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", near), Some(year_94));
    assert_eq!(parse_http_date("Sun Nov  6 08:49:37 1994", near), Some(year_94));
    assert_eq!(parse_http_date("Mon, 06 Nov 1994 08:49:60 GMT", near), Some(UnixMillis(784_111_799_000)));
}

proptest! {
    #[test]
    fn no_header_and_no_body_is_too_strange(
        status in any::<u16>(),
        retry_after in "[ -~]{0,30}", limit in "[ -~]{0,40}", reset in "[0-9.eE+-]{0,24}", body in ".{0,60}",
    ) {
        let headers = [
            format!("Retry-After: {retry_after}"), format!("RateLimit: {limit}"),
            format!("X-RateLimit-Reset: {reset}"), format!("Date: {retry_after}"), "X-RateLimit-Remaining: 0".to_owned(),
        ];
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        read(&answer(status, &headers, &body), Circumstances::default());
    }

    #[test]
    fn every_retry_after_is_obeyed_to_the_second(seconds in 0_u64..100_000) {
        let reading = read(&answer(429, &[&format!("Retry-After: {seconds}")], ""), Circumstances::default());
        prop_assert_eq!(reading.pause.unwrap().wait, Wait::For(Duration::from_secs(seconds)));
        let moment = NOON.plus(Duration::from_secs(seconds));
        let date = jiff::Timestamp::from_millisecond(moment.0).unwrap().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let reading = read(&answer(429, &[DATE, &format!("Retry-After: {date}")], ""), Circumstances::default());
        prop_assert_eq!(reading.pause.unwrap().wait, Wait::For(Duration::from_secs(seconds)));
    }
}

#[test]
fn what_may_be_about_a_message_that_is_gone() {
    let sign = SuccessSign { at: "/ok".into(), is: "true".into() };
    let about = |attempt: &Attempt| may_be_about_message(attempt.outcome.as_ref().unwrap(), Some(&sign));
    for status in [400, 403, 404, 405, 409, 410, 413, 422] {
        assert!(about(&answer(status, &[], "")), "{status}");
    }
    for status in [401, 407, 408, 425, 429, 500, 502, 503, 100] {
        assert!(!about(&answer(status, &[], "")), "{status}");
    }
    assert!(about(&answer(200, &[], r#"{"ok": false, "error": "message_not_found"}"#)));
    assert!(!about(&answer(200, &[], r#"{"ok": true}"#)));
    assert!(!may_be_about_message(answer(200, &[], "").outcome.as_ref().unwrap(), None));
    assert!(!about(&answer(403, &["Retry-After: 9"], "")));
    assert!(about(&answer(404, &["X-RateLimit-Remaining: 0", "X-RateLimit-Reset-After: 1"], "")));
    assert!(!about(&answer(404, &["webhook-delivery: disable"], "")));
}

#[test]
fn a_message_that_says_so_already_is_delivered_but_not_one_of_too_many() {
    let same = Circumstances { is_unchanged: true, ..Circumstances::default() };
    assert_eq!(in_short(&read(&answer(400, &[], ""), same)), "delivered");
    assert_eq!(in_short(&read(&answer(500, &[], ""), same)), "not now");
    assert_eq!(in_short(&read(&answer(429, &[], ""), Circumstances::default())), "too many");
}
