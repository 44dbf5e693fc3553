import { browserStorage, Store } from "./session/store.js";
import { strings } from "./strings.js";
import { launcherStyles } from "./styles/launcher.js";
import { h, icon, setAttribute, setText, styleSheet } from "./view/dom.js";

/** @import {Chat} from "./session/chat.js" */
/** @import {Panel} from "./view/panel.js" */

/** Below this width the chat takes the whole screen. Also in styles/panel.js. */
const NARROW = "(max-width: 559px), (max-height: 479px)";
const IS_OPEN = "open";

/**
 * A chat for families, with a bot that answers from reviewed entries and specialists behind it.
 *
 * Only the launcher is loaded with the page. The chat itself comes when it is first opened, and
 * nothing is stored or asked of the service before that. A link to `#support-chat` anywhere on
 * the page opens it too.
 *
 * @element support-chat
 * @attr {string} api-base - address of the desk's API, ending in a slash; by default the one next
 *   to which this module is served.
 * @attr {string} language - language of the conversation, `en` by default.
 * @fires support-chat-open - after the panel has come into view.
 * @fires support-chat-minimise - after the panel has gone out of view.
 * @csspart launcher - the button that opens the chat.
 */
export class SupportChatElement extends HTMLElement {
  #root = this.attachShadow({ mode: "open" });
  #label = h("span", { class: "label" }, strings.launcher.label);
  #badge = h("span", { class: "badge", "aria-hidden": "true", hidden: true });
  #launcher = h("button", {
    type: "button", class: "launcher", part: "launcher", "aria-expanded": "false", onclick: () => void this.open(),
  }, icon("chat"), this.#label, this.#badge);
  #status = h("p", { class: "unseen", role: "status" });
  #viewport = styleSheet(":host {}");
  #narrow = matchMedia(NARROW);
  /** @type {AbortController | null} */
  #life = null;
  /** @type {Promise<{chat: Chat, panel: Panel}> | null} */
  #loading = null;
  /** @type {{chat: Chat, panel: Panel} | null} */
  #parts = null;
  #isOpen = false;
  #wasWithSpecialist = false;

  connectedCallback() {
    if (this.#life) return;
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.#root.adoptedStyleSheets = [styleSheet(launcherStyles), this.#viewport];
    this.#root.replaceChildren(this.#launcher, this.#status);
    document.addEventListener("click", (event) => this.#followLink(event), { signal });
    this.#narrow.addEventListener("change", () => this.#isOpen && this.#show(true), { signal });
    visualViewport?.addEventListener("resize", () => this.#fitViewport(), { signal });
    visualViewport?.addEventListener("scroll", () => this.#fitViewport(), { signal });
    this.#takeUp();
  }

  disconnectedCallback() {
    // A move within the page disconnects and connects again at once: only leaving it is an end.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#life?.abort();
      this.#life = null;
      this.#parts?.chat.dispose();
      this.#parts = null;
      this.#loading = null;
      this.#isOpen = false;
    });
  }

  /** Opens the chat and puts the focus into it. */
  async open() {
    const parts = await this.#load();
    if (!parts || this.#isOpen) return;
    this.#isOpen = true;
    this.#tabStore.activate();
    this.#tabStore.set(IS_OPEN, true);
    parts.chat.open();
    this.#draw();
    this.#show(false);
    parts.panel.showEnd();
    parts.panel.focus();
    this.dispatchEvent(new CustomEvent("support-chat-open", { bubbles: true }));
  }

  /** Puts the chat out of view; it goes on if somebody may still answer. */
  minimise() {
    const parts = this.#parts;
    if (!parts || !this.#isOpen) return;
    this.#isOpen = false;
    this.#tabStore.remove(IS_OPEN);
    if (parts.panel.node.open) parts.panel.node.close();
    setAttribute(this.#launcher, "aria-expanded", "false");
    this.#launcher.hidden = false;
    this.#launcher.focus();
    parts.chat.minimise();
    this.dispatchEvent(new CustomEvent("support-chat-minimise", { bubbles: true }));
  }

  /** @returns {URL} */
  get #apiBase() {
    return new URL(this.getAttribute("api-base") ?? new URL("../../api/v1/", import.meta.url), document.baseURI);
  }

  /** @returns {Store} */
  get #tabStore() {
    return (this.#ownTabStore ??= new Store(this.#apiBase.href, browserStorage("sessionStorage")));
  }

  /** @type {Store | undefined} */
  #ownTabStore;

  /** Goes on with what an earlier page of this browser began, without taking the focus. */
  #takeUp() {
    const store = new Store(this.#apiBase.href, browserStorage("localStorage"));
    const wasOpen = this.#tabStore.get(IS_OPEN) === true;
    if (!wasOpen && store.get("conversation") === null) return;
    void this.#load().then((parts) => {
      if (!parts || this.#isOpen) return;
      if (!wasOpen) {
        parts.chat.resume();
        return;
      }
      this.#isOpen = true;
      this.#tabStore.activate();
      parts.chat.open();
      this.#draw();
      this.#show(true);
      parts.panel.showEnd();
    });
  }

  /** @returns {Promise<{chat: Chat, panel: Panel} | null>} null when the network is not there. */
  async #load() {
    try {
      this.#loading ??= this.#build();
      setText(this.#status, this.#parts ? "" : strings.launcher.opening);
      const parts = await this.#loading;
      setText(this.#status, "");
      return this.isConnected ? parts : null;
    } catch {
      this.#loading = null;
      setText(this.#status, strings.launcher.failed);
      setText(this.#label, strings.launcher.failed);
      return null;
    }
  }

  async #build() {
    const { createChat } = await import("./create-chat.js");
    setText(this.#label, strings.launcher.label);
    const language = this.getAttribute("language") ?? "en";
    const { chat, panel, styles } = createChat({
      apiBase: this.#apiBase.href, language, tabStore: this.#tabStore, onMinimise: () => this.minimise(),
    });
    chat.subscribe(() => this.#draw());
    panel.node.addEventListener("keydown", (event) => this.#key(event));
    panel.node.addEventListener("cancel", (event) => {
      if (event.target !== panel.node) return;
      event.preventDefault();
      this.#stepBack();
    });
    // A browser may close a modal dialog by itself, for instance on a second press of "back".
    panel.node.addEventListener("close", () => this.#isOpen && !panel.node.open && this.minimise());
    this.#root.adoptedStyleSheets = [...this.#root.adoptedStyleSheets, styles];
    this.#root.append(panel.node);
    this.#parts = { chat, panel };
    return this.#parts;
  }

  #draw() {
    if (!this.#parts) return;
    const { chat, panel } = this.#parts;
    if (this.#isOpen) panel.update();
    const unread = this.#isOpen ? 0 : chat.unread;
    this.#badge.hidden = unread === 0;
    setText(this.#badge, unread ? String(unread) : "");
    setAttribute(this.#launcher, "aria-label", unread ? strings.launcher.unread(unread) : null);
    this.#tellJoined(chat);
  }

  /** Out of view the chat is silent, but for the one thing that a waiting family must not miss. */
  #tellJoined(/** @type {Chat} */ { state: { status } }) {
    const isWith = status.state === "with_specialist";
    if (isWith && !this.#wasWithSpecialist && !this.#isOpen) {
      setText(this.#status, strings.launcher.joined(status.specialist?.name ?? strings.author.specialist));
    }
    this.#wasWithSpecialist = isWith;
  }

  /**
   * Brings the panel into view: over the whole screen, with the page behind it out of reach, on a
   * small one; beside the page on a large one.
   *
   * @param {boolean} keepsFocus whether the focus stays where it is, on a change that nobody asked for.
   */
  #show(keepsFocus) {
    const { node } = /** @type {{panel: Panel}} */ (this.#parts).panel;
    const focused = keepsFocus ? /** @type {HTMLElement | null} */ (this.#root.activeElement) : null;
    const isModal = this.#narrow.matches;
    if (node.open) {
      this.#isOpen = false;
      node.close();
      this.#isOpen = true;
    }
    if (isModal) node.showModal();
    // show() would take the focus from the page; the attribute alone does not.
    else node.open = true;
    setAttribute(node, "data-full", isModal);
    setAttribute(this.#launcher, "aria-expanded", "true");
    this.#launcher.hidden = true;
    this.#fitViewport();
    focused?.focus();
  }

  /** Keeps the panel inside what a phone's keyboard leaves, but lets people zoom in. */
  #fitViewport() {
    const view = visualViewport;
    const isFitted = view && this.#narrow.matches && this.#isOpen && view.scale < 1.05;
    const rule = isFitted ? `:host { --height: ${view.height}px; --top: ${view.offsetTop}px; }` : ":host {}";
    this.#viewport.replaceSync(rule);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    // A modal dialog answers Escape with its own `cancel`.
    if (this.#narrow.matches) return;
    event.preventDefault();
    event.stopPropagation();
    this.#stepBack();
  }

  #stepBack() {
    if (!this.#parts?.panel.stepBack()) this.minimise();
  }

  /** @param {MouseEvent} event */
  #followLink(event) {
    const link = event.target instanceof Element ? event.target.closest('a[href="#support-chat"]') : null;
    if (!link || event.defaultPrevented) return;
    event.preventDefault();
    void this.open();
  }
}
