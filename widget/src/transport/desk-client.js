import { strings } from "../strings.js";
import { DeskError } from "./desk-error.js";

/** @import {Access, CallOptions, Message, Service, Status} from "../types.js" */

const TIMEOUT_MS = 15_000;
/** The desk answers a message when the bot has: leave it the time for a slow turn and its retry. */
const MESSAGE_TIMEOUT_MS = 45_000;
/** A refusal that may carry a safety text waits for this answer. */
const CONFIRM_TIMEOUT_MS = 4000;

/**
 * Speaks the public API of the desk, one method a call.
 *
 * Every method rejects with a `DeskError` and with nothing else.
 */
export class DeskClient {
  #base;

  /** @param {string} base address of the API with a slash at its end. */
  constructor(base) {
    this.#base = base;
  }

  /** @returns {Promise<Service>} the public state of the service. */
  async service() {
    return readService(await this.#json("GET", "service"));
  }

  /**
   * Opens a conversation, to which the visitor has consented.
   *
   * @param {{language: string, pageUrl: string}} about
   * @param {Access | null} continues an ended one that a resume link was used for.
   * @returns {Promise<Access & {state: Status["state"], messages: Message[]}>}
   */
  open({ language, pageUrl }, continues) {
    const page_url = pageUrl.split(/[?#]/)[0];
    // The desk tells times in it.
    const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const body = { consent: true, language, page_url, time_zone, ...(continues && { continues }) };
    return this.#json("POST", "conversations", { body });
  }

  /**
   * @param {Access} access
   * @returns {Promise<Partial<Status>>}
   */
  status(access) {
    return this.#json("GET", "", { access });
  }

  /**
   * @param {Access} access
   * @param {{client_id: string, text: string} | {client_id: string, choice: string}} body
   * @returns {Promise<{message: Message, replies: Message[], state: Status["state"]}>}
   */
  send(access, body) {
    return this.#json("POST", "messages", { access, body, timeout: MESSAGE_TIMEOUT_MS });
  }

  /**
   * @param {Access} access
   * @param {number} after
   * @returns {Promise<{messages: Message[], more: boolean, state: Status["state"]}>}
   */
  messages(access, after) {
    return this.#json("GET", `messages?after=${after}&limit=200`, { access });
  }

  /**
   * @param {{token: string, client_id: string}} body
   * @returns {Promise<Access>}
   */
  resume(body) {
    return this.#json("POST", "resume", { body });
  }

  /**
   * Any other call that changes something, such as `handoff` or `survey`.
   *
   * @param {Access} access
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  post(access, path, body) {
    return this.#json("POST", path, { access, body });
  }

  /** @param {Access} access */
  erase(access) {
    return this.#json("DELETE", "", { access });
  }

  /**
   * @param {Access} access
   * @param {"txt" | "html"} format
   * @returns {Promise<string>}
   */
  async transcript(access, format) {
    const response = await this.#call("GET", `transcript?format=${format}`, { access });
    return response.text();
  }

  /**
   * Opens the event stream; the caller reads its body.
   *
   * @param {Access} access
   * @param {number} after
   * @param {AbortSignal} signal
   * @returns {Promise<Response>}
   */
  stream(access, after, signal) {
    return this.#call("GET", `stream?after=${after}`, { access, signal, accept: "text/event-stream" });
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {CallOptions} [options]
   */
  async #json(method, path, options = {}) {
    const response = await this.#call(method, path, options);
    if (response.status === 204) return null;
    try {
      return await response.json();
    } catch (cause) {
      // A sign-in page of a hospital's network answers 200 with HTML: as good as no network.
      throw new DeskError({ status: 0, cause });
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {CallOptions} options
   * @returns {Promise<Response>}
   */
  async #call(method, path, { access, body, timeout = TIMEOUT_MS, signal, accept = "application/json" }) {
    /** @type {Record<string, string>} */
    const headers = { Accept: accept };
    if (access) headers.Authorization = `Bearer ${access.token}`;
    if (body) headers["Content-Type"] = "application/json";
    const place = access ? `conversations/${access.id}${path && "/"}${path}` : path;
    let response;
    try {
      response = await fetch(new URL(place, this.#base), {
        method,
        headers,
        body: body ? JSON.stringify(body) : null,
        credentials: "omit",
        cache: "no-store",
        signal: signal ?? AbortSignal.timeout(timeout),
      });
    } catch (cause) {
      throw new DeskError({ status: 0, cause });
    }
    if (!response.ok) throw await this.#refusal(response, access, path);
    return response;
  }

  /**
   * A message may be missing while its chat is there: the chat counts as gone only when it says so itself.
   *
   * @param {Response} response
   * @param {Access | undefined} access
   * @param {string} path
   */
  async #refusal(response, access, path) {
    const error = await DeskError.from(response);
    if (!error.isGone || (access && !path)) return error;
    try {
      if (access) await this.#json("GET", "", { access, timeout: CONFIRM_TIMEOUT_MS });
      error.isOfPart = true;
      return error;
    } catch (cause) {
      const isGone = cause instanceof DeskError && cause.isGone;
      return isGone ? error : new DeskError({ status: 0, safety: error.safety, cause });
    }
  }
}

/** The desk gives the real number; nobody in danger waits for it. Source: the charity works in the US. */
const FALLBACK_EMERGENCY_NUMBER = "911";

/** What the widget says while the desk has not been reached. */
export const FALLBACK_SERVICE = readService(null);

/**
 * Reads `GET /api/v1/service`, putting the widget's own words wherever a part is missing.
 *
 * @param {any} body
 * @returns {Service}
 */
export function readService(body) {
  const live = body?.service ?? {};
  const isVerified = live.hours_verified === true;
  const isSaid = text(live.closure?.until) !== null && live.closure.until === live.opens_at;
  return {
    organisation: typeof body?.organisation?.name === "string" ? body.organisation : null,
    emergency_number: text(body?.emergency_number) ?? FALLBACK_EMERGENCY_NUMBER,
    crisis_line: text(body?.crisis_line),
    consent: {
      text: text(body?.consent?.text) ?? strings.consent.fallback,
      version: text(body?.consent?.version) ?? "built-in",
    },
    notices: {
      review_pending: text(body?.notices?.review_pending) ?? strings.review.pending,
      review_done: text(body?.notices?.review_done) ?? strings.review.done,
    },
    is_open: flag(live.is_open),
    is_staffed: flag(live.is_staffed),
    // Hours that no source confirms are nothing to tell a family; what the team says is.
    opens_at: isSaid || isVerified ? text(live.opens_at) : null,
    closes_at: isVerified && live.is_closing_soon === true ? text(live.closes_at) : null,
    closure: text(live.closure?.message),
    has_mail: body?.mail === true,
  };
}

/** @param {unknown} value a text, or an object that holds one. */
function text(value) {
  const found = typeof value === "object" && value !== null && "text" in value ? value.text : value;
  return typeof found === "string" && found.trim() !== "" ? found : null;
}

/** @param {unknown} value */
function flag(value) {
  return typeof value === "boolean" ? value : null;
}
