/**
 * The REST API as functions: the answers' bodies, or an `ApiError` whose message is a sentence for the user, both in the
 * page's language. Where the API wants fresh credentials they are asked for, and it is tried once more; never more often than
 * that, and not at all for what is `quiet`, because nobody asked for it.
 */

import {_, inLanguage} from "./texts.js";

/** A refusal or a failure; `code` as in the API, or "unreachable". */
export class ApiError extends Error {
  constructor(status, code, message, problems = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.problems = problems;
  }
}

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
    pause: (id, paused) => call("PUT", `${hook(id)}/paused`, {body: {paused}}),
    tryNow: (id) => call("POST", `${hook(id)}/try`),
    order: (ids) => call("PUT", "/hooks/order", {body: {ids}}),
    export: (id) => call("GET", `${hook(id)}/export`),
    exportAll: (wish) => call("POST", "/hooks/export", {body: wish}),
    look: (given) => call("POST", "/hooks/import/look", {body: given}),
    take: (given) => call("POST", "/hooks/import/take", {body: given}),
    check: (draft) => call("POST", "/check", {body: draft}),
    tryConditions: (draft) => call("POST", "/conditions/try", {body: {hook: draft}}),
    preview: (draft, event, how) => call("POST", "/preview", {...how, body: {hook: draft, ...event}}),
    values: (draft, event, how) => call("POST", "/values", {...how, body: {hook: draft, ...event}}),
    events: () => call("GET", "/events"),
    test: (draft, event) => call("POST", "/test", {body: {hook: draft, ...event}}),
    testResult: (id) => call("GET", `/test/${encodeURIComponent(id)}`),
    deliveries: (query) => call("GET", `/deliveries?${query}`),
    delivery: (id) => call("GET", `/deliveries/${encodeURIComponent(id)}`),
    resend: (id) => call("POST", `/deliveries/${encodeURIComponent(id)}/resend`),
    resendAll: (which) => call("POST", "/deliveries/resend", {body: which}),
    dropAll: (which) => call("POST", "/deliveries/drop", {body: which}),
    drop: (id) => call("DELETE", `/deliveries/${encodeURIComponent(id)}`),
    services: () => call("GET", "/services"),
    recognise: (text) => call("POST", "/services/recognise", {body: {text}}),
    serviceDraft: (key, wish) => call("POST", `/services/${encodeURIComponent(key)}/draft`, {body: wish}),
    signingKey: (kind) => call("POST", "/signing-key", {body: {kind}}),
    webcams: () => call("GET", "", {address: host.webcams, quiet: true}),
    lookAtOldSettings: () => call("POST", "", {address: `${host.oldSettings}/look`, body: {}}),
    takeOldSettings: ({take}) => call("POST", "", {address: `${host.oldSettings}/take`, body: {take}}),
    removeOldSettings: () => call("DELETE", "", {address: host.oldSettings})
  };
}

async function ask(host, method, path, options = {}) {
  let answer = await once(host, method, path, options);
  if (answer.status === 403 && answer.body?.error?.code === "reauthenticate" && !options.quiet) {
    if (!(await host.reauthenticate())) {
      throw new ApiError(403, "reauthenticate", _("This needs your password again. Nothing was changed."));
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
    const answer = await host.request(method, options.address ?? `/api/v1${path}`, options);
    return {...answer, body: inLanguage(answer.body)};
  } catch {
    throw new ApiError(0, "unreachable", _("OctoPrint does not answer. Is the server running?"));
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
    return _("OctoPrint does not answer. Is the server running?");
  }
  if (status === 401 || status === 403) {
    return _("You may not do this. Log in as somebody who may manage webhooks.");
  }
  if (status === 404) {
    return _("This is not there any more.");
  }
  if (status === 413) {
    return _("This is too large: OctoPrint takes at most 100 KB.");
  }
  if (status >= 500) {
    return _("Something went wrong in OctoPrint. Its log may tell more.");
  }
  return _("OctoPrint refused this.");
}
