// The page's one stream of hints: the list's, and those of the conversation that is open.

import { announce } from "./pieces.js";

const AGAIN_MS = 2000;
const LOST_MS = 5000;

let stream;
let address = "";
let again;
let lost;

/** Listen to one address from now on; `handlers` by event name, and `open`. */
export function listen(url, handlers) {
  if (url === address && stream && stream.readyState !== EventSource.CLOSED) return;
  clearTimeout(again);
  stream?.close();
  address = url;
  const own = new EventSource(url);
  stream = own;
  for (const [name, handle] of Object.entries(handlers)) own.addEventListener(name, handle);
  own.addEventListener("open", () => show(true));
  own.addEventListener("beat", () => dispatchEvent(new Event("beat")));
  own.addEventListener("error", () => {
    if (own !== stream) return;
    show(false);
    // The browser comes back by itself after a broken line, but not after an answer it takes for
    // final, such as a proxy's 502. We do, for ever, and not all at the same moment.
    if (own.readyState !== EventSource.CLOSED) return;
    clearTimeout(again);
    again = setTimeout(() => listen(url, handlers), AGAIN_MS * (1 + Math.random()));
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
