//! One suite for every store: against a model that is too simple to be wrong, with two nodes that claim from it.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use octohooks_core::ids::HookId;
use octohooks_core::parcel::Findings;
use octohooks_core::time::UnixMillis;
use octohooks_core::topic::Topic;
use octohooks_store::event::{Row, Standing, Token};
use octohooks_store::memory::Memory;
use octohooks_store::sqlite::Opening;
use octohooks_store::store::{Change, Done, Most, Node, Select, Store, Unwanted};
use octohooks_store::stored::{StoredEvent, Todo};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{NOW, event_for, hook, soak};

const LEASE: Duration = Duration::from_secs(90);

/// What is done to a store. Numbers choose among what there is.
#[derive(Debug, Clone)]
enum Step {
    Append { hooks: Vec<u64>, critical: bool, later: Option<u64> },
    Claim { node: u32, limit: usize },
    Renew { node: u32, which: usize },
    Complete { node: u32, which: usize },
    Postpone { node: u32, which: usize, by: u64 },
    Enrich { which: usize, bytes: usize },
    Forget { hook: u64 },
    ForgetOne { which: usize },
    Shift { by: i64 },
    Wait { millis: u64 },
    Shed { bytes: u64 },
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0..16_usize;
    let node = 0..2_u32;
    prop_oneof![
        4 => (prop::collection::vec(0..4_u64, 1..4), any::<bool>(), prop::option::of(0..200_000_u64))
            .prop_map(|(hooks, critical, later)| Step::Append { hooks, critical, later }),
        3 => (node.clone(), 1..6_usize).prop_map(|(node, limit)| Step::Claim { node, limit }),
        1 => (node.clone(), which.clone()).prop_map(|(node, which)| Step::Renew { node, which }),
        4 => (node.clone(), which.clone()).prop_map(|(node, which)| Step::Complete { node, which }),
        2 => (node, which.clone(), 0..200_000_u64).prop_map(|(node, which, by)| Step::Postpone { node, which, by }),
        1 => (which.clone(), 0..5000_usize).prop_map(|(which, bytes)| Step::Enrich { which, bytes }),
        1 => (0..4_u64).prop_map(|hook| Step::Forget { hook }),
        1 => which.prop_map(|which| Step::ForgetOne { which }),
        1 => (-50_000_000..50_000_000_i64).prop_map(|by| Step::Shift { by }),
        2 => (0..200_000_u64).prop_map(|millis| Step::Wait { millis }),
        1 => (1..5000_u64).prop_map(|bytes| Step::Shed { bytes }),
        1 => Just(Step::Reopen),
    ]
}

/// A list, and nothing else.
#[derive(Default)]
struct Model {
    events: Vec<StoredEvent>,
}

impl Model {
    fn tidy(&mut self) {
        self.events.retain(|event| !event.todo.is_empty());
    }

    fn with(&mut self, token: Token, change: impl FnOnce(&mut Todo)) -> bool {
        let event = self.events.iter_mut().find(|event| event.row == token.row);
        let todo = event.and_then(|event| {
            event.todo.iter_mut().find(|todo| todo.id == token.delivery && todo.fence == token.fence)
        });
        todo.map(change).is_some()
    }

    fn complete(&mut self, token: Token) -> bool {
        let mut found = false;
        for event in self.events.iter_mut().filter(|event| event.row == token.row) {
            found |= event.todo.iter().any(|todo| todo.id == token.delivery && todo.fence == token.fence);
            event.todo.retain(|todo| todo.id != token.delivery || todo.fence != token.fence);
        }
        self.tidy();
        found
    }

    fn claim(&mut self, now: UnixMillis, limit: usize) -> Vec<Token> {
        let mut tokens = Vec::new();
        for event in &mut self.events {
            for todo in &mut event.todo {
                let is_due =
                    todo.retry_at.is_none_or(|at| at <= now.0) && todo.leased_until.is_none_or(|at| at <= now.0);
                if is_due && tokens.len() < limit {
                    todo.fence += 1;
                    todo.leased_until = Some(now.0 + 90_000);
                    tokens.push(Token { row: event.row, delivery: todo.id, fence: todo.fence });
                }
            }
        }
        tokens
    }

