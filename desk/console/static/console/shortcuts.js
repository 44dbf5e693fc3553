// Single keys for those who live in this page. They never fire while somebody types, and can be
// switched off: speech input and unsteady hands press them by chance (WCAG 2.1.4).

import { account } from "./pieces.js";

const help = document.querySelector('[data-dialog="help"]');
const off = `keys-off:${account}`;

function isTyping(target) {
  return target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
}

/** Begin; `acts` by key. */
export function start(acts) {
  const control = help?.querySelector("[data-keys-switch]");
  if (control) {
    control.checked = localStorage.getItem(off) === null;
    control.addEventListener("change", () => {
      if (control.checked) localStorage.removeItem(off); else localStorage.setItem(off, "yes");
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") { if (isTyping(event.target)) event.target.blur(); return; }
    if (isTyping(event.target) || localStorage.getItem(off) !== null) return;
    const act = event.key === "?" ? () => help?.showModal() : acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  for (const each of document.querySelectorAll("[data-opens=help]")) {
    each.hidden = false;
    each.addEventListener("click", () => help?.showModal());
  }
}
