use octohooks_core::ids::{DeliveryId, HookId};
use octohooks_core::time::UnixMillis;

use super::{Cursor, Filter, Rows, key_at, key_of};
use crate::journal::State;

#[test]
fn no_list_by_hook_event_state_or_time_reads_the_whole_table_or_sorts_it() {
    let rows = Rows::in_memory();
    let hook = Some(HookId::new(UnixMillis(1), &[1; 10]));
    let event = Some("PrintDone".to_owned());
    let filters = [
        Filter { hook, ..Filter::default() },
        Filter { event: event.clone(), ..Filter::default() },
        Filter { state: Some(State::GivenUp), ..Filter::default() },
        Filter { hook, state: Some(State::Retrying), ..Filter::default() },
        Filter { hook, event, ..Filter::default() },
        Filter { since: Some(UnixMillis(5)), until: Some(UnixMillis(9)), ..Filter::default() },
        Filter { hook, text: Some("x".to_owned()), ..Filter::default() },
    ];
    for filter in filters {
        for before in [None, Some(Cursor(1 << 40))] {
            let plan = rows.plan(&filter, before).join("\n");
            assert!(plan.contains("SEARCH delivery USING") && !plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
        }
    }
    // Without a filter it is read from its end, and never sorted.
    let plan = rows.plan(&Filter::default(), None).join("\n");
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}

#[test]
fn keys_grow_with_time() {
    let id = |millis, byte| DeliveryId::new(UnixMillis(millis), &[byte; 10]);
    assert!(key_of(id(1000, 255)) < key_of(id(1001, 0)));
    assert!(key_of(id(1000, 0)) >= key_at(UnixMillis(1000)));
    assert!(key_of(id(1000, 255)) < key_at(UnixMillis(1001)));
    assert_ne!(key_of(id(1000, 1)), key_of(id(1000, 2)));
}
