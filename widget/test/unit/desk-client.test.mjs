import assert from "node:assert/strict";
import { test } from "node:test";

import { DeskClient } from "../../src/transport/desk-client.js";
import { DeskError } from "../../src/transport/desk-error.js";

const ACCESS = { id: "c", token: "t" };

function notFound() {
  const body = JSON.stringify({ type: "/problems/not-found", safety: "emergency", safety_text: "Call 911 now." });
  return new Response(body, { status: 404, headers: { "Content-Type": "application/problem+json" } });
}

/**
 * Rates a message that the desk does not find.
 *
 * @param {import("node:test").TestContext} t
 * @param {() => Response} chat what the desk answers to the question for the chat itself.
 */
async function rateMissing(t, chat) {
  /** @type {string[]} */
  const calls = [];
  t.mock.method(globalThis, "fetch", async (/** @type {URL} */ url, /** @type {RequestInit} */ { method }) => {
    calls.push(`${method} ${url.pathname}`);
    return url.pathname.endsWith("feedback") ? notFound() : chat();
  });
  /** @type {unknown} */
  const error = await new DeskClient("https://desk.example/v1/").post(ACCESS, "messages/m/feedback", {}).catch((cause) => cause);
  assert.ok(error instanceof DeskError);
  assert.deepEqual(calls, ["POST /v1/conversations/c/messages/m/feedback", "GET /v1/conversations/c"]);
  assert.equal(error.safety?.text, "Call 911 now.", "a safety reply is never lost");
  return error;
}

test("a message that is missing does not make its chat gone", async (t) => {
  const error = await rateMissing(t, () => Response.json({ state: "bot" }));
  assert.deepEqual([error.isGone, error.isTemporary, error.status], [false, false, 404]);
});

test("a chat is gone when it says so itself", async (t) => {
  assert.equal((await rateMissing(t, notFound)).isGone, true);
});

test("a chat that cannot be asked after may be there still", async (t) => {
  for (const response of [new Response("<html>", { status: 404 }), new Response("", { status: 503 })]) {
    const error = await rateMissing(t, () => response);
    assert.deepEqual([error.isGone, error.isTemporary], [false, true]);
    t.mock.restoreAll();
  }
});

test("without a chat there is none to be gone", async (t) => {
  t.mock.method(globalThis, "fetch", async () => notFound());
  await assert.rejects(new DeskClient("https://desk.example/v1/").resume({ token: "x", client_id: "y" }), { isGone: false, status: 404 });
});
