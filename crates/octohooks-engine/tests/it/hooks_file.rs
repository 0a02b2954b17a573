//! The hooks file: imported once, written safely, and never lost to damage.

use std::fs;

use octohooks_engine::Engine;
use octohooks_engine::engine::StartError;
use octohooks_engine::shelf::{EditError, etag_of};
use serde_json::json;

use crate::support::{Bench, options};

#[test]
fn old_settings_are_imported_once() {
    let old = json!({"hooks": [{"url": "http://old.example/a", "apiSecret": "s"}]});
    let bench = Bench::in_folder(tempfile::tempdir().unwrap(), old.clone());
    let roster = bench.engine.roster();
    assert_eq!(roster.hooks[0].0.url, "http://old.example/a");
    bench.engine.shelf().remove(roster.hooks[0].0.id).unwrap();
    let Bench { engine, folder } = bench;
    drop(engine);
    assert!(Bench::in_folder(folder, old).engine.roster().hooks.is_empty());
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    bench.hook("http://h/", |_| {});
    bench.hook("http://h/", |_| {});
    for name in ["hooks.json", "hooks.json.previous"] {
        let mode = fs::metadata(bench.folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_damaged_file_is_kept_aside_and_the_version_before_is_used() {
    let bench = Bench::new();
    bench.hook("http://first/", |_| {});
    bench.hook("http://second/", |_| {});
    let Bench { engine, folder } = bench;
    drop(engine);
    let path = folder.path().join("hooks.json");
    fs::write(&path, &fs::read(&path).unwrap()[..200]).unwrap();
    let bench = Bench::in_folder(folder, json!({"hooks": [{"url": "http://old.example/"}]}));
    let urls: Vec<_> = bench.engine.roster().hooks.iter().map(|(hook, _)| hook.url.clone()).collect();
    assert_eq!(urls, ["http://first/"]);
    let message = bench.engine.shelf().message().unwrap();
    assert!(message.contains("damaged (it ends too early at line"), "{message}");
    assert!(
        message.contains("kept as hooks.json.damaged-") && message.contains("version before it is used"),
        "{message}"
    );
    let kept = fs::read_dir(bench.folder.path()).unwrap().filter_map(Result::ok);
    assert_eq!(kept.filter(|entry| entry.file_name().to_string_lossy().contains("damaged")).count(), 1);
    bench.hook("http://third/", |_| {});
    assert_eq!(bench.engine.shelf().message(), None);
}

#[test]
fn a_file_of_a_later_version_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hooks.json");
    fs::write(&path, r#"{"version": 99, "news": true}"#).unwrap();
    let bench = Bench::in_folder(folder, json!(null));
    assert!(bench.engine.shelf().message().unwrap().contains("later version"));
    let config = octohooks_core::hook::HookConfig::new(bench.engine.new_hook_id());
    assert!(matches!(bench.engine.shelf().add(config), Err(EditError::Save(_))));
    assert_eq!(fs::read_to_string(&path).unwrap(), r#"{"version": 99, "news": true}"#);
}

#[test]
fn two_editors_do_not_overwrite_each_other() {
    let bench = Bench::new();
    let saved = bench.hook("http://h/", |_| {});
    let mut mine = saved.clone();
    mine.name = "mine".to_owned();
    let mut theirs = saved.clone();
    theirs.name = "theirs".to_owned();
    let shelf = bench.engine.shelf();
    shelf.replace(mine, Some(&etag_of(&saved))).unwrap();
    assert!(matches!(shelf.replace(theirs, Some(&etag_of(&saved))), Err(EditError::ChangedElsewhere)));
    shelf.remove(saved.id).unwrap();
    assert!(matches!(shelf.set_enabled(saved.id, true), Err(EditError::NotFound)));
    shelf.restore(saved.id).unwrap();
    assert_eq!(bench.engine.roster().hooks[0].0.name, "mine");
}

#[test]
fn a_shell_of_another_version_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path(), json!(null));
    options.version = "4.9.9".to_owned();
    let Err(StartError::Version { shell }) = Engine::start(options) else { panic!("it started") };
    assert_eq!(shell, "4.9.9");
}

#[test]
fn it_starts_and_stops_a_hundred_times() {
    let mut folder = tempfile::tempdir().unwrap();
    for _ in 0..100 {
        let bench = Bench::in_folder(folder, json!(null));
        bench.engine.stop(std::time::Duration::from_secs(5));
        bench.engine.stop(std::time::Duration::from_secs(5));
        folder = bench.folder;
    }
}
