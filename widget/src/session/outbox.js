/** @import {OutboxItem} from "../types.js" */
/** @import {Store} from "./store.js" */

const PREFIX = "outbox/";

/**
 * What the visitor has said and the desk has not yet acknowledged, oldest first.
 *
 * Each item is a record of its own, so that two tabs never overwrite one another's list, and a
 * reload finds everything. An item leaves only when the desk has stored it or the visitor takes
 * it back.
 */
export class Outbox {
  #store;
  #lastOrder = 0;

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
  }

  /**
   * @param {Pick<OutboxItem, "kind" | "text"> & {choice?: string | null}} what
   * @returns {OutboxItem} the item as stored, with a client id of its own.
   */
  add({ kind, text, choice = null }) {
    // Never the same twice in a tab, also when the clock stands still or is set back.
    this.#lastOrder = Math.max(Date.now(), this.#lastOrder + 1);
    /** @type {OutboxItem} */
    const item = {
      clientId: newClientId(),
      order: this.#lastOrder,
      kind,
      text,
      choice,
      status: "waiting",
      attempts: 0,
      reason: null,
      safety: null,
    };
    this.#store.set(PREFIX + item.clientId, item);
    return item;
  }

  /** @returns {OutboxItem[]} all items in the order in which they were said. */
  list() {
    return this.#store.keys(PREFIX)
      .map((key) => this.#store.get(key))
      .filter((item) => typeof item?.clientId === "string" && typeof item.text === "string")
      .sort((one, other) => one.order - other.order || (one.clientId < other.clientId ? -1 : 1));
  }

  /** @returns {OutboxItem | null} the next item to send. */
  head() {
    return this.list().find((item) => item.status === "waiting") ?? null;
  }

  /**
   * @param {string} clientId
   * @returns {OutboxItem | null}
   */
  get(clientId) {
    return this.#store.get(PREFIX + clientId);
  }

  /**
   * Changes an item if it is still there: another tab may have had it acknowledged meanwhile.
   *
   * @param {string} clientId
   * @param {Partial<OutboxItem>} changes
   */
  update(clientId, changes) {
    const item = this.get(clientId);
    if (item) this.#store.set(PREFIX + clientId, { ...item, ...changes });
  }

  /** @param {string} clientId */
  remove(clientId) {
    this.#store.remove(PREFIX + clientId);
  }

  /** @returns {string} the words of every unsent message, in order; the outbox is empty afterwards. */
  takeTexts() {
    const items = this.list();
    for (const item of items) this.remove(item.clientId);
    return items.filter((item) => item.kind === "text").map((item) => item.text).join("\n\n");
  }
}

/**
 * Gives a random version 4 UUID, also on a page without HTTPS, where `randomUUID` is missing.
 *
 * @returns {string}
 */
export function newClientId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
