//! Makes the table of the pages: what stands in `pages/`, put together into few files (see [`bundle`]), packed, and a hash over all
//! of them that is part of their path, so that a browser may keep them for good and never mixes two versions.

#[path = "build/bundle.rs"]
mod bundle;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::{Compression, GzBuilder};

/// What OctoPrint's side of the page asks for by name.
const ENTRIES: [&str; 2] = ["main.js", "texts.js"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=pages");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("pages");
    let mut sources = BTreeMap::new();
    collect(&folder, &folder, &mut sources)?;
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let served = out.join("pages");
    fs::create_dir_all(&served)?;
    let mut hasher = DefaultHasher::new();
    let mut table = String::from("pub(crate) const FILES: &[File] = &[\n");
    for (number, (name, text)) in bundle::bundle(&sources, &ENTRIES).map_err(io::Error::other)?.iter().enumerate() {
        (name, text).hash(&mut hasher);
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

/// The same bytes for the same text: no time and no name stand in it.
fn gzip(text: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(text)?;
    encoder.finish()
}

fn collect(root: &Path, folder: &Path, sources: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, sources)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            sources.insert(name.to_string_lossy().replace('\\', "/"), fs::read_to_string(&path)?);
        }
    }
    Ok(())
}
