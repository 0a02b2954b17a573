/**
 * The OAuth request: made first, its answer's keys become variables of the webhook.
 *
 * In: the draft's `oauth`. Out: changes to it. No variables go into it, so its fields offer none.
 */

import {h} from "./dom.js";
import {choice, field, textInput, tickBox} from "./field.js";
import {jsonField} from "./field_json.js";
import {fold} from "./fold.js";
import {CONTENT_TYPES, METHODS} from "./field_address.js";
import {gettext} from "./texts.js";

/** `{element}`. */
export function oauthField({draft, board, changed}) {
  const {oauth} = draft;
  const set = (key) => (value) => {
    oauth[key] = value;
    changed(`oauth.${key}`);
  };
  const words = () => (oauth.enabled ? gettext("on") : "");
  const details = h("div", null,
    address({oauth, board, set}),
    field({
      label: gettext("Send the data as"),
      control: choice({
        value: oauth.content_type,
        options: CONTENT_TYPES(),
        test: "hook-oauth-content-type",
        onChange: set("content_type")
      }),
      path: "oauth.content_type",
      board
    }).element,
    jsonField({
      label: gettext("Headers"),
      path: "oauth.headers",
      value: oauth.headers,
      board,
      onInput: set("headers")
    }).element,
    jsonField({
      label: gettext("Data"),
      path: "oauth.data",
      value: oauth.data,
      help: gettext("What the token server wants, usually a client's id and secret."),
      board,
      onInput: set("data")
    }).element);
  details.hidden = !oauth.enabled;
  const whole = fold({title: gettext("OAuth: fetch a token first"), hint: words(), open: oauth.enabled, test: "oauth-toggle"},
    h("p", {class: "wh-help"}, gettext("Each key of the answer becomes a variable: @access_token in a header, for example.")),
    tickBox({
      label: gettext("Make this request before the webhook"),
      checked: oauth.enabled,
      test: "hook-oauth-enabled",
      path: "oauth.enabled",
      board,
      onChange: (checked) => {
        details.hidden = !checked;
        set("enabled")(checked);
        whole.setHint(words());
      }
    }).element,
    details);
  // A problem may point into a request that is switched off; it can only be seen with the details shown.
  details.addEventListener("wh-reveal", () => {
    details.hidden = false;
  });
  return {element: whole.element};
}

function address({oauth, board, set}) {
  const method = choice({
    value: oauth.method,
    options: METHODS.map((name) => [name, name]),
    class: "wh-method",
    "aria-label": gettext("Method of the OAuth request"),
    test: "hook-oauth-method",
    onChange: set("method")
  });
  return field({
    label: gettext("Address of the token server"),
    control: textInput({
      value: oauth.url,
      type: "url",
      placeholder: "https://",
      test: "hook-oauth-url",
      onInput: set("url")
    }),
    beside: method,
    path: "oauth.url",
    board
  }).element;
}
