import assert from "node:assert/strict";
import { test } from "node:test";

import { FALLBACK_SERVICE, readService } from "../../src/transport/desk-client.js";
import { DeskError, readProblem, readSafety } from "../../src/transport/desk-error.js";

const PROBLEM = "application/problem+json";
const NOT_FOUND = { status: 404, type: "/problems/not-found" };

/**
 * @param {number} status
 * @param {string} body
 * @param {Record<string, string>} [headers]
 */
function read(status, body, headers = {}) {
  return DeskError.from(new Response(body, { status, headers: { "Content-Type": PROBLEM, ...headers } }));
}

test("a problem's fields, words and safety reply are read", async () => {
  const error = await read(422, JSON.stringify({
    type: "/problems/text-too-long", detail: "Shorten it.", errors: [{ field: "text", message: "too long" }, { message: 3 }],
    safety: "emergency", safety_text: "Call 911 now.",
  }));
  assert.deepEqual(
    [error.status, error.type, error.detail, error.fields, error.safety],
    [422, "/problems/text-too-long", "Shorten it.", [{ field: "text", message: "too long" }], { kind: "emergency", text: "Call 911 now." }],
  );
  assert.equal(error.isTemporary, false);
});

test("a body of any other form is no obstacle", async () => {
  for (const body of ["", "<html>", "null", "[]", "7", "{\"errors\":{\"a\":1},\"safety\":\"fire\",\"safety_text\":\"x\",\"type\":null}"]) {
    const error = await read(502, body);
    assert.deepEqual([error.fields, error.safety, error.isTemporary], [[], null, true]);
  }
  assert.deepEqual(readProblem(undefined).fields, []);
  assert.equal(readSafety(null), null);
  assert.equal(readSafety({ safety: "crisis" }), null);
});

test("a pause that the desk asks for is believed within reason", async () => {
  assert.equal((await read(429, "", { "Retry-After": "12" })).retryAfterSeconds, 12);
  assert.equal((await read(429, "", { "Retry-After": "0" })).retryAfterSeconds, 1);
  assert.equal((await read(503, "", { "Retry-After": "999999" })).retryAfterSeconds, 300);
  assert.equal((await read(503, "", { "Retry-After": "later" })).retryAfterSeconds, null);
  const date = (await read(503, "", { "Retry-After": new Date(Date.now() + 30_000).toUTCString() })).retryAfterSeconds;
  assert.ok(date !== null && date >= 29 && date <= 30);
});

test("what may pass by itself is told from what will not", () => {
  const kind = (/** @type {number} */ status) => {
    const error = new DeskError({ status });
    return error.isGone ? "gone" : error.isTemporary ? "temporary" : "refused";
  };
  assert.deepEqual([0, 408, 429, 500, 503].map(kind), Array(5).fill("temporary"));
  assert.deepEqual([400, 403, 409, 413, 422].map(kind), Array(5).fill("refused"));
  assert.deepEqual([401, 404, 410].map(kind), Array(3).fill("temporary"), "a portal or a proxy says such things too");
});

test("only the desk's own word makes a conversation gone", async () => {
  assert.deepEqual([new DeskError(NOT_FOUND).isGone, new DeskError(NOT_FOUND).isTemporary], [true, false]);
  const body = JSON.stringify(NOT_FOUND);
  const others = [
    await read(404, body, { "Content-Type": "text/html" }), await read(404, "<html>Sign in</html>", { "Content-Type": "text/html" }),
    await read(404, JSON.stringify({ type: "about:blank" })), await read(401, ""),
  ];
  assert.deepEqual(others.map(({ isGone, isTemporary }) => [isGone, isTemporary]), Array(4).fill([false, true]));
  const spent = await read(410, JSON.stringify({ type: "/problems/resume-link-spent" }));
  assert.deepEqual([spent.isGone, spent.isTemporary], [false, false]);
});

test("the service's words are used, and our own stand where one is missing", () => {
  const service = readService({
    organisation: { name: "A charity" }, emergency_number: "112", crisis_line: null,
    consent: { text: "Agree?", version: "3-ab" }, notices: { review_pending: "Not yet checked." }, service: { is_open: false, opens_at: "2026-11-24T14:00:00Z" },
  });
  assert.deepEqual(
    [service.emergency_number, service.crisis_line, service.consent.version, service.notices.review_pending, service.is_open, service.is_staffed],
    ["112", null, "3-ab", "Not yet checked.", false, null],
  );
  assert.equal(service.opens_at, null, "hours that nobody vouches for are not told");
  const live = { is_open: false, opens_at: "2026-11-24T14:00:00Z", hours_verified: true };
  assert.equal(readService({ service: live }).opens_at, live.opens_at);
  for (const body of [null, {}, [], "x", { consent: {}, notices: null, emergency_number: " " }]) {
    assert.deepEqual(readService(body), { ...FALLBACK_SERVICE });
    assert.equal(readService(body).emergency_number, "911");
  }
});
