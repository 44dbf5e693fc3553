// The conversation that is open: its news, its composer, who looks on and who types.

import { announce, body, piece, soonAgain, tellWaits, unpressed, words } from "./pieces.js";
import * as alerts from "./alerts.js";
import * as drafts from "./drafts.js";
import * as list from "./list.js";
import * as tools from "./tools.js";

const TYPING_SHOWN_MS = 4000;
const TYPING_SENT_EVERY_MS = 3000;
const VIEW_EVERY_MS = 10_000;
// Whoever writes on for this long after a message appeared has had time to see it.
const TIME_TO_SEE_MS = 1500;

const scrolls = new Map();
let talk = null;
let log = null;
let sentFor = "";
let pressedFor = ""; // For what Send was pressed while another reply was on its way.
let gone = () => {};

/** Have `handle` called when the conversation that is open, named by its id, is there no more. */
export function whenGone(handle) { gone = handle; }

/** The id of the conversation that is open, or "". */
export function shown() { return talk?.dataset.talk ?? ""; }

/** The address of the stream for what is open. */
export function streamUrl() { return talk?.dataset.stream ?? "/console/stream"; }

// --- opening and leaving --------------------------------------------------------------------

/** Remember where the reader is before another conversation takes the place. */
export function leave() {
  if (log) scrolls.set(shown(), atEnd() ? null : log.scrollTop);
  talk = log = null;
}

/** Take up the conversation that the page shows now, if there is one. */
export function start() {
  talk = document.querySelector("[data-talk]");
  log = talk?.querySelector("[data-log]") ?? null;
  typingUntil = 0;
  if (!talk) return;
  noteChange(talk);
  const at = scrolls.get(shown());
  if (at == null) toEnd(); else log.scrollTop = at;
  log.addEventListener("scroll", onScroll, { passive: true });
  startComposer(true);
  restoreNotes();
  tellWaits(talk);
  noteView();
}

/**
 * Take in a page of the conversation that is open, where it was this specialist's before; whether
 * it was. News may have drawn it before the act's own answer came: what is being written or sent
 * since stays in its box.
 */
export function takeIn(drawn) {
  const [now, then] = [document, drawn].map((root) => root.querySelector('[data-talk] [data-part="state"]')?.dataset);
  const isSame = drawn.querySelector("[data-talk]")?.dataset.talk === shown()
    && now?.mine === "yes" && then?.mine === "yes" && now.epoch === then.epoch;
  if (isSame) { addMessages(drawn); exchangeParts(drawn); }
  return Boolean(isSame);
}

/** Put kept notes back into their boxes. */
export function restoreNotes() {
  for (const box of document.querySelectorAll("[data-beside]")) drafts.restore(box, shown());
}

/** Go to the latest message. */
export function scrollToEnd() { if (log) toEnd(); }

function atEnd() { return log.scrollHeight - log.scrollTop - log.clientHeight < 120; }
function toEnd() { log.scrollTop = log.scrollHeight; onScroll(); }

function onScroll() {
  // A log that has left the page still tells of its last scroll.
  if (!log || !atEnd()) return;
  talk.querySelector("[data-to-end]").hidden = true;
  noteShown();
}

// --- what the writer has seen ---------------------------------------------------------------

let seenSeq = 0; // The last message that the draft's writer knew of.
let appeared = []; // [message number, when it came into sight]

function lastSeq() { return Number(log.dataset.lastSeq); }
function isInSight() { return document.visibilityState === "visible" && log && atEnd(); }

function noteShown() {
  if (isInSight() && lastSeq() > (appeared.at(-1)?.[0] ?? seenSeq)) appeared.push([lastSeq(), Date.now()]);
}

function noteSeen(isBeginning) {
  const before = Date.now() - (isBeginning ? 0 : TIME_TO_SEE_MS);
  for (const [seq, at] of appeared) if (at <= before) seenSeq = Math.max(seenSeq, seq);
}

