import { browserStorage, Store } from "./session/store.js";
import { strings } from "./strings.js";
import { launcherStyles } from "./styles/launcher.js";
import { h, icon, setAttribute, setText, styleSheet } from "./view/dom.js";

/** @import {createChat} from "./view/stage.js" */

/** @typedef {ReturnType<typeof createChat>} Parts */

/** Whether the panel was in view when this tab left the last page. */
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
  #label = h("span", {}, strings.launcher.label);
  #badge = h("span", { class: "badge", "aria-hidden": "true", hidden: true });
  #launcher = h("button", {
    type: "button", class: "launcher", part: "launcher", "aria-expanded": "false", onclick: () => void this.open(),
  }, icon("chat"), this.#label, this.#badge);
  #reload = h("button", { type: "button", class: "launcher", onclick: () => this.#startAnew() }, strings.launcher.reload);
  #failed = h("div", { class: "failed", hidden: true }, h("p", { "aria-hidden": "true" }, strings.launcher.failed), this.#reload);
  #status = h("p", { class: "unseen", role: "status" });
  /** @type {AbortController | null} */
  #life = null;
  /** @type {Promise<Parts> | null} */
  #loading = null;
  /** @type {Parts | null} */
  #parts = null;
  /** @type {Store | undefined} */
  #ownTabStore;
  #isOpen = false;
  #wasWithSpecialist = false;

  connectedCallback() {
    if (this.#life) return;
    this.#life = new AbortController();
    this.#root.adoptedStyleSheets = [styleSheet(launcherStyles)];
    this.#root.replaceChildren(this.#launcher, this.#failed, this.#status);
    document.addEventListener("click", (event) => this.#followLink(event), this.#life);
    addEventListener("hashchange", () => this.#followResumeLink(), this.#life);
    if (!this.#followResumeLink()) this.#takeUp();
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
      this.#failed.hidden = true;
      this.#launcher.hidden = false;
    });
  }

  /** Opens the chat and puts the focus into it. */
  async open() {
    if (!this.#parts) setText(this.#status, strings.launcher.opening);
    const parts = await this.#load();
    if (!parts && this.isConnected) this.#tellFailed();
    if (!parts || this.#isOpen) return;
    this.#show(parts);
    parts.panel.focus();
    this.dispatchEvent(new CustomEvent("support-chat-open", { bubbles: true }));
  }

  /** Puts the chat out of view; it goes on if somebody may still answer. */
  minimise() {
    if (!this.#parts || !this.#isOpen) return;
    const { chat, stage } = this.#parts;
    this.#isOpen = false;
    this.#tabStore.remove(IS_OPEN);
    stage.hide();
    setAttribute(this.#launcher, "aria-expanded", "false");
    this.#launcher.hidden = false;
    this.#launcher.focus();
    chat.minimise();
    this.dispatchEvent(new CustomEvent("support-chat-minimise", { bubbles: true }));
  }

  /** @returns {string} */
  get #apiBase() {
    const given = this.getAttribute("api-base") ?? new URL("../../api/v1/", import.meta.url);
    return new URL(given, document.baseURI).href;
  }

  /** @returns {Store} */
  get #tabStore() {
    return (this.#ownTabStore ??= new Store(this.#apiBase, browserStorage("sessionStorage")));
  }

  /** Goes on with what an earlier page of this browser began, without taking the focus. */
  #takeUp() {
    const store = new Store(this.#apiBase, browserStorage("localStorage"));
    const wasOpen = this.#tabStore.get(IS_OPEN) === true;
    const hasChat = store.get("conversation") !== null || store.keys("outbox/").length > 0;
    if (!wasOpen && !hasChat) return;
    void this.#load().then((parts) => {
      if (!parts && this.isConnected && wasOpen) this.#tellFailed();
      if (!parts || this.#isOpen) return;
      if (wasOpen) this.#show(parts);
      else parts.chat.resume();
    });
  }

  /** @param {Parts} parts */
  #show({ chat, panel, stage }) {
    this.#isOpen = true;
    this.#tabStore.activate();
    this.#tabStore.set(IS_OPEN, true);
    chat.open();
    this.#draw();
    stage.show();
    setAttribute(this.#launcher, "aria-expanded", "true");
    this.#launcher.hidden = true;
    this.#failed.hidden = true;
    panel.showEnd();
  }

  /** @returns {Promise<Parts | null>} null when the network is not there, or the element has gone. */
  async #load() {
    try {
      const parts = await (this.#loading ??= this.#build());
      setText(this.#status, "");
      return this.isConnected ? parts : null;
    } catch {
      this.#loading = null;
      return null;
    }
  }

  /** Some browsers remember for the life of a page that a module could not be loaded. */
  #tellFailed() {
    const hadFocus = this.#launcher.matches(":focus");
    setText(this.#status, strings.launcher.failed);
    this.#launcher.hidden = true;
    this.#failed.hidden = false;
    if (hadFocus) this.#reload.focus();
  }

  /** The chat was asked for: it opens on the page that comes. */
  #startAnew() {
    this.#tabStore.activate();
    this.#tabStore.set(IS_OPEN, true);
    location.reload();
  }

  /** @returns {Promise<Parts>} */
  async #build() {
    const { createChat } = await import("./view/stage.js");
    const parts = createChat({
      root: this.#root,
      apiBase: this.#apiBase,
      language: this.getAttribute("language") ?? "en",
      tabStore: this.#tabStore,
      onMinimise: () => this.minimise(),
    });
    parts.chat.subscribe(() => this.#draw());
    if (this.#life) parts.stage.watch(this.#life.signal);
    this.#parts = parts;
    return parts;
  }

  #draw() {
    if (!this.#parts) return;
    const { chat, panel } = this.#parts;
    if (this.#isOpen) panel.update();
    const unread = this.#isOpen ? 0 : chat.unread;
    this.#badge.hidden = unread === 0;
    setText(this.#badge, unread ? String(unread) : "");
    setAttribute(this.#launcher, "aria-label", unread ? strings.launcher.unread(unread) : null);
    this.#tellJoined(chat.state);
  }

  /**
   * Out of view the chat is silent, but for the one thing that a waiting family must not miss.
   *
   * @param {Parts["chat"]["state"]} state
   */
  #tellJoined({ status }) {
    const isWith = status.state === "with_specialist";
    if (isWith && !this.#wasWithSpecialist && !this.#isOpen) {
      setText(this.#status, strings.launcher.joined(status.specialist?.name ?? strings.author.specialist));
    }
    this.#wasWithSpecialist = isWith;
  }

  /** @returns {boolean} whether the address is one with which a chat goes on here. */
  #followResumeLink() {
    const link = /^#resume=(.+)/.exec(location.hash)?.[1];
    if (!link) return false;
    void this.open().then(() => this.#parts?.panel.resume(link, () => history.replaceState(null, "", location.pathname + location.search)));
    return true;
  }

  /** @param {MouseEvent} event */
  #followLink(event) {
    const link = event.target instanceof Element ? event.target.closest('a[href="#support-chat"]') : null;
    if (!link || event.defaultPrevented) return;
    event.preventDefault();
    void this.open();
  }
}
