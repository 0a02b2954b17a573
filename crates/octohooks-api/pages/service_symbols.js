/** How services look: a symbol of Font Awesome on a colour of the service's own, for whoever knows it by sight. */

import {h} from "./dom.js";

const LOOKS = {
  discord: ["fab fa-discord", "#5865f2"],
  slack: ["fab fa-slack", "#4a154b"],
  slack_bot: ["fab fa-slack", "#4a154b"],
  telegram: ["fab fa-telegram", "#2083b8"],
  matrix: ["fas fa-hashtag", "#3a3f45"],
  teams: ["fab fa-microsoft", "#5059c9"],
  google_chat: ["fab fa-google", "#188038"],
  mattermost: ["fas fa-comments", "#1e325c"],
  rocket_chat: ["fab fa-rocketchat", "#d42331"],
  synology_chat: ["fas fa-comment-dots", "#2f6fb3"],
  signal: ["fas fa-comment", "#2c5fd0"],
  whatsapp_callmebot: ["fab fa-whatsapp", "#128a45"],
  whatsapp_cloud: ["fab fa-whatsapp", "#128a45"],
  ntfy: ["fas fa-bell", "#338574"],
  pushover: ["fas fa-mobile-screen", "#1f78b4"],
  gotify: ["fas fa-tower-broadcast", "#3b6ea5"],
  pushbullet: ["fas fa-circle-arrow-right", "#3b8a57"],
  prowl: ["fas fa-paw", "#6b5a3c"],
  bark: ["fas fa-bone", "#c2452d"],
  alexa_notify_me: ["fas fa-volume-high", "#1f6f8b"],
  home_assistant_webhook: ["fas fa-house-signal", "#0f7ea8"],
  home_assistant_notify: ["fas fa-house-signal", "#0f7ea8"],
  node_red: ["fas fa-diagram-project", "#8f0000"],
  ifttt: ["fas fa-shuffle", "#30343a"],
  zapier: ["fas fa-bolt", "#c8450c"],
  n8n: ["fas fa-share-nodes", "#b8325a"],
  apprise: ["fas fa-bullhorn", "#2a6f6f"],
  twilio: ["fas fa-comment-sms", "#c22034"],
  plivo: ["fas fa-comment-sms", "#2a7d2a"],
  tasmota: ["fas fa-plug", "#1a6fb0"],
  shelly: ["fas fa-power-off", "#2f6bb3"],
  wled: ["fas fa-lightbulb", "#8a6400"],
  simple: ["fas fa-paper-plane", "#55606b"],
  signed: ["fas fa-file-signature", "#55606b"],
  full_data: ["fas fa-list", "#55606b"],
  snapshot: ["fas fa-camera", "#55606b"],
  dot_notation: ["fas fa-code", "#55606b"],
  oauth: ["fas fa-key", "#55606b"]
};

/** What most people come for, with names that need no translation. */
export const POPULAR = [
  ["discord", "Discord"], ["telegram", "Telegram"], ["ntfy", "ntfy"], ["home_assistant_webhook", "Home Assistant"],
  ["slack", "Slack"], ["pushover", "Pushover"], ["whatsapp_callmebot", "WhatsApp"], ["signal", "Signal"]
];

/** The tile of a service; screen readers pass over it. */
export function symbol(key) {
  const [look, colour] = LOOKS[key] ?? LOOKS.simple;
  return h("span", {class: "wh-symbol", style: `background: ${colour}`, "aria-hidden": "true"}, h("i", {class: `${look} fa-fw`}));
}
