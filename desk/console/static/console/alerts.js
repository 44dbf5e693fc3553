// Makes sure that a specialist hears of a change: tones, the title, the icon, a notification of
// the browser; again and again until they have looked. The server says what there is to hear of.

import { account, announce, stored, unpressed } from "./pieces.js";

const REMIND_MS = 20_000;
// Somebody who types at the moment of the tone has not looked yet.
const LOOKED_AFTER_MS = 2000;
// A list that was on its way already may come before the one that shows what was done.
const OWN_ACT_MS = 10_000;
// A browser that finds no loudspeaker may never say whether it may sound.
const WAKE_MS = 2000;
const RANK = { urgent: 3, call: 2, word: 1 };
const TONES = { urgent: [880, 3], call: [660, 2], word: [520, 1] };

const LOOKED = `looked:${account}`;

const known = new Set(stored(sessionStorage, `alerts:${account}`, []));
const unseen = new Map();
let plainTitle = document.title;
let counted = 0;
let rungAt = 0;
let isFirst = true;
let ownActUntil = 0;
let open = () => {};
let shown = () => "";

/** Begin; `openConversation` follows a notification, `shownConversation` says what is open. */
export function start(openConversation, shownConversation) {
  open = openConversation;
  shown = shownConversation;
  setInterval(remind, 1000);
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, looked);
  document.addEventListener("visibilitychange", look);
  addEventListener("focus", look);
  addEventListener("storage", ({ key }) => { if (key === LOOKED) { unseen.clear(); badge(); } });
  // Browsers that saw a click on the page before may let this one sound at once.
  if (document.body.dataset.sound === "on") wakeSound();
}

/** The title of the page without its badge. */
export function retitle(title) { plainTitle = title; badge(); }

/** What comes next is this specialist's own doing and no news to them. */
export function expectOwn() { ownActUntil = Date.now() + OWN_ACT_MS; }

function isLooking() { return document.visibilityState === "visible" && document.hasFocus(); }

/** Take in what the list says there is to hear of. */
export function update(holder) {
  if (!holder) return;
  const current = new Map();
  for (const each of holder.querySelectorAll("[data-key]")) {
    const { key, level, conversation } = each.dataset;
    current.set(key, { key, level, conversation, words: each.textContent });
  }
  for (const key of unseen.keys()) if (!current.has(key)) unseen.delete(key);
  const fresh = [];
  for (const [key, alert] of current) {
    if (known.has(key)) continue;
    known.add(key);
    if (key.startsWith("mine:") && Date.now() < ownActUntil) continue;
    if (alert.level === "word" && alert.conversation === shown() && isLooking()) continue;
    unseen.set(key, alert);
    fresh.push(alert);
  }
  sessionStorage.setItem(`alerts:${account}`, JSON.stringify([...known].slice(-500)));
  const words = [...current.values()].filter(({ level }) => level === "word").length;
  counted = Number(holder.dataset.waitingCount) + Number(holder.dataset.urgentCount) + words;
  if (fresh.length) ring(fresh, !isFirst);
  isFirst = false;
  badge();
}

function ring(alerts, isSpoken) {
  rungAt = Date.now();
  const first = alerts.reduce((best, each) => (RANK[each.level] > RANK[best.level] ? each : best));
  if (isSpoken) for (const sentence of new Set(alerts.map((each) => each.words))) announce(sentence);
  if (isRungElsewhere(alerts)) return;
  beep(...TONES[first.level]);
  if (!isLooking()) notify(first, alerts.length);
}

/** Whether another tab rang for all of these a moment ago; else note that this one does, if it can be heard. */
function isRungElsewhere(alerts) {
  const now = Date.now();
  const rung = stored(localStorage, `rung:${account}`, {});
  const recent = Object.fromEntries(Object.entries(rung).filter(([, at]) => now - at < REMIND_MS / 2 && at <= now));
  if (alerts.every(({ key }) => key in recent)) return true;
  if (sound?.state !== "running") return false;
  for (const { key } of alerts) recent[key] = now;
  localStorage.setItem(`rung:${account}`, JSON.stringify(recent));
  return false;
}

function remind() {
  if (unseen.size && Date.now() - rungAt >= REMIND_MS) ring([...unseen.values()], false);
}

