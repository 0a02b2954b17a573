//! What `octohooks listen` shows, answers, saves, and refuses.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::listener::{Ending, Listener, answer};

/// The smallest that has dimensions; not a picture that anything could show.
const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0\0\x04ab\xFF\xC0\0\x0B\x08\x04\xD0\x06\x68\x01\0\0\0\xFF\xDA\xFF\xD9";

/// Sends one request to a listener that ends after it, and gives what was shown.
fn shown(arguments: &[&str], head: &str, body: &[u8]) -> String {
    let listener = Listener::start(&[arguments, &["--count", "1"]].concat());
    let answer = listener.send(head, body);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let Ending { output, status } = listener.end();
    assert!(status.success());
    output
}

fn json_of(arguments: &[&str], head: &str, body: &[u8]) -> Value {
    serde_json::from_str(&shown(&[arguments, &["--json"]].concat(), head, body)).unwrap()
}

fn multipart() -> Vec<u8> {
    let head =
        b"--b\r\nContent-Disposition: form-data; name=\"data\"\r\nContent-Type: application/json\r\n\r\n{\"a\":1}";
    let picture = b"\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../snap shot.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n";
    [head.as_slice(), picture, JPEG, b"\r\n--b--\r\n"].concat()
}

fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap();
    names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn json_is_indented_and_otherwise_as_it_came() {
    let head = "POST /hook?id=1&name=a%20b HTTP/1.1\r\nContent-Type: application/json";
    let output = shown(&[], head, br#"{"topic":"Print Done","n":1.50,"list":[],"n":2}"#);
    let expected = "  body  application/json, 47 bytes\n    {\n      \"topic\": \"Print Done\",\n      \"n\": 1.50,\n      \"list\": [],\n      \"n\": 2\n    }\n  answered 200 OK\n";
    assert!(output.contains(expected), "{output}");
    assert!(output.contains("  POST /hook  #1, from 127.0.0.1:"), "{output}");
    assert!(output.contains("  query\n    id    1\n    name  a b\n  headers\n    content-type    application/json\n"));
    assert!(!output.contains('\u{1B}'), "no colours without a terminal");
}

#[test]
fn a_form_is_a_table() {
    let head = "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8";
    let output = shown(&[], head, b"topic=Print+Done&extra=%7B%22a%22%3A1%7D&x=a%0Ab");
    assert!(output.contains("\n    topic  Print Done\n    extra  {\"a\":1}\n    x      a\\nb\n"), "{output}");
}

#[test]
fn a_get_has_a_query_and_no_body() {
    let listener = Listener::start(&["--count", "1"]);
    listener.send_bytes(b"GET /?a=1&a=2 HTTP/1.1\r\nHost: printer\r\nConnection: close\r\n\r\n");
    let output = listener.end().output;
    assert!(output.contains("  query\n    a  1\n    a  2\n"), "{output}");
    assert!(output.contains("  body\n    (empty)\n"), "{output}");
}

#[test]
fn parts_are_shown_and_a_picture_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let save = folder.path().join("made/here");
    let head = "POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=\"b\"";
    let output = shown(&["--save", save.to_str().unwrap()], head, &multipart());
    assert!(output.contains("    data  application/json, 7 bytes\n      {\n        \"a\": 1\n      }\n"), "{output}");
    let [file] = files(&save).try_into().unwrap();
    assert!(file.ends_with("-snap_shot.jpg"), "{file}");
    assert_eq!(std::fs::read(save.join(&file)).unwrap(), JPEG);
    let size = JPEG.len();
    let expected = format!(
        "    file  image/jpeg, {size} bytes, file ../snap shot.jpg\n      JPEG picture, 1640×1232, {size} bytes, saved as {}\n",
        save.join(&file).display()
    );
    assert!(output.contains(&expected), "{output}");
}

#[test]
fn a_picture_may_be_the_whole_body() {
    let folder = tempfile::tempdir().unwrap();
    let save = folder.path().to_str().unwrap();
    let line = json_of(&["--save", save], "PUT /topic HTTP/1.1\r\nContent-Type: image/jpeg", JPEG);
    let [file] = files(folder.path()).try_into().unwrap();
    assert!(file.ends_with("-picture.jpg"));
    assert_eq!(line["saved"], folder.path().join(file).to_str().unwrap());
    assert_eq!(line["body_base64"], "/9j/4AAEYWL/wAALCATQBmgBAAAA/9r/2Q==");
}

