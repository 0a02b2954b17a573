/** For the tests: what the pages and the engine say, read from their sources. */

import {readFileSync, readdirSync} from "node:fs";

const PAGES = new URL("../pages/", import.meta.url);
const PLUGIN = new URL("../../../plugin/octoprint_webhooks/", import.meta.url);
const CORE = new URL("../../octohooks-core/src/", import.meta.url);

const read = (path, base) => readFileSync(new URL(path, base), "utf8");

/** Every literal within `_("…")`, with the file where it stands. */
export function pageTexts() {
  const found = new Map();
  for (const name of readdirSync(PAGES).filter((file) => file.endsWith(".js"))) {
    for (const [, literal] of withoutBlocks(read(name, PAGES)).matchAll(/(?<![\w$.])_\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/g)) {
      found.set(textOf(literal), name);
    }
  }
  return found;
}

/** What the engine's catalogues hold: topics, variables, services. */
export function catalogueTexts() {
  const found = new Map();
  const add = (source, ...texts) => texts.flat().filter(Boolean).forEach((text) => found.set(text, source));
  for (const [, title] of read("topic.rs", CORE).matchAll(/Self::\w+ => "([A-Z]\w+(?: [A-Z]\w+)+|Error)"/g)) {
    add("topic.rs", title);
  }
  // What an event of the user's own is called where a topic is asked for.
  add("lane.rs", "Custom Event");
  for (const [, description] of read("variables.rs", CORE).matchAll(/^ {4}"\w+": "([^"]+)",/gm)) {
    add("variables.rs", description);
  }
  for (const [file, service] of json("services/catalogue/")) {
    const asks = service.asks ?? [];
    add(file, service.name, service.description, service.limits, service.picture?.how,
      asks.flatMap((ask) => [ask.label, ask.help, ...(ask.choices ?? []).map((choice) => choice.label)]));
  }
  return found;
}

/** What the engine says of answers that cannot be right. */
export const refusals = () => new Map(json("services/catalogue/")
  .flatMap(([file, {asks = []}]) => asks.filter((ask) => ask.otherwise).map((ask) => [ask.otherwise, file])));

/** What the plugin says itself, and the page shows: refusals, and why there is no picture. */
export const pluginSentences = () => new Map(["api.py", "camera.py"].flatMap((name) => [...read(name, PLUGIN)
  .matchAll(/(?:CameraError\(|_problem\([^"]*"\w+",)\s*f?("(?:[^"\\\n]|\\.)*")/g)].map(([, literal]) => [textOf(literal), name])));

/** The names of services. */
export const serviceNames = () => new Set(json("services/catalogue/").map(([, service]) => service.name));

function json(folder) {
  const files = readdirSync(new URL(folder, CORE)).filter((file) => file.endsWith(".json"));
  return files.map((file) => [file, JSON.parse(read(folder + file, CORE))]);
}

/** The places of a text, in order of their names. */
export const placesOf = (text) => [...text.matchAll(/%\((\w+)\)s/g)].map(([, name]) => name).sort().join(" ");

/** Catalogues by their language, `{default, sentences}`: those that `texts.js` can load. */
export async function catalogues() {
  const languages = [...read("texts.js", PAGES).matchAll(/(\w+): \(\) => import\("(\.\/\w+\.js)"\)/g)];
  return Promise.all(languages.map(async ([, language, path]) => [language, await import(new URL(path, PAGES))]));
}

function withoutBlocks(text) {
  return text.replace(/\/\*[\s\S]*?\*\//g, "");
}

/** A literal of JavaScript as text; of its escapes only those that JSON has too. */
function textOf(literal) {
  return JSON.parse(literal.startsWith("'") ? `"${literal.slice(1, -1).replaceAll("\"", "\\\"")}"` : literal);
}