function looked() {
  if (!isLooking() || !unseen.size || Date.now() - rungAt < LOOKED_AFTER_MS) return;
  unseen.clear();
  badge();
  localStorage.setItem(LOOKED, Date.now());
}

/** Words in the conversation that is open are seen as soon as its page is. */
export function look() {
  if (!isLooking()) return;
  for (const [key, { level, conversation }] of unseen) {
    if (level === "word" && conversation === shown()) unseen.delete(key);
  }
  badge();
}

function badge() {
  document.title = counted ? `(${counted}) ${plainTitle}` : plainTitle;
  const icon = document.querySelector("link[rel=icon]");
  if (!icon) return;
  const plain = icon.dataset.plain ?? icon.getAttribute("href");
  icon.dataset.plain = plain;
  const wanted = unseen.size ? plain.replace("icon.svg", "icon-news.svg") : plain;
  if (icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
}

// --- sound ----------------------------------------------------------------------------------

let sound;

/** Tones; browsers allow them once the page has been pressed or typed in. */
export function beep(hertz, times, { isTest = false } = {}) {
  if (!isTest && document.body.dataset.sound !== "on") return;
  if (!sound || sound.state !== "running") return;
  for (let n = 0; n < times; n += 1) {
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    const begins = sound.currentTime + n * 0.25;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.15, begins);
    volume.gain.exponentialRampToValueAtTime(0.001, begins + 0.2);
    tone.connect(volume).connect(sound.destination);
    tone.start(begins);
    tone.stop(begins + 0.2);
  }
  document.body.dataset.rang = String(Number(document.body.dataset.rang ?? 0) + 1);
}

async function wakeSound() {
  sound ??= new AudioContext();
  if (sound.state === "suspended") {
    const woken = sound.resume().then(unpressed).then(showSound);
    await Promise.race([woken, new Promise((done) => { setTimeout(done, WAKE_MS); })]);
  }
  await unpressed(); // The line that goes away makes room, and what is being pressed must stay.
  showSound();
}

function showSound() {
  const hint = document.querySelector("[data-sound-asleep]");
  if (hint) hint.hidden = document.body.dataset.sound !== "on" || sound?.state === "running";
}

for (const name of ["pointerdown", "keydown"]) addEventListener(name, wakeSound);

/** The panel that asks for the test of the sound, and the permission to notify. */
export function startPanel() {
  const panel = document.querySelector("[data-sound-panel]");
  showSound();
  if (!panel) return;
  const heard = panel.querySelector("[data-sound-heard]");
  const test = panel.querySelector("[data-sound-test]");
  const asks = panel.querySelector("[data-notify]");
  const said = panel.querySelector("[data-notify-said]");
  test.addEventListener("click", async () => {
    await wakeSound();
    beep(...TONES.call, { isTest: true });
    test.textContent = "Once more";
    test.classList.add("quiet");
    heard.hidden = false;
    said.textContent = sound.state === "running" ? ""
      : "Your browser has played nothing yet: see to its volume and the loudspeaker, then press once more.";
  });
  test.hidden = false; // Not before: a press that nobody hears would be lost.
  asks.hidden = !("Notification" in window) || Notification.permission === "granted";
  asks.addEventListener("click", async () => {
    const given = await Notification.requestPermission();
    said.textContent = given === "granted"
      ? "You will be notified while this page is out of sight."
      : "Your browser shows no notifications of this page. Its settings beside the address allow them.";
    asks.hidden = given === "granted";
  });
}

/** The choice is made: no panel, and sound or none until sign-out. */
export function chooseSound(choice) {
  document.body.dataset.sound = choice;
  const panel = document.querySelector("[data-sound-panel]");
  const wasIn = panel?.contains(document.activeElement);
  panel?.remove();
  if (wasIn) document.querySelector("#main").focus({ preventScroll: true });
  showSound();
}

// --- notifications of the browser -----------------------------------------------------------

function notify({ words, conversation }, count) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const more = count > 1 ? `And ${count - 1} more.` : "";
  try {
    // One at a time, replaced by the next; never what a family wrote: others see the screen.
    const shownOne = new Notification(words, { tag: "desk", body: more });
    shownOne.onclick = () => { window.focus(); open(conversation); shownOne.close(); };
  } catch {
    // Some phones allow them to service workers alone; tones and title remain.
  }
}