// --- news -----------------------------------------------------------------------------------

let refreshing = Promise.resolve();
let retry = null;
let lastChange = 0; // The number of the last change that the page shows.

function noteChange(drawn) { lastChange = Number(drawn.querySelector('[data-part="state"]').dataset.change); }

/** Add messages after the last one shown, one request at a time so that none is added twice. */
export function refresh() {
  refreshing = refreshing.then(() => fetchNews());
  return refreshing;
}

/** Do so where the page does not have the change yet that an event tells of. */
export function refreshFor({ data }) {
  refreshing = refreshing.then(() => fetchNews(Number(data)));
}

async function fetchNews(change = NaN) {
  const own = talk;
  if (!own || change <= lastChange) return;
  const answer = await piece(`${own.dataset.news}?after=${log.dataset.lastSeq}`);
  if (own === talk && answer?.status === 404) { gone(shown()); return; }
  const news = await words(answer);
  await unpressed();
  if (own !== talk) return;
  clearTimeout(retry);
  if (news === null) {
    // No other event need come for what was lost on its way.
    retry = setTimeout(refresh, soonAgain());
    return;
  }
  const drawn = new DOMParser().parseFromString(news, "text/html");
  noteChange(drawn);
  addMessages(drawn);
  exchangeParts(drawn);
}

function addMessages(drawn) {
  const stay = atEnd();
  let isNews = false;
  let isFromFamily = false;
  for (const message of drawn.querySelectorAll("[data-seq]")) {
    if (Number(message.dataset.seq) <= lastSeq()) continue;
    log.append(document.importNode(message, true));
    log.dataset.lastSeq = message.dataset.seq;
    isNews = true;
    if (message.dataset.sender !== "visitor") continue;
    isFromFamily = true;
    announce("The family wrote.");
    clearTyping();
  }
  if (!isNews) return;
  if (stay) toEnd(); else talk.querySelector("[data-to-end]").hidden = false;
  // What others write counts as unread until they say so; the next tick does, for a colleague's.
  if (isFromFamily) noteView(); else noteShown();
}

function exchangeParts(drawn) {
  const stay = atEnd();
  const state = talk.querySelector('[data-part="state"]').textContent.trim();
  for (const part of drawn.querySelectorAll("[data-part]")) {
    const old = document.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!old || old.dataset.drawn === part.dataset.drawn) continue;
    const wasIn = old.contains(document.activeElement) ? document.activeElement : null;
    const fresh = document.importNode(part, true);
    const depths = scrolled(old);
    old.replaceWith(fresh);
    for (const [id, depth] of depths) { const same = likeIn(fresh, id); if (same) same.scrollTop = depth; }
    if (part.dataset.part === "composer") startComposer(false);
    if (wasIn) focusLike(fresh, wasIn);
    tellWaits(fresh);
  }
  // A banner takes its room from the log: what comes next must not lie below its edge unseen.
  if (stay) toEnd();
  const now = talk.querySelector('[data-part="state"]');
  const told = now.textContent.replace(/\s+/g, " ").trim();
  if (told !== state.replace(/\s+/g, " ")) announce(`${told}.`);
  const form = composer();
  if (!form) return;
  form.elements.epoch.value = now.dataset.epoch;
  const box = form.elements.text;
  if (!box.value) box.value = box.dataset.before = takeBack();
}

function likeIn(fresh, id) {
  return id ? [fresh, ...fresh.querySelectorAll("[id]")].find((one) => one.id === id) : undefined;
}

/** How far a part, and what has an id in it, is scrolled. */
function scrolled(part) {
  const found = [part, ...part.querySelectorAll("[id]")].filter((one) => one.id && one.scrollTop);
  return found.map((one) => [one.id, one.scrollTop]);
}

/** Focus never falls off the page: to the same control, else to the heading. */
function focusLike(fresh, before) {
  (likeIn(fresh, before.id) ?? talk.querySelector("[data-heading]")).focus({ preventScroll: true });
}

