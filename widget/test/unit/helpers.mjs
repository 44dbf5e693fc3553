/** What several unit tests need; no test of its own. */

/** @import {Message} from "../../src/types.js" */

/**
 * @param {number} seq
 * @param {Partial<Message>} [more]
 * @returns {Message}
 */
export function makeMessage(seq, more = {}) {
  return {
    id: `id-${seq}`, seq, client_id: null, sender: "bot", kind: "answer", text: `text ${seq}`, language: "en",
    created_at: "2026-11-23T08:00:00Z", safety: null, author: null, in_reply_to: null, answer: null, choices: [],
    ...more,
  };
}

/**
 * @param {readonly Message[]} messages
 * @returns {number[]}
 */
export function numbers(messages) {
  return messages.map(({ seq }) => seq);
}

/** A browser's storage, without a browser. @implements {Storage} */
export class MemoryStorage {
  #items = new Map();
  [Symbol.toStringTag] = "MemoryStorage";

  get length() {
    return this.#items.size;
  }

  /** @param {number} index */
  key(index) {
    return [...this.#items.keys()][index] ?? null;
  }

  /** @param {string} key */
  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  /**
   * @param {string} key
   * @param {string} value
   */
  setItem(key, value) {
    this.#items.set(key, value);
  }

  /** @param {string} key */
  removeItem(key) {
    this.#items.delete(key);
  }

  clear() {
    this.#items.clear();
  }
}

/**
 * Numbers that are the same at every run, for tests of "whatever the order".
 *
 * @param {number} seed
 * @returns {() => number} each in [0, 1).
 *
 * Source: Park and Miller, Random number generators: good ones are hard to find, CACM 31(10), 1988.
 */
export function seededRandom(seed) {
  let state = seed % 2147483647 || 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return (state - 1) / 2147483646;
  };
}

/**
 * @template T
 * @param {readonly T[]} items
 * @param {() => number} random
 * @returns {T[]}
 */
export function shuffled(items, random) {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [copy[last], copy[other]] = [copy[other], copy[last]];
  }
  return copy;
}

/** Lets everything that is already due happen. */
export async function settle() {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
