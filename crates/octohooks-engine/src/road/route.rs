//! Whether this machine has a way out, as the system's tables of routes tell. Asks nobody on the network.

/// Whether this machine has a way to anywhere but itself. Where the system does not tell, it has.
pub(super) fn is_there() -> bool {
    let table = |path: &str, own: &str| {
        std::fs::read_to_string(path).ok().map(|text| text.lines().any(|line| !line.trim_end().ends_with(own)))
    };
    let v4 = std::fs::read_to_string("/proc/net/route").ok().map(|text| text.lines().count() > 1);
    let v6 = table("/proc/net/ipv6_route", "lo");
    match (v4, v6) {
        (None, None) => true,
        (v4, v6) => v4.unwrap_or(false) || v6.unwrap_or(false),
    }
}
