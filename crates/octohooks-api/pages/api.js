/**
 * The REST API as functions.
 *
 * In: the host's `request`. Out: the answers' bodies, or an `ApiError` whose message is a sentence for the user. Asks for
 * the credentials again where the API wants fresh ones, and tries once more; never more often than that.
 */

import {gettext} from "./texts.js";

/** A refusal or a failure; `code` as in the API, or "unreachable". */
export class ApiError extends Error {
  constructor(status, code, message, problems = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.problems = problems;
  }
}

/** The calls of `/api/v1`. */
export function makeApi(host) {
  const call = (method, path, options) => ask(host, method, path, options);
  const hook = (id) => `/hooks/${encodeURIComponent(id)}`;
  return {
    status: () => call("GET", "/status"),
    catalogue: () => call("GET", "/catalogue"),
    hooks: () => call("GET", "/hooks"),
    hook: (id) => call("GET", hook(id)),
    create: (draft) => call("POST", "/hooks", {body: draft}),
    replace: (id, draft, etag) => call("PUT", hook(id), {body: draft, headers: {"If-Match": etag}}),
    remove: (id) => call("DELETE", hook(id)),
    restore: (id) => call("POST", `${hook(id)}/restore`),
    duplicate: (id) => call("POST", `${hook(id)}/duplicate`),
    enable: (id, enabled) => call("PUT", `${hook(id)}/enabled`, {body: {enabled}}),
    order: (ids) => call("PUT", "/hooks/order", {body: {ids}}),
    export: (id) => call("GET", `${hook(id)}/export`),
    import: (file) => call("POST", "/hooks/import", {body: file}),
    check: (draft) => call("POST", "/check", {body: draft}),
    preview: (draft, event) => call("POST", "/preview", {body: {hook: draft, event}}),
    test: (draft, event) => call("POST", "/test", {body: {hook: draft, event}}),
    testResult: (id) => call("GET", `/test/${encodeURIComponent(id)}`),
    removeOldSettings: () => call("DELETE", "", {address: host.oldSettings})
  };
}

async function ask(host, method, path, options = {}) {
  let answer = await once(host, method, path, options);
  if (answer.status === 403 && answer.body?.error?.code === "reauthenticate") {
    if (!(await host.reauthenticate())) {
      throw new ApiError(403, "reauthenticate", gettext("This needs your password again. Nothing was changed."));
    }
    answer = await once(host, method, path, options);
  }
  if (answer.status >= 200 && answer.status < 300) {
    return answer.body;
  }
  throw errorOf(answer);
}

async function once(host, method, path, options) {
  try {
    return await host.request(method, options.address ?? `/api/v1${path}`, options);
  } catch {
    throw new ApiError(0, "unreachable", gettext("OctoPrint does not answer. Is the server running?"));
  }
}

function errorOf({status, body}) {
  const error = body?.error;
  if (error?.message) {
    return new ApiError(status, error.code ?? "", error.message, error.problems ?? []);
  }
  return new ApiError(status, "", sentenceFor(status));
}

function sentenceFor(status) {
  if (status === 0) {
    return gettext("OctoPrint does not answer. Is the server running?");
  }
  if (status === 401 || status === 403) {
    return gettext("You may not do this. Log in as somebody who may manage webhooks.");
  }
  if (status === 404) {
    return gettext("This is not there any more.");
  }
  if (status === 413) {
    return gettext("This is too large: OctoPrint takes at most 100 KB.");
  }
  if (status >= 500) {
    return gettext("Something went wrong in OctoPrint. Its log may tell more.");
  }
  return gettext("OctoPrint refused this.");
}
