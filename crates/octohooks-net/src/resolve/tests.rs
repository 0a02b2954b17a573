//! Facts about the order of addresses.

use super::*;

fn ordered(addresses: &[&str]) -> Vec<String> {
    let found = addresses.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 80)).collect();
    in_turn(found).into_iter().map(|address| address.ip().to_string()).collect()
}

#[test]
fn families_take_turns_beginning_with_the_preferred_one() {
    assert_eq!(ordered(&["::1", "::2", "::3", "1.1.1.1", "2.2.2.2"]), ["::1", "1.1.1.1", "::2", "2.2.2.2", "::3"]);
    assert_eq!(ordered(&["1.1.1.1", "::1", "2.2.2.2"]), ["1.1.1.1", "::1", "2.2.2.2"]);
}

#[test]
fn repeats_are_dropped_and_there_are_never_too_many() {
    assert_eq!(ordered(&["1.1.1.1", "1.1.1.1", "1.1.1.1"]), ["1.1.1.1"]);
    let many: Vec<String> = (1..=50).map(|last| format!("10.0.0.{last}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(ordered(&many).len(), MOST_ADDRESSES);
    assert!(ordered(&[]).is_empty());
}
