/**
 * What is wrong with the plugin as a whole: a damaged hooks file, for example.
 *
 * In: the API's status. Out: an alert for the top of the page, or nothing.
 */

import {h, icon} from "./dom.js";
import {problemLine, worstOf} from "./problems.js";

/** An element, or null when all is well. */
export function statusAlert({hooks_file: file, problems}) {
  const isDamaged = file && !file.ok;
  if (!isDamaged && (problems ?? []).length === 0) {
    return null;
  }
  const kind = isDamaged || worstOf(problems) === "error" ? "alert-error" : worstOf(problems) === "warning" ? "" : "alert-info";
  return h("div", {class: `alert ${kind}`.trim(), role: "alert", test: "status-alert"},
    file?.message ? h("p", null, icon("fa-triangle-exclamation"), " ", h("strong", null, file.message)) : null,
    (problems ?? []).length > 0 ? h("ul", {class: "wh-problems"}, problems.map((problem) => problemLine(problem))) : null);
}
