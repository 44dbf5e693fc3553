import { strings } from "../strings.js";
import { h, icon, setAttribute } from "./dom.js";
import { authorName } from "./message.js";
import { drawText, formatDate, formatDay, formatTime, readText } from "./text.js";

/** @import {ChatState, MenuItem, Message} from "../types.js" */

const PRINT_STYLES = `
  body { font: 12pt/1.5 Georgia, serif; max-width: 42em; margin: 2em auto; padding: 0 1em; color: #000; }
  h1 { font-size: 1.4em; } h2 { font-size: 1em; margin: 1.5em 0 .2em; } h2 span { font-weight: normal; }
  p { margin: .3em 0; } article { break-inside: avoid; } .aside { font-size: .9em; }
`;

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
    const items = /** @type {MenuItem[]} */ (["callback", "save", "print", "end", "erase", "forget"]);
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
    this.#offer("save", hasConversation);
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

/**
 * Hands the visitor a text file, without anything leaving the browser.
 *
 * @param {string} text
 */
export function saveText(text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  h("a", { href: address, download: strings.menu.fileName }).click();
  // Some browsers read the address only after the click has returned.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/**
 * Opens the conversation as a plain page of its own and prints that, sources included.
 *
 * @param {ChatState} state
 * @param {string} language
 * @returns {boolean} whether the browser let us.
 */
export function printChat({ messages, service }, language) {
  const page = window.open("", "_blank");
  if (!page) return false;
  const { document: sheet } = page;
  sheet.title = strings.print.title;
  sheet.documentElement.lang = language;
  const styles = new (/** @type {typeof globalThis} */ (/** @type {unknown} */ (page)).CSSStyleSheet)();
  styles.replaceSync(PRINT_STYLES);
  sheet.adoptedStyleSheets = [styles];
  sheet.body.append(
    h("h1", {}, [service.organisation?.name, strings.print.title].filter(Boolean).join(": ")),
    h("p", {}, strings.print.printed(formatDay(Date.now(), language))),
    ...messages.map((message) => printMessage(message, service.notices.review_pending, language)),
  );
  page.print();
  return true;
}

/**
 * @param {Message} message
 * @param {string} pending
 * @param {string} language
 */
function printMessage(message, pending, language) {
  const { answer, created_at: at, text } = message;
  const isPending = answer && answer.kind !== "service" && answer.review_status === "pending";
  return h(
    "article", {},
    h("h2", {}, authorName(message), h("span", {}, `, ${formatDay(at, language)}, ${formatTime(at, language)}`)),
    ...drawText(readText(text)),
    isPending && h("p", { class: "aside" }, `${strings.review.label}. ${pending}`),
    answer && answer.sources.length > 0 && h("p", { class: "aside" }, strings.print.sources),
    answer && h("ul", { class: "aside" }, ...answer.sources.map(({ title, publisher, url, published_on: date }) => h(
      "li", {}, [title, publisher, date && formatDate(date, language), url].filter(Boolean).join(", "),
    ))),
  );
}
