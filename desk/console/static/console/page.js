// Lets whoever works on a page without the list hear that a family waits, as the console does.

import * as alerts from "./alerts.js";
import { listen } from "./live.js";
import { piece } from "./pieces.js";

const URL = document.querySelector("[data-alerts-url]").dataset.alertsUrl;
const MOST_OFTEN_MS = 1000;
const CHECK_MS = 20_000;
let askedAt = 0;
let timer = null;
let heard = () => {};

/** Have the page's one stream tell another part of each change. */
export function also(handle) { heard = handle; }

function refresh() {
  timer ??= setTimeout(fetchAlerts, Math.max(0, askedAt + MOST_OFTEN_MS - Date.now()));
}

async function fetchAlerts() {
  askedAt = Date.now();
  timer = null;
  const answer = await piece(URL);
  // Whoever is signed out is not sent away: what stands in this page's forms is kept nowhere else.
  if (!answer?.ok || answer.redirected) return;
  const drawn = await answer.text().catch(() => "");
  alerts.update(new DOMParser().parseFromString(drawn, "text/html").querySelector("[data-alerts]"));
}

// For the same reason a notification opens a window of its own.
alerts.start((id) => open(`/console/conversations/${id}/`), () => "");
listen("/console/stream", {
  list: () => { refresh(); heard(); },
  mine: refresh,
  talks: () => heard(),
  open: () => { refresh(); heard(); },
});
setInterval(refresh, CHECK_MS);
