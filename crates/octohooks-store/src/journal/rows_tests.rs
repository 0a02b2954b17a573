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

/// Rows as they are: a journal of many is made faster by statement than by telling of each delivery.
fn filled(count: i64) -> Rows {
    let rows = Rows::in_memory();
    let sql = "with recursive number(n) as (select 1 union all select n + 1 from number where n < ?1)
               insert into delivery (key, id, event_id, hook_id, hook_name, topic, event, at_ms, state, attempts, message, tried)
               select n << 15, randomblob(16), randomblob(16), zeroblob(16), 'Hook', 'Print Done', 'PrintDone', n, 2, 1,
                      iif(n = 5, 'Needle', 'Delivered.'), '[]' from number";
    rows.connection.execute(sql, [count]).unwrap();
    rows
}

#[test]
fn what_is_rare_is_looked_for_in_bounded_steps() {
    let rows = filled(25_000);
    let filter = Filter { text: Some("NEEDLE".to_owned()), ..Filter::default() };
    let mut before = None;
    let mut pages = Vec::new();
    loop {
        let page = rows.list(&filter, before, 50).unwrap();
        pages.push(page.entries.len());
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(pages, [0, 0, 1]);
    let all = rows.list(&Filter::default(), None, 50).unwrap();
    assert_eq!((all.entries.len(), all.next), (50, Some(Cursor(24_951 << 15))));
}
