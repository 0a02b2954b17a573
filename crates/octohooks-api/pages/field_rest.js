/** The rarest settings: whom to trust (TLS), how long a delivery is tried, and OAuth, whose answer gives variables to the webhook. */

import {h, help} from "./dom.js";
import {choice, field, numberField, textField, tickBox} from "./field.js";
import {CONTENT_TYPES, methodChoice} from "./field_address.js";
import {jsonField} from "./field_json.js";
import {secretField} from "./field_secret.js";
import {fold} from "./fold.js";
import {_} from "./texts.js";

const PEM = "-----BEGIN CERTIFICATE-----";

export function tlsField(parts) {
  return fold({title: _("Certificates"), hint: _("for servers of your own"), open: parts.isOpen("tls"), test: "tls-toggle"},
    textField(parts, "tls.ca", {
      rows: 2, placeholder: PEM, label: _("Authorities to trust as well (PEM)"),
      help: _("For a server whose certificate your own authority signed.")
    }),
    textField(parts, "tls.pinned_sha256", {
      rows: 1, label: _("Only this certificate (SHA-256)"),
      help: _("Its fingerprint; several are separated by commas. Whoever signed it does not matter then.")
    }),
    textField(parts, "tls.client_certificate", {
      rows: 2, placeholder: PEM, label: _("Client certificate (PEM)"),
      help: _("Shown to a server that asks who is calling.")
    }),
    secretField(parts, "tls.client_key", {
      rows: 2, isSet: parts.session.saved.client_key, label: _("Private key of the client certificate (PEM)"),
      help: _("Without a password. It is stored, and never shown again.")
    })).element;
}

export function patienceField(parts) {
  return fold({title: _("Patience"), hint: _("when a delivery does not arrive"), open: parts.isOpen("patience"), test: "patience-toggle"},
    numberField(parts, "patience.keep_minutes", {
      least: 1, empty: null, label: _("Try for, in minutes"),
      help: _("Empty: 24 hours for what needs you and for a finished print, 6 hours for anything else. Progress is never kept longer than 5 minutes.")
    }),
    numberField(parts, "patience.fold_seconds", {
      label: _("Tell repeated alarms once within, in seconds"),
      help: _("The same error again is told together with the first one, with a count. 0 tells each.")
    }),
    numberField(parts, "patience.late_after_seconds", {
      label: _("Say that it is late after, in seconds"),
      help: _("An older message begins with how late it is. 0 never says so.")
    }),
    tickBox(parts, "patience.repeat_when_unsure", {
      label: _("Send again what may have arrived"),
      help: _("When no answer came: rather twice than never. Progress is never repeated.")
    }).element).element;
}

export function oauthField(parts) {
  const {oauth} = parts.draft;
  const {board, set} = parts;
  const words = () => (oauth.enabled ? _("on") : "");
  const details = h("div", null,
    textField(parts, "oauth.url", {
      label: _("Address of the token server"),
      type: "url",
      placeholder: "https://",
      beside: methodChoice({
        value: oauth.method, "aria-label": _("Method of the OAuth request"), test: "hook-oauth-method", onChange: set("oauth.method")
      })
    }),
    field({
      label: _("Send the data as"),
      control: choice({
        value: oauth.content_type, options: CONTENT_TYPES(), test: "hook-oauth-content-type", onChange: set("oauth.content_type")
      }),
      path: "oauth.content_type",
      board
    }).element,
    jsonField(parts, "oauth.headers", {label: _("Headers")}).element,
    jsonField(parts, "oauth.data", {
      label: _("Data"),
      help: _("What the token server wants, usually a client's id and secret.")
    }).element);
  details.hidden = !oauth.enabled;
  const whole = fold({title: _("OAuth: fetch a token first"), hint: words(), open: oauth.enabled, test: "oauth-toggle"},
    help(_("Each key of the answer becomes a variable: @access_token in a header, for example.")),
    tickBox(parts, "oauth.enabled", {
      label: _("Make this request before the webhook"),
      onChange: (checked) => {
        details.hidden = !checked;
        set("oauth.enabled")(checked);
        whole.setHint(words());
      }
    }).element,
    details);
  // A problem may point into a request that is switched off; it can only be seen with the details shown.
  details.addEventListener("wh-reveal", () => {
    details.hidden = false;
  });
  return whole.element;
}