// --- who looks on ---------------------------------------------------------------------------

let viewedAt = 0;

/** Say how far this specialist has read, and show who else looks on. */
export async function noteView() {
  const own = talk;
  if (!own || document.visibilityState !== "visible") return;
  viewedAt = Date.now();
  noteShown();
  list.markRead(shown());
  alerts.look();
  const answer = await piece(own.dataset.viewUrl, { method: "POST", body: body({ seq: log.dataset.lastSeq }) });
  if (own === talk && answer?.status === 404) { gone(shown()); return; }
  const drawn = await words(answer);
  if (drawn === null || own !== talk) return;
  const line = own.querySelector("[data-viewers]");
  const before = line.textContent.trim();
  const told = new DOMParser().parseFromString(drawn, "text/html").body.textContent.trim();
  if (told === before) return;
  line.textContent = told;
  if (told) announce(told);
}

let typingUntil = 0;

/** The family types. */
export function showTyping() {
  if (!talk) return;
  typingUntil = Date.now() + TYPING_SHOWN_MS;
  talk.querySelector("[data-typing]").textContent = "The family is typing…";
}

function clearTyping() {
  typingUntil = 0;
  talk.querySelector("[data-typing]").textContent = "";
}

/** Once a second: what has run out, and what is due. */
export function tick() {
  if (!talk) return;
  if (typingUntil && Date.now() > typingUntil) clearTyping();
  if (Date.now() - viewedAt > VIEW_EVERY_MS) noteView();
}

// --- the composer ---------------------------------------------------------------------------

function composer() { return talk?.querySelector("[data-composer]") ?? null; }

/** The box of the reply, or null while this specialist is not in control. */
export function replyBox() { return composer()?.elements.text ?? null; }

function startComposer(isOpening) {
  const form = composer();
  const draft = drafts.kept(shown(), "reply");
  if (isOpening) { seenSeq = draft?.text ? draft.seen : lastSeq(); appeared = []; sentFor = ""; noteShown(); }
  const left = talk.querySelector("[data-kept]");
  if (left) {
    left.hidden = !draft?.text;
    left.querySelector("[data-kept-text]").value = draft?.text ?? "";
  }
  if (!form) return;
  const box = form.elements.text;
  box.value ||= draft?.text ?? takeBack();
  tools.restore(form, shown());
  box.dataset.before = box.value;
  form.elements.client_id.value = "";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isGuarded(form) && box.value === guardedWords) guard(form); else send(form, isGuarded(form));
  });
  form.querySelector("[data-send-anyway]").addEventListener("click", () => send(form, true));
  form.querySelector("[data-keep-writing]").addEventListener("click", () => { lower(form); box.focus(); });
  box.addEventListener("input", () => onInput(box));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
  });
}

/** A reply that a reader returned, for its author to work on; once, so that a deletion stays. */
function takeBack() {
  const returned = talk.querySelector("[data-returned]");
  if (!returned || sessionStorage.getItem(`back:${returned.dataset.returned}`)) return "";
  sessionStorage.setItem(`back:${returned.dataset.returned}`, "yes");
  const text = returned.querySelector("[data-returned-text]").textContent;
  seenSeq = lastSeq();
  drafts.keep(shown(), "reply", text, seenSeq);
  return text;
}