    fn shift(&mut self, by: i64) {
        for event in &mut self.events {
            event.stamp.wall.0 += by;
            event.expires.0 += by;
            for todo in &mut event.todo {
                todo.retry_at = todo.retry_at.map(|at| at + by);
                todo.leased_until = todo.leased_until.map(|at| at + by);
            }
        }
    }

    fn shed(&mut self, bytes: u64) -> Vec<Row> {
        let mut freed = 0;
        let mut shed = Vec::new();
        while freed < bytes && !self.events.is_empty() {
            let least = self.events.iter().map(|event| event.class).min().unwrap();
            let index = self.events.iter().position(|event| event.class == least).unwrap();
            let event = self.events.remove(index);
            freed += (event.bytes() + event.picture_bytes.unwrap_or(0)) as u64;
            shed.push(event.row);
        }
        shed
    }
}

fn tokens_of(events: &[StoredEvent]) -> Vec<Token> {
    events.iter().flat_map(StoredEvent::tokens).collect()
}

fn check(steps: &[Step], mut open: impl FnMut(Option<Box<dyn Store>>) -> Box<dyn Store>) {
    let mut store = open(None);
    let mut model = Model::default();
    let mut nodes: [Vec<Token>; 2] = [Vec::new(), Vec::new()];
    let mut now = NOW;
    let mut number = 0;
    let pick = |tokens: &[Token], which: usize| (!tokens.is_empty()).then(|| tokens[which % tokens.len()]);
    for step in steps {
        match step {
            Step::Append { hooks, critical, later } => {
                number += 1;
                let topic = if *critical { Topic::PrintFailed } else { Topic::PrintDone };
                let hooks: Vec<HookId> = hooks.iter().copied().map(hook).collect();
                let mut new = event_for(number, topic, &hooks);
                let retry_at = later.map(|later| now.plus(Duration::from_millis(later)));
                new.deliveries[0].standing.retry_at = retry_at;
                let event = StoredEvent::new(Row(i64::try_from(number).unwrap()), &new);
                store.append(event.clone()).unwrap();
                model.events.push(event);
            }
            Step::Claim { node, limit } => {
                let claimed = tokens_of(&store.claim(Node(*node), now, *limit, LEASE).unwrap());
                assert_eq!(claimed, model.claim(now, *limit));
                nodes[*node as usize].extend(claimed);
            }
            Step::Renew { node, which } => {
                let Some(token) = pick(&nodes[*node as usize], *which) else { continue };
                let mut expected = false;
                model.with(token, |todo| {
                    expected = todo.leased_until.is_some();
                    todo.leased_until = todo.leased_until.map(|_| now.0 + 90_000);
                });
                assert_eq!(store.renew(token, now, LEASE).unwrap(), expected);
            }
            Step::Complete { node, which } => {
                let Some(token) = pick(&nodes[*node as usize], *which) else { continue };
                // Both ways do the same, and are seen at once.
                let late = [Change::Complete(token)];
                let done = match which % 2 {
                    0 => store.complete(token),
                    _ => store.commit_late(&late).map(|done| done != [Done::Nothing]),
                };
                assert_eq!(done.unwrap(), model.complete(token));
            }
            Step::Postpone { node, which, by } => {
                let Some(token) = pick(&nodes[*node as usize], *which) else { continue };
                let retry_at = now.plus(Duration::from_millis(*by));
                let standing = Standing {
                    attempts: 3,
                    retry_at: Some(retry_at),
                    repeats: 2,
                    error: Some("It \"failed\".".to_owned()),
                    age_when_asked: Some(Duration::from_secs(7)),
                };
                let expected = model.with(token, |todo| {
                    (todo.attempts, todo.retry_at) = (3, Some(retry_at.0));
                    (todo.repeats, todo.age_when_asked, todo.leased_until) = (2, Some(7000), None);
                    todo.error.clone_from(&standing.error);
                });
                assert_eq!(store.postpone(token, standing).unwrap(), expected);
            }
            Step::Enrich { which, bytes } => {
                let index = which % (model.events.len() + 1);
                let row = model.events.get(index).map_or(Row(i64::MAX), |event| event.row);
                let enrichment = Findings {
                    metadata: Some(json!({"hash": "1234"})),
                    picture: (*bytes > 0).then(|| Bytes::from(vec![1; *bytes])),
                    picture_missing: None,
                };
                let done = store.commit(&[Change::Enrich(row, enrichment.clone())]).unwrap();
                assert_eq!(done == [Done::Made], index < model.events.len());
                if let Some(event) = model.events.get_mut(index) {
                    event.metadata = Some("{\"hash\":\"1234\"}".to_owned());
                    event.picture_bytes = enrichment.picture.as_ref().map(Bytes::len);
                    assert_eq!(store.picture(row).unwrap(), enrichment.picture);
                }
            }
            Step::Forget { hook: number } => {
                let gone = hook(*number);
                forget(store.as_mut(), &mut model, Unwanted::OfHook(gone), |todo| todo.hook == gone);
            }
            Step::ForgetOne { which } => {
                let all: Vec<_> = model.events.iter().flat_map(|event| &event.todo).map(|todo| todo.id).collect();
                if !all.is_empty() {
                    let gone = all[which % all.len()];
                    forget(store.as_mut(), &mut model, Unwanted::One(gone), |todo| todo.id == gone);
                }
            }
            Step::Shift { by } => {
                store.commit(&[Change::Shift { boot: 1, by: *by }, Change::Shift { boot: 2, by: 77 }]).unwrap();
                model.shift(*by);
            }
            Step::Wait { millis } => now = now.plus(Duration::from_millis(*millis)),
            Step::Shed { bytes } => {
                let shed: Vec<Row> = store.shed(*bytes).unwrap().iter().map(|event| event.row).collect();
                assert_eq!(shed, model.shed(*bytes));
            }
            Step::Reopen => store = open(Some(store)),
        }
        assert_same(store.as_mut(), &model, now);
    }
}

