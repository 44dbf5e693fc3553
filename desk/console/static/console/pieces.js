// What all parts of the console use: fetching pieces of page, and speaking to screen readers.
// The server draws every piece; its templates escape every text.

export const account = document.body.dataset.account ?? "";

/** What a tab or a browser keeps under a name; `fallback` where it keeps nothing that can be read. */
export function stored(storage, name, fallback) {
  try {
    return JSON.parse(storage.getItem(name)) ?? fallback;
  } catch {
    return fallback;
  }
}

const announcer = document.querySelector("[data-announcer]");
const waiting = [];
let speaking = false;

/** Say something to a screen reader, once, after what is being said. */
export function announce(words) {
  if (waiting.at(-1) === words) return;
  waiting.push(words);
  if (!speaking) speak();
}

function speak() {
  const words = waiting.shift();
  speaking = words !== undefined;
  if (!announcer || !speaking) return;
  announcer.textContent = words;
  // Under a tenth of a second is missed by some readers; what stays is found again by browsing.
  setTimeout(() => { announcer.textContent = ""; setTimeout(speak, 100); }, 1200);
}

/** Fetch; null when the desk cannot be reached, which the next event or try will mend. */
export async function piece(url, options = {}) {
  try {
    const { headers = {}, ...rest } = options;
    const answer = await fetch(url, { headers: { "X-Piece": "yes", ...headers }, ...rest });
    document.dispatchEvent(new CustomEvent("desk-reached"));
    return answer;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    document.dispatchEvent(new CustomEvent("desk-away"));
    return null;
  }
}

const AGAIN_MS = 2000;

/** In how many milliseconds to ask again for what was lost; many that lost it do not ask at once. */
export function soonAgain() { return AGAIN_MS * (1 + Math.random()); }

/** Whether an answer shows that nobody is signed in here any more, or may no longer watch. */
export function isSignedOut(answer) {
  return answer.status === 403 || (answer.redirected && new URL(answer.url).pathname === "/staff/sign-in");
}

/** What a good answer says; null for any other, and for one that is cut off in the middle. */
export async function words(answer) {
  if (answer && isSignedOut(answer)) { location.reload(); return null; }
  return answer?.ok ? answer.text().catch(() => null) : null;
}

/** A form body with the page's own proof that it is ours. */
export function body(fields = {}) {
  const form = new FormData();
  form.set("csrfmiddlewaretoken", document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "");
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

// --- a press is never lost ------------------------------------------------------------------

// A browser makes a click of a press and a release only where both meet the same element in the
// same place. What arrives in between is shown after the click.
const LONGEST_PRESS_MS = 5000; // Some systems swallow the release, as for a menu.
const UNTIL_CLICK_MS = 50; // After a finger's release the click comes a little later.

let pressedUntil = 0;

addEventListener("pointerdown", () => { pressedUntil = Date.now() + LONGEST_PRESS_MS; }, true);
for (const name of ["pointerup", "pointercancel", "dragend"]) {
  addEventListener(name, () => { pressedUntil = Date.now() + UNTIL_CLICK_MS; }, true);
}

/** Wait until nobody presses anything; before each change to what can be pressed. */
export async function unpressed() {
  for (let left; (left = pressedUntil - Date.now()) > 0;) {
    await new Promise((done) => setTimeout(done, Math.min(left, UNTIL_CLICK_MS)));
  }
}

/** Show one sentence above the page, as the server does for what it has to say. */
export function flash(sentence, kind = "error") {
  const holder = document.querySelector("[data-flashes]");
  const line = document.createElement("p");
  line.className = `flash ${kind}`;
  line.textContent = sentence;
  holder.replaceChildren(line);
}

/** Waits told in minutes, counted on the page: "3 min", "2 h 5 min". */
export function tellWaits(root = document) {
  for (const each of root.querySelectorAll("time[data-since]")) {
    const seconds = Math.max(0, (Date.now() - Date.parse(each.dateTime)) / 1000);
    const minutes = Math.floor(seconds / 60);
    const told = seconds < 60 ? `${Math.floor(seconds)} s`
      : minutes < 60 ? `${minutes} min`
      : minutes < 1440 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
      : `${Math.floor(minutes / 1440)} d`;
    const text = each.dataset.since === "ago" ? `${told} ago` : told;
    if (each.textContent !== text) each.textContent = text;
  }
}
