//! One message per print, which changes, or a thread: against a chat that keeps its messages as the services document it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use octohooks_core::hook::HookConfig;
use octohooks_core::hook::HttpMethod;
use octohooks_core::hook::follow_up::Mode;
use octohooks_core::topic::Topic;
use octohooks_engine::journal::{AttemptRecord, Entry, State};
use octohooks_engine::trial::{TestResult, TestState};
use serde_json::{Value, json};

use crate::support::{Bench, until};

/// POST to `/hook` makes a message and names it; PATCH to `/hook/messages/NAME` changes it, as long as it is there.
struct Chat {
    address: SocketAddr,
    room: Arc<Mutex<Room>>,
}

#[derive(Default)]
struct Room {
    requests: Vec<(String, String, Value)>,
    last: u64,
    there: BTreeSet<String>,
    /// What it answers next, whatever it is asked: status line with headers, and body.
    instead: Vec<(&'static str, &'static str)>,
    /// It answers that it cannot now, however often it is asked.
    is_down: bool,
}

impl Chat {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let room: Arc<Mutex<Room>> = Arc::default();
        let inside = Arc::clone(&room);
        // Ends with the test's process: nobody calls any more, and it waits for nothing else.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(&stream, &inside);
            }
        });
        Self { address, room }
    }

    fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Method, path, and what `text` says.
    fn heard(&self, count: usize) -> Vec<String> {
        until(&format!("{count} requests"), || {
            let room = self.room.lock().unwrap();
            let heard = room.requests.iter().map(|(method, path, body)| format!("{method} {path} {}", body["text"]));
            Some(heard.collect()).filter(|heard: &Vec<String>| heard.len() >= count)
        })
    }

    fn bodies(&self) -> Vec<Value> {
        self.room.lock().unwrap().requests.iter().map(|(_, _, body)| body.clone()).collect()
    }

    fn delete(&self, name: &str) {
        assert!(self.room.lock().unwrap().there.remove(name));
    }

    fn answers_next(&self, head: &'static str, body: &'static str) {
        self.room.lock().unwrap().instead.push((head, body));
    }

    fn is_down(&self, is_down: bool) {
        self.room.lock().unwrap().is_down = is_down;
    }
}

fn serve(stream: &TcpStream, room: &Mutex<Room>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line).unwrap();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        if header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let (head, body) = room.lock().unwrap().hear(method, path, serde_json::from_slice(&body).unwrap());
    let answer = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    let mut stream = stream;
    stream.write_all(answer.as_bytes()).unwrap();
}

impl Room {
    fn hear(&mut self, method: String, path: String, body: Value) -> (String, String) {
        let asked_for = path.strip_prefix("/hook/messages/").map(str::to_owned);
        self.requests.push((method, path, body));
        if self.is_down {
            return ("503 Service Unavailable".to_owned(), String::new());
        }
        if !self.instead.is_empty() {
            let (head, body) = self.instead.remove(0);
            return (head.to_owned(), body.to_owned());
        }
        match asked_for {
            Some(name) if self.there.contains(&name) => ("200 OK".to_owned(), json!({"id": name}).to_string()),
            Some(_) => ("404 Not Found".to_owned(), json!({"message": "Unknown Message", "code": 10008}).to_string()),
            None => {
                self.last += 1;
                let name = format!("m{}", self.last);
                self.there.insert(name.clone());
                ("200 OK".to_owned(), json!({"id": name}).to_string())
            }
        }
    }
}

fn changing(chat: &Chat, mode: Mode) -> impl Fn(&mut HookConfig) {
    let url = chat.url();
    move |hook| {
        hook.data = r#"{"text": "@topic"}"#.to_owned();
        hook.follow_up.mode = mode;
        hook.follow_up.id_at = "/id".to_owned();
        hook.follow_up.method = Some(HttpMethod::Patch);
        hook.follow_up.url = format!("{url}/messages/@messageId");
        hook.events.get_mut(&Topic::PrintEnded).unwrap().enabled = true;
    }
}

