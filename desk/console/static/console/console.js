// Keeps the console's pages current. The server draws every piece; this module only asks for
// the piece again when a stream event says that something may be new, and never loses a draft.

const root = document.querySelector("[data-console]");
const list = document.querySelector("[data-list]");
const log = document.querySelector("[data-log]");
const composer = document.querySelector("[data-composer]");
const announcer = document.querySelector("[data-announcer]");
const plainTitle = document.title;

const TYPING_SHOWN_MS = 4000;
const TYPING_SENT_EVERY_MS = 3000;
const LIST_CHECK_MS = 20000; // Also the sign of life that keeps a specialist "there".

/** Say something to a screen reader once. */
function announce(words) {
  announcer.textContent = "";
  setTimeout(() => { announcer.textContent = words; }, 50);
}

/** Fetch a piece of page; null when it cannot be had, an error the next event will mend. */
async function piece(url, options = {}) {
  try {
    const answer = await fetch(url, { headers: { "X-Piece": "yes" }, ...options });
    if (answer.redirected || answer.status === 403) { location.reload(); return null; }
    return answer;
  } catch {
    return null;
  }
}

/** What a good answer says; null for any other, and for one that is cut off in the middle. */
async function words(answer) {
  return answer?.ok ? answer.text().catch(() => null) : null;
}

// --- the list -------------------------------------------------------------------------------

let knownWaiting = Number(list?.querySelector("[data-waiting]")?.dataset.waiting ?? 0);
let knownUrgent = Number(list?.querySelector("[data-urgent]")?.dataset.urgent ?? 0);

async function refreshList() {
  const drawn = await words(await piece(list.dataset.url));
  if (drawn === null) return;
  const focused = document.activeElement?.closest?.("[data-row]")?.dataset.row;
  const urgent = () => list.querySelector("[aria-label=Urgent]");
  const scrolled = urgent()?.scrollTop ?? 0;
  list.innerHTML = drawn; // Drawn by our own templates, which escape every text.
  if (urgent()) urgent().scrollTop = scrolled;
  if (focused) list.querySelector(`[data-row="${CSS.escape(focused)}"]`)?.focus();
  alertStaff();
}

function alertStaff() {
  const counts = list.querySelector("[data-waiting]").dataset;
  const waiting = Number(counts.waiting);
  const urgent = Number(counts.urgent);
  document.title = waiting || urgent ? `(${waiting + urgent}) ${plainTitle}` : plainTitle;
  if (urgent > knownUrgent) { announce("An urgent conversation needs you."); beep(880, 3); }
  else if (waiting > knownWaiting) { announce("A family is waiting for a person."); beep(660, 2); }
  knownWaiting = waiting;
  knownUrgent = urgent;
}

let sound;
/** Short tones; browsers allow them once the page has been clicked or typed in. */
function beep(hertz, times) {
  if (!sound || sound.state !== "running") return;
  for (let n = 0; n < times; n += 1) {
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    const start = sound.currentTime + n * 0.25;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.15, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.2);
    tone.connect(volume).connect(sound.destination);
    tone.start(start);
    tone.stop(start + 0.2);
  }
}
addEventListener("pointerdown", wakeSound);
addEventListener("keydown", wakeSound);
function wakeSound() {
  sound ??= new AudioContext();
  if (sound.state === "suspended") sound.resume();
}

// --- the conversation -----------------------------------------------------------------------

function atEnd() { return log.scrollHeight - log.scrollTop - log.clientHeight < 120; }
function toEnd() { log.scrollTop = log.scrollHeight; }

