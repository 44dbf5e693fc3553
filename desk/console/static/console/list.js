// The list beside the conversation: fetched again when something may be new, at most about once a
// second, and exchanged section by section, so that nothing moves that did not change.

import { piece, soonAgain, tellWaits, unpressed, words } from "./pieces.js";
import * as alerts from "./alerts.js";

const MOST_OFTEN_MS = 1000;
// Twenty open consoles must not all ask at the same moment.
const JITTER_MS = 250;

const list = document.querySelector("[data-list]");
const drawnAs = new WeakMap();
let askedAt = 0;
let timer = null;
let isFetching = false;
let isWantedAgain = false;
let isWantedAtOnce = false;
let switches = 0;
let shown = () => "";

/** Begin; `shownConversation` says which one is open. */
export function start(shownConversation) {
  shown = shownConversation;
  for (const section of list.children) drawnAs.set(section, section.outerHTML);
  settle();
}

/** Ask for the list soon. */
export function refresh() {
  if (isFetching) isWantedAgain = true;
  if (timer !== null || isFetching) return;
  const wait = Math.max(0, askedAt + MOST_OFTEN_MS - Date.now()) + Math.random() * JITTER_MS;
  timer = setTimeout(fetchList, wait);
}

/** Ask for the list at once: a family wrote to this very specialist. */
export function refreshNow() {
  if (isFetching) { isWantedAtOnce = true; return; }
  clearTimeout(timer);
  fetchList();
}

/** Ask for the list soon where it shows everybody's talks. */
export function refreshAll() {
  if (showsAll()) refresh();
}

function showsAll() { return list.querySelector('[data-view="all"][aria-current]') !== null; }

async function fetchList() {
  askedAt = Date.now();
  isFetching = true;
  const began = switches;
  const view = showsAll() ? "all" : "now";
  const drawn = await words(await piece(`${list.dataset.url}?view=${view}&shown=${shown()}`));
  await unpressed();
  timer = null;
  isFetching = false;
  const isHurried = isWantedAtOnce;
  const isWanted = isWantedAgain;
  isWantedAtOnce = isWantedAgain = false;
  if (isHurried) refreshNow();
  else if (drawn === null) timer = setTimeout(fetchList, soonAgain());
  else if (isWanted || began !== switches) refresh();
  // A switch while the answer was on its way, to another chat or from one view to the other,
  // brought a list of its own: the one asked for before would undo it.
  if (drawn !== null && began === switches) draw(new DOMParser().parseFromString(drawn, "text/html").body);
}

/** Show the list that came with a switch. */
export function exchange(drawn) {
  switches += 1;
  draw(drawn);
}

/** Show what was drawn, and leave alone what is the same as before. */
function draw(drawn) {
  const focused = document.activeElement?.closest?.("[data-list] [data-row]")?.dataset.row;
  const old = new Map([...list.children].map((section) => [name(section), section]));
  const wanted = [...drawn.children].map((section) => {
    const before = old.get(name(section));
    if (before && drawnAs.get(before) === section.outerHTML) return before;
    const text = section.outerHTML;
    const fresh = document.importNode(section, true);
    if (before?.tagName === "DETAILS") fresh.open = before.open;
    drawnAs.set(fresh, text);
    return fresh;
  });
  const isSame = wanted.length === list.children.length && wanted.every((each, n) => each === list.children[n]);
  if (!isSame) list.replaceChildren(...wanted);
  if (focused && !list.contains(document.activeElement)) {
    list.querySelector(`[data-row="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
  settle();
}

function name(section) {
  return section.dataset.section ?? section.dataset.fold ?? section.className ?? section.tagName;
}

function settle() {
  tellWaits(list);
  const said = list.querySelector("[data-alerts]");
  for (const each of document.querySelectorAll("[data-held-shown]")) each.textContent = said?.dataset.held ?? "";
  alerts.update(said);
}

/** Mark the row of the conversation that is open, until the next list does. */
export function mark(id) {
  switches += 1;
  for (const row of list.querySelectorAll("[data-row]")) {
    if (row.dataset.row === id) row.setAttribute("aria-current", "true"); else row.removeAttribute("aria-current");
  }
}

/** Take the count of unread words off a row whose conversation is before the specialist now. */
export function markRead(id) {
  for (const row of list.querySelectorAll(`[data-row="${CSS.escape(id)}"]`)) {
    row.classList.remove("has-news");
    row.querySelector(".count.news")?.remove();
  }
}

/** The rows that can be gone through by key, in their order. */
export function rows() {
  const seen = new Set();
  return [...list.querySelectorAll("a.row")].filter((row) => {
    const isNew = row.checkVisibility() && !seen.has(row.dataset.row);
    seen.add(row.dataset.row);
    return isNew;
  });
}

/** The row of whoever is served next, or null. */
export function nextWaiting() {
  return list.querySelector('[data-section="urgent-waiting"] a.row, [data-section="waiting"] a.row');
}
