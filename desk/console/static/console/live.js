// The page's one stream of hints: the list's, and those of the conversation that is open.

import { announce, soonAgain } from "./pieces.js";

const LOST_MS = 5000;
// The server sends a beat every 15 s: a line that is silent for longer is dead, even
// where the browser still takes it for open, as after a sleep.
const SILENT_MS = 40_000;

let stream;
let address = "";
let again;
let lost;
let heardAt = Date.now();
let reopen = () => {};

setInterval(() => {
  if (stream && Date.now() - heardAt > SILENT_MS) { show(false); stream.close(); reopen(); }
}, 5000);
document.addEventListener("desk-away", () => show(false));
document.addEventListener("desk-reached", () => { if (lost !== undefined && stream?.readyState === EventSource.OPEN) show(true); });

/** Listen to one address from now on; `handlers` by event name, and `open`. */
export function listen(url, handlers) {
  if (url === address && stream && stream.readyState !== EventSource.CLOSED) return;
  clearTimeout(again);
  stream?.close();
  address = url;
  const own = new EventSource(url);
  stream = own;
  heardAt = Date.now();
  reopen = () => listen(url, handlers);
  for (const [name, handle] of Object.entries({ beat: () => dispatchEvent(new Event("beat")), ...handlers })) {
    own.addEventListener(name, (event) => { heardAt = Date.now(); handle(event); });
  }
  own.addEventListener("open", () => show(true));
  own.addEventListener("error", () => {
    if (own !== stream) return;
    show(false);
    // The browser comes back by itself after a broken line, but not after an answer it takes for
    // final, such as a proxy's 502. We do, for ever, and not all at the same moment.
    if (own.readyState !== EventSource.CLOSED) return;
    clearTimeout(again);
    again = setTimeout(() => listen(url, handlers), soonAgain());
  });
}

function show(isConnected) {
  for (const each of document.querySelectorAll("[data-live]")) {
    each.dataset.live = isConnected ? "on" : "off";
    each.querySelector("[data-live-words]").textContent = isConnected ? "Connected" : "Not connected";
  }
  if (isConnected) {
    clearTimeout(lost);
    if (lost === "told") announce("Connected again.");
    lost = undefined;
  } else if (lost === undefined) {
    lost = setTimeout(() => { lost = "told"; announce("The connection is lost. Trying again."); }, LOST_MS);
  }
}
