import { DeskError } from "../transport/desk-error.js";
import { Receiver } from "./receiver.js";
import { HOLD_MS, Timeline } from "./timeline.js";

/** @import {Access, Connection, Message, Status, Watcher} from "../types.js" */
/** @import {DeskClient} from "../transport/desk-client.js" */

const CATCH_UP_AFTER_MS = 400;
const TYPING_SHOWN_MS = 6000;
const TYPING_SENT_EVERY_MS = 3000;
const POLL_AWAITED_MS = 4000;
const POLL_QUIET_MS = 15_000;

/** @type {Readonly<Status>} */
export const NEW_STATUS = Object.freeze({
  state: "bot",
  queue_position: null,
  wait_minutes: null,
  specialist: null,
  asks_while_waiting: false,
  last_seq: 0,
});

/**
 * One conversation of the desk as this browser knows it: its messages, its state, and the line
 * that keeps both up to date.
 */
export class Conversation {
  #client;
  #watcher;
  #receiver;
  #isDisposed = false;
  #isRefreshing = false;
  #typingSentAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typingTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #refreshTimer;
  #timeline = new Timeline();
  /** @type {Status} */
  status = { ...NEW_STATUS };
  /** @type {{sender: Message["sender"], name: string | null} | null} */
  typing = null;
  /** @type {Connection} */
  connection = "idle";
  /** Whether the first fetch is still to come. */
  isLoading = true;

  /**
   * @param {DeskClient} client
   * @param {Access} access
   * @param {Watcher} watcher
   */
  constructor(client, access, watcher) {
    this.#client = client;
    this.access = access;
    this.#watcher = watcher;
    this.#receiver = new Receiver(client, access, {
      position: () => this.#timeline.position,
      pollDelay: () => this.#pollDelay(),
      onMessages: (messages) => this.take(messages),
      onStatus: (status) => {
        this.isLoading = false;
        this.setStatus(status);
      },
      onTyping: (typing) => this.#showTyping(typing),
      onConnection: (connection) => {
        this.connection = connection;
        this.#changed();
      },
      onGone: () => this.#watcher.onGone(),
    });
  }

  /** @returns {Message[]} what may be shown, in order. */
  get messages() {
    return this.#timeline.visible();
  }

  /** @returns {number} */
  get position() {
    return this.#timeline.position;
  }

  /** @returns {boolean} whether it has ended and nothing of it is still to come. */
  get isComplete() {
    return this.status.state === "closed" && !this.isLoading && !this.#timeline.hasGap;
  }

  /** @param {readonly Message[]} messages the greeting: news, since nothing came before. */
  begin(messages) {
    this.isLoading = false;
    this.take(messages);
  }

  /** @param {readonly Message[]} messages from any way in, in any order, known or not. */
  take(messages) {
    if (this.#isDisposed) return;
    for (const message of this.#timeline.apply(messages)) {
      if (message.sender === this.typing?.sender) this.typing = null;
      this.#watcher.onNew(message);
    }
    if (this.#timeline.hasGap) {
      this.#refreshSoon();
      setTimeout(() => this.#changed(), HOLD_MS + 50);
    }
    this.#changed();
  }

  /** @param {Partial<Status>} news what is known of it; the rest stays, while the state does. */
  setStatus(news) {
    if (this.#isDisposed) return;
    const isSame = news.state === undefined || news.state === this.status.state;
    const given = Object.entries(news).filter(([key, value]) => key in NEW_STATUS && value !== undefined);
    this.status = { ...(isSame ? this.status : NEW_STATUS), ...Object.fromEntries(given) };
    if (!isSame) this.typing = null;
    if (this.#isBehind) this.#refreshSoon();
    this.#changed();
  }

  /** Fetches by number what is missing, once at a time; failing is left to the line's own repair. */
  refresh() {
    if (this.#isRefreshing || this.#isDisposed) return;
    this.#isRefreshing = true;
    this.#receiver.catchUp()
      .catch((error) => {
        if (error instanceof DeskError && error.isGone && !this.#isDisposed) this.#watcher.onGone();
      })
      .finally(() => {
        this.#isRefreshing = false;
      });
  }

  get #isBehind() {
    return this.#timeline.hasGap || this.status.last_seq > this.#timeline.position;
  }

  /** What is missing is often on its way already: leave it a moment, then fetch it. */
  #refreshSoon() {
    clearTimeout(this.#refreshTimer);
    this.#refreshTimer = setTimeout(() => this.#isBehind && this.refresh(), CATCH_UP_AFTER_MS);
  }

  /** @param {boolean} isWanted whether anybody would see what comes. */
  listen(isWanted) {
    if (isWanted && !this.isComplete) this.#receiver.start();
    else this.#receiver.stop();
  }

  /** The network may be back: do not wait for the next attempt. */
  hurry() {
    this.#receiver.hurry();
  }

  /** Tells a waiting or present specialist that the visitor is writing; never what. */
  noteTyping() {
    const isHeard = this.status.state === "queued" || this.status.state === "with_specialist";
    if (!isHeard || Date.now() - this.#typingSentAt < TYPING_SENT_EVERY_MS) return;
    this.#typingSentAt = Date.now();
    this.#client.post(this.access, "typing").catch(() => {});
  }

  /** Lets go of it: whatever still arrives is for nobody. */
  dispose() {
    this.#isDisposed = true;
    clearTimeout(this.#typingTimer);
    clearTimeout(this.#refreshTimer);
    this.#receiver.dispose();
  }

  /** @param {any} typing */
  #showTyping(typing) {
    clearTimeout(this.#typingTimer);
    const isShown = typing?.is_typing !== false && typing?.sender !== "visitor";
    this.typing = isShown ? { sender: typing?.sender ?? "specialist", name: typing?.author?.name ?? null } : null;
    this.#typingTimer = setTimeout(() => {
      this.typing = null;
      this.#changed();
    }, TYPING_SHOWN_MS);
    this.#changed();
  }

  #pollDelay() {
    const delay = this.status.state === "bot" ? POLL_QUIET_MS : POLL_AWAITED_MS;
    return globalThis.document?.visibilityState === "hidden" ? delay * 4 : delay;
  }

  #changed() {
    if (!this.#isDisposed) this.#watcher.onChange();
  }
}