fn forget(store: &mut dyn Store, model: &mut Model, unwanted: Unwanted, has: impl Fn(&Todo) -> bool) {
    let done = store.commit(&[Change::Forget(unwanted)]).unwrap();
    let todo = model.events.iter().flat_map(|event| &event.todo);
    let expected = todo.filter(|todo| has(todo)).map(|todo| todo.id).collect();
    assert_eq!(done, [Done::Forgotten(expected)]);
    model.events.iter_mut().for_each(|event| event.todo.retain(|todo| !has(todo)));
    model.tidy();
}

fn assert_same(store: &mut dyn Store, model: &Model, now: UnixMillis) {
    let most = Most { events: 1000, bytes: usize::MAX };
    let all = store.load(Select::Oldest { after: None }, most).unwrap();
    assert_eq!(all.events, model.events);
    assert!(!all.more);
    assert_eq!(store.held().unwrap(), model.events.len() as u64);
    let newest = store.load(Select::Newest { before: None }, Most { events: 2, ..most }).unwrap();
    assert_eq!(newest.events, model.events.iter().rev().take(2).cloned().collect::<Vec<_>>());
    assert_eq!(newest.more, model.events.len() > 2);
    let of_hook = store.load(Select::OfHook { hook: hook(2), after: None }, most).unwrap();
    let is_of = |event: &&StoredEvent| event.todo.iter().any(|todo| todo.hook == hook(2));
    assert_eq!(of_hook.events, model.events.iter().filter(is_of).cloned().collect::<Vec<_>>());
    let due = store.load(Select::Due { by: now }, most).unwrap();
    let mut expected: Vec<StoredEvent> =
        model.events.iter().filter(|event| event.waits_until().is_some_and(|at| at <= now.0)).cloned().collect();
    expected.sort_by_key(|event| (event.waits_until(), event.row));
    assert_eq!(due.events, expected);
}

