// Ties the console together. Without this script every page works by plain links and forms; with
// it, a switch or an act fetches the same page and exchanges only what differs.

import * as alerts from "./alerts.js";
import * as chat from "./chat.js";
import * as drafts from "./drafts.js";
import * as list from "./list.js";
import { listen } from "./live.js";
import { announce, body, flash, isSignedOut, piece, tellWaits, unpressed } from "./pieces.js";
import * as shortcuts from "./shortcuts.js";
import * as tools from "./tools.js";

const CHECK_MS = 20_000; // A check at a low rate, also where the stream looks alive.
const CONSOLE = /^\/console\/(conversations\/[0-9a-f-]{36}\/)?$/;
const sheet = document.querySelector('[data-dialog="page"]');
const UNREACHABLE = "The desk cannot be reached. Nothing is lost; try again in a moment.";
const DELETED = "The conversation you had open was deleted. Nothing of it is kept.";
const FAULT = "That did not work. Reload the page and try again; what you typed is kept.";

// --- switching and acting -------------------------------------------------------------------

let going = new AbortController();

/** Fetch a page of the console, by GET or by an act's POST, and show what differs. */
async function go(url, { post = null, push = true, focus = "heading" } = {}) {
  going.abort();
  // An act must come through; only a look at another conversation is given up for the next one.
  going = post ? { abort() {} } : new AbortController();
  const own = going;
  let answer;
  try {
    answer = await piece(url, post ? { method: "POST", body: post } : { signal: own.signal });
  } catch {
    return;
  }
  if (own !== going && !post) return;
  if (!answer) { flash(UNREACHABLE); return; }
  if (post ? answer.redirected && isSignedOut(answer) : isSignedOut(answer)) { location.assign(answer.url); return; }
  const drawn = new DOMParser().parseFromString(await answer.text().catch(() => ""), "text/html");
  await unpressed();
  if (own !== going) {
    // Given up for what was pressed since. What came of an act is told there, and lists it.
    if (post) { tell(drawn); list.refresh(); chat.refresh(); }
    return;
  }
  if (!drawn.querySelector("[data-chat]")) {
    if (post && !answer.ok) flash(FAULT); else location.assign(answer.url);
    return;
  }
  show(drawn, answer.url, push, focus);
}

/** Show what the server has to say of an act; an answer that is no page of ours is a fault. */
function tell(drawn) {
  const flashes = drawn.querySelector("[data-flashes]");
  if (!flashes) { flash(FAULT); return; }
  document.querySelector("[data-flashes]").replaceWith(document.importNode(flashes, true));
  for (const each of flashes.children) announce(each.textContent);
}

function show(drawn, url, push, focus) {
  const isElsewhere = new URL(url).pathname !== location.pathname;
  const pressed = document.activeElement;
  tell(drawn);
  const isOpen = chat.takeIn(drawn);
  if (!isOpen) chat.leave();
  if (!isOpen) document.querySelector("[data-chat]").replaceWith(document.importNode(drawn.querySelector("[data-chat]"), true));
  document.querySelector("[data-beside]")?.remove();
  const beside = drawn.querySelector("[data-beside]");
  if (beside) document.querySelector("main").append(document.importNode(beside, true));
  document.body.className = drawn.body.className;
  if (push && url !== location.href) history.pushState(null, "", url);
  alerts.retitle(drawn.title);
  if (isOpen) chat.restoreNotes(); else chat.start();
  const fresh = drawn.querySelector("[data-list]");
  if (fresh.childElementCount) list.exchange(fresh); else { list.mark(chat.shown()); list.refresh(); }
  hear();
  if (focus === "composer" && chat.replyBox()) chat.replyBox().focus();
  else if (focus !== "stay" || isElsewhere) document.querySelector("[data-heading]")?.focus({ preventScroll: true });
  else if (!pressed.isConnected) boxLike(pressed).focus({ preventScroll: true });
}

/** Where to go on after an act: the box that was written in, drawn anew, else the heading. */
function boxLike(pressed) {
  const id = pressed.id || pressed.form?.querySelector("textarea[id], input[id]")?.id;
  return (id && document.getElementById(id)) || document.querySelector("[data-heading]");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.hasAttribute("data-dialog-close") && sheet.open) { event.preventDefault(); sheet.close(); return; }
  if (link.hasAttribute("data-page-dialog")) { event.preventDefault(); openSheet(link); return; }
  if (link.target || link.origin !== location.origin || !CONSOLE.test(link.pathname)) return;
  event.preventDefault();
  go(link.href);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  const act = form.dataset.act;
  if (!act || event.defaultPrevented) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const post = new FormData(form, event.submitter);
  const url = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  if (act === "claim") alerts.expectOwn();
  if (sheet.open) sheet.close();
  sendForm(form, url, post, { claim: "composer", stay: "stay", leave: "heading" }[act]);
});

