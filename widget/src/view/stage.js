import { Chat } from "../session/chat.js";
import { browserStorage, Store } from "../session/store.js";
import { chatStyles } from "../styles/chat.js";
import { DeskClient } from "../transport/desk-client.js";
import { setAttribute, styleSheet } from "./dom.js";
import { Panel } from "./panel.js";

/** On a smaller screen than this the chat takes all of it. */
const NARROW = "(max-width: 559px), (max-height: 479px)";
/** Somebody who has zoomed in further than by chance wants to: leave the panel as it is. */
const ZOOMED_IN = 1.05;

/**
 * Brings the panel into view: over the whole screen, with the page behind it out of reach, on a
 * small one; beside the page on a large one. Knows all ways out of it.
 */
export class Stage {
  #panel;
  #onLeave;
  #narrow = matchMedia(NARROW);
  #viewport = styleSheet(":host {}");
  #isShown = false;

  /**
   * @param {ShadowRoot} root
   * @param {Panel} panel
   * @param {() => void} onLeave the visitor wants the panel out of view.
   */
  constructor(root, panel, onLeave) {
    this.#panel = panel;
    this.#onLeave = onLeave;
    const { node } = panel;
    node.addEventListener("keydown", (event) => this.#key(event));
    node.addEventListener("cancel", (event) => {
      if (event.target !== node) return;
      event.preventDefault();
      this.#stepBack();
    });
    // A browser may close a modal dialog by itself, for instance on a second press of "back".
    node.addEventListener("close", () => this.#isShown && !node.open && onLeave());
    root.adoptedStyleSheets.push(this.#viewport);
    root.append(node);
  }

  /** @param {AbortSignal} signal ends the watching of the screen. */
  watch(signal) {
    this.#narrow.addEventListener("change", () => this.#isShown && this.show(), { signal });
    for (const change of ["resize", "scroll"]) {
      visualViewport?.addEventListener(change, () => this.#fit(), { signal });
    }
  }

  /** Shows the panel and leaves the focus where it is. */
  show() {
    const { node } = this.#panel;
    const root = /** @type {ShadowRoot} */ (node.getRootNode());
    const focused = /** @type {HTMLElement | null} */ (root.activeElement);
    this.#isShown = false;
    if (node.open) node.close();
    this.#isShown = true;
    if (this.#narrow.matches) node.showModal();
    // show() would take the focus from the page; the attribute alone does not.
    else node.open = true;
    setAttribute(node, "data-full", this.#narrow.matches);
    this.#fit();
    focused?.focus();
  }

  hide() {
    this.#isShown = false;
    this.#panel.node.close();
  }

  /** Keeps the panel inside what a phone's keyboard leaves. */
  #fit() {
    const view = visualViewport;
    const isFitted = view && this.#isShown && this.#narrow.matches && view.scale < ZOOMED_IN;
    this.#viewport.replaceSync(isFitted ? `:host { --height: ${view.height}px; --top: ${view.offsetTop}px; }` : ":host {}");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // A modal dialog answers Escape with its own `cancel`.
    if (event.key !== "Escape" || event.isComposing || this.#narrow.matches) return;
    event.preventDefault();
    event.stopPropagation();
    this.#stepBack();
  }

  #stepBack() {
    if (!this.#panel.stepBack()) this.#onLeave();
  }
}

/**
 * Puts the chat together; the launcher imports this module when the chat is first opened.
 *
 * @param {object} settings
 * @param {ShadowRoot} settings.root
 * @param {string} settings.apiBase
 * @param {string} settings.language
 * @param {Store} settings.tabStore
 * @param {() => void} settings.onMinimise
 * @returns {{chat: Chat, panel: Panel, stage: Stage}}
 */
export function createChat({ root, apiBase, language, tabStore, onMinimise }) {
  const chat = new Chat({
    client: new DeskClient(apiBase),
    store: new Store(apiBase, browserStorage("localStorage")),
    name: apiBase,
    language,
    pageUrl: location.href,
  });
  const panel = new Panel({ chat, tabStore, language, onMinimise });
  root.adoptedStyleSheets.push(styleSheet(chatStyles));
  return { chat, panel, stage: new Stage(root, panel, onMinimise) };
}
