/** The fields of the editor: the few that every hook needs first, the rest under "Advanced". */

import {h} from "./dom.js";
import {completeDraft, isChanged, setAt, textAt, wantsSnapshot} from "./draft.js";
import {numberField, problemSlot, textField, tickBox} from "./field.js";
import {addressField, contentTypeChoice} from "./field_address.js";
import {conditionField} from "./field_condition.js";
import {eventsField} from "./field_events.js";
import {followUpField} from "./field_follow_up.js";
import {jsonField} from "./field_json.js";
import {pictureField} from "./field_picture.js";
import {quietField} from "./field_quiet.js";
import {oauthField, patienceField, tlsField} from "./field_rest.js";
import {receiverField} from "./field_receiver.js";
import {secretField} from "./field_secret.js";
import {signingField} from "./field_signing.js";
import {fold} from "./fold.js";
import {switchBox} from "./switch_box.js";
import {_} from "./texts.js";

const ADVANCED = ["api_secret", "headers", "device_identifier", "cooldown_seconds", "verify_tls", "oauth", "tls", "signing", "patience", "receiver", "follow_up"];

export function editorForm({session, catalogue, board, changed, problems, api, values, draftToSend}) {
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

  const parts = {api, values, session, draft, catalogue, board, changed: told, set, refreshers, draftToSend};
  parts.isWrong = (path) => problems.some((problem) => problem.field.startsWith(path));
  parts.isOpen = openWhere(parts);
  return [
    h("div", {class: "wh-first-line"}, textField(parts, "name", {label: _("Name"), placeholder: _("as you call it")}), enabledField(parts)),
    addressField(parts),
    eventsField(parts),
    conditionField(parts),
    quietField(parts),
    dataPart(parts),
    pictureField(parts),
    advancedPart(parts)
  ];
}

function enabledField({draft, board, set}) {
  const {element, control} = switchBox({checked: draft.enabled, test: "hook-enabled", onChange: set("enabled")});
  return h("div", {class: "control-group wh-field"}, h("label", {class: "wh-enabled"}, element, _("Enabled")), problemSlot(board, "enabled", control));
}

function dataPart(parts) {
  const made = jsonField(parts, "data", {
    label: _("Data"), rows: 6, variables: parts.catalogue.variables, tools: [contentTypeChoice(parts)]
  });
  const explain = () => made.setHelp(_("JSON with variables in its texts, such as \"@topic\"."), " ", encodingInWords(parts.draft));
  parts.refreshers.push(explain);
  explain();
  const jinja = tickBox(parts, "jinja", {
    label: _("Jinja: {{ … }} and {% … %} mean something"),
    help: _("In URL, headers, data, and messages, beside @name: \"{{ progress.printTimeLeft | duration }}\". Untick it where such text is to go out as it stands.")
  });
  return [made.element, jinja.element];
}

function encodingInWords(draft) {
  if (draft.method === "GET") {
    return _("With GET, each key is added to the address: ?key=value.");
  }
  if (draft.content_type === "picture") {
    return _("The body is the webcam's picture; the data stands in the address, and the key with \"@snapshot\" has the file's name.");
  }
  if (wantsSnapshot(draft.data)) {
    return _("With \"@snapshot\" in it, it is sent as a multipart form together with the picture.");
  }
  return draft.content_type === "form"
    ? _("As a form, each key becomes a form field; nested values become JSON text.")
    : _("It is sent as it stands here. The value \"@snapshot\" adds a picture of the webcam.");
}

/** Whether a part is to be open: where there is something to see, or to mend. */
function openWhere({draft, catalogue, isWrong, session: {saved}}) {
  const blank = completeDraft({}, catalogue.new_hook, catalogue.topics);
  const isSaved = {
    api_secret: saved.api_secret,
    signing: saved.signing_keys.length > 0 || saved.body_signature_secret,
    tls: saved.client_key
  };
  return (path) => Boolean(isSaved[path]) || isDifferent(draft, blank, path) || isWrong(path);
}

function advancedPart(parts) {
  const {catalogue, isOpen, session: {saved}} = parts;
  return fold({title: _("Advanced"), hint: _("headers, secret, pause, TLS, signing, receiver, patience, OAuth"),
    open: ADVANCED.some(isOpen), test: "advanced-toggle"},
    jsonField(parts, "headers", {
      label: _("Headers"),
      help: _("JSON: header names with their values. Content-Type is set by itself."),
      variables: catalogue.variables.filter(({name}) => name !== "snapshot")
    }).element,
    h("div", {class: "wh-halves"},
      h("div", {class: "wh-half"}, secretField(parts, "api_secret", {
        label: _("API secret"),
        help: _("Goes where @apiSecret stands. It is stored, and never shown again."),
        isSet: saved.api_secret
      })),
      h("div", {class: "wh-half"}, textField(parts, "device_identifier", {
        label: _("Device identifier"),
        help: _("Goes where @deviceIdentifier stands: tells your printers apart.")
      }))),
    numberField(parts, "cooldown_seconds", {
      label: _("Pause after sending, in seconds"),
      help: _("The same event is not sent again within this time. 0 sends each."),
      test: "hook-cooldown"
    }),
    tickBox(parts, "verify_tls", {
      label: _("Verify the server's TLS certificate"),
      help: _("Untick only for a server of your own with a certificate that it signed itself.")
    }).element,
    tlsField(parts),
    signingField(parts),
    receiverField(parts),
    followUpField(parts),
    patienceField(parts),
    oauthField(parts)).element;
}

function isDifferent(draft, blank, path) {
  return isChanged({value: textAt(draft, path)}, {value: textAt(blank, path)});
}
