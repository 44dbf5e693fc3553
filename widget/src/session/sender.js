import { DeskError } from "../transport/desk-error.js";
import { retryDelay } from "../transport/stream.js";

/** @import {Delivery, OutboxItem} from "../types.js" */
/** @import {Outbox} from "./outbox.js" */

/** A suspended tab may hold the lock for ever; client ids keep a second sender harmless. */
const LOCK_WAIT_MS = 4000;

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
      this.#delivery.onGone();
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
