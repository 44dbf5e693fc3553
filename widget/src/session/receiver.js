import { DeskError } from "../transport/desk-error.js";
import { pause, retryDelay, SseParser } from "../transport/stream.js";

/** @import {Access, Listener} from "../types.js" */
/** @import {DeskClient} from "../transport/desk-client.js" */

/** The desk sends the state on connecting: silence for this long means that something holds it back. */
const FIRST_BYTE_MS = 8000;
/** The desk sends a comment every 15 s: two missed ones and a little more is a dead line. */
const SILENCE_MS = 40_000;
/** After this long on polling the stream gets another try: the phone may be on another network. */
const POLLING_SPELL_MS = 300_000;
/** A stream that ends sooner is not worth reopening at once. */
const HEALTHY_MS = 10_000;
/** Streams in a row that ended sooner than that, before polling takes over; one that stayed silent counts twice. */
const SHORT_STREAMS = 4;

/** @type {Listener} */
const MUTE = {
  position: () => 0,
  pollDelay: () => POLLING_SPELL_MS,
  onMessages: () => {},
  onStatus: () => {},
  onTyping: () => {},
  onConnection: () => {},
  onGone: () => {},
};

/**
 * Brings everything new in one conversation, for as long as it runs.
 *
 * Each round first fetches by number what is missing, then listens to the stream; where streaming
 * is blocked it polls at a low rate instead. A lost line is tried again for ever, ever more rarely.
 */
export class Receiver {
  #client;
  #access;
  #listener;
  /** @type {AbortController | null} */
  #running = null;
  #wake = () => {};
  #shortStreams = 0;
  #pollsUntil = 0;

  /**
   * @param {DeskClient} client
   * @param {Access} access
   * @param {Listener} listener
   */
  constructor(client, access, listener) {
    this.#client = client;
    this.#access = access;
    this.#listener = listener;
  }

  start() {
    if (this.#running) return;
    this.#running = new AbortController();
    void this.#run(this.#running.signal);
  }

  stop() {
    if (!this.#running) return;
    this.#running.abort();
    this.#running = null;
    this.#listener.onConnection("idle");
  }

  /** Stops for good: an answer still under way must not reach the next conversation. */
  dispose() {
    this.stop();
    this.#listener = MUTE;
  }

  /** Ends a pause at once: the network is back, or the page is in view again. */
  hurry() {
    this.#wake();
  }

  /**
   * Fetches all messages after the known ones, until none is left, and the state.
   *
   * @throws {DeskError}
   */
  async catchUp() {
    for (let more = true; more;) {
      const before = this.#listener.position();
      const page = await this.#client.messages(this.#access, before);
      this.#listener.onMessages(page.messages);
      // A page that does not move us on would be asked for again without end.
      more = page.more && this.#listener.position() > before;
    }
    this.#listener.onStatus(await this.#client.status(this.#access));
  }

  /** @param {AbortSignal} signal */
  async #run(signal) {
    let failures = 0;
    this.#listener.onConnection("connecting");
    while (!signal.aborted) {
      let delay = 0;
      try {
        await this.catchUp();
        if (signal.aborted) return;
        if (Date.now() < this.#pollsUntil) {
          failures = 0;
          this.#listener.onConnection("polling");
          delay = this.#listener.pollDelay();
        } else {
          const openedAt = Date.now();
          const wasAlive = await this.#listen(signal);
          const isHealthy = Date.now() - openedAt > HEALTHY_MS;
          failures = isHealthy ? 0 : failures + 1;
          delay = retryDelay(failures);
          this.#weigh(isHealthy ? 0 : wasAlive ? 1 : 2);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof DeskError && error.isGone) {
          this.stop();
          this.#listener.onGone();
          return;
        }
        this.#listener.onConnection("offline");
        const asked = error instanceof DeskError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
        delay = Math.max(asked, retryDelay(failures));
        failures += 1;
      }
      const wait = pause(delay, signal);
      this.#wake = wait.wake;
      await wait.done;
    }
  }

  /**
   * Listens to one stream until it ends.
   *
   * @param {AbortSignal} stopped
   * @returns {Promise<boolean>} whether anything came.
   * @throws {DeskError} only when the conversation is gone.
   */
  async #listen(stopped) {
    const line = new AbortController();
    const hangUp = () => line.abort();
    // AbortSignal.any() is younger than many a phone.
    stopped.addEventListener("abort", hangUp, { once: true });
    let timer = setTimeout(hangUp, FIRST_BYTE_MS);
    let wasAlive = false;
    try {
      const response = await this.#client.stream(this.#access, this.#listener.position(), line.signal);
      const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
      const decoder = new TextDecoder();
      const parser = new SseParser();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        if (!wasAlive) this.#listener.onConnection("live");
        wasAlive = true;
        clearTimeout(timer);
        timer = setTimeout(hangUp, SILENCE_MS);
        for (const event of parser.push(decoder.decode(value, { stream: true }))) this.#dispatch(event);
      }
    } catch (error) {
      if (error instanceof DeskError && error.isGone) throw error;
      // Any other end is a line that broke: the next round fetches what it may have cost.
    } finally {
      clearTimeout(timer);
      stopped.removeEventListener("abort", hangUp);
    }
    return wasAlive;
  }

  /** @param {number} weight how much a stream that has ended speaks for polling. */
  #weigh(weight) {
    this.#shortStreams = weight && this.#shortStreams + weight;
    if (this.#shortStreams < SHORT_STREAMS) return;
    this.#shortStreams = 0;
    this.#pollsUntil = Date.now() + POLLING_SPELL_MS;
  }

  /** @param {{event: string, data: string}} event */
  #dispatch({ event, data }) {
    let body;
    try {
      body = JSON.parse(data);
    } catch {
      return;
    }
    if (event === "message") this.#listener.onMessages([body]);
    else if (event === "state") this.#listener.onStatus(body);
    else if (event === "typing") this.#listener.onTyping(body);
  }
}
