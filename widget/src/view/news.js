import { strings } from "../strings.js";
import { h } from "./dom.js";
import { authorName } from "./message.js";

/** @import {ChatState, Message} from "../types.js" */

/** Under a tenth of a second goes unnoticed by some readers; much longer would be found and read twice. */
const KEPT_MS = 1200;

/**
 * Speaks to screen readers, apart from the visible list: each piece of news is put into a hidden
 * live region once and taken out again, so that history is never read out.
 */
export class Announcer {
  #polite = h("div", { role: "status", "aria-live": "polite", class: "unseen" });
  #urgent = h("div", { role: "alert", "aria-live": "assertive", class: "unseen" });
  node = h("div", { class: "announcer" }, this.#polite, this.#urgent);

  /**
   * @param {string} text
   * @param {{isUrgent?: boolean}} [how] whether it may interrupt what is being read.
   */
  say(text, { isUrgent = false } = {}) {
    const line = h("p", {}, text);
    (isUrgent ? this.#urgent : this.#polite).append(line);
    setTimeout(() => line.remove(), KEPT_MS);
  }
}

/**
 * Decides what of a change is worth saying aloud: each new message once, and what changed about
 * the connection, the queue and what was sent. What was there before is never news.
 */
export class News {
  #say;
  /** @type {Set<string>} */
  #known = new Set();
  /** @type {Set<string>} */
  #unsent = new Set();
  #hasBegun = false;
  #wasOffline = false;
  #wasWaiting = false;
  #alarm = "";
  /** @type {string | null} */
  #closure = null;
  /** @type {number | null} */
  #place = null;

  /** @param {(text: string, how?: {isUrgent?: boolean}) => void} say */
  constructor(say) {
    this.#say = say;
  }

  /** @param {ChatState} state */
  update(state) {
    if (!this.#hasBegun) this.#begin(state);
    this.#tellSent(state);
    this.#tellConnection(state);
    this.#tellQueue(state);
    this.#tellClosure(state);
    if (state.alarm && state.alarm.text !== this.#alarm) this.#say(state.alarm.text, { isUrgent: true });
    this.#alarm = state.alarm?.text ?? "";
    for (const message of state.messages) {
      if (this.#known.has(message.id)) continue;
      this.#known.add(message.id);
      if (!state.isLoading && message.sender !== "visitor") {
        this.#say(spoken(message), { isUrgent: message.kind === "safety" });
      }
    }
  }

  /**
   * A chat that was loaded while the panel was away comes with its history.
   *
   * @param {ChatState} state
   */
  #begin({ messages, seen }) {
    this.#hasBegun = true;
    for (const { id, seq } of messages) if (seq <= seen) this.#known.add(id);
  }

  /** @param {ChatState} state */
  #tellSent({ outbox, messages, isLoading }) {
    const acknowledged = messages.some(({ client_id: id }) => id !== null && this.#unsent.has(id));
    if (acknowledged && !isLoading) this.#say(strings.message.sent);
    const safety = outbox.find((item) => item.safety && !this.#known.has(item.clientId));
    if (safety?.safety) {
      this.#known.add(safety.clientId);
      this.#say(safety.safety.text, { isUrgent: true });
    }
    const isWaiting = outbox.some(({ attempts, status }) => attempts > 0 || status === "refused");
    if (isWaiting && !this.#wasWaiting) this.#say(strings.connection.unsent);
    this.#wasWaiting = isWaiting;
    this.#unsent = new Set(outbox.map(({ clientId }) => clientId));
  }

  /** @param {ChatState} state */
  #tellConnection({ connection }) {
    const isOffline = connection === "offline";
    if (isOffline && !this.#wasOffline) this.#say(strings.connection.lost);
    if (this.#wasOffline && (connection === "live" || connection === "polling")) {
      this.#say(strings.connection.restored);
      this.#wasOffline = false;
    }
    this.#wasOffline ||= isOffline;
  }

  /** @param {ChatState} state */
  #tellClosure({ service: { closure } }) {
    if (closure !== null && closure !== this.#closure) this.#say(`${strings.author.team}: ${closure}`);
    this.#closure = closure;
  }

  /** @param {ChatState} state */
  #tellQueue({ status }) {
    const place = status.state === "queued" ? status.queue_position : null;
    // Not every step: the first place and the last one before one's turn.
    if (place !== null && (this.#place === null || (place === 1 && this.#place !== 1))) {
      this.#say(strings.queue.position(place));
    }
    this.#place = place;
  }
}

/**
 * @param {Message} message
 * @returns {string} the message as one hears it.
 */
function spoken(message) {
  const isPending = message.answer !== null && message.answer.kind !== "service"
    && message.answer.review_status === "pending";
  const choices = message.choices.map(({ title }) => title).join("; ");
  return [
    `${authorName(message)}: ${message.text}`,
    isPending && `${strings.review.label}.`,
    choices && `${strings.message.choices}: ${choices}.`,
  ].filter(Boolean).join(" ");
}
