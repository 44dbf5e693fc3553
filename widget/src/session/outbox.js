import { DeskError } from "../transport/desk-error.js";
import { retryDelay } from "../transport/stream.js";

/** @import {Delivery, OutboxItem} from "../types.js" */
/** @import {Store} from "./store.js" */

const PREFIX = "outbox/";
/** Why a wish waits: it was said in a conversation that is gone. */
const MOVED = "moved";
/** A suspended tab may hold the lock for ever; client ids keep a second sender harmless. */
const LOCK_WAIT_MS = 4000;

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

  /**
   * Empties the outbox of what belongs to a conversation that is over. A wish for a person stays
   * for the next one, but once: it must not open one after another.
   *
   * @returns {string} the words of every unsent message, in order.
   */
  takeTexts() {
    const items = this.list();
    for (const { clientId, kind, reason } of items) {
      if (kind === "handoff" && reason !== MOVED) this.update(clientId, { reason: MOVED });
      else this.remove(clientId);
    }
    return items.filter((item) => item.kind === "text").map((item) => item.text).join("\n\n");
  }
}

/**
 * Empties the outbox: one item at a time, in order, until the desk has acknowledged it.
 *
 * An item that cannot be sent now keeps its place and holds back those behind it; one that the
 * desk refuses for good is marked and passed by.
 */
export class Sender {
  #outbox;
  #delivery;
  #lockName;
  #isPumping = false;
  #isAsked = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {OutboxItem | null} what is under way. */
  sending = null;

  /**
   * @param {Outbox} outbox
   * @param {Delivery} delivery
   * @param {string} lockName one sender at a time among the tabs that share it.
   */
  constructor(outbox, delivery, lockName) {
    this.#outbox = outbox;
    this.#delivery = delivery;
    this.#lockName = lockName;
  }

  /** Sends what waits, now; also called by a visitor who does not want to wait for the next try. */
  async pump() {
    this.#isAsked = true;
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#plan(null);
    try {
      while (this.#isAsked) {
        this.#isAsked = false;
        await this.#withLock(() => this.#drain());
      }
    } finally {
      this.#isPumping = false;
    }
  }

  stop() {
    this.#plan(null);
  }

  async #drain() {
    for (let item = this.#outbox.head(); item; item = this.#outbox.head()) {
      this.#note(item);
      try {
        await this.#delivery.deliver(item);
        this.#outbox.remove(item.clientId);
      } catch (cause) {
        // An answer that we cannot read is as good as none: the item stays and is tried again.
        const error = cause instanceof DeskError ? cause : new DeskError({ status: 0, cause });
        if (!this.#goOnAfter(item, error)) return;
      } finally {
        this.#note(null);
      }
    }
  }

  /**
   * @param {OutboxItem} item
   * @param {DeskError} error
   * @returns {boolean} whether the next item may be tried.
   */
  #goOnAfter(item, error) {
    if (error.isGone) {
      this.#delivery.onGone(error);
      return false;
    }
    if (error.isTemporary) {
      this.#outbox.update(item.clientId, {
        attempts: item.attempts + 1,
        reason: error.status === 429 ? "slow_down" : null,
        safety: error.safety ?? item.safety,
      });
      const asked = (error.retryAfterSeconds ?? 0) * 1000;
      this.#plan(Math.max(asked, retryDelay(item.attempts)));
      return false;
    }
    this.#outbox.update(item.clientId, { status: "refused", safety: error.safety ?? item.safety });
    this.#delivery.onRefused(item, error);
    return true;
  }

  /** @param {number | null} delay milliseconds until the next attempt; null for none. */
  #plan(delay) {
    clearTimeout(this.#timer);
    if (delay !== null) this.#timer = setTimeout(() => void this.pump(), delay);
    this.#delivery.onChange();
  }

  /** @param {OutboxItem | null} item */
  #note(item) {
    this.sending = item;
    this.#delivery.onChange();
  }

  /** @param {() => Promise<void>} work */
  async #withLock(work) {
    const locks = globalThis.navigator?.locks;
    if (!locks) return work();
    let hasBegun = false;
    try {
      await locks.request(this.#lockName, { signal: AbortSignal.timeout(LOCK_WAIT_MS) }, () => {
        hasBegun = true;
        return work();
      });
    } catch (error) {
      if (hasBegun) throw error;
      await work();
    }
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
