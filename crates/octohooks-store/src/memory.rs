//! A store in memory: what the outbox goes on with while the disk does not, and half of every conformance test.
//!
//! Nothing in it is durable. Bounded by whoever owns it, by `shed`.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use octohooks_core::parcel::Findings;
use octohooks_core::time::UnixMillis;

use crate::error::StoreError;
use crate::event::{Row, Token};
use crate::store::{Change, Done, Most, Node, Page, Select, Store};
use crate::stored::{StoredEvent, Todo, class_number};

/// Events in memory.
#[derive(Debug, Default)]
pub struct Memory {
    events: BTreeMap<Row, StoredEvent>,
    pictures: BTreeMap<Row, Bytes>,
}

impl Memory {
    /// About as many bytes are held.
    pub fn bytes(&self) -> usize {
        self.events.values().map(StoredEvent::bytes).sum::<usize>() + self.picture_bytes()
    }

    /// As many bytes of pictures are held.
    pub fn picture_bytes(&self) -> usize {
        self.pictures.values().map(Bytes::len).sum()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Whether an event is held here.
    pub fn holds(&self, row: Row) -> bool {
        self.events.contains_key(&row)
    }

    /// Everything as changes that put it into another store, and how many events that are.
    pub fn as_changes(&self) -> (Vec<Change>, usize) {
        let appends = self.events.values().cloned().map(Change::Append);
        let enriched = |event: &&StoredEvent| event.metadata.is_some() || event.picture_missing.is_some();
        let rows = self.events.values().filter(enriched).map(|event| event.row).chain(self.pictures.keys().copied());
        let mut rows: Vec<Row> = rows.collect();
        rows.sort_unstable();
        rows.dedup();
        let enrichments = rows.into_iter().map(|row| Change::Enrich(row, self.enrichment(row)));
        (appends.chain(enrichments).collect(), self.events.len())
    }

    /// The greatest row; 0 when there is none.
    pub fn last_row(&self) -> Row {
        self.events.last_key_value().map_or(Row(0), |(row, _)| *row)
    }

    /// The tokens of all deliveries.
    pub fn tokens(&self) -> Vec<Token> {
        self.events.values().flat_map(StoredEvent::tokens).collect()
    }

    fn enrichment(&self, row: Row) -> Findings {
        let event = self.events.get(&row);
        let metadata = event.and_then(|event| event.metadata.as_deref());
        Findings {
            metadata: metadata.and_then(|text| serde_json::from_str(text).ok()),
            picture: self.pictures.get(&row).cloned(),
            picture_missing: event.and_then(|event| event.picture_missing.clone()),
        }
    }

    /// Gives up the pictures, which go first.
    pub fn drop_pictures(&mut self, why: &str) {
        for row in std::mem::take(&mut self.pictures).into_keys() {
            if let Some(event) = self.events.get_mut(&row) {
                event.picture_bytes = None;
                event.picture_missing = Some(why.to_owned());
            }
        }
    }

    fn make(&mut self, change: &Change) -> Done {
        match change {
            Change::Append(event) if event.todo.is_empty() => Done::Nothing,
            Change::Append(event) => {
                let mut event = event.clone();
                if self.events.contains_key(&event.row) {
                    event.row = Row(self.last_row().0 + 1);
                }
                self.events.insert(event.row, event);
                Done::Made
            }
            Change::Complete(token) => self.complete_one(*token),
            Change::Postpone(token, standing) => self.with(*token, |todo| todo.stand(standing)),
            Change::Enrich(row, enrichment) => self.enrich(*row, enrichment),
            Change::Forget(unwanted) => {
                let mut forgotten = Vec::new();
                for event in self.events.values_mut() {
                    forgotten.extend(event.todo.extract_if(.., |todo| unwanted.has(todo)).map(|todo| todo.id));
                }
                self.remove_finished();
                Done::Forgotten(forgotten)
            }
            Change::Shift { boot, by } => {
                for event in self.events.values_mut().filter(|event| event.stamp.boot == *boot) {
                    event.shift(*by);
                }
                Done::Made
            }
        }
    }

    fn complete_one(&mut self, token: Token) -> Done {
        let Some(event) = self.events.get_mut(&token.row) else { return Done::Nothing };
        let before = event.todo.len();
        event.todo.retain(|todo| !todo.is_held_by(token));
        if event.todo.len() == before {
            return Done::Nothing;
        }
        if !event.todo.is_empty() {
            return Done::Made;
        }
        self.events.remove(&token.row);
        self.pictures.remove(&token.row);
        Done::Ended
    }

    fn with(&mut self, token: Token, change: impl FnOnce(&mut Todo)) -> Done {
        let todo = self.events.get_mut(&token.row).and_then(|event| event.held_by(token));
        todo.map_or(Done::Nothing, |todo| {
            change(todo);
            Done::Made
        })
    }

    fn enrich(&mut self, row: Row, enrichment: &Findings) -> Done {
        let Some(event) = self.events.get_mut(&row) else { return Done::Nothing };
        event.metadata = enrichment.metadata.as_ref().map(ToString::to_string);
        event.picture_missing.clone_from(&enrichment.picture_missing);
        event.picture_bytes = enrichment.picture.as_ref().map(Bytes::len);
        match &enrichment.picture {
            Some(picture) => self.pictures.insert(row, picture.clone()),
            None => self.pictures.remove(&row),
        };
        Done::Made
    }

    fn remove_finished(&mut self) {
        self.events.retain(|_, event| !event.todo.is_empty());
        self.pictures.retain(|row, _| self.events.contains_key(row));
    }
}

impl Store for Memory {
    fn commit(&mut self, changes: &[Change]) -> Result<Vec<Done>, StoreError> {
        Ok(changes.iter().map(|change| self.make(change)).collect())
    }