fn tried(bench: &Bench, entry: &Entry) -> Vec<AttemptRecord> {
    let whole = bench.engine.block_on(bench.engine.journal().history().one(entry.id));
    whole.unwrap().unwrap().unwrap().tried
}

fn delivered(bench: &Bench, topic: &str) -> Entry {
    bench.delivery(topic, |entry| entry.topic == topic && entry.state == State::Delivered)
}

#[test]
fn one_message_changes_to_the_end_and_the_next_print_has_another() {
    let chat = Chat::open();
    let bench = Bench::new();
    bench.hook(&chat.url(), changing(&chat, Mode::ChangeAll));
    for name in ["PrintStarted", "PrintPaused", "PrintResumed", "PrintDone"] {
        bench.event(name);
    }
    assert_eq!(
        chat.heard(5),
        [
            "POST /hook \"Print Started\"",
            "PATCH /hook/messages/m1 \"Print Paused\"",
            "PATCH /hook/messages/m1 \"Print Resumed\"",
            "PATCH /hook/messages/m1 \"Print Done\"",
            "PATCH /hook/messages/m1 \"Print Ended\"",
        ]
    );
    let first = delivered(&bench, "Print Started");
    assert!(first.message.ends_with("It is message m1, where the rest of this print goes."), "{}", first.message);
    let done = delivered(&bench, "Print Done");
    assert!(done.message.ends_with("It went to message m1 of this print."), "{}", done.message);
    bench.event("PrintStarted");
    bench.event("PrintPaused");
    assert_eq!(chat.heard(7)[5..], ["POST /hook \"Print Started\"", "PATCH /hook/messages/m2 \"Print Paused\""]);
}

#[test]
fn what_should_make_a_sound_is_a_new_message_and_leaves_the_other_alone() {
    let chat = Chat::open();
    let bench = Bench::new();
    bench.hook(&chat.url(), changing(&chat, Mode::Change));
    for name in ["PrintStarted", "FilamentChange", "PrintPaused", "PrintDone"] {
        bench.event(name);
    }
    assert_eq!(
        chat.heard(5),
        [
            "POST /hook \"Print Started\"",
            "POST /hook \"User Action Needed\"",
            "PATCH /hook/messages/m1 \"Print Paused\"",
            "POST /hook \"Print Done\"",
            "POST /hook \"Print Ended\"",
        ]
    );
    let done = delivered(&bench, "Print Done");
    assert!(!done.message.contains("message"), "{}", done.message);
}

#[test]
fn a_thread_takes_the_same_address_and_what_names_the_first() {
    let chat = Chat::open();
    let bench = Bench::new();
    bench.hook(&chat.url(), |hook| {
        hook.data = r#"{"text": "@topic"}"#.to_owned();
        hook.follow_up.mode = Mode::Thread;
        hook.follow_up.id_at = "/id".to_owned();
        hook.follow_up.data = r#"{"text": "@topic", "thread": "@messageId"}"#.to_owned();
    });
    for name in ["PrintStarted", "PrintPaused", "PrintDone"] {
        bench.event(name);
    }
    assert_eq!(chat.heard(3)[1..], ["POST /hook \"Print Paused\"", "POST /hook \"Print Done\""]);
    let threads: Vec<Value> = chat.bodies().iter().map(|body| body["thread"].clone()).collect();
    assert_eq!(threads, [Value::Null, json!("m1"), json!("m1")]);
}