let refreshing = Promise.resolve();
/** Add messages after the last one shown, one request at a time so that none is added twice. */
function refreshChat() {
  refreshing = refreshing.then(async () => {
    const news = await words(await piece(`${log.dataset.url}?after=${log.dataset.lastSeq}`));
    if (news === null) return;
    const stay = atEnd();
    const drawn = new DOMParser().parseFromString(news, "text/html");
    for (const message of drawn.querySelectorAll("[data-seq]")) {
      if (Number(message.dataset.seq) <= Number(log.dataset.lastSeq)) continue;
      log.append(document.importNode(message, true));
      log.dataset.lastSeq = message.dataset.seq;
      if (message.dataset.sender === "visitor") announce("The family wrote.");
    }
    for (const part of drawn.querySelectorAll("[data-part]")) {
      const shown = document.querySelector(`[data-part="${part.dataset.part}"]`);
      if (shown && shown.dataset.drawn !== part.dataset.drawn) shown.replaceWith(document.importNode(part, true));
    }
    syncComposer();
    if (stay) toEnd();
  });
  return refreshing;
}

/** The composer is open exactly while this specialist is in control. */
function syncComposer() {
  const state = document.querySelector('[data-part="state"]')?.dataset;
  if (!state || !composer) return;
  composer.hidden = state.mine !== "yes";
  composer.elements.epoch.value = state.epoch;
}

let typingTimer;
function showTyping() {
  const line = document.querySelector("[data-typing]");
  line.textContent = "The family is typing…";
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => { line.textContent = ""; }, TYPING_SHOWN_MS);
}

function draftKey() { return `draft:${composer.dataset.conversation}`; }

/** Send the draft; it stays in the box, and its id with it, until the desk has it. */
async function send(event) {
  event.preventDefault();
  const box = composer.elements.text;
  const trouble = composer.querySelector("[data-trouble]");
  if (!box.value.trim() || composer.dataset.busy) return;
  composer.dataset.busy = "yes";
  composer.elements.seen_seq.value = log.dataset.lastSeq;
  composer.elements.client_id.value ||= crypto.randomUUID();
  const sent = box.value;
  const answer = await piece(composer.action, { method: "POST", body: new FormData(composer) });
  delete composer.dataset.busy;
  if (answer?.ok) {
    // Whoever types on while the reply is on its way keeps what was added.
    box.value = box.value.startsWith(sent) ? box.value.slice(sent.length).trimStart() : box.value;
    composer.elements.client_id.value = "";
    if (box.value) localStorage.setItem(draftKey(), box.value);
    else localStorage.removeItem(draftKey());
    trouble.textContent = "";
    trouble.hidden = true;
    await refreshChat();
    toEnd();
  } else {
    trouble.textContent = answer ? await answer.text() : "Not sent: the desk cannot be reached. Your words are kept; press Send again.";
    trouble.hidden = false;
    if (answer && answer.status === 409) composer.elements.client_id.value = "";
    await refreshChat();
  }
  box.focus();
}

let typingSentAt = 0;
function noteTyping() {
  localStorage.setItem(draftKey(), composer.elements.text.value);
  if (Date.now() - typingSentAt < TYPING_SENT_EVERY_MS) return;
  typingSentAt = Date.now();
  const body = new FormData();
  body.set("csrfmiddlewaretoken", composer.elements.csrfmiddlewaretoken.value);
  piece(composer.dataset.typingUrl, { method: "POST", body });
}

// --- start ----------------------------------------------------------------------------------

if (root) {
  const stream = new EventSource(root.dataset.stream); // Reconnects by itself, for ever.
  stream.addEventListener("list", refreshList);
  stream.addEventListener("conversation", refreshChat);
  stream.addEventListener("typing", showTyping);
  stream.addEventListener("open", () => { refreshList(); if (log) refreshChat(); });
  setInterval(() => { refreshList(); if (log) refreshChat(); }, LIST_CHECK_MS);
  alertStaff();
}

if (log) toEnd();
if (composer) {
  syncComposer();
  composer.elements.text.value ||= localStorage.getItem(draftKey()) ?? "";
  composer.addEventListener("submit", send);
  composer.elements.text.addEventListener("input", noteTyping);
  composer.elements.text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) composer.requestSubmit();
  });
}