#[test]
fn scripts_get_one_object_per_line() {
    let listener = Listener::start(&["--json", "--count", "2"]);
    listener.send("POST /a?b=%20 HTTP/1.1\r\nX-Twice: 1\r\nX-Twice: 2", "Grüße\u{1B}[31m\u{9B}\u{202E}".as_bytes());
    let raw = listener.line();
    assert!(raw.chars().all(|character| !character.is_control() && character != '\u{202E}'), "{raw}");
    let line: Value = serde_json::from_str(&raw).unwrap();
    assert_eq!(line["method"], "POST");
    assert_eq!(line["target"], "/a?b=%20");
    assert_eq!(line["body"], "Grüße\u{1B}[31m\u{9B}\u{202E}");
    assert_eq!(line["headers"][0], json!(["x-twice", "1"]));
    assert_eq!(line["headers"][1], json!(["x-twice", "2"]));
    assert!(line["at"].as_str().is_some_and(|at| at.len() == "2026-11-24T12:54:17.123+01:00".len()), "{raw}");

    listener.send("POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b", &multipart());
    let line: Value = serde_json::from_str(&listener.end().output).unwrap();
    assert_eq!(
        line["parts"][0],
        json!({"name": "data", "filename": null, "content_type": "application/json", "body": "{\"a\":1}"})
    );
    assert_eq!(line["parts"][1]["filename"], "../snap shot.jpg");
    assert_eq!(line["parts"][1]["body_base64"], "/9j/4AAEYWL/wAALCATQBmgBAAAA/9r/2Q==");
    assert_eq!(line.get("body"), None);
}

#[test]
fn nothing_that_arrives_controls_the_terminal() {
    let escape = "\u{1B}]0;title\u{7}\u{1B}[2J\u{9B}31m\u{202E}";
    let disposition = format!("form-data; name=\"{escape}\"; filename=\"{escape}.txt\"");
    let text_part = format!(
        "--b\r\nContent-Disposition: {disposition}\r\nContent-Type: {escape}\r\n\r\n{escape}\n{escape}\r\n--b--"
    );
    for (content_type, body) in [
        ("text/plain", escape.to_owned()),
        ("application/json", format!("{escape} is no JSON")),
        ("application/json", "{\"a\":\"\u{9B}\u{202E}\u{7F}\",\"b\":\"\\u001b[2J\"}".to_owned()),
        ("application/x-www-form-urlencoded", "a=%1B%5B2J&%07=%C2%9B%E2%80%AE".to_owned()),
        ("multipart/form-data; boundary=b", text_part),
        ("multipart/form-data; boundary=c", escape.to_owned()),
    ] {
        let head = format!("POST /?%1B=%1B HTTP/1.1\r\nX-Name: a\u{9B}b\u{202E}\r\nContent-Type: {content_type}");
        let output = shown(&[], &head, body.as_bytes());
        let is_harmless = |character: char| character == '\n' || !character.is_control() && character != '\u{202E}';
        assert!(output.chars().all(is_harmless), "{output:?}");
    }
}

#[test]
fn what_is_not_what_it_says_is_shown_with_the_reason() {
    let output = shown(&[], "POST / HTTP/1.1\r\nContent-Type: application/json", b"{\"a\":1,}");
    assert!(
        output.contains("    It is not right as JSON: key must be a string at line 1 column 8.\n    {\"a\":1,}\n"),
        "{output}"
    );
    let output = shown(&[], "POST / HTTP/1.1\r\nContent-Type: multipart/form-data", b"text");
    assert!(output.contains("the header does not say which boundary separates its parts.\n    text\n"), "{output}");
}

#[test]
fn a_form_of_endless_fields_is_shown_as_it_is() {
    let head = "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded";
    let output = shown(&[], head, "a&".repeat(1001).as_bytes());
    assert!(output.contains("    It has more than 1000 fields, so it is shown as it is.\n    a&a&a&"), "{output}");
}

#[test]
fn bytes_that_are_no_text_show_their_beginning() {
    let output = shown(&[], "POST / HTTP/1.1", &[0xFE; 100]);
    assert!(output.contains(&format!("    not text: {} …\n", ["fe"; 32].join(" "))), "{output}");
}

#[test]
fn long_bodies_are_cut_for_people_and_whole_for_scripts() {
    let body = "x".repeat(200_000);
    let output = shown(&[], "POST / HTTP/1.1", body.as_bytes());
    assert!(output.len() < 70_000 && output.contains("… (cut here; --json prints all of it)"));
    assert_eq!(json_of(&[], "POST / HTTP/1.1", body.as_bytes())["body"], body);
}

