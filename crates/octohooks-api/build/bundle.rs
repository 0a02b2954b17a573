//! Puts modules together that a browser wants together: one file for what is there at first, one for each part that is loaded when
//! it is wanted, and one for what several parts share. A file costs a request with its headers, and packs better the longer it is.
//!
//! A module becomes a function that gives its exports; those that are asked for by name stay modules, with what they need before
//! them. Of JavaScript this reads the imports and exports alone, at the beginning of a line and in the forms that the pages use; it
//! fails on others, on names that nobody exports, on circles, and on modules that nobody loads.

use std::collections::{BTreeMap, BTreeSet};

/// Where modules go that several parts want and the first view does not.
const COMMON: &str = "common.js";

/// What is wrong with the sources.
pub(crate) type Problem = String;

/// The files to serve. `entries` are asked for by name from elsewhere; the first one's is there before any other.
pub(crate) fn bundle(
    sources: &BTreeMap<String, String>,
    entries: &[&str],
) -> Result<BTreeMap<String, String>, Problem> {
    let mut served = BTreeMap::new();
    let mut modules = BTreeMap::new();
    for (name, text) in sources {
        let text = without_comments(text);
        if is_module(name) {
            modules.insert(name.as_str(), Module::read(name, &text)?);
        } else {
            served.insert(name.clone(), text);
        }
    }
    let house = House::new(&modules, entries)?;
    for file in house.home.values().copied().collect::<BTreeSet<_>>() {
        served.insert(file.to_owned(), house.file(file)?);
    }
    Ok(served)
}

fn is_module(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension == "js")
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

/// A module as it is written, taken apart.
struct Module {
    /// Where it imports from, and the names, as a pattern of destructuring.
    imports: Vec<Import>,
    /// What it gives.
    exports: Vec<String>,
    /// Its lines without imports; `export` still stands.
    body: String,
    /// What it loads when it is wanted.
    parts: Vec<String>,
}

struct Import {
    from: String,
    /// As exported there, and as called here.
    names: Vec<(String, String)>,
}

impl Module {
    fn read(name: &str, text: &str) -> Result<Self, Problem> {
        let mut module = Self { imports: Vec::new(), exports: Vec::new(), body: String::new(), parts: Vec::new() };
        for line in text.lines() {
            if let Some(import) = line.strip_prefix("import ") {
                module
                    .imports
                    .push(Import::read(import).ok_or_else(|| format!("{name}: no import that is understood: {line}"))?);
            } else {
                if let Some(export) = line.strip_prefix("export ") {
                    module
                        .exports
                        .push(exported(export).ok_or_else(|| format!("{name}: no export that is understood: {line}"))?);
                }
                module.body.push_str(line);
            }
            module.body.push('\n');
        }
        let parts = text.split("import(\"./").skip(1).filter_map(|rest| rest.split('"').next());
        module.parts = parts.map(str::to_owned).collect();
        Ok(module)
    }
}

impl Import {
    /// `{one, two as other} from "./name.js";`
    fn read(text: &str) -> Option<Self> {
        let (names, from) = text.strip_prefix('{')?.split_once("} from \"./")?;
        let names = names.split(',').map(|name| {
            let name = name.trim();
            let (there, here) = name.split_once(" as ").unwrap_or((name, name));
            (there.to_owned(), here.to_owned())
        });
        Some(Self { from: from.strip_suffix("\";")?.to_owned(), names: names.collect() })
    }

    /// The same as a line within a function.
    fn taken(&self) -> String {
        let names: Vec<_> = self
            .names
            .iter()
            .map(|(there, here)| if there == here { here.clone() } else { format!("{there}: {here}") })
            .collect();
        format!("const {{{}}} = {};\n", names.join(", "), variable(&self.from))
    }
}

/// The name that a line exports, from what follows `export`.
fn exported(text: &str) -> Option<String> {
    if text.starts_with("default ") {
        return Some("default".to_owned());
    }
    let rest = ["async function ", "function ", "class ", "const "].iter().find_map(|kind| text.strip_prefix(kind))?;
    let end =
        rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '$').unwrap_or(rest.len());
    (end > 0).then(|| rest[..end].to_owned())
}

/// What stands for a module's exports.
fn variable(module: &str) -> String {
    let name: String = module
        .trim_end_matches(".js")
        .chars()
        .map(|letter| if letter.is_alphanumeric() { letter } else { '_' })
        .collect();
    format!("${name}")
}

/// Which module goes into which file.
struct House<'all> {
    modules: &'all BTreeMap<&'all str, Module>,
    home: BTreeMap<&'all str, &'all str>,
}

