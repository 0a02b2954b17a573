//! Numbered steps from an empty file to the form of today. A step that was released is never edited.

use rusqlite::Connection;

use crate::error::StoreError;

/// Brings a database to the latest form: every step in a transaction of its own, counted in `user_version`.
///
/// # Errors
/// When the file is of a later form, which is then not touched, or a step fails, which then was not made.
pub fn migrate(connection: &Connection, steps: &[&str]) -> Result<(), StoreError> {
    let found: i64 = connection.query_row("pragma user_version", [], |row| row.get(0))?;
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StoreError::LaterVersion { found, known });
    }
    for (number, step) in (1_i64..).zip(steps).filter(|(number, _)| *number > found) {
        let sql = format!("begin immediate;\n{step}\n;pragma user_version = {number};\ncommit");
        if let Err(error) = connection.execute_batch(&sql) {
            if !connection.is_autocommit() {
                // The step's own error says more.
                drop(connection.execute_batch("rollback"));
            }
            return Err(error.into());
        }
    }
    Ok(())
}