#[test]
fn the_status_can_be_chosen_for_each_path() {
    let listener = Listener::start(&["--status", "204", "--status-for", "/broken=500", "--status-for", "/a=b=404"]);
    assert!(listener.send("POST /any HTTP/1.1", b"").starts_with("HTTP/1.1 204 No Content\r\n"));
    assert!(listener.send("POST /broken?x=1 HTTP/1.1", b"").starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
    assert!(listener.send("POST /a=b HTTP/1.1", b"").starts_with("HTTP/1.1 404 Not Found\r\n"));
    assert!(listener.send("POST /broken/not HTTP/1.1", b"").starts_with("HTTP/1.1 204 No Content\r\n"));
}

#[test]
fn a_body_that_is_announced_too_large_is_refused_and_shown() {
    let listener = Listener::start(&["--json", "--count", "1"]);
    let answer = listener.send_bytes(b"POST /huge HTTP/1.1\r\nHost: printer\r\nContent-Length: 26214401\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{answer}");
    let line: Value = serde_json::from_str(&listener.line()).unwrap();
    assert_eq!((&line["target"], &line["refused"]), (&json!("/huge"), &json!("the body is larger than 25 MiB")));
    // It does not count: the next one is the first.
    listener.send("POST /small HTTP/1.1", b"");
    assert!(listener.end().output.contains("/small"));
}

#[test]
fn a_body_that_grows_too_large_is_refused() {
    let listener = Listener::start(&[]);
    let mut stream = listener.connect();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: printer\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    // 26 chunks of 1 MiB, and no end: the answer comes before that.
    let chunk = [b"100000\r\n".as_slice(), &vec![b'x'; 1 << 20], b"\r\n"].concat();
    for _ in 0..26 {
        // The last ones may meet a closed door.
        if stream.write_all(&chunk).is_err() {
            break;
        }
    }
    let refusal = std::iter::repeat_with(|| listener.line()).find(|line| line.contains("Refused")).unwrap();
    assert_eq!(refusal, "    Refused: the body is larger than 25 MiB.");
}

#[test]
fn a_body_of_exactly_the_limit_is_taken() {
    let line = json_of(&[], "POST / HTTP/1.1", &vec![b'x'; 25 * 1024 * 1024]);
    assert_eq!(line["body"].as_str().map(str::len), Some(25 * 1024 * 1024));
}

#[test]
fn a_connection_may_carry_several_webhooks() {
    let listener = Listener::start(&["--count", "2"]);
    let mut stream = listener.connect();
    let request = b"POST / HTTP/1.1\r\nHost: printer\r\nContent-Length: 2\r\n\r\nhi";
    stream.write_all(&request.repeat(2)).unwrap();
    let answers = answer(stream);
    assert_eq!(answers.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{answers}");
    let Ending { output, status } = listener.end();
    assert!(output.contains("#1,") && output.contains("#2,") && status.success());
}

#[test]
fn what_is_not_http_ends_only_its_own_connection() {
    let listener = Listener::start(&["--count", "1"]);
    listener.send_bytes(b"\x16\x03\x01\x02\0\x01\0\x01\xFC\x03\x03 this is TLS\r\n\r\n");
    listener.send("POST /still-here HTTP/1.1", b"");
    assert!(listener.end().output.contains("/still-here"));
}

#[cfg(unix)]
#[test]
fn signals_end_it_in_good_order() {
    for name in ["INT", "TERM"] {
        let listener = Listener::start(&[]);
        // An open connection does not hold it up.
        let _idle = listener.connect();
        listener.signal(name);
        assert!(listener.end().status.success(), "{name}");
    }
}

#[test]
fn wrong_arguments_are_said() {
    for (arguments, reason) in [
        (["--status", "99"], "a status is a number from 200 to 599"),
        (["--status-for", "/a"], "write a path, = and a status, for instance /broken=500"),
        (["--status-for", "a=200"], "the path begins with /"),
        (["--count", "0"], "invalid value '0'"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_octohooks")).arg("listen").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8(output.stderr).unwrap().contains(reason), "{arguments:?}");
    }
}

#[test]
fn a_port_that_is_taken_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_octohooks")).args(["listen", "--port", &port]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with(&format!("error: listen on 127.0.0.1, port {port}: ")), "{message}");
}
