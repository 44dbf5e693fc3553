import { strings } from "../strings.js";

/** @import {Service} from "../types.js" */

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
    opens_at: text(live.opens_at),
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