async function sendForm(form, url, post, focus) {
  const boxes = [...form.querySelectorAll("[data-draft]")];
  const conversation = chat.shown();
  const takenBack = "returns" in form.dataset ? form.closest(".banner").querySelector("blockquote").textContent : "";
  await go(url, { post, focus });
  delete form.dataset.busy;
  const isRefused = document.querySelector("[data-flashes] .error");
  if (takenBack && !isRefused && chat.shown() === conversation) chat.putBack(takenBack);
  for (const box of boxes) if (!isRefused) drafts.keep(box.dataset.draftOf ?? conversation, box.dataset.draft, "");
  for (const box of document.querySelectorAll("[data-beside] [data-draft]")) {
    if (!isRefused && boxes.some((each) => each.dataset.draft === box.dataset.draft)) box.value = "";
  }
}

document.addEventListener("input", (event) => {
  const box = event.target.closest?.("[data-draft]");
  if (!box || box.dataset.draft === "reply") return;
  drafts.keep(box.dataset.draftOf ?? chat.shown(), box.dataset.draft, box.value);
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-to-end]")) chat.scrollToEnd();
});

async function openSheet(link) {
  const answer = await piece(link.href);
  const drawn = answer?.ok && !answer.redirected
    ? new DOMParser().parseFromString(await answer.text().catch(() => ""), "text/html").querySelector("[data-fragment]")
    : null;
  if (!drawn) { location.assign(link.href); return; }
  const holder = sheet.querySelector("[data-dialog-body]");
  holder.replaceChildren(document.importNode(drawn, true));
  drafts.restore(holder, chat.shown());
  sheet.showModal();
}

// Deleted by its family, most likely: what they wrote must not stay on the screen.
chat.whenGone(async (id) => {
  drafts.forget(id);
  await go("/console/");
  if (chat.shown() !== id) { flash(DELETED, "warning"); announce(DELETED); }
});

addEventListener("popstate", () => go(location.href, { push: false }));

// --- hearing of news ------------------------------------------------------------------------

function hear() {
  listen(chat.streamUrl(), {
    list: list.refresh,
    mine: list.refreshNow,
    talks: list.refreshAll,
    conversation: chat.refreshFor,
    typing: chat.showTyping,
    viewers: chat.noteView,
  });
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") { list.refresh(); chat.refresh(); chat.noteView(); }
});
setInterval(() => { list.refresh(); chat.refresh(); }, CHECK_MS);
setInterval(() => { tellWaits(); chat.tick(); putAway(); }, 1000);

const DONE_SHOWN_MS = 15_000;
const doneSince = new WeakMap();

/** Take away what was told as done some time ago: it would stand beside what has come since. */
function putAway() {
  for (const line of document.querySelectorAll("[data-flashes] .success")) {
    if (!doneSince.has(line)) doneSince.set(line, Date.now());
    else if (Date.now() - doneSince.get(line) > DONE_SHOWN_MS) line.remove();
  }
}

// --- menus ----------------------------------------------------------------------------------

function closeMenus(except) {
  for (const menu of document.querySelectorAll(".menu[open]")) if (menu !== except) menu.open = false;
}

document.addEventListener("click", (event) => closeMenus(event.target.closest?.(".menu")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" ? event.target.closest?.(".menu[open]") : null;
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// --- the sound's panel and the bar ----------------------------------------------------------

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-sound-form]")) return;
  event.preventDefault();
  const post = new FormData(form, event.submitter);
  alerts.chooseSound(post.get("sound"));
  for (const each of document.querySelectorAll("[data-sound-switch]")) {
    const isOn = post.get("sound") === "on";
    each.value = isOn ? "off" : "on";
    each.textContent = isOn ? "Sound on" : "Sound off";
    each.setAttribute("aria-pressed", String(isOn));
  }
  piece(form.action, { method: "POST", body: post });
});

// --- keys -----------------------------------------------------------------------------------

function step(by) {
  const rows = list.rows();
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.dataset.row === chat.shown());
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by;
  if (rows[next]) go(rows[next].href);
}

function claimNext() {
  const row = list.nextWaiting();
  if (!row) { announce("Nobody is waiting."); flash("Nobody is waiting.", ""); return; }
  alerts.expectOwn();
  go(new URL("claim", row.href).href, { post: body(), focus: "composer" });
}

function focusOn(selector) {
  const found = document.querySelector(selector);
  found?.focus();
  return found;
}

shortcuts.start({
  j: () => step(1),
  k: () => step(-1),
  c: claimNext,
  r: () => focusOn("#text"),
  n: () => focusOn("#note"),
  t: () => document.querySelector("[data-key=t]")?.click(),
  "/": async () => { if (!await tools.openSearch()) location.assign("/console/entries/"); },
});

// --- start ----------------------------------------------------------------------------------

drafts.tidy();
alerts.start((id) => go(`/console/conversations/${id}/`), chat.shown);
alerts.startPanel();
chat.start();
list.start(chat.shown);
hear();