#[test]
fn a_message_that_is_gone_is_followed_by_a_new_one_and_the_log_says_so() {
    let chat = Chat::open();
    let bench = Bench::new();
    bench.hook(&chat.url(), changing(&chat, Mode::Change));
    bench.event("PrintStarted");
    chat.heard(1);
    delivered(&bench, "Print Started");
    chat.delete("m1");
    bench.event("PrintPaused");
    bench.event("PrintResumed");
    assert_eq!(
        chat.heard(4)[1..],
        [
            "PATCH /hook/messages/m1 \"Print Paused\"",
            "POST /hook \"Print Paused\"",
            "PATCH /hook/messages/m2 \"Print Resumed\"",
        ]
    );
    let paused = delivered(&bench, "Print Paused");
    assert_eq!(paused.attempts, 2);
    assert!(paused.message.ends_with("It is message m2, where the rest of this print goes."), "{}", paused.message);
    let tried = tried(&bench, &paused);
    let because = "The receiver did not take it for message m1 (404 Not Found). Sent as a new message at once.";
    assert_eq!(tried.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((tried[0].status, tried[0].message.as_str()), (Some(404), because));
}

#[test]
fn a_rate_limit_or_trouble_makes_no_second_message() {
    for head in ["429 Too Many Requests\r\nRetry-After: 1", "503 Service Unavailable", "401 Unauthorized"] {
        let chat = Chat::open();
        let bench = Bench::new();
        let hook = bench.hook(&chat.url(), changing(&chat, Mode::Change));
        bench.event("PrintStarted");
        delivered(&bench, "Print Started");
        chat.answers_next(head, "{}");
        bench.event("PrintPaused");
        bench.ended(State::Retrying);
        bench.engine.try_now(hook.id);
        let again = "PATCH /hook/messages/m1 \"Print Paused\"";
        assert_eq!(chat.heard(3)[1..], [again, again], "{head}");
        assert_eq!(delivered(&bench, "Print Paused").attempts, 2);
    }
}

#[test]
fn a_change_that_changes_nothing_is_no_failure() {
    let chat = Chat::open();
    let bench = Bench::new();
    bench.hook(&chat.url(), |hook| {
        changing(&chat, Mode::Change)(hook);
        hook.follow_up.unchanged_says = "message is not modified".to_owned();
    });
    bench.event("PrintStarted");
    delivered(&bench, "Print Started");
    chat.answers_next(
        "400 Bad Request",
        r#"{"ok": false, "description": "Bad Request: message is not modified: it is the same"}"#,
    );
    bench.event("PrintPaused");
    let paused = delivered(&bench, "Print Paused");
    let words = "It went to message m1 of this print. The message said so already.";
    assert!(paused.message.ends_with(words), "{}", paused.message);
    bench.event("PrintResumed");
    assert_eq!(chat.heard(3)[2], "PATCH /hook/messages/m1 \"Print Resumed\"");
}

#[test]
fn the_message_is_still_known_after_a_restart_and_after_a_crash() {
    let chat = Chat::open();
    let bench = Bench::new();
    let hook = bench.hook(&chat.url(), changing(&chat, Mode::ChangeAll));
    bench.event("PrintStarted");
    delivered(&bench, "Print Started");
    let file = bench.folder.path().join("state").join("messages.json");
    until("the file, before any stop", || file.exists().then_some(()));
    chat.is_down(true);
    bench.event("PrintPaused");
    bench.ended(State::Retrying);
    let bench = bench.restarted();
    chat.is_down(false);
    bench.engine.try_now(hook.id);
    let paused = delivered(&bench, "Print Paused");
    let heard = chat.heard(3);
    let last = heard.last().map(String::as_str);
    assert_eq!(last, Some("PATCH /hook/messages/m1 \"Print Paused\""), "{heard:?} {}", paused.message);
    // Without the file the same print gets a second message, and nothing is lost.
    chat.is_down(true);
    bench.event("PrintResumed");
    bench.delivery("the next that waits", |entry| entry.state == State::Retrying);
    let Bench { engine, folder } = bench;
    drop(engine);
    std::fs::write(&file, b"{\"garbage").unwrap();
    chat.is_down(false);
    let bench = Bench::in_folder(folder, Value::Null);
    bench.engine.try_now(hook.id);
    delivered(&bench, "Print Resumed");
    let heard = chat.heard(heard.len() + 2);
    assert_eq!(heard.last().map(String::as_str), Some("POST /hook \"Print Resumed\""), "{heard:?}");
}

#[test]
fn a_hook_that_sends_elsewhere_or_otherwise_begins_anew() {
    let chat = Chat::open();
    let bench = Bench::new();
    let mut hook = bench.hook(&chat.url(), changing(&chat, Mode::Change));
    bench.event("PrintStarted");
    delivered(&bench, "Print Started");
    hook.data = r#"{"text": "@topic", "chat": 2}"#.to_owned();
    bench.engine.shelf().replace(hook.clone(), None).unwrap();
    bench.engine.hooks_changed();
    bench.event("PrintPaused");
    assert_eq!(chat.heard(2)[1], "POST /hook \"Print Paused\"");
}

#[test]
fn an_answer_that_names_nothing_is_said_and_costs_a_message_each() {
    let chat = Chat::open();
    let bench = Bench::new();
    bench.hook(&chat.url(), changing(&chat, Mode::Change));
    chat.answers_next("200 OK", r#"{"id": {"no": "name"}}"#);
    bench.event("PrintStarted");
    let first = delivered(&bench, "Print Started");
    let words = "The answer does not name the message, so the next one is a new one as well.";
    assert!(first.message.ends_with(words), "{}", first.message);
    bench.event("PrintPaused");
    assert_eq!(chat.heard(2)[1], "POST /hook \"Print Paused\"");
}

#[test]
fn a_name_never_leaves_its_place_in_the_address() {
    let chat = Chat::open();
    let bench = Bench::new();
    bench.hook(&chat.url(), changing(&chat, Mode::Change));
    chat.answers_next("200 OK", r#"{"id": "../../x?y=1#z@evil.example"}"#);
    bench.event("PrintStarted");
    delivered(&bench, "Print Started");
    bench.event("PrintPaused");
    let heard = chat.heard(2);
    assert_eq!(heard[1], "PATCH /hook/messages/..%2F..%2Fx%3Fy%3D1%23z%40evil.example \"Print Paused\"");
}

#[test]
fn what_belongs_to_no_print_and_what_is_sent_again_are_messages_by_themselves() {
    let chat = Chat::open();
    let bench = Bench::new();
    bench.hook(&chat.url(), changing(&chat, Mode::ChangeAll));
    bench.event("PrintStarted");
    let first = delivered(&bench, "Print Started");
    bench.event("PrintPaused");
    chat.heard(2);
    delivered(&bench, "Print Paused");
    bench.engine.block_on(bench.engine.resend(first.id)).unwrap();
    assert_eq!(chat.heard(3)[2], "POST /hook \"Print Started\"");
    bench.event("PrintResumed");
    assert_eq!(chat.heard(4)[3], "PATCH /hook/messages/m1 \"Print Resumed\"");
}

#[test]
fn a_test_says_whether_the_answer_names_the_message_and_remembers_nothing() {
    let chat = Chat::open();
    let bench = Bench::new();
    let hook = bench.hook(&chat.url(), changing(&chat, Mode::Change));
    let fields = |result: TestResult| result.problems.into_iter().map(|found| found.field).collect::<Vec<_>>();
    let test = || {
        let id = bench.engine.test(&hook, bench.engine.made_up_event("print_started")).unwrap();
        until("the end of the test", || match bench.engine.test_state(&id) {
            Some(TestState::Done { result }) => Some(*result),
            _ => None,
        })
    };
    assert_eq!(fields(test()), [] as [&str; 0]);
    chat.answers_next("200 OK", "ok");
    let unnamed = test();
    assert!(unnamed.ok);
    assert_eq!(fields(unnamed), ["follow_up.id_at"]);
    bench.event("PrintStarted");
    bench.event("PrintPaused");
    assert_eq!(chat.heard(4)[2..], ["POST /hook \"Print Started\"", "PATCH /hook/messages/m2 \"Print Paused\""]);
}
