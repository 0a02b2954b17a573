//! Modules put together: each in the file of whoever wants it, after what it needs, and nothing that is not understood.

#[path = "../../build/bundle.rs"]
mod together;

use std::collections::BTreeMap;

fn bundle(sources: &[(&str, &str)]) -> Result<BTreeMap<String, String>, String> {
    let sources = sources.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    together::bundle(&sources, &["main.js"])
}

#[test]
fn modules_go_where_they_are_wanted() {
    let files = bundle(&[
        (
            "main.js",
            "import {a} from \"./a.js\";\nexport const open = () => [a, import(\"./one.js\"), import(\"./two.js\")];\n",
        ),
        ("a.js", "/** A. */\nimport {b as c} from \"./b.js\";\n\nexport function a() {\n  // Why.\n  return c;\n}\n"),
        ("b.js", "export const b = 1;\n"),
        ("one.js", "import {s} from \"./both.js\";\nimport {own} from \"./own.js\";\nexport class One {}\n"),
        ("own.js", "import {b} from \"./b.js\";\nexport async function own() {}\n"),
        ("two.js", "import {s} from \"./both.js\";\nimport {One} from \"./one.js\";\nexport default {s, One};\n"),
        ("both.js", "export const s = 2;\n"),
        ("style.css", "/* Look. */\n.wh {\n  color: red;\n}\n"),
    ])
    .unwrap();
    let shown = files.iter().fold(String::new(), |shown, (name, text)| shown + "== " + name + "\n" + text);
    let shown: Vec<_> = shown.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(
        shown.join("\n"),
        r#"== common.js
const $both = (() => {
const s = 2;
return {s};
})();
export {$both};
== main.js
const $b = (() => {
const b = 1;
return {b};
})();
const $a = (() => {
const {b: c} = $b;
function a() {
return c;
}
return {a};
})();
const {a} = $a;
export const open = () => [a, import("./one.js"), import("./two.js")];
export {$b};
== one.js
import {$both} from "./common.js";
import {$b} from "./main.js";
const $own = (() => {
const {b} = $b;
async function own() {}
return {own};
})();
const {s} = $both;
const {own} = $own;
export class One {}
== style.css
.wh {
color: red;
}
== two.js
import * as $one from "./one.js";
import {$both} from "./common.js";
const {s} = $both;
const {One} = $one;
export default {s, One};"#
    );
}

#[test]
fn what_is_not_understood_fails() {
    for (main, other, problem) in [
        ("import {a} from \"./b.js\";", "", "main.js: there is no b.js"),
        ("import {a} from \"./a.js\";", "export const b = 1;", "main.js: a.js has no a"),
        (
            "import {a} from \"./a.js\";",
            "import {m} from \"./main.js\";\nexport const a = 1;",
            "a.js: main.js has no m",
        ),
        ("import a from \"./a.js\";", "", "main.js: no import that is understood: import a from \"./a.js\";"),
        ("export {a};", "", "main.js: no export that is understood: export {a};"),
        ("export let a = 1;", "", "main.js: no export that is understood: export let a = 1;"),
        ("", "export const a = 1;", "a.js: nobody loads it"),
        (
            "import {a} from \"./a.js\";",
            "export const a = 1;\nexport default a;",
            "a.js: only what is asked for by name may export a default",
        ),
        (
            "import {a} from \"./a.js\";\nexport const m = 1;",
            "import {m} from \"./main.js\";\nexport const a = 1;",
            "a.js, main.js: modules that need each other",
        ),
    ] {
        assert_eq!(bundle(&[("main.js", main), ("a.js", other)]).unwrap_err(), problem);
    }
}
