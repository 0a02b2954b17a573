//! Makes the table of the pages: every file in `pages/`, packed, and a hash over all of them that is part of their path, so
//! that a browser may keep them for good and never mixes two versions. They are served as they are written but for lines of
//! comment, blanks before lines, and one line behind the modules that others load when they are wanted: see [`known_at_once`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::{Compression, GzBuilder};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=pages");
    println!("cargo::rerun-if-changed=build.rs");
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("pages");
    let mut files = Vec::new();
    collect(&folder, &folder, &mut files)?;
    files.sort();
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let served = out.join("pages");
    fs::create_dir_all(&served)?;
    let mut hasher = DefaultHasher::new();
    let mut table = String::from("pub(crate) const FILES: &[File] = &[\n");
    let mut texts = BTreeMap::new();
    for (name, path) in &files {
        texts.insert(name.clone(), without_comments(&fs::read_to_string(path)?));
    }
    let parts: BTreeSet<_> = texts.values().flat_map(|text| named_after(text, "import(\"./")).collect();
    for (number, (name, text)) in texts.iter().enumerate() {
        let text = if name == "main.js" || parts.contains(name.as_str()) {
            text.clone() + &known_at_once(name, &texts)
        } else {
            text.clone()
        };
        (name, &text).hash(&mut hasher);
        let kept = served.join(number.to_string());
        fs::write(&kept, gzip(text.as_bytes())?)?;
        let kept = kept.display().to_string();
        writeln!(table, "    File {{ name: {name:?}, size: {}, gzip: include_bytes!({kept:?}) }},", text.len())
            .map_err(io::Error::other)?;
    }
    table.push_str("];\n");
    writeln!(table, "pub(crate) const HASH: &str = \"{:016x}\";", hasher.finish()).map_err(io::Error::other)?;
    fs::write(out.join("pages.rs"), table)
}

/// Imports of all that a module needs by way of others, so that a browser asks for them all at once, and not for some of them
/// only when it has read others. They stand at the end, where they move no line and change no order.
fn known_at_once(name: &str, texts: &BTreeMap<String, String>) -> String {
    let mut needed = BTreeSet::new();
    let mut open = vec![name];
    while let Some(module) = open.pop() {
        let text = texts.get(module).map_or("", String::as_str);
        open.extend(named_after(text, "from \"./").filter(|needs| needed.insert(*needs)));
    }
    for direct in named_after(texts.get(name).map_or("", String::as_str), "from \"./") {
        needed.remove(direct);
    }
    needed.iter().flat_map(|module| ["import \"./", module, "\";"]).collect()
}

/// The files whose names follow a text, each up to the quotation mark.
fn named_after<'text>(text: &'text str, before: &'text str) -> impl Iterator<Item = &'text str> {
    text.split(before).skip(1).filter_map(|rest| rest.split('"').next())
}

/// The same bytes for the same text: no time and no name stand in it.
fn gzip(text: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(text)?;
    encoder.finish()
}

/// Without the lines that are nothing but comment, and without blanks before the others: browsers have no use for them. Lines
/// stay lines, so that what a browser says of a place can be found.
fn without_comments(text: &str) -> String {
    let mut within_block = false;
    // Within a literal that goes over lines, blanks count.
    let has_long_literal = text.lines().any(|line| line.matches('`').count() % 2 == 1);
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        let trimmed = line.trim();
        let begins_block = !within_block && trimmed.starts_with("/*");
        let is_comment = within_block || begins_block || trimmed.starts_with("//");
        if within_block || begins_block {
            within_block = !trimmed.ends_with("*/");
        }
        if !is_comment {
            kept.push_str(if has_long_literal { line } else { line.trim_start() });
        }
        kept.push('\n');
    }
    kept
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            files.push((name.to_string_lossy().replace('\\', "/"), path.clone()));
        }
    }
    Ok(())
}
