/** @import {SafetyFinding} from "../types.js" */

/** Longest wait that we believe a server about; a wrong header must not silence a family. */
const LONGEST_RETRY_AFTER_SECONDS = 300;
const PROBLEM = "application/problem+json";
/** What the desk answers to a token or an id that it does not know; erased chats are such. */
const NOT_FOUND = "/problems/not-found";
/** With these a portal or a proxy on the way may shut everything out; the desk says which of its problems it is. */
const SHUT_OUT = [401, 404, 410];
const OWN = [NOT_FOUND, "/problems/resume-link-spent"];

/**
 * One refusal or failure of the desk, whatever its form.
 *
 * `status` is 0 when no answer arrived at all.
 */
export class DeskError extends Error {
  /**
   * @param {object} what
   * @param {number} what.status
   * @param {string} [what.type] the problem type's address.
   * @param {string} [what.detail] words for a person, from the desk.
   * @param {{field: string, message: string}[]} [what.fields]
   * @param {SafetyFinding | null} [what.safety]
   * @param {number | null} [what.retryAfterSeconds]
   * @param {unknown} [what.cause]
   */
  constructor({ status, type = "", detail = "", fields = [], safety = null, retryAfterSeconds = null, cause }) {
    super(detail || `desk answered ${status}`, { cause });
    this.name = "DeskError";
    this.status = status;
    this.type = type;
    this.detail = detail;
    this.fields = fields;
    this.safety = safety;
    this.retryAfterSeconds = retryAfterSeconds;
    /** Something is missing, but not the conversation. */
    this.isOfPart = false;
  }

  /** Whether the same request may well succeed later. */
  get isTemporary() {
    return this.status === 0 || this.status === 408 || this.status === 425
      || this.status === 429 || this.status >= 500 || this.#isForeign;
  }

  /** Whether the conversation is not to be had with our token any more. */
  get isGone() {
    return this.status === 404 && this.type.endsWith(NOT_FOUND) && !this.isOfPart;
  }

  /** Whether somebody else than the desk turned us away. */
  get #isForeign() {
    return SHUT_OUT.includes(this.status) && !OWN.some((type) => this.type.endsWith(type));
  }

  /**
   * Makes an error of a response that is no success.
   *
   * @param {Response} response
   * @returns {Promise<DeskError>}
   */
  static async from(response) {
    const isProblem = response.headers.get("Content-Type")?.startsWith(PROBLEM);
    const problem = isProblem ? await response.json().catch(() => ({})) : {};
    return new DeskError({
      status: response.status,
      retryAfterSeconds: retryAfter(response.headers.get("Retry-After")),
      ...readProblem(problem),
    });
  }
}

/**
 * Picks what the widget uses from a problem body (RFC 9457), trusting no part of it to be there.
 *
 * @param {any} problem
 * @returns {{type: string, detail: string, fields: {field: string, message: string}[], safety: SafetyFinding | null}}
 */
export function readProblem(problem) {
  const body = problem !== null && typeof problem === "object" ? problem : {};
  const fields = Array.isArray(body.errors) ? body.errors : [];
  return {
    type: typeof body.type === "string" ? body.type : "",
    detail: typeof body.detail === "string" ? body.detail : "",
    fields: fields
      .filter((/** @type {any} */ each) => each && typeof each.message === "string")
      .map((/** @type {any} */ each) => ({ field: String(each.field ?? ""), message: each.message })),
    safety: readSafety(body),
  };
}

/**
 * @param {any} body of a refusal, or of an answer to a comment.
 * @returns {SafetyFinding | null} the safety reply that it carries, to be shown at once.
 */
export function readSafety(body) {
  const { safety, safety_text: text } = body ?? {};
  if ((safety !== "emergency" && safety !== "crisis") || typeof text !== "string") return null;
  return { kind: safety, text };
}

/**
 * @param {string | null} header seconds, or an HTTP date.
 * @returns {number | null}
 */
function retryAfter(header) {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  if (!Number.isFinite(seconds)) return null;
  return Math.min(LONGEST_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(seconds)));
}
