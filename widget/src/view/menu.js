import { strings } from "../strings.js";
import { h, icon, setAttribute } from "./dom.js";

/** @import {ChatState, MenuItem} from "../types.js" */

/** The visitor's rights and conveniences behind one button: keep it, end it, delete it. */
export class Menu {
  #button = h("button", {
    type: "button", class: "head-button", "aria-label": strings.panel.more, "aria-expanded": "false",
    onclick: () => this.#show(!this.isOpen),
  }, icon("more"));
  /** @type {Map<MenuItem, HTMLButtonElement>} */
  #items = new Map();
  #list = h("ul", { class: "menu", role: "list", hidden: true });
  node = h("div", { class: "menu-place", onfocusout: (/** @type {FocusEvent} */ event) => this.#left(event) }, this.#button, this.#list);

  /** @param {(item: MenuItem) => void} onPick */
  constructor(onPick) {
    const items = /** @type {MenuItem[]} */ (["callback", "device", "keep", "print", "end", "erase", "forget"]);
    for (const item of items) {
      const button = h("button", {
        type: "button",
        onclick: () => {
          this.close();
          onPick(item);
        },
      }, strings.menu[item]);
      this.#items.set(item, button);
      this.#list.append(h("li", {}, button));
    }
  }

  get isOpen() {
    return !this.#list.hidden;
  }

  /** @param {ChatState} state */
  update({ hasConversation, messages, status }) {
    this.#offer("device", hasConversation);
    this.#offer("keep", hasConversation);
    this.#offer("print", messages.length > 0);
    this.#offer("end", hasConversation && status.state !== "closed");
    this.#offer("erase", hasConversation);
  }

  /** Closes the list and leaves the focus on its button. */
  close() {
    if (!this.isOpen) return;
    this.#show(false);
    this.#button.focus();
  }

  focus() {
    this.#button.focus();
  }

  /** @param {boolean} isShown */
  #show(isShown) {
    this.#list.hidden = !isShown;
    setAttribute(this.#button, "aria-expanded", String(isShown));
  }

  /**
   * @param {MenuItem} item
   * @param {boolean} isPossible
   */
  #offer(item, isPossible) {
    const entry = this.#items.get(item)?.parentElement;
    if (entry) entry.hidden = !isPossible;
  }

  /** @param {FocusEvent} event */
  #left(event) {
    if (event.relatedTarget instanceof Node && !this.node.contains(event.relatedTarget)) this.#show(false);
  }
}