/** A reply that its author took back from the reader, into a box in which nothing else stands. */
export function putBack(text) {
  const box = replyBox();
  if (!box || box.value) return;
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

let typingSentAt = 0;

function onInput(box) {
  noteSeen(!box.dataset.before);
  box.dataset.before = box.value;
  drafts.keep(shown(), "reply", box.value, seenSeq);
  if (Date.now() - typingSentAt < TYPING_SENT_EVERY_MS) return;
  typingSentAt = Date.now();
  piece(talk.dataset.typingUrl, { method: "POST", body: body() });
}

function isGuarded(form) { return !form.querySelector("[data-guard]").hidden; }

let guardedWords = ""; // A second press of Send is no "Send anyway": that takes other words.

/** Hold the reply and show what came in between. */
function guard(form) {
  const guarded = form.querySelector("[data-guard]");
  guardedWords = form.elements.text.value;
  let first = null;
  for (const message of log.querySelectorAll("[data-seq]")) {
    const isNewer = Number(message.dataset.seq) > seenSeq && message.dataset.sender !== "system";
    message.classList.toggle("newer", isNewer);
    if (isNewer) first ??= message;
  }
  guarded.hidden = false;
  first?.scrollIntoView({ block: "nearest" });
}

function lower(form) {
  form.querySelector("[data-guard]").hidden = true;
  for (const message of log.querySelectorAll(".newer")) message.classList.remove("newer");
  seenSeq = lastSeq();
}

/** Send the draft; it stays in the box, and its id with it, until the desk has it. */
async function send(form, isAnyway) {
  const own = talk;
  const id = shown();
  const box = form.elements.text;
  const trouble = form.querySelector("[data-trouble]");
  if (!box.value.trim()) return;
  if (form.dataset.busy) { pressedFor = restAfter(sentFor, box.value); return; }
  form.dataset.busy = "yes";
  pressedFor = "";
  if (isAnyway) lower(form);
  const sent = box.value;
  // The same words keep their id through every try; other words are another reply.
  if (sentFor !== sent || !form.elements.client_id.value) form.elements.client_id.value = crypto.randomUUID();
  sentFor = sent;
  form.elements.seen_seq.value = seenSeq;
  const answer = await piece(form.action, { method: "POST", body: new FormData(form) });
  delete form.dataset.busy;
  if (answer?.ok && !answer.redirected) {
    trouble.hidden = true;
    await settleSent(own, id, box, sent, answer.status === 202);
    // Send was pressed again for other words while these were on their way.
    if (own === talk && form.isConnected && pressedFor && box.value === pressedFor) send(form, isGuarded(form));
    return;
  }
  if (own !== talk) return; // The words are kept with their conversation.
  // It was handed in before, and came back: sent again it is another reply.
  if (answer?.headers.get("X-Reason") === "held_reply_over") sentFor = "";
  await refresh();
  if (answer?.headers.get("X-Reason") === "newer_messages") {
    trouble.hidden = true;
    guard(form);
  } else {
    trouble.textContent = await complaint(answer);
    trouble.hidden = false;
  }
  if (form.isConnected) box.focus();
}

function restAfter(sent, text) { return text.startsWith(sent) ? text.slice(sent.length).trimStart() : text; }

async function settleSent(own, id, box, sent, isHeld) {
  // Whoever typed on while the reply was on its way keeps what was added.
  const rest = restAfter(sent, box.value);
  sentFor = "";
  if (own !== talk) { drafts.keep(id, "reply", rest, 0); if (!rest) tools.forget(null, id); return; }
  box.value = box.dataset.before = rest;
  box.form.elements.client_id.value = "";
  drafts.keep(id, "reply", rest, seenSeq);
  tools.forget(box.form, id);
  announce(isHeld ? "Handed in for reading." : "Sent.");
  await refresh();
  if (own !== talk) return;
  toEnd();
  seenSeq = Math.max(seenSeq, rest ? seenSeq : lastSeq());
  // Whoever went on to a note meanwhile stays there.
  const isElsewhere = document.activeElement !== document.body && !box.form?.contains(document.activeElement);
  if (box.isConnected && !isElsewhere) box.focus();
}

async function complaint(answer) {
  if (!answer) return "Not sent: the desk cannot be reached. Your words are kept; press Send again.";
  if (answer.redirected) return "Not sent: you are signed out. Your words are kept; sign in on another tab, reload this page, then press Send again.";
  const said = answer.headers.get("Content-Type")?.startsWith("text/plain") ? await answer.text().catch(() => "") : "";
  return said || "Not sent: the desk had a fault. Your words are kept; reload this page, then send again.";
}