    fn claim(
        &mut self,
        _node: Node,
        now: UnixMillis,
        limit: usize,
        lease: Duration,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let mut claimed = Vec::new();
        let mut left = limit;
        for event in self.events.values_mut() {
            if left == 0 {
                break;
            }
            if let Some(own) = event.lease(now, left, lease) {
                left -= own.todo.len();
                claimed.push(own);
            }
        }
        Ok(claimed)
    }

    fn renew(&mut self, token: Token, now: UnixMillis, lease: Duration) -> Result<bool, StoreError> {
        let until = now.plus(lease).0;
        let mut renewed = false;
        self.with(token, |todo| renewed = todo.renew(until));
        Ok(renewed)
    }

    fn load(&mut self, select: Select, most: Most) -> Result<Page, StoreError> {
        let matching: Vec<&StoredEvent> = match select {
            Select::Oldest { after } => self.events.values().filter(|event| Some(event.row) > after).collect(),
            Select::Newest { before } => {
                let is_before = |event: &&StoredEvent| before.is_none_or(|before| event.row < before);
                self.events.values().rev().filter(is_before).collect()
            }
            Select::OfHook { hook, after } => {
                let is_of = |event: &&StoredEvent| event.todo.iter().any(|todo| todo.hook == hook);
                self.events.values().filter(|event| Some(event.row) > after).filter(is_of).collect()
            }
            Select::Due { by } => {
                let is_due = |event: &&StoredEvent| event.waits_until().is_some_and(|at| at <= by.0);
                let mut due: Vec<&StoredEvent> = self.events.values().filter(is_due).collect();
                due.sort_by_key(|event| (event.waits_until(), event.row));
                due
            }
        };
        let mut page = Page::default();
        let mut bytes = 0;
        for event in matching {
            bytes += event.bytes();
            if page.events.len() >= most.events || (!page.events.is_empty() && bytes > most.bytes) {
                page.more = true;
                break;
            }
            page.events.push(event.clone());
        }
        Ok(page)
    }

    fn picture(&mut self, row: Row) -> Result<Option<Bytes>, StoreError> {
        Ok(self.pictures.get(&row).cloned())
    }

    fn held(&mut self) -> Result<u64, StoreError> {
        Ok(self.events.len() as u64)
    }

    fn shed(&mut self, bytes: u64) -> Result<Vec<StoredEvent>, StoreError> {
        let mut order: Vec<(i64, Row)> =
            self.events.values().map(|event| (class_number(event.class), event.row)).collect();
        order.sort_unstable();
        let mut shed = Vec::new();
        let mut freed = 0_u64;
        for (_, row) in order {
            if freed >= bytes {
                break;
            }
            if let Some(event) = self.events.remove(&row) {
                let picture = self.pictures.remove(&row).map_or(0, |picture| picture.len());
                freed += (event.bytes() + picture) as u64;
                shed.push(event);
            }
        }
        Ok(shed)
    }
}
