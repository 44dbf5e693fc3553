/** @import {Message} from "../types.js" */

/** How long a message may wait for an earlier one that is missing, before it is shown anyway. */
export const HOLD_MS = 5000;

/**
 * The messages of one conversation, each once, in the order of `seq`, whatever way and in whatever
 * order they came in.
 */
export class Timeline {
  /** @type {Map<number, {message: Message, arrivedAt: number}>} */
  #entries = new Map();
  #position = 0;

  /** @returns {number} the last number up to which nothing is missing: where to resume. */
  get position() {
    return this.#position;
  }

  /** @returns {boolean} whether a message is known whose predecessor is not. */
  get hasGap() {
    return this.#entries.size > this.#position;
  }

  /**
   * Takes messages from the stream, a fetch or an answer to a send.
   *
   * @param {readonly Message[]} messages
   * @param {number} [now] milliseconds.
   * @returns {Message[]} those not known before.
   */
  apply(messages, now = Date.now()) {
    const added = messages.filter((message) => {
      if (!isMessage(message) || this.#entries.has(message.seq)) return false;
      this.#entries.set(message.seq, { message, arrivedAt: now });
      return true;
    });
    while (this.#entries.has(this.#position + 1)) this.#position += 1;
    return added;
  }

  /**
   * Gives what may be shown: screen readers read by arrival, so a message after a gap waits a
   * moment for the one before it. A safety message never waits.
   *
   * @param {number} [now] milliseconds.
   * @returns {Message[]} in the order of `seq`.
   */
  visible(now = Date.now()) {
    return [...this.#entries.values()]
      .filter(({ message, arrivedAt }) => message.seq <= this.#position
        || message.kind === "safety" || now - arrivedAt >= HOLD_MS)
      .map(({ message }) => message)
      .sort((one, other) => one.seq - other.seq);
  }
}

/**
 * @param {any} value
 * @returns {value is Message}
 */
function isMessage(value) {
  return Number.isInteger(value?.seq) && value.seq > 0
    && typeof value.id === "string" && typeof value.text === "string" && Array.isArray(value.choices);
}

/**
 * Finds which of a message's choices the visitor took, so that it stays readable after a reload:
 * the desk stores a choice's title as the visitor's text.
 *
 * @param {readonly Message[]} messages the whole conversation in order.
 * @param {Message} message
 * @returns {string | null} the choice's id.
 */
export function chosenChoice(messages, message) {
  for (const later of messages) {
    if (later.seq <= message.seq) continue;
    // An equal offer made later owns what is chosen after it.
    const isSameOffer = later.choices.some(({ id }) => message.choices.some((own) => own.id === id));
    if (later.sender !== "visitor") {
      if (isSameOffer) return null;
      continue;
    }
    const chosen = message.choices.find(({ title }) => title === later.text);
    if (chosen) return chosen.id;
  }
  return null;
}

/**
 * Tells whether a message offers what can be done while waiting. The queue's bar, which does not
 * scroll away, shows those choices in the message's place.
 *
 * @param {Message} message
 * @returns {boolean}
 */
export function offersWaiting({ choices }) {
  return choices.some(({ id }) => id === "ask_while_waiting" || id === "back_to_bot");
}
