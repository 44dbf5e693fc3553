import { strings } from "../strings.js";
import { h, icon } from "./dom.js";
import { drawUnsent, MessageView, unsentSignature } from "./message.js";

/** @import {ChatState, ListHandlers} from "../types.js" */

/** This near to the end counts as reading along, in CSS pixels. */
const NEAR_END = 80;
const AT_END = 8;

/**
 * The visible conversation. It never takes the focus, never jumps while somebody reads further up
 * (but to a safety text), and is silent for screen readers: news is told by the announcer.
 */
export class MessageList {
  #handlers;
  /** @type {Map<string, MessageView>} */
  #views = new Map();
  /** @type {Map<string, {node: HTMLElement, signature: string, isDanger: boolean}>} */
  #unsent = new Map();
  #list = h("ol", { class: "messages", role: "list" });
  #typing = h("p", { class: "typing", hidden: true });
  #newMessages = h("button", { type: "button", class: "new-messages", hidden: true, onclick: () => this.#toEnd() }, icon("down"), strings.panel.newMessages);
  #loading = h("p", { class: "loading", hidden: true }, strings.panel.loading);
  #scroller;
  #isFollowing = true;
  #height = 0;
  node;

  /**
   * @param {HTMLElement} welcome stands above the first message.
   * @param {ListHandlers} handlers
   */
  constructor(welcome, handlers) {
    this.#handlers = handlers;
    this.#scroller = h(
      "div", {
        class: "log", role: "log", "aria-live": "off", "aria-label": strings.panel.log, tabindex: "0",
        onscroll: () => this.#noteScroll(),
      },
      welcome, this.#loading, this.#list, this.#typing,
    );
    this.node = h("div", { class: "body" }, this.#scroller, this.#newMessages);
    // A bar that comes in below must not cover the last words.
    new ResizeObserver(() => this.#resized()).observe(this.#scroller);
  }

  /** @param {ChatState} state */
  update(state) {
    const wasAtEnd = this.#distanceToEnd() < NEAR_END;
    this.#loading.hidden = !(state.isLoading && state.messages.length === 0);
    const added = this.#updateMessages(state);
    const hasOwn = this.#updateUnsent(state);
    const beginsTyping = this.#updateTyping(state);
    const danger = state.isLoading ? undefined : added.find((node) => node.classList.contains("is-safety"));
    if (danger) this.#handlers.onDanger();
    // What comes before words that are still on their way, such as the greeting, is not their answer.
    const isAwaited = state.outbox.length > 0 || (beginsTyping && added.length === 0);
    // History is shown from its end; a new answer is read from its beginning, and a safety text
    // whatever was being read.
    if (danger) this.#toStartOf(gravest(danger));
    else if (hasOwn || state.isLoading || (wasAtEnd && isAwaited)) this.#toEnd();
    else if (wasAtEnd && added.length > 0) this.#toStartOf(added[0]);
    else if (added.length > 0) this.#newMessages.hidden = false;
  }

  /** Shows the end of the conversation, for instance when the panel opens. */
  showEnd() {
    if (this.#views.size > 0) this.#toEnd();
  }

  /**
   * @param {ChatState} state
   * @returns {HTMLElement[]} the messages from others that were not there before.
   */
  #updateMessages(state) {
    const shown = new Set(state.messages.map(({ id }) => id));
    for (const [id, view] of this.#views) {
      if (shown.has(id)) continue;
      view.node.remove();
      this.#views.delete(id);
    }
    /** @type {HTMLElement[]} */
    const added = [];
    state.messages.forEach((message, index) => {
      let view = this.#views.get(message.id);
      if (view) {
        view.update(state);
      } else {
        view = new MessageView(message, state, this.#handlers);
        this.#views.set(message.id, view);
        if (message.sender !== "visitor") added.push(view.node);
      }
      this.#place(view.node, index);
    });
    return added;
  }

  /**
   * @param {ChatState} state
   * @returns {boolean} whether the visitor has just said something, or a safety text came for it.
   */
  #updateUnsent(state) {
    let hasNew = false;
    const kept = new Set(state.outbox.map(({ clientId }) => clientId));
    for (const [id, { node }] of this.#unsent) {
      if (kept.has(id)) continue;
      if (node.matches(":focus-within")) this.#scroller.focus();
      node.remove();
      this.#unsent.delete(id);
    }
    state.outbox.forEach((item, index) => {
      const signature = unsentSignature(item);
      const drawn = this.#unsent.get(item.clientId);
      const isSame = drawn?.signature === signature;
      const node = isSame ? drawn.node : drawUnsent(item, state, this.#handlers);
      const hadFocus = drawn?.node.matches(":focus-within");
      if (!isSame) drawn?.node.replaceWith(node);
      this.#place(node, state.messages.length + index);
      if (isSame) return;
      if (hadFocus) node.querySelector("button")?.focus();
      const isDanger = item.safety !== null;
      this.#unsent.set(item.clientId, { node, signature, isDanger });
      const isNewDanger = isDanger && !drawn?.isDanger;
      if (isNewDanger) this.#handlers.onDanger();
      hasNew ||= !drawn || isNewDanger;
    });
    return hasNew;
  }

  /**
   * Moves nothing that is in its place: what is moved loses the focus.
   *
   * @param {HTMLElement} node
   * @param {number} index
   */
  #place(node, index) {
    const there = this.#list.children[index] ?? null;
    if (there !== node) this.#list.insertBefore(node, there);
  }

  /**
   * @param {ChatState} state
   * @returns {boolean} whether somebody has just begun.
   */
  #updateTyping({ typing, isAsking, status }) {
    const botAnswers = status.state === "bot" || (status.state === "queued" && status.asks_while_waiting);
    let text = "";
    if (typing && typing.sender !== "bot") text = strings.message.typing(typing.name ?? strings.author.specialist);
    else if (typing || (isAsking && botAnswers)) text = strings.message.looking;
    if (this.#typing.dataset.text === text) return false;
    this.#typing.hidden = text === "";
    this.#typing.dataset.text = text;
    const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    this.#typing.replaceChildren(dots, text);
    return text !== "";
  }

  #distanceToEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  #resized() {
    this.#height = this.#scroller.clientHeight;
    if (this.#isFollowing) this.showEnd();
  }

  #noteScroll() {
    // A change of size comes with a scroll of its own, which nobody has made.
    if (this.#scroller.clientHeight !== this.#height) return;
    this.#isFollowing = this.#distanceToEnd() < AT_END;
    if (this.#isFollowing) this.#newMessages.hidden = true;
  }

  /**
   * A long answer is read from its beginning.
   *
   * @param {HTMLElement} node
   */
  #toStartOf(node) {
    this.#toEnd();
    const above = node.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
    if (above >= 0) return;
    this.#isFollowing = false;
    this.#scroller.scrollTop += above - 12;
  }

  #toEnd() {
    this.#isFollowing = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#newMessages.hidden = true;
  }
}

/**
 * Two texts come gravest first, at times one by one: the second must not push the first out of view.
 *
 * @param {HTMLElement} danger
 * @returns {HTMLElement}
 */
function gravest(danger) {
  const before = danger.previousElementSibling;
  return before instanceof HTMLElement && before.classList.contains("is-safety") ? gravest(before) : danger;
}
