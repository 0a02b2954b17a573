/** Files on the user's computer: save one, choose one. What cannot be right is refused before it is sent. */

import {h} from "./dom.js";
import {_} from "./texts.js";

/** What this plugin lets OctoPrint take is a little more. */
const LARGEST = 1_900_000;

/** Offers a value as a download. */
export function saveFile(name, value) {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(value, null, 2)}\n`], {type: "application/json"}));
  const link = h("a", {href: url, download: name, hidden: true});
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads the URL only after this turn of its loop.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Lets the user choose a file; `null` when they think better of it. */
export function chooseFile() {
  return new Promise((resolve) => {
    const input = h("input", {
      type: "file",
      accept: ".json,application/json",
      hidden: true,
      test: "import-file",
      on: {change: () => resolve(input.files[0] ?? null), cancel: () => resolve(null)}
    });
    document.body.append(input);
    input.click();
    input.remove();
  });
}

export async function readJson(file) {
  if (file.size > LARGEST) {
    throw new Error(_("This file is too large to hold exported webhooks."));
  }
  try {
    return JSON.parse(await file.text());
  } catch {
    throw new Error(_("This file holds no exported webhooks: it is not JSON."));
  }
}
