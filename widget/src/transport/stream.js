/** @import {StreamEvent} from "../types.js" */

/**
 * Reads Server-Sent Events from text that arrives in pieces of any size.
 *
 * The browser's own EventSource cannot carry an `Authorization` header, and a token has no place
 * in an address; hence our own reader.
 *
 * Source: HTML Living Standard, section 9.2.6, "Interpreting an event stream".
 */
export class SseParser {
  #rest = "";
  #event = "";
  /** @type {string[]} */
  #data = [];
  /** @type {string | null} */
  #id = null;

  /**
   * Takes one piece of the stream.
   *
   * @param {string} piece
   * @returns {StreamEvent[]} the events that this piece completed, in order.
   */
  push(piece) {
    let text = this.#rest + piece;
    // A lone CR at the end may be the first half of CRLF: leave it for the next piece.
    const hasOpenReturn = text.endsWith("\r");
    if (hasOpenReturn) text = text.slice(0, -1);
    const lines = text.split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? "") + (hasOpenReturn ? "\r" : "");
    return lines.map((line) => this.#line(line)).filter((event) => event !== null);
  }

  /**
   * @param {string} line
   * @returns {StreamEvent | null} an event when the line closes one.
   */
  #line(line) {
    if (line === "") return this.#close();
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#event = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id") this.#id = value;
    return null;
  }

  /** @returns {StreamEvent | null} */
  #close() {
    const isEmpty = this.#data.length === 0;
    const event = { event: this.#event || "message", data: this.#data.join("\n"), id: this.#id };
    this.#event = "";
    this.#data = [];
    this.#id = null;
    return isEmpty ? null : event;
  }
}

const FIRST_DELAY_MS = 1000;
/** A family in a cellar corridor may be without a network for long; half a minute keeps hope alive. */
const LONGEST_DELAY_MS = 30_000;

/**
 * Gives the pause before another attempt: doubling, capped, and jittered so that many browsers do
 * not come back in the same instant. There is no last attempt.
 *
 * @param {number} attempt failures in a row so far, from 0.
 * @param {() => number} [random] a number in [0, 1).
 * @returns {number} milliseconds, between half and all of the step's delay.
 */
export function retryDelay(attempt, random = Math.random) {
  const step = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 16));
  return Math.round(step * (0.5 + 0.5 * random()));
}

/**
 * Waits, unless woken or aborted before.
 *
 * @param {number} milliseconds
 * @param {AbortSignal} signal ends the wait without an error.
 * @returns {{done: Promise<void>, wake: () => void}}
 */
export function pause(milliseconds, signal) {
  let wake = () => {};
  /** @type {Promise<void>} */
  const done = new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener("abort", finish);
    wake = finish;
    if (signal.aborted) finish();
  });
  return { done, wake };
}
