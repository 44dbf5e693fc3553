// What a specialist typed and did not send yet, kept per account, conversation and box. Signing out
// forgets it: computers are shared.

import { account, stored } from "./pieces.js";

const DAYS_KEPT = 3;

function key(conversation, box) { return `draft:${account}:${conversation}:${box}`; }

/** What is kept of a box: { text, seen }, or null. `seen` is the last message its writer knew. */
export function kept(conversation, box) {
  return stored(localStorage, key(conversation, box), null);
}

/** Keep a box's text; an empty one is forgotten. */
export function keep(conversation, box, text, seen = 0) {
  try {
    if (text) localStorage.setItem(key(conversation, box), JSON.stringify({ text, seen, at: Date.now() }));
    else localStorage.removeItem(key(conversation, box));
  } catch {
    // A full or forbidden storage costs the copy, not what stands in the box.
  }
}

/** Put kept text back into the boxes of a piece of page that are empty. */
export function restore(root, conversation) {
  for (const box of root.querySelectorAll("[data-draft]")) {
    if (!box.value) box.value = kept(box.dataset.draftOf ?? conversation, box.dataset.draft)?.text ?? "";
  }
}

/** Forget all that was typed for a conversation. */
export function forget(conversation) {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(key(conversation, ""))) localStorage.removeItem(name);
  }
}

/** Forget what was left lying for days. */
export function tidy() {
  for (const name of Object.keys(localStorage)) {
    if (!name.startsWith("draft:")) continue;
    const { at = 0 } = stored(localStorage, name, {});
    if (Date.now() - at > DAYS_KEPT * 86_400_000) localStorage.removeItem(name);
  }
}