fn sqlite(folder: &Path) -> Box<dyn Store> {
    let found = Opening::new(folder, 1 << 20).open_or_replace(NOW).unwrap();
    assert_eq!(found.leftover, None);
    Box::new(found.sqlite)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: u32::try_from(soak(48, 2000)).unwrap(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_store_in_memory_does_what_the_model_does(steps in prop::collection::vec(step(), 1..60)) {
        check(&steps, |store| store.unwrap_or_else(|| Box::new(Memory::default())));
    }

    #[test]
    fn a_store_in_sqlite_does_what_the_model_does(steps in prop::collection::vec(step(), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        check(&steps, |store| {
            drop(store);
            sqlite(folder.path())
        });
    }
}

fn both(test: impl Fn(&mut dyn Store)) {
    let folder = tempfile::tempdir().unwrap();
    test(&mut Memory::default());
    test(sqlite(folder.path()).as_mut());
}

#[test]
fn a_delivery_is_leased_to_one_node_at_a_time() {
    both(|store| {
        store.append(StoredEvent::new(Row(1), &event_for(1, Topic::PrintDone, &[hook(1)]))).unwrap();
        let first = tokens_of(&store.claim(Node(1), NOW, 10, LEASE).unwrap());
        assert_eq!(first.len(), 1);
        assert!(store.claim(Node(2), NOW.plus(LEASE / 2), 10, LEASE).unwrap().is_empty());
        assert!(store.renew(first[0], NOW.plus(LEASE / 2), LEASE).unwrap());
        assert!(store.claim(Node(2), NOW.plus(LEASE), 10, LEASE).unwrap().is_empty());
    });
}

#[test]
fn a_node_whose_lease_went_to_another_cannot_finish() {
    both(|store| {
        store.append(StoredEvent::new(Row(1), &event_for(1, Topic::PrintDone, &[hook(1)]))).unwrap();
        let late = tokens_of(&store.claim(Node(1), NOW, 10, LEASE).unwrap())[0];
        let other = tokens_of(&store.claim(Node(2), NOW.plus(LEASE), 10, LEASE).unwrap())[0];
        assert!(!store.renew(late, NOW.plus(LEASE), LEASE).unwrap());
        assert!(!store.postpone(late, Standing::default()).unwrap());
        assert!(!store.complete(late).unwrap());
        assert!(store.complete(other).unwrap());
        assert!(!store.complete(other).unwrap());
        assert_eq!(store.held().unwrap(), 0);
    });
}

#[test]
fn a_row_that_is_taken_costs_no_event() {
    both(|store| {
        for number in 1..=2 {
            store.append(StoredEvent::new(Row(5), &event_for(number, Topic::PrintDone, &[hook(1)]))).unwrap();
        }
        let rows: Vec<Row> = store
            .load(Select::Oldest { after: None }, Most::default())
            .unwrap()
            .events
            .iter()
            .map(|event| event.row)
            .collect();
        assert_eq!(rows, [Row(5), Row(6)]);
    });
}

#[test]
fn pictures_over_the_budget_go_and_their_events_stay() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = sqlite(folder.path());
    for number in 1..=5_u64 {
        let row = Row(i64::try_from(number).unwrap());
        store.append(StoredEvent::new(row, &event_for(number, Topic::PrintDone, &[hook(1)]))).unwrap();
        let picture = Some(Bytes::from(vec![9; 400 << 10]));
        store.commit(&[Change::Enrich(row, Findings { picture, ..Findings::default() })]).unwrap();
    }
    let events = store.load(Select::Oldest { after: None }, Most { events: 10, bytes: usize::MAX }).unwrap().events;
    let with: Vec<bool> = events.iter().map(|event| event.picture_bytes.is_some()).collect();
    assert_eq!(with, [false, false, false, true, true]);
    assert!(events[0].picture_missing.as_deref().is_some_and(|why| why.contains("no space")));
    assert_eq!(store.picture(Row(1)).unwrap(), None);
}

#[test]
fn a_list_of_changes_is_made_as_a_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = sqlite(folder.path());
    let good = StoredEvent::new(Row(1), &event_for(1, Topic::PrintDone, &[hook(1)]));
    // The greatest row there is leaves no next free one.
    let last = StoredEvent { row: Row(i64::MAX), ..good.clone() };
    store.append(last.clone()).unwrap();
    let failed = store.commit(&[Change::Append(good), Change::Append(StoredEvent { form: 7, ..last })]);
    // SQLite looks for another one by chance then, so this may succeed; whichever, it is whole.
    assert_eq!(store.held().unwrap(), if failed.is_ok() { 3 } else { 1 });
}
