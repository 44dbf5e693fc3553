import { chosenChoice, offersWaiting } from "../session/timeline.js";
import { strings } from "../strings.js";
import { Choices, Feedback, reviewNotice, sourceList } from "./answer.js";
import { button, h, icon } from "./dom.js";
import { callableNumbers, drawText, formatTime, knownNumbers, readText, telephone } from "./text.js";

/** @import {ChatState, Message, MessageHandlers, OutboxItem, SafetyFinding, UnsentHandlers} from "../types.js" */

/**
 * @param {Message} message
 * @returns {string} who wrote it, in the visitor's words.
 */
export function authorName({ sender, author }) {
  if (sender === "visitor") return strings.author.you;
  if (sender === "specialist") return author?.name ?? strings.author.specialist;
  return sender === "bot" ? strings.author.bot : strings.author.system;
}

/** One message of the list, drawn once; only its choices, feedback and review notice ever change. */
export class MessageView {
  #message;
  #handlers;
  #choices;
  #feedback;
  #notice = h("div");
  #noticeOf = "";
  node;

  /**
   * @param {Message} message
   * @param {ChatState} state
   * @param {MessageHandlers} handlers
   */
  constructor(message, state, handlers) {
    this.#message = message;
    this.#handlers = handlers;
    const { answer, choices, kind, sender } = message;
    this.#choices = choices.length > 0 && !offersWaiting(message) ? new Choices(choices, handlers.onChoose) : null;
    this.#feedback = sender === "bot" && kind === "answer"
      ? new Feedback({
        onRate: (helpful, comment) => handlers.onRate(message.id, helpful, comment),
        onPerson: handlers.onPerson,
      })
      : null;
    this.node = h(
      "li", { class: `message from-${sender} ${kind === "safety" ? "is-safety" : sender === "system" ? "is-notice" : ""}` },
      this.#byline(),
      h(
        "div", { class: "bubble" },
        ...this.#body(state),
        answer && this.#notice,
        answer && sourceList(answer.sources, handlers.language),
      ),
      this.#choices?.node,
      this.#feedback?.node,
    );
    this.update(state);
  }

  /** @param {ChatState} state */
  update(state) {
    const { answer } = this.#message;
    this.#choices?.update(chosenChoice(state.messages, this.#message));
    this.#feedback?.update(state.feedback[this.#message.id]);
    const wording = JSON.stringify(state.service.notices);
    if (answer && wording !== this.#noticeOf) {
      this.#noticeOf = wording;
      const notice = reviewNotice(answer, state.service.notices, this.#handlers.language);
      this.#notice.replaceChildren(...(notice ? [notice] : []));
    }
  }

  #byline() {
    const { created_at: at, sender } = this.#message;
    return h(
      "p", { class: "byline" },
      h("strong", {}, authorName(this.#message)),
      sender === "specialist" && h("span", {}, strings.author.role),
      h("time", { datetime: at }, formatTime(at, this.#handlers.language)),
    );
  }

  /** @param {ChatState} state */
  #body({ service }) {
    const { kind, safety, sender, text } = this.#message;
    const numbers = knownNumbers(service);
    if (kind === "safety") return safetyBody({ kind: safety ?? "emergency", text }, numbers);
    return drawText(readText(text, { hasLinks: sender !== "visitor", numbers }));
  }
}

/**
 * Draws a safety text so that nobody can miss it, with its numbers as large buttons.
 *
 * @param {SafetyFinding} finding
 * @param {readonly string[]} numbers
 * @returns {HTMLElement[]}
 */
export function safetyBody({ kind, text }, numbers) {
  const calls = callableNumbers(text, numbers).map((number) => h(
    "a", { class: "call", href: telephone(number) }, icon("phone"), strings.message.call(number),
  ));
  return [
    h("p", { class: "alarm" }, icon("alert"), h("strong", {}, strings.message[kind])),
    ...drawText(readText(text, { hasLinks: true, numbers })),
    ...(calls.length > 0 ? [h("div", { class: "calls" }, ...calls)] : []),
  ];
}

/**
 * Draws what the visitor said and the desk has not stored yet, with what can be done about it.
 *
 * @param {OutboxItem} item
 * @param {ChatState} state
 * @param {UnsentHandlers} handlers
 * @returns {HTMLElement}
 */
export function drawUnsent(item, state, handlers) {
  const { safety } = item;
  return h(
    "li", { class: "message from-visitor is-unsent" },
    h("p", { class: "byline" }, h("strong", {}, strings.author.you)),
    h("div", { class: "bubble" }, ...drawText(readText(item.kind === "handoff" ? strings.person.ask : item.text))),
    h("p", { class: `delivery${isStuck(item) ? " is-stuck" : ""}` }, statusText(item)),
    h("div", { class: "row" }, ...buttons(item, handlers)),
    safety && h("div", { class: "message is-safety" }, h("div", { class: "bubble" }, ...safetyBody(safety, knownNumbers(state.service)))),
  );
}

/**
 * @param {OutboxItem} item
 * @returns {string} changes whenever the item must be drawn anew.
 */
export function unsentSignature(item) {
  return JSON.stringify([item.status, item.attempts > 0, item.reason, item.safety]);
}

/** @param {OutboxItem} item */
function isStuck({ status, attempts }) {
  return status === "refused" || attempts > 0;
}

/** @param {OutboxItem} item */
function statusText({ status, attempts, reason, kind }) {
  if (status === "refused") {
    if (reason === "closed") return strings.message.refusedClosed;
    return [strings.message.refused, reason].filter(Boolean).join(" ");
  }
  if (attempts > 0) return reason === "slow_down" ? strings.message.slowDown : strings.message.waiting;
  return kind === "handoff" ? strings.person.asking : strings.message.sending;
}

/**
 * @param {OutboxItem} item
 * @param {UnsentHandlers} handlers
 */
function buttons(item, { onRetry, onEdit, onDiscard }) {
  if (!isStuck(item)) return [];
  const make = (/** @type {string} */ label, /** @type {() => void} */ onclick) => (
    button("quiet", onclick, label));
  const remove = make(strings.message.discard, () => onDiscard(item.clientId));
  if (item.status === "waiting") return [make(strings.message.retry, onRetry), remove];
  return item.kind === "text" ? [make(strings.message.edit, () => onEdit(item.clientId)), remove] : [remove];
}