impl<'all> House<'all> {
    fn new(modules: &'all BTreeMap<&'all str, Module>, entries: &[&'all str]) -> Result<Self, Problem> {
        for (name, module) in modules {
            for Import { from, names } in &module.imports {
                let there = modules.get(from.as_str()).ok_or_else(|| format!("{name}: there is no {from}"))?;
                if let Some((missing, _)) = names.iter().find(|(wanted, _)| !there.exports.contains(wanted)) {
                    return Err(format!("{name}: {from} has no {missing}"));
                }
            }
        }
        let parts = modules.values().flat_map(|module| module.parts.iter().map(String::as_str));
        let by_name: BTreeSet<&str> = entries.iter().copied().chain(parts).collect();
        let mut wanted_by: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for asked in &by_name {
            let mut open = vec![*asked];
            while let Some(next) = open.pop() {
                let (name, module) = modules.get_key_value(next).ok_or_else(|| format!("there is no {next}"))?;
                let is_new = wanted_by.entry(name).or_default().insert(asked);
                if is_new && (next == *asked || !by_name.contains(next)) {
                    open.extend(module.imports.iter().map(|import| import.from.as_str()));
                }
            }
        }
        if modules.contains_key(COMMON) {
            return Err(format!("{COMMON} is the name of what is put together"));
        }
        let mut home = BTreeMap::new();
        for (name, module) in modules {
            let wanted = wanted_by.get(name).ok_or_else(|| format!("{name}: nobody loads it"))?;
            let first = entries.first().filter(|first| wanted.contains(*first));
            let file = match first.or_else(|| wanted.first().filter(|_| wanted.len() == 1)) {
                _ if by_name.contains(name) => name,
                Some(only) => only,
                None => &COMMON,
            };
            if *file != *name && module.exports.iter().any(|export| export == "default") {
                return Err(format!("{name}: only what is asked for by name may export a default"));
            }
            home.insert(*name, *file);
        }
        Ok(Self { modules, home })
    }

    /// One file: what it takes from others, its modules, the one that it is called after, and what it gives to others.
    fn file(&self, file: &str) -> Result<String, Problem> {
        let mut order = Vec::new();
        for (name, _) in self.home.iter().filter(|(_, home)| **home == file) {
            self.put_in_order(name, file, &mut order, &mut Vec::new())?;
        }
        let mut text = String::new();
        for line in self.taken_from_others(file, &order) {
            text += &line;
        }
        for name in &order {
            let module = &self.modules[name];
            let taken: String = module.imports.iter().map(Import::taken).collect();
            if *name == file {
                text += &taken;
                text += &module.body;
            } else {
                let body: Vec<_> =
                    module.body.lines().map(|line| line.strip_prefix("export ").unwrap_or(line)).collect();
                let (variable, body, exports) = (variable(name), body.join("\n"), module.exports.join(", "));
                let wrapped = [
                    &format!("const {variable} = (() => {{\n"),
                    &taken,
                    &body,
                    &format!("\nreturn {{{exports}}};\n}})();\n"),
                ];
                text.extend(wrapped.map(String::as_str));
            }
        }
        let given: Vec<_> =
            order.iter().filter(|name| self.is_wanted_elsewhere(name, file)).map(|name| variable(name)).collect();
        if !given.is_empty() {
            text.extend(["export {", &given.join(", "), "};\n"]);
        }
        Ok(text)
    }

    /// What a module needs comes before it.
    fn put_in_order(
        &self,
        name: &'all str,
        file: &str,
        order: &mut Vec<&'all str>,
        within: &mut Vec<&'all str>,
    ) -> Result<(), Problem> {
        if within.contains(&name) {
            return Err(format!("{}: modules that need each other", within.join(", ")));
        }
        if self.home[name] != file || order.contains(&name) {
            return Ok(());
        }
        within.push(name);
        for import in &self.modules[name].imports {
            self.put_in_order(&import.from, file, order, within)?;
        }
        within.pop();
        order.push(name);
        Ok(())
    }

    /// Imports of what lies in other files: those as a whole, and modules within them.
    fn taken_from_others(&self, file: &str, order: &[&str]) -> Vec<String> {
        let needed: BTreeSet<&str> =
            order.iter().flat_map(|name| &self.modules[name].imports).map(|import| import.from.as_str()).collect();
        let mut within: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut lines = Vec::new();
        for name in needed.into_iter().filter(|name| self.home[name] != file) {
            if self.home[name] == name {
                lines.push(format!("import * as {} from \"./{name}\";\n", variable(name)));
            } else {
                within.entry(self.home[name]).or_default().push(variable(name));
            }
        }
        lines
            .extend(within.iter().map(|(home, names)| format!("import {{{}}} from \"./{home}\";\n", names.join(", "))));
        lines
    }

    fn is_wanted_elsewhere(&self, name: &str, file: &str) -> bool {
        name != file
            && self.modules.iter().any(|(other, module)| {
                self.home[other] != file && module.imports.iter().any(|import| import.from == name)
            })
    }
}
