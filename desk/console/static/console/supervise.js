// Keeps the supervisor's view current: the same piece again, at most every other second.

import { also } from "./page.js";
import { piece, tellWaits, unpressed, words } from "./pieces.js";

const MOST_OFTEN_MS = 2000;
const CHECK_MS = 20_000;
const page = document.querySelector("[data-supervise]");
let askedAt = 0;
let timer = null;

function refresh() {
  timer ??= setTimeout(fetchPage, Math.max(0, askedAt + MOST_OFTEN_MS - Date.now()));
}

async function fetchPage() {
  askedAt = Date.now();
  const drawn = await words(await piece(page.dataset.url));
  await unpressed();
  timer = null;
  if (drawn === null) return;
  const focused = page.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  page.innerHTML = drawn; // Drawn by our own templates, which escape every text.
  if (focused) page.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  tellWaits(page);
}

also(refresh);
setInterval(refresh, CHECK_MS);
setInterval(() => tellWaits(page), 1000);
tellWaits(page);
