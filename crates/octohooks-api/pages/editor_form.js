/**
 * The fields of the editor: the few that every hook needs first, the rest under "Advanced".
 *
 * In: the editor's session and its board of problems. Out: elements; each change goes into the draft and is told.
 */

import {h, uniqueId} from "./dom.js";
import {isChanged, setAt, textAt, wantsSnapshot} from "./draft.js";
import {field, switchBox, textInput, tickBox} from "./field.js";
import {addressField, contentTypeChoice} from "./field_address.js";
import {eventsField, numberOr} from "./field_events.js";
import {jsonField} from "./field_json.js";
import {oauthField} from "./field_oauth.js";
import {secretField} from "./field_secret.js";
import {fold} from "./fold.js";
import {gettext} from "./texts.js";

const ADVANCED = [
  "headers", "device_identifier", "cooldown_seconds", "verify_tls", "oauth"
];

/** A list of elements. */
export function editorForm({session, catalogue, board, changed, problems}) {
  const {draft} = session;
  const refreshers = [];
  const told = (path) => {
    refreshers.forEach((refresh) => refresh());
    changed(path);
  };
  const set = (path) => (value) => {
    setAt(draft, path, value);
    told(path);
  };

  const parts = {session, draft, catalogue, board, changed: told, set, refreshers};
  const advanced = advancedPart(parts, problems);
  return [
    h("div", {class: "wh-first-line"}, nameField(parts), enabledField(parts)),
    addressField(parts).element,
    eventsField(parts).element,
    dataPart(parts),
    advanced
  ];
}

function nameField({draft, board, set}) {
  return field({
    label: gettext("Name"),
    control: textInput({value: draft.name, test: "hook-name", placeholder: gettext("as you call it"), onInput: set("name")}),
    path: "name",
    board
  }).element;
}

function enabledField({draft, board, set}) {
  const {element, control} = switchBox({checked: draft.enabled, test: "hook-enabled", onChange: set("enabled")});
  const slot = h("ul", {id: uniqueId("problems")});
  board.register("enabled", {slot, control});
  return h("div", {class: "control-group wh-field"}, h("label", {class: "wh-enabled"}, element, gettext("Enabled")), slot);
}

function dataPart({draft, catalogue, board, changed, set, refreshers}) {
  const made = jsonField({
    label: gettext("Data"),
    path: "data",
    value: draft.data,
    board,
    rows: 6,
    variables: catalogue.variables,
    tools: [contentTypeChoice({draft, changed})],
    onInput: set("data")
  });
  const explain = () => made.setHelp(gettext("JSON with variables in its texts, such as \"@topic\"."), " ", encodingInWords(draft));
  refreshers.push(explain);
  explain();
  return made.element;
}

/** What becomes of the data, in a sentence. */
function encodingInWords(draft) {
  if (draft.method === "GET") {
    return gettext("With GET, each key is added to the address: ?key=value.");
  }
  if (wantsSnapshot(draft.data)) {
    return gettext("With \"@snapshot\" in it, it is sent as a multipart form together with the picture.");
  }
  return draft.content_type === "form"
    ? gettext("As a form, each key becomes a form field; nested values become JSON text.")
    : gettext("It is sent as it stands here. The value \"@snapshot\" adds a picture of the webcam.");
}

function advancedPart(parts, problems) {
  const {session, draft, catalogue, board, set} = parts;
  const blank = catalogue.new_hook;
  const isUsed = session.secretSet || ADVANCED.some((path) => isDifferent(draft, blank, path));
  const isToMend = problems.some((problem) => ADVANCED.some((path) => problem.field.startsWith(path)));
  const secret = secretField({isSet: session.secretSet, value: draft.api_secret, board, onChange: set("api_secret")});

  return fold({title: gettext("Advanced"), hint: gettext("headers, secret, pause, TLS, OAuth"), open: isUsed || isToMend, test: "advanced-toggle"},
    jsonField({
      label: gettext("Headers"),
      path: "headers",
      value: draft.headers,
      help: gettext("JSON: header names with their values. Content-Type is set by itself."),
      board,
      variables: catalogue.variables.filter(({name}) => name !== "snapshot"),
      onInput: set("headers")
    }).element,
    h("div", {class: "wh-halves"},
      secret.element,
      h("div", {class: "wh-half"}, field({
        label: gettext("Device identifier"),
        control: textInput({value: draft.device_identifier, test: "hook-device-identifier", onInput: set("device_identifier")}),
        help: gettext("Goes where @deviceIdentifier stands: tells your printers apart."),
        path: "device_identifier",
        board
      }).element)),
    cooldownField(parts),
    tickBox({
      label: gettext("Verify the server's TLS certificate"),
      checked: draft.verify_tls,
      help: gettext("Untick only for a server of your own with a certificate that it signed itself."),
      test: "hook-verify-tls",
      path: "verify_tls",
      board,
      onChange: set("verify_tls")
    }).element,
    oauthField(parts).element).element;
}

function cooldownField({draft, board, set}) {
  const control = h("input", {
    type: "number",
    class: "input-small",
    id: uniqueId("cooldown"),
    min: 0,
    value: draft.cooldown_seconds,
    test: "hook-cooldown",
    on: {
      input: () => set("cooldown_seconds")(numberOr(control.value, 0, 0, 4_294_967_295)),
      change: () => {
        control.value = draft.cooldown_seconds;
      }
    }
  });
  return field({
    label: gettext("Pause after sending, in seconds"),
    control,
    help: gettext("The same event is not sent again within this time. 0 sends each."),
    path: "cooldown_seconds",
    board
  }).element;
}

function isDifferent(draft, blank, path) {
  return isChanged({value: textAt(draft, path)}, {value: textAt(blank, path)});
}
