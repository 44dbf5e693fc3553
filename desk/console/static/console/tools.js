// The drawer under the composer: finds answers, puts texts into the reply, and leads from blank
// to blank. It listens on the document, since the composer is drawn anew with each conversation.

import * as drafts from "./drafts.js";
import { piece, unpressed, words } from "./pieces.js";

const SEARCH_AFTER_MS = 200;
const BOX = "resources";
const BLANK = /\[\[[^[\]\n]{1,80}\]\]/g;
// A sentence that names a button which a family has with the bot alone.
const BOT_BUTTON = /(?:[^\s.!?"-][^.!?\n]*)?"(?:Talk to a person|Ask the chatbot while you wait)"[^.!?\n]*[.!?]?/;

const composer = () => document.querySelector("[data-composer]");

/** Open the drawer and go to its search field; whether there is one. */
export async function openSearch() {
  const drawer = document.querySelector("[data-tools]");
  if (!drawer) return false;
  drawer.open = true;
  await filled(drawer);
  drawer.querySelector("[data-find]")?.focus();
  return true;
}

/** Fetch what stands in the drawer, once. */
async function filled(drawer) {
  if (drawer.dataset.filled) return;
  drawer.dataset.filled = "yes";
  const panel = drawer.querySelector("[data-tools-panel]");
  const drawn = await words(await piece(drawer.dataset.url));
  if (drawn === null) {
    delete drawer.dataset.filled;
    panel.textContent = "The desk cannot be reached. Close this and open it again.";
  } else {
    panel.innerHTML = drawn; // Drawn by our own templates, which escape every text.
  }
}

let searchTimer;
let searches = 0;
function search(field) {
  clearTimeout(searchTimer);
  searchTimer = setTimeout(async () => {
    const mine = (searches += 1);
    const drawn = await words(await piece(`${field.dataset.url}?words=${encodeURIComponent(field.value)}`));
    await unpressed();
    if (mine !== searches) return; // A later search was quicker.
    const found = field.closest(".tools-panel")?.querySelector("[data-found]");
    if (found) found.innerHTML = drawn ?? "<p>The search cannot be reached. Type on to try again.</p>";
  }, SEARCH_AFTER_MS);
}

// --- what was put in --------------------------------------------------------------------------

function resources(form) {
  try {
    const kept = JSON.parse(form.elements.resources.value || "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

function keep(form, list) {
  form.elements.resources.value = list.length ? JSON.stringify(list) : "";
  drafts.keep(form.dataset.composer, BOX, form.elements.resources.value);
  drawChips(form);
}

/** Take up what was put into the draft of a conversation before. */
export function restore(form, conversation) {
  form.dataset.composer = conversation;
  form.elements.resources.value ||= drafts.kept(conversation, BOX)?.text ?? "";
  drawChips(form);
  warn(form);
}

/** A reply is sent: the next one begins empty. */
export function forget(form, conversation) {
  drafts.keep(conversation, BOX, "");
  if (!form?.isConnected) return;
  form.elements.resources.value = "";
  drawChips(form);
  warn(form);
}

/** Say so as long as the words name a button that a family does not have while a person talks. */
function warn(form) {
  form.querySelector("[data-unfit]").hidden = !BOT_BUTTON.test(form.elements.text.value);
}

/** Show what a reply counts as holding, each with a way to take it out of the count. */
function drawChips(form) {
  const place = form.querySelector("[data-chips]");
  const list = resources(form);
  place.hidden = list.length === 0;
  place.replaceChildren(...list.map((item) => {
    const chip = document.createElement("li");
    chip.append(item.title || item.id);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "quiet";
    remove.textContent = "Not in it";
    remove.setAttribute("aria-label", `Not in this reply: ${item.title || item.id}`);
    remove.addEventListener("click", () => {
      keep(form, resources(form).filter((kept) => kept.kind !== item.kind || kept.id !== item.id));
      form.elements.text.focus();
    });
    chip.append(" ", remove);
    return chip;
  }));
}

/** Put a text where the cursor is, apart from what stands around it, and go to its first blank. */
function insert(button) {
  const form = composer();
  if (!form) return;
  const box = form.elements.text;
  const before = box.value.slice(0, box.selectionStart).replace(/\s+$/, "");
  const after = box.value.slice(box.selectionEnd).replace(/^\s+/, "");
  const text = button.dataset.text;
  box.value = [before, text, after].filter(Boolean).join("\n\n");
  const start = before ? before.length + 2 : 0;
  box.setSelectionRange(start + text.length, start + text.length);
  box.dispatchEvent(new Event("input", { bubbles: true }));
  const list = resources(form);
  const item = { kind: button.dataset.insert, id: button.dataset.id, title: button.dataset.title };
  if (!list.some((kept) => kept.kind === item.kind && kept.id === item.id)) list.push(item);
  keep(form, list);
  // What was found stays in the drawer for the next time; now the words want the room.
  form.querySelector("[data-tools]").open = false;
  const unfit = BOT_BUTTON.exec(text);
  if (unfit) choose(box, start + unfit.index, unfit[0].length); else nextBlank(box, start);
}

/** Select the next open blank from a place on, or from the start; whether there was one. */
function nextBlank(box, from = box.selectionEnd) {
  const blanks = [...box.value.matchAll(BLANK)];
  const next = blanks.find((blank) => blank.index >= from) ?? blanks[0];
  if (!next) { box.focus(); return false; }
  choose(box, next.index, next[0].length);
  return true;
}

/** Select a part and bring it into sight: browsers do that for what is typed alone. */
function choose(box, start, length) {
  // Measured in a copy: in some browsers a box whose value is set forgets what could be undone.
  const copy = box.cloneNode();
  copy.removeAttribute("id");
  copy.removeAttribute("name");
  copy.style.cssText = `position: absolute; visibility: hidden; width: ${box.offsetWidth}px; height: ${box.offsetHeight}px`;
  copy.value = box.value.slice(0, start + length);
  box.after(copy);
  const depth = copy.scrollHeight;
  copy.remove();
  box.setSelectionRange(start, start + length);
  box.focus();
  box.scrollTop = depth - box.clientHeight;
  box.scrollIntoView({ block: "nearest" });
}

// --- listening --------------------------------------------------------------------------------

document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("[data-tools]") && event.target.open) filled(event.target);
}, true);
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-insert]");
  if (button) insert(button);
});
document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-find]")) search(event.target);
  if (event.target.matches?.("[data-composer] textarea")) warn(event.target.form);
});
document.addEventListener("keydown", (event) => {
  // Enter in the search must not send the reply around it.
  if (event.target.matches?.("[data-find]") && event.key === "Enter") event.preventDefault();
  // In the reply, the Tab key goes from blank to blank while one is selected.
  const box = event.target.matches?.("[data-composer] textarea") ? event.target : null;
  if (!box || event.key !== "Tab" || event.shiftKey || event.altKey || event.ctrlKey) return;
  const chosen = box.value.slice(box.selectionStart, box.selectionEnd);
  if (/^\[\[.*\]\]$/.test(chosen) && nextBlank(box)) event.preventDefault();
});
