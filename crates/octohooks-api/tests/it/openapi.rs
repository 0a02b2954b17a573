//! Committed descriptions are those of the code. `UPDATE=1 cargo test` writes them anew.

use octohooks_api::openapi::document;
use octohooks_core::hook::HooksFile;
use serde_json::Value;

#[track_caller]
fn check_committed(path: &str, generated: &Value) {
    check_committed_text(path, &format!("{generated:#}\n"));
}

#[track_caller]
fn check_committed_text(path: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "{} is stale; UPDATE=1 cargo test -p octohooks-api writes it anew", path.display());
}

#[test]
fn the_api_description_is_not_stale() {
    check_committed("openapi.json", &document());
}

#[test]
fn the_schema_of_the_hooks_file_is_not_stale() {
    check_committed("../../docs/hooks.schema.json", schemars::schema_for!(HooksFile).as_value());
}

#[test]
fn the_documentation_of_variables_is_not_stale() {
    check_committed_text("../../docs/variables.md", &octohooks_core::variables::document());
}
