//! HTTP statuses for people.

/// A status with its name: `404 Not Found`.
pub fn name_of(status: u16) -> String {
    match http::StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason()) {
        Some(reason) => format!("{status} {reason}"),
        None => status.to_string(),
    }
}
