//! Makes the table of the pages: every file in `pages/`, and a hash over all of them that is part of their path, so that
//! a browser may keep them for good and never mixes two versions.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

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
    let mut table = String::from("pub(crate) const FILES: &[(&str, &[u8])] = &[\n");
    for (number, (name, path)) in files.iter().enumerate() {
        let text = without_comments(&fs::read_to_string(path)?);
        (name, &text).hash(&mut hasher);
        let kept = served.join(number.to_string());
        fs::write(&kept, text)?;
        writeln!(table, "    ({name:?}, include_bytes!({:?})),", kept.display().to_string())
            .map_err(io::Error::other)?;
    }
    table.push_str("];\n");
    writeln!(table, "pub(crate) const HASH: &str = \"{:016x}\";", hasher.finish()).map_err(io::Error::other)?;
    fs::write(out.join("pages.rs"), table)
}

/// Without the lines that are nothing but comment: browsers have no use for them, and lines stay lines, so that what a browser
/// says of a place can be found.
fn without_comments(text: &str) -> String {
    let mut within_block = false;
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        let trimmed = line.trim();
        let begins_block = !within_block && trimmed.starts_with("/*");
        let is_comment = within_block || begins_block || trimmed.starts_with("//");
        if within_block || begins_block {
            within_block = !trimmed.ends_with("*/");
        }
        if !is_comment {
            kept.push_str(line);
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
